//! What `invite` prints: the code, the command line that asks for it, and what else is sent to whoever has the AWS account.

use secrecy::ExposeSecret;
use serde_json::json;

use super::program::Program;
use crate::{
    central::{self, Central, Invitation, model::Connection},
    cli,
    commands::{app::App, session},
    ui::{Result, command::command, page::Page, shell::quoted, t},
};

/// Prints an invitation as data. Nothing else ever shows its code.
pub(super) async fn show(
    app: &App,
    central: &Central,
    connection: &Connection,
    invitation: &Invitation,
) -> Result<()> {
    let words = words(app);
    if app.printer.json() {
        app.printer.document(&json!({
            "connection": connection,
            "code": invitation.code.expose_secret(),
            "expiresAt": invitation.expires_at,
            "command": words.join(" "),
        }));
        return Ok(());
    }
    let program = Program::look().await;
    let page = page(app, central, connection, invitation, &words, &program);
    app.printer.show_data(&page);
    app.printer.say(&t!("invite-keep"));
    app.printer.show(&next(app, connection));
    Ok(())
}

/// The command line for whoever is invited, in words that are quoted. It does not depend on anything of this machine, and the code
/// is not in it: other programs and the shell's history see command lines.
fn words(app: &App) -> Vec<String> {
    let mut words = Vec::new();
    let sandbox = app.settled().sandbox;
    let (_, api_url) = session::central_hosts();
    if !sandbox && api_url != central::API_URL {
        words.push(format!("SOPHOS_CENTRAL_API_URL={}", quoted(&api_url)));
    }
    words.extend([cli::PROGRAM, "setup", "--code", "-"].map(ToOwned::to_owned));
    if sandbox {
        words.push("--sandbox".to_owned());
    }
    words
}

fn page(
    app: &App,
    central: &Central,
    connection: &Connection,
    invitation: &Invitation,
    words: &[String],
    program: &Program,
) -> Page {
    let tenant = central.tenant();
    let mut page = Page::default();
    page.heading(t!(
        "invite-heading",
        name = connection.name,
        account = connection.aws_account_id
    ));
    page.plain(t!(
        "greeting-tenant",
        tenant = tenant,
        region = tenant.data_region
    ));
    page.plain(t!("invite-until", at = invitation.expires_at));
    page.blank();
    page.plain(t!("invite-run"));
    page.verbatim(command(words, app.printer.data_width(), 2));
    page.plain(t!("invite-code"));
    page.verbatim(format!("  {}", invitation.code.expose_secret()));
    page.blank();
    page.plain(match &program.releases {
        Some(releases) => t!(
            "invite-program-at",
            version = crate::VERSION,
            releases = releases
        ),
        None => t!("invite-program", version = crate::VERSION),
    });
    if let Some(sha256) = &program.sha256 {
        page.plain(t!("invite-checksum", machine = program.machine));
        page.verbatim(format!("  {sha256}"));
    }
    page
}

/// How to see it become active, and how to take it back.
fn next(app: &App, connection: &Connection) -> Page {
    let mut page = Page::default();
    let width = app.printer.width();
    page.plain(t!("invite-watch"));
    let mut watch = app.command("status", &connection.name);
    watch.push("--watch".to_owned());
    page.verbatim(command(&watch, width, 2));
    page.plain(t!("invite-take-back"));
    let mut revoke = app.command("invite", &connection.name);
    revoke.push("--revoke".to_owned());
    page.verbatim(command(&revoke, width, 2));
    page
}
