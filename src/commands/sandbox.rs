//! `sandbox`: starts, stops and shows the local rehearsal environment.

use std::time::Duration;

use serde_json::json;

use super::{app::App, verify_central};
use crate::{
    answers::parse_duration,
    cli::{SandboxVerb, World},
    sandbox::{
        self, Pace, Place, Running, server,
        worlds::{self, Seeded},
    },
    ui::{Exit, Failure, Result, command::command, page::Page, t, table::labelled},
};

pub(super) async fn run(app: &App, verb: SandboxVerb) -> Result<Exit> {
    match verb {
        SandboxVerb::Start {
            interval,
            digest_interval,
            with,
        } => {
            let given = |flag, text: Option<String>| {
                let text = text.as_deref();
                text.map(|text| duration(flag, text)).transpose()
            };
            let pace = Pace {
                interval: given("--interval", interval)?,
                digest_interval: given("--digest-interval", digest_interval)?,
            };
            start(app, pace, &with).await?;
        }
        SandboxVerb::Stop => {
            let stopped = sandbox::stop(&Place::find()?).await?;
            app.printer.say(&if stopped {
                t!("sandbox-stopped")
            } else {
                t!("sandbox-not-running")
            });
            if app.printer.json() {
                app.printer.document(&json!({ "running": false }));
            }
        }
        SandboxVerb::Reset => {
            let place = Place::find()?;
            sandbox::stop(&place).await?;
            sandbox::forget(&place)?;
            app.printer.say(&t!("sandbox-reset"));
            if app.printer.json() {
                app.printer.document(&json!({ "running": false }));
            }
        }
        SandboxVerb::Status => {
            let place = Place::find()?;
            show(app, place.running().as_ref(), &worlds::seeded(&place));
        }
        SandboxVerb::VerifyCentral {
            url,
            allow_host,
            junit,
        } => {
            return verify_central::run(app, url, &allow_host, junit.as_deref()).await;
        }
        SandboxVerb::Serve {
            dir,
            environment,
            interval,
            digest_interval,
        } => {
            server::serve(server::Options {
                dir,
                environment,
                interval: duration("--interval", &interval)?,
                digest_interval: duration("--digest-interval", &digest_interval)?,
            })
            .await?;
        }
    }
    Ok(Exit::Done)
}

/// Starts the sandbox and puts worlds into it. Shows those that were asked for, or all that are there.
async fn start(app: &App, pace: Pace, asked: &[World]) -> Result<()> {
    let place = Place::find()?;
    worlds::must_combine(asked, &worlds::seeded(&place))?;
    let running = sandbox::ensure(app.printer, pace).await?;
    let mut there = worlds::seed(app.printer, &place, &running, asked).await?;
    there.retain(|one| asked.is_empty() || asked.contains(&one.world));
    show(app, Some(&running), &there);
    Ok(())
}

fn duration(flag: &str, text: &str) -> Result<Duration> {
    parse_duration(text)
        .filter(|duration| !duration.is_zero())
        .ok_or_else(|| {
            let problem = t!("invalid-duration", value = text);
            Failure::usage(format!("{flag}: {problem}"))
        })
}

fn show(app: &App, running: Option<&Running>, worlds: &[Seeded]) {
    let Some(running) = running else {
        if app.printer.json() {
            app.printer.document(&json!({ "running": false }));
        } else {
            app.printer.data(&t!("sandbox-not-running"));
        }
        return;
    };
    if app.printer.json() {
        app.printer.document(&json!({
            "running": true,
            "awsUrl": running.aws_url,
            "centralUrl": running.central_url,
            "account": running.account,
            "tenantId": running.tenant_id,
            "intervalSeconds": running.interval_seconds,
            "worlds": worlds,
        }));
        return;
    }
    let mut page = Page::default();
    page.plain(t!(
        "sandbox-running",
        aws = running.aws_url,
        central = running.central_url,
        account = running.account
    ));
    for seeded in worlds {
        describe(app, &mut page, seeded);
    }
    app.printer.show_data(&page);
}

/// What is in a world, and what to try next.
fn describe(app: &App, page: &mut Page, seeded: &Seeded) {
    page.blank();
    page.heading(seeded.about());
    let labels = seeded.resources.iter().map(|one| one.kind.label());
    let labels: Vec<String> = labels.collect();
    let widths = labels
        .iter()
        .map(|label| console::measure_text_width(label));
    let widest = widths.max().unwrap_or_default();
    for (label, resource) in labels.iter().zip(&seeded.resources) {
        let what = match &resource.name {
            Some(name) => format!("{}  {name}", resource.id),
            None => resource.id.clone(),
        };
        let line = labelled(label, widest, &what, app.printer.words);
        page.plain(format!("  {line}"));
    }
    page.plain(match seeded.world {
        World::ControlTower => t!("sandbox-next-log-archive"),
        World::Trail | World::Topic | World::Organization => t!("sandbox-next"),
    });
    for line in &seeded.next {
        let words: Vec<String> = line.split(' ').map(ToOwned::to_owned).collect();
        page.verbatim(command(&words, app.printer.data_width(), 2));
    }
}
