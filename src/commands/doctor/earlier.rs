//! What Sophos itself has set up before: Cloud Optix, and perhaps the script of Sophos Central's assistant. Both may run beside a
//! connection, at a price.

use crate::{
    aws::Aws,
    health::{About, Check},
    resources::{function, seen::Seen, trail},
    ui::{Failure, t},
};

/// The functions of Cloud Optix that take notice of log files, by the names in its published scripts: the present one, and that of
/// its first version. With an existing trail, Cloud Optix makes little more than this.
pub(super) const FUNCTIONS: [&str; 2] = ["Sophos-Optix-cloudtrail-fn", "Avid-CloudTrail-function"];

/// Names what is found of it, with what running beside it means.
pub(super) async fn checks(aws: &Aws, trails: &Seen<Vec<trail::State>>) -> Vec<Check> {
    let trails = trails.there().map_or(&[][..], Vec::as_slice);
    let by_script = trails.iter().filter(|one| one.is_perhaps_of_central());
    let mut checks = vec![optix(aws, trails).await];
    checks.extend(by_script.map(|trail| {
        let remark = t!("doctor-script", trail = trail.arn);
        Check::remark(About::SophosScript, remark)
    }));
    checks
}

async fn optix(aws: &Aws, trails: &[trail::State]) -> Check {
    let found = trails.iter().filter(|one| one.is_optix());
    let mut found: Vec<String> = found.map(|one| one.arn.clone()).collect();
    let [present, first] = FUNCTIONS.map(|name| function::arn_of(aws, name));
    let (present, first) = tokio::join!(present, first);
    let mut unseen = None;
    for seen in [present, first] {
        match seen {
            Ok(Seen::There(arn)) => found.push(arn),
            Ok(Seen::Absent) => {}
            Ok(Seen::Denied(action)) => unseen = Some(t!("doctor-optix-denied", action = action)),
            Err(error) => unseen = Some(Failure::from(error).message),
        }
    }
    match unseen {
        _ if !found.is_empty() => {
            let what = found.join(&t!("counts-between"));
            Check::remark(About::SophosOptix, t!("doctor-optix", what = what))
        }
        Some(unseen) => Check::new(About::SophosOptix, None, unseen),
        None => Check::new(About::SophosOptix, Some(true), t!("doctor-no-optix")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        aws::served,
        connection::{Feed, fixture},
    };

    /// The check of Cloud Optix, if Lambda answers so to each question for a function.
    async fn found(status: u16, body: &'static str) -> Check {
        let design = fixture::design(Feed::New);
        let aws = served::aws(&design, move |call| {
            call.is_empty().then(|| (status, body.to_owned()))
        })
        .await;
        let mut checks = checks(&aws, &Seen::Absent).await;
        assert_eq!(checks.len(), 1);
        checks.remove(0)
    }

    #[tokio::test]
    async fn its_function_is_found_without_a_trail_and_a_denial_is_not_an_absence() {
        let absent = found(404, r#"{ "__type": "ResourceNotFoundException" }"#).await;
        assert_eq!(absent.ok, Some(true), "{}", absent.detail);
        let denied = found(403, r#"{ "__type": "AccessDeniedException" }"#).await;
        assert_eq!((denied.ok, denied.remark), (None, false));
        assert!(denied.detail.contains("lambda:GetFunction"));
        let arn = "arn:aws:lambda:eu-west-1:111122223333:function:Sophos-Optix-cloudtrail-fn";
        let body = r#"{ "Configuration": { "FunctionArn": "arn:aws:lambda:eu-west-1:111122223333:function:Sophos-Optix-cloudtrail-fn" } }"#;
        let there = found(200, body).await;
        assert!(there.remark && there.detail.contains(arn), "{there:?}");
    }
}
