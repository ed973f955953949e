//! `sandbox`: starts, stops and shows the local rehearsal environment.

use std::time::Duration;

use serde_json::json;

use super::app::App;
use crate::{
    answers::parse_duration,
    cli::SandboxVerb,
    sandbox::{self, Place, Running, server},
    ui::{Exit, Failure, Result, t},
};

pub(super) async fn run(app: &App, verb: SandboxVerb) -> Result<Exit> {
    match verb {
        SandboxVerb::Start { interval: text } => {
            let interval = text.as_deref().map(interval).transpose()?;
            let running = sandbox::ensure(app.printer, interval).await?;
            show(app, Some(&running));
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
        SandboxVerb::Status => show(app, Place::find()?.running().as_ref()),
        SandboxVerb::Serve {
            dir,
            environment,
            interval: text,
        } => {
            let interval = interval(&text)?;
            server::serve(server::Options {
                dir,
                environment,
                interval,
            })
            .await?;
        }
    }
    Ok(Exit::Done)
}

fn interval(text: &str) -> Result<Duration> {
    parse_duration(text)
        .filter(|duration| !duration.is_zero())
        .ok_or_else(|| {
            Failure::usage(format!(
                "--interval: {}",
                t!("invalid-duration", value = text)
            ))
        })
}

fn show(app: &App, running: Option<&Running>) {
    match running {
        Some(running) if app.printer.json() => app.printer.document(&json!({
            "running": true,
            "awsUrl": running.aws_url,
            "centralUrl": running.central_url,
            "account": running.account,
            "tenantId": running.tenant_id,
            "intervalSeconds": running.interval_seconds,
        })),
        Some(running) => app.printer.data(&t!(
            "sandbox-running",
            aws = running.aws_url,
            central = running.central_url,
            account = running.account
        )),
        None if app.printer.json() => app.printer.document(&json!({ "running": false })),
        None => app.printer.data(&t!("sandbox-not-running")),
    }
}
