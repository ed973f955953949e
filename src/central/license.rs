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
    let valid: Vec<&License> = of_code.iter().filter(|one| !ended(one)).collect();
    if !valid.is_empty() {
        return LicenseState::Valid(last_day(&valid));
    }
    let last = of_code
        .into_iter()
        .filter_map(|license| license.end_date)
        .max();
    last.map_or(LicenseState::Missing, LicenseState::Ended)
}

/// The last day of the licence that ends last; `None` if one of them has no end.
fn last_day(valid: &[&License]) -> Option<String> {
    let ends = valid.iter().map(|license| match license.perpetual {
        true => None,
        false => license.end_date.clone(),
    });
    let ends: Option<Vec<String>> = ends.collect();
    ends?.into_iter().max()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn of(licenses: &Value) -> LicenseState {
        state(serde_json::from_value(licenses.clone()).unwrap(), "CODE")
    }

    #[test]
    fn the_licence_that_ends_last_counts_and_only_with_its_code() {
        let product = json!({ "code": "CODE" });
        let until = |date: &str| json!({ "product": product, "endDate": date });
        let valid = |date: &str| LicenseState::Valid(Some(date.to_owned()));
        let past = until("2020-01-01");
        let (soon, late) = (until("2998-01-01"), until("2999-01-01"));
        assert_eq!(of(&json!([past, late, soon])), valid("2999-01-01"));
        let perpetual = json!({ "product": product, "perpetual": true, "endDate": "2020-01-01" });
        assert_eq!(of(&json!([soon, perpetual])), LicenseState::Valid(None));
        assert_eq!(
            of(&json!([past])),
            LicenseState::Ended("2020-01-01".to_owned())
        );
        let other = json!({ "product": { "code": "OTHER" }, "endDate": "2999-01-01" });
        assert_eq!(of(&json!([other])), LicenseState::Missing);
    }
}
