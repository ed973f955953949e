//! Faults that are planted in a Central, one at a time.

use std::time::Duration;

use axum::{
    Json, Router,
    body::{Body, to_bytes},
    extract::{Request, State},
    http::{StatusCode, header},
    middleware::{self, Next},
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};

/// A fault of one operation.
#[derive(Clone, Copy)]
pub struct Fault {
    /// The operation that is wrong, and the check that must find it.
    pub operation: &'static str,
    pub check: &'static str,
    method: &'static str,
    /// How the path ends; for `/{id}`, that of a connection.
    path: &'static str,
    /// The status of the answers that are wrong.
    status: u16,
    wrong: Wrong,
}

/// What is wrong with an answer.
#[derive(Clone, Copy)]
enum Wrong {
    /// It has no ETag.
    Etag,
    /// It has another status.
    Status(u16),
    /// The body is another one.
    Body(fn(&mut Value)),
    /// A proof that this is true of is good enough for a token.
    Believes(fn(&Value) -> bool),
    /// There is no answer, whatever it would have been, and nothing is done.
    Silence,
    /// What is asked for is done, and there is no answer.
    Unheard,
    /// It comes late. That is no fault.
    Late(Duration),
}

const fn fault(
    (operation, check): (&'static str, &'static str),
    (method, path, status): (&'static str, &'static str, u16),
    wrong: Wrong,
) -> Fault {
    Fault {
        operation,
        check,
        method,
        path,
        status,
        wrong,
    }
}

pub const FAULTS: [Fault; 16] = [
    fault(
        ("whoami", "says whose the credential is"),
        ("GET", "/whoami/v1", 200),
        Wrong::Body(|body| body["apiHosts"]["global"] = 1.into()),
    ),
    fault(
        ("putConnection", "refuses an id that is there"),
        ("PUT", "/{id}", 412),
        Wrong::Status(409),
    ),
    fault(
        ("getConnection", "knows no other id"),
        ("GET", "/{id}", 404),
        Wrong::Body(|body| *body = json!({ "message": "notFound" })),
    ),
    fault(
        ("updateConnection", "answers with a new ETag"),
        ("PATCH", "/{id}", 200),
        Wrong::Etag,
    ),
    fault(
        ("deleteConnection", "requires If-Match"),
        ("DELETE", "/{id}", 422),
        Wrong::Status(400),
    ),
    fault(
        ("createInvitation", "makes it good for 24 hours"),
        ("POST", "/invitations", 201),
        Wrong::Body(|body| body["expiresAt"] = "2099-01-01T00:00:00Z".into()),
    ),
    fault(
        ("ingestToken", "refuses the same request again"),
        ("POST", "/token", 401),
        Wrong::Body(|body| {
            if body["error"] == "signatureReused" {
                body["error"] = "signatureInvalid".into();
            }
        }),
    ),
    fault(
        ("offerObject", "takes a file in"),
        ("POST", "/objects", 200),
        Wrong::Body(|body| {
            if let Some(upload) = body.get_mut("upload").and_then(Value::as_object_mut) {
                upload.remove("expiresAt");
            }
        }),
    ),
    fault(
        ("listReceipts", "is ordered by bucket and key"),
        ("GET", "/receipts", 200),
        Wrong::Body(|body| {
            if let Some(items) = body["items"].as_array_mut() {
                items.reverse();
            }
        }),
    ),
    fault(
        ("missingObjects", "says what it would still want"),
        ("POST", "/missing", 200),
        Wrong::Body(|body| body["missing"] = json!([])),
    ),
    fault(
        ("upload", "requires Content-Length"),
        ("PUT", "/upload", 411),
        Wrong::Status(400),
    ),
    fault(
        ("reportObjects", "says how long to wait where it is busy"),
        ("POST", "/reports", 204),
        Wrong::Status(429),
    ),
    // What says that it ends soon, and does not.
    fault(
        ("token", "ends with its time"),
        ("POST", "/oauth2/token", 200),
        Wrong::Body(|body| body["expires_in"] = SOON.into()),
    ),
    fault(
        ("offerObject", "refuses a token whose time is over"),
        ("POST", "/token", 200),
        Wrong::Body(|body| body["expires_in"] = SOON.into()),
    ),
    fault(
        ("upload", "refuses a URL whose time is over"),
        ("POST", "/objects", 200),
        Wrong::Body(|body| {
            let soon = jiff::Timestamp::now() + jiff::SignedDuration::from_secs(SOON);
            if let Some(upload) = body.get_mut("upload") {
                upload["expiresAt"] = soon.to_string().into();
            }
        }),
    ),
    fault(
        ("missingObjects", "ends a lease with its time"),
        ("POST", "/token", 200),
        Wrong::Body(|body| {
            let entries = body.get_mut("catchUp").and_then(Value::as_array_mut);
            for entry in entries.into_iter().flatten() {
                entry["leaseSeconds"] = SOON.into();
            }
        }),
    ),
];

/// Seconds.
const SOON: i64 = 2;

/// What no sign-in may believe.
pub const PROOFS: [Fault; 5] = [
    believes("refuses a connection id that is not signed", |proof| {
        is_unsigned(proof, "x-sophos-connection-id")
    }),
    believes("refuses an ingest host that is not signed", |proof| {
        is_unsigned(proof, "x-sophos-ingest-host")
    }),
    believes("refuses x-sophos-once that is not signed", |proof| {
        is_unsigned(proof, "x-sophos-once")
    }),
    believes("refuses a query behind the path", |proof| {
        url_of(proof).contains('?')
    }),
    believes(
        "refuses a host whose name begins like that of STS",
        |proof| url_of(proof).starts_with("https://sts.amazonaws.com"),
    ),
];

const fn believes(check: &'static str, this: fn(&Value) -> bool) -> Fault {
    let place = ("POST", "/token", 401);
    fault(("ingestToken", check), place, Wrong::Believes(this))
}

fn url_of(proof: &Value) -> &str {
    proof["url"].as_str().unwrap_or_default()
}

/// Whether a header is sent with a signature that does not cover it.
fn is_unsigned(proof: &Value, name: &str) -> bool {
    let headers = &proof["headers"];
    let signature = headers["authorization"].as_str().unwrap_or_default();
    let Some((_, signed)) = signature.split_once("SignedHeaders=") else {
        return false;
    };
    let signed = signed.split(',').next().unwrap_or_default();
    headers.get(name).is_some() && !signed.split(';').any(|one| one == name)
}

/// Times that are not in UTC, tokens that last a week or are over, and files that are counted twice.
pub const TIMES: [Fault; 8] = [
    fault(
        ("createInvitation", "makes a code"),
        ("POST", "/invitations", 201),
        Wrong::Body(|body| in_tokyo(&mut body["expiresAt"])),
    ),
    fault(
        ("listInvitations", "lists open ones without their codes"),
        ("GET", "/invitations", 200),
        Wrong::Body(|body| each_in_tokyo(body, "items", "createdAt")),
    ),
    fault(
        ("offerObject", "takes a file in"),
        ("POST", "/objects", 200),
        Wrong::Body(|body| {
            if let Some(upload) = body.get_mut("upload") {
                in_tokyo(&mut upload["expiresAt"]);
            }
        }),
    ),
    fault(
        ("listReceipts", "has pages, and each receipt once"),
        ("GET", "/receipts", 200),
        Wrong::Body(|body| each_in_tokyo(body, "items", "at")),
    ),
    fault(
        ("getStatistics", "counts what was stored"),
        ("GET", "/statistics", 200),
        Wrong::Body(|body| each_in_tokyo(body, "hours", "at")),
    ),
    fault(
        ("getStatistics", "counts what was stored"),
        ("GET", "/statistics", 200),
        Wrong::Body(|body| {
            for hour in body["hours"].as_array_mut().into_iter().flatten() {
                hour["stored"] = (2 * hour["stored"].as_u64().unwrap()).into();
            }
        }),
    ),
    fault(
        ("redeemInvitation", "gives a token"),
        ("POST", "/redeem", 200),
        Wrong::Body(|body| body["expires_in"] = 604_800.into()),
    ),
    fault(
        ("redeemInvitation", "gives a token"),
        ("POST", "/redeem", 200),
        Wrong::Body(|body| body["expires_in"] = (-5).into()),
    ),
];

/// The same time, as it is told in Tokyo.
fn in_tokyo(time: &mut Value) {
    let at: jiff::Timestamp = time.as_str().unwrap().parse().unwrap();
    let told = at.display_with_offset(jiff::tz::offset(9));
    *time = told.to_string().into();
}

fn each_in_tokyo(body: &mut Value, list: &str, field: &str) {
    for item in body[list].as_array_mut().into_iter().flatten() {
        in_tokyo(&mut item[field]);
    }
}

/// It names a host for uploads that is another's.
pub const STRANGE_UPLOADS: Fault = fault(
    ("getEndpoints", "says where log files will go"),
    ("GET", "/endpoints", 200),
    Wrong::Body(|body| body["uploadHosts"] = json!(["uploads.example.com"])),
);

/// Its connections name another host for log ingest than it did before.
pub const STRANGE_INGEST: Fault = fault(
    ("getConnection", "shows what was saved"),
    ("GET", "/{id}", 200),
    Wrong::Body(|body| body["ingestUrl"] = "https://ingest.example.com".into()),
);

/// It makes a code that is asked for, and does not answer.
pub const UNHEARD_INVITATIONS: Fault = fault(
    ("createInvitation", "makes a code"),
    ("POST", "/invitations", 201),
    Wrong::Unheard,
);

/// It does not answer when a connection is to be deleted.
pub const SILENT_DELETIONS: Fault = fault(
    ("deleteConnection", "deletes"),
    ("DELETE", "/{id}", 204),
    Wrong::Silence,
);

/// It fails when a connection is to be deleted.
pub const FAILING_DELETIONS: Fault = fault(
    ("deleteConnection", "deletes"),
    ("DELETE", "/{id}", 204),
    Wrong::Status(500),
);

/// It takes its time to delete a connection.
pub const SLOW_DELETIONS: Fault = fault(
    ("deleteConnection", "deletes"),
    ("DELETE", "/{id}", 204),
    Wrong::Late(Duration::from_millis(250)),
);

/// It takes its time to read a connection.
pub const SLOW: Fault = fault(
    ("getConnection", "shows what was saved"),
    ("GET", "/{id}", 200),
    Wrong::Late(Duration::from_millis(250)),
);

/// A Central with a fault.
pub fn planted(router: Router, fault: Fault) -> Router {
    router.layer(middleware::from_fn_with_state(fault, plant))
}

async fn plant(State(fault): State<Fault>, mut request: Request, next: Next) -> Response {
    let path = request.uri().path();
    let is_one = |path: &str| path.rsplit('/').nth(1) == Some("connections");
    let of_path = match fault.path {
        "/{id}" => is_one(path) && path.starts_with("/cloud-integrations/"),
        // The identity host's tokens are others.
        "/token" => path.starts_with("/log-ingest/") && path.ends_with("/token"),
        "/upload" => path.starts_with("/upload/"),
        end => path.ends_with(end),
    };
    let hit = of_path && request.method() == fault.method;
    if hit && matches!(fault.wrong, Wrong::Silence) {
        return std::future::pending().await;
    }
    if hit && let Wrong::Believes(this) = fault.wrong {
        let (parts, body) = request.into_parts();
        let bytes = to_bytes(body, 8 << 20).await.unwrap();
        if serde_json::from_slice(&bytes).is_ok_and(|proof: Value| this(&proof)) {
            let token =
                json!({ "access_token": "token", "token_type": "bearer", "expires_in": 900 });
            return Json(token).into_response();
        }
        request = Request::from_parts(parts, Body::from(bytes));
    }
    let response = next.run(request).await;
    if !hit || response.status() != fault.status {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    let bytes = to_bytes(body, 8 << 20).await.unwrap();
    let mut changed = bytes.to_vec();
    match fault.wrong {
        Wrong::Silence => unreachable!("it has no answer"),
        // What it does not believe is refused as it must be.
        Wrong::Believes(_) => {}
        Wrong::Unheard => std::future::pending().await,
        Wrong::Late(pause) => tokio::time::sleep(pause).await,
        Wrong::Etag => drop(parts.headers.remove(header::ETAG)),
        Wrong::Status(status) => parts.status = StatusCode::from_u16(status).unwrap(),
        Wrong::Body(change) => {
            let mut body: Value = serde_json::from_slice(&bytes).unwrap();
            change(&mut body);
            changed = body.to_string().into_bytes();
            parts.headers.remove(header::CONTENT_LENGTH);
        }
    }
    Response::from_parts(parts, Body::from(changed))
}
