//! The target as Central's journal has it, together with what carries our marks in AWS.

use super::target::{Target, observe};
use crate::{
    answers::{Answers, Origin},
    aws::Aws,
    central::{Central, Versioned},
    commands::{app::App, collecting, session},
    connection::{Design, Kind, Resources},
    plan::{self, render},
    resources::{
        families::{self, Observed},
        seen::Seen,
        trail,
    },
    ui::{Result, t},
};

/// Finds what a connection consists of. `typed` is the connection as the user named it.
pub(super) async fn by_journal(
    app: &App,
    central: &Central,
    found: &Versioned,
    typed: &str,
) -> Result<Target> {
    let aws = session::aws_of(app, found).await?;
    let design = session::design_of(&aws, found)?;
    let observed = observe(&aws, &design).await?;
    let trails = &observed.trail.all;
    let elsewhere = under_default_names(&aws, &design, found, typed, trails).await?;
    let collected_by = if design.own_trail() {
        collecting::others(central, &design).await?
    } else {
        Vec::new()
    };
    Ok(Target {
        manifest: manifest(app, found, &design, &observed),
        aws,
        design,
        observed,
        elsewhere,
        collected_by,
        unread: Vec::new(),
        unlisted: None,
        traces: Vec::new(),
    })
}

/// Central's manifest, and what only our marks in AWS show: that is named. What AWS shows as a stack's is the stack's, whatever
/// Central says.
fn manifest(app: &App, found: &Versioned, design: &Design, observed: &Observed) -> Resources {
    let mut manifest = found.connection.manifest();
    for item in plan::seen_marked(design, observed) {
        let of_stack = manifest.says_external(item.kind, &item.arn);
        if !of_stack && !manifest.says_ours(item.kind, &item.arn) {
            if item.ownership.is_ours() {
                app.printer.warn(&t!(
                    "removed-by-mark",
                    kind = render::kind(item.kind),
                    arn = item.arn
                ));
            }
            manifest.items.push(item);
        }
    }
    plan::give_to_stack(&mut manifest.items, observed);
    manifest
}

/// Lists what carries the mark under the default names, if the settings at Central have other names: it would be left behind.
async fn under_default_names(
    aws: &Aws,
    design: &Design,
    found: &Versioned,
    typed: &str,
    trails: &Seen<Vec<trail::State>>,
) -> Result<Vec<String>> {
    let name = typed
        .parse()
        .unwrap_or_else(|_| found.connection.name.clone());
    let mut default = Answers::default();
    default.name.set(name.clone(), Origin::Default);
    let default = default.design(
        design.id,
        &name,
        &aws.caller,
        &aws.region,
        design.plain_http,
    );
    let names = |design: &Design| {
        [
            design.trail_arn(),
            design.topic_arn(),
            design.function_arn(),
            design.role_arn(),
        ]
    };
    if names(&default) == names(design) {
        return Ok(Vec::new());
    }
    let observed = families::observe(aws, &default, trails.clone(), Vec::new()).await?;
    let marked = plan::seen_marked(&default, &observed);
    let elsewhere = marked
        .into_iter()
        .filter(|item| {
            let whole = [Kind::Trail, Kind::Topic, Kind::Function, Kind::Role];
            whole.contains(&item.kind) && !names(design).contains(&item.arn)
        })
        .map(|item| {
            let kind = render::kind(item.kind);
            t!("marked-elsewhere", kind = kind, arn = item.arn)
        });
    Ok(elsewhere.collect())
}
