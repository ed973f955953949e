//! What a further copy of management events costs (CloudTrail pricing).

use crate::{aws::Aws, connection::Region, plan::Plan, resources::trail, ui::t};

/// Says what the plan's trail costs, with the trails that log management events already; `None` if it costs nothing.
pub(super) async fn cost(aws: &Aws, plan: &Plan) -> Option<String> {
    if plan.billed_beside.is_empty() {
        return None;
    }
    let monthly = trail::monthly_events(aws).await;
    let estimate = estimate(monthly, &aws.region);
    let trails = plan.billed_beside.iter().map(|trail| trail.arn.as_str());
    let trails: Vec<&str> = trails.collect();
    Some(t!("cost", trails = trails.join(", "), estimate = estimate))
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
