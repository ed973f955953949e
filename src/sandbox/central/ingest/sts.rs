//! Asking STS who signed a request.

use serde_json::Value;

use super::signed::{BODY, invalid};
use crate::sandbox::central::{refusal::Refusal, state::Central};

/// Whoever signed a request, as STS says.
pub(super) struct Signer {
    pub arn: String,
    /// The role's unique id.
    pub role_id: String,
}

/// Sends a signed request, which was checked before, to STS.
pub(super) async fn signer(central: &Central, request: &Value) -> Result<Signer, Refusal> {
    let url = request["url"].as_str().unwrap_or_default();
    let mut sts = central.http.post(url).body(BODY);
    for (name, value) in request["headers"].as_object().into_iter().flatten() {
        sts = sts.header(name, value.as_str().unwrap_or_default());
    }
    let answer = sts
        .send()
        .await
        .map_err(|error| invalid(error.without_url().to_string()))?;
    let status = answer.status();
    let text = answer.text().await.unwrap_or_default();
    let arn = field(&text, "Arn").unwrap_or_default();
    // `AROA…:session`.
    let user = field(&text, "UserId").unwrap_or_default();
    if !status.is_success() || arn.is_empty() {
        return Err(invalid(format!("STS answered {status}")));
    }
    Ok(Signer {
        arn: arn.to_owned(),
        role_id: user.split(':').next().unwrap_or_default().to_owned(),
    })
}

/// A field of an answer in XML.
fn field<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = text.split_once(&format!("<{name}>"))?;
    Some(rest.split_once("</")?.0)
}
