//! What a further copy of management events costs (CloudTrail pricing).

use crate::{
    aws::Aws,
    central::Versioned,
    connection::{Design, Region},
    resources::{families::Observed, trail},
    ui::t,
};

/// Says what a trail of ours costs beside these, which log management events already; `None` if it costs nothing.
pub(super) async fn cost(aws: &Aws, beside: &[trail::State]) -> Option<String> {
    if beside.is_empty() {
        return None;
    }
    let monthly = trail::monthly_events(aws).await;
    let estimate = estimate(monthly, &aws.region);
    let trails = beside.iter().map(|trail| trail.arn.as_str());
    let trails: Vec<&str> = trails.collect();
    Some(t!("cost", trails = trails.join(", "), estimate = estimate))
}

/// The same of a trail that a stack has made, as long as Central does not have it: it is told and not asked, because the trail
/// logs already.
pub(super) async fn of_stack(
    aws: &Aws,
    existing: Option<&Versioned>,
    design: &Design,
    seen: &Observed,
) -> Option<String> {
    let is_known = existing.is_some_and(|found| !found.connection.is_prepared());
    if is_known || !design.own_trail() {
        return None;
    }
    cost(aws, &seen.trail.management).await
}

fn estimate(monthly: Option<f64>, region: &Region) -> String {
    const USD_PER_EVENT: f64 = 2.0 / 100_000.0;
    match monthly {
        Some(events) => t!(
            "cost-estimate",
            region = region,
            events = format!("{events:.0}"),
            usd = format!("{:.2}", events * USD_PER_EVENT)
        ),
        None => t!("cost-unknown"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hundred_thousand_events_cost_two_dollars() {
        let region: Region = "eu-west-1".parse().unwrap();
        for (monthly, events, usd) in [
            (100_000.0, "100000", "2.00"),
            (1_234_567.4, "1234567", "24.69"),
            (100.0, "100", "0.00"),
        ] {
            let expected = t!("cost-estimate", region = region, events = events, usd = usd);
            assert_eq!(estimate(Some(monthly), &region), expected);
        }
        assert_eq!(estimate(None, &region), t!("cost-unknown"));
    }
}
