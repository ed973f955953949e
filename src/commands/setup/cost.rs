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
