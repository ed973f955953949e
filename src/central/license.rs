//! The state of a tenant's licence.

use reqwest::Method;
use serde::Deserialize;

use super::{
    Central,
    answer::Refusal,
    model::{License, LicenseState},
    normalise,
    request::With,
};
use crate::ui::{Result, t};

impl Central {
    /// Returns the state of the licence with this product code.
    pub(crate) async fn license(&self, code: Option<&str>) -> LicenseState {
        let Some(code) = code else {
            return LicenseState::CannotTell(t!("license-no-code"));
        };
        match self.licenses().await {
            Ok(licenses) => state(licenses, code),
            Err(failure) => LicenseState::CannotTell(failure.message),
        }
    }

    async fn licenses(&self) -> Result<Vec<License>> {
        #[derive(Deserialize)]
        struct Licenses {
            #[serde(default)]
            licenses: Vec<License>,
        }
        let with = self.scoped(With::default());
        let host = normalise(&self.who.api_hosts.global)?;
        let answer = self
            .call(Method::GET, &host, "/licenses/v1/licenses", with)
            .await
            .map_err(Refusal::into_failure)?;
        Ok(answer.json::<Licenses>()?.licenses)
    }
}

/// Judges the licences with this product code: one that has not ended makes the state valid.
fn state(licenses: Vec<License>, code: &str) -> LicenseState {
    let of_code: Vec<License> = licenses
        .into_iter()
        .filter(|license| {
            let product = license.product.as_ref();
            product.and_then(|product| product.code.as_deref()) == Some(code)
        })
        .collect();
    let today = jiff::Timestamp::now().strftime("%Y-%m-%d").to_string();
    let ended = |license: &License| {
        // ISO dates can be compared as text.
        let date = license.end_date.as_ref().and_then(|date| date.get(..10));
        !license.perpetual && date.is_some_and(|date| date < today.as_str())
    };
    if of_code.iter().any(|license| !ended(license)) {
        return LicenseState::Valid;
    }
    let last = of_code
        .into_iter()
        .filter_map(|license| license.end_date)
        .max();
    last.map_or(LicenseState::Missing, LicenseState::Ended)
}
