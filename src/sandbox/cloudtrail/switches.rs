//! The switches of the sandbox's CloudTrail, for tests and demonstrations: a made-up past, digests before their time, and the end
//! of a key.

use std::time::Duration;

use axum::{
    Json, Router,
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::post,
};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::json;

use super::{
    access::root_of,
    digests,
    history::{self, Wanted},
};
use crate::{
    connection::Region,
    sandbox::{cloud::Cloud, switches::locked},
};

/// The switches, for callers that know the secret of this run.
pub(crate) fn switches(cloud: Cloud, secret: &str) -> Router {
    let switches = Router::new()
        .route("/_sandbox/cloudtrail/history", post(make))
        .route("/_sandbox/cloudtrail/digests", post(write))
        .route("/_sandbox/cloudtrail/keys/{region}", post(rotate));
    locked(switches, secret).with_state(cloud)
}

/// Makes a past, and answers with the keys of its objects and the fingerprints of the keys that sign it.
async fn make(State(cloud): State<Cloud>, Json(wanted): Json<Wanted>) -> Response {
    match history::make(&cloud, wanted).await {
        Ok(made) => Json(json!({
            "logs": made.logs,
            "digests": made.digests,
            "fingerprints": made.fingerprints,
        }))
        .into_response(),
        Err(error) => (StatusCode::BAD_REQUEST, error.message).into_response(),
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Due {
    /// The trail's ARN.
    trail: String,
}

/// Writes the digests of a trail, whenever its last ones were written.
async fn write(State(cloud): State<Cloud>, Json(due): Json<Due>) -> StatusCode {
    let _alone = cloud.alone(&due.trail).await;
    let found = {
        let state = cloud.state();
        let found = state.list.iter().find(|trail| trail.arn == due.trail);
        found.cloned()
    };
    let Some(trail) = found else {
        return StatusCode::NOT_FOUND;
    };
    let Some(root) = root_of(&cloud, &trail).await else {
        return StatusCode::NOT_FOUND;
    };
    digests::write(&cloud, &root, &trail, Duration::ZERO).await;
    StatusCode::NO_CONTENT
}

/// Ends the validity of a region's key.
async fn rotate(
    State(cloud): State<Cloud>,
    Path(region): Path<Region>,
) -> Result<StatusCode, StatusCode> {
    let now = Timestamp::now().as_second();
    let now = Timestamp::from_second(now).map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)?;
    digests::rotate(&cloud, &region, now);
    Ok(StatusCode::NO_CONTENT)
}
