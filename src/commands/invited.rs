//! `setup --code`: signing in with AWS credentials and the code of an invitation, and whether whoever runs it agrees with who has
//! invited.

use std::path::Path;

use secrecy::{ExposeSecret, SecretString};
use serde_json::{Map, Value};

use super::{
    app::App,
    session::{self, Session},
    sign_in,
    states::must_live,
};
use crate::{
    answers::{Answers, Any},
    central::{
        Central, InvitationCode, is_code,
        model::{Connection, Organization},
    },
    ui::{Code, Failure, Result, page::Page, t},
    wizard::ask::Ask,
};

/// Signs in to AWS, and to Central with a code. Fails if the user does not agree with who has invited.
pub(super) async fn both(app: &App, given: &Answers, code: &SecretString) -> Result<Session> {
    let code = whole(app, code).await?;
    let aws = sign_in::aws(app).await?;
    session::warn_of_aws(app, &aws);
    session::warn_of_central(app);
    let account = aws.caller.account.clone();
    let (id_url, api_url) = hosts(app).await?;
    let mut central = Central::accept(id_url, api_url, InvitationCode { code, account }).await?;
    session::choose_tenant(app, &mut central, Some(given)).await?;
    let unattended = app.globals.yes || !app.ask.possible();
    if unattended && !given.expect_tenant.is_given() {
        let missing = t!("invitation-unattended", tenant = central.tenant());
        return Err(Failure::new(Code::MissingAnswers, missing)
            .hinted(t!("invitation-unattended-hint", id = central.tenant().id)));
    }
    session::expect(app, &aws.caller.account, &central, given)?;
    consent(app, &central, given).await?;
    Ok(Session { aws, central })
}

/// Step 1, as the settings of a connection have it.
#[must_use]
pub(super) fn step_one(organization: Option<&Organization>) -> Map<String, Value> {
    let mut settings = Map::new();
    settings.insert("organization".to_owned(), organization.is_some().into());
    if let Some(Organization {
        id,
        management_account_id,
    }) = organization
    {
        let management = management_account_id.to_string();
        settings.insert("org-id".to_owned(), id.clone().into());
        settings.insert("management-account".to_owned(), management.into());
    }
    settings
}

/// The code itself: for `-` it is typed or, where nobody can be asked, read from stdin.
async fn whole(app: &App, given: &SecretString) -> Result<SecretString> {
    let code = match given.expose_secret() {
        "-" => asked(app).await?,
        _ => given.clone(),
    };
    let code = code.expose_secret().trim();
    if is_code(code) {
        Ok(SecretString::from(code.to_owned()))
    } else {
        // What was given is a secret, even where it is none of ours.
        Err(Failure::usage(t!("code-invalid")))
    }
}

async fn asked(app: &App) -> Result<SecretString> {
    // `--no-input` asks nothing, but `-` stands for what comes from stdin: on a terminal, that is one line that somebody types.
    let ask = match app.ask.possible() {
        true => app.ask,
        false => Ask::choose(false, true),
    };
    if !ask.possible() {
        return piped().await;
    }
    loop {
        match ask.secret(&t!("ask-code")).await {
            // It is the first question: Esc asks it again.
            Err(failure) if failure.back => {}
            typed => return typed,
        }
    }
}

async fn piped() -> Result<SecretString> {
    let text = session::text_of(Path::new("-")).await;
    let text = text.map_err(|error| Failure::usage(t!("code-unreadable", cause = error)))?;
    match text.trim().is_empty() {
        true => Err(Failure::usage(t!("code-nothing"))),
        false => Ok(SecretString::from(text)),
    }
}

/// The identity host and the API host.
async fn hosts(app: &App) -> Result<(String, String)> {
    #[cfg(feature = "sandbox")]
    if app.settled().sandbox {
        let running = crate::sandbox::ensure(app.printer, crate::sandbox::Pace::default()).await?;
        let options = running.central();
        return Ok((options.id_url, options.api_url));
    }
    #[cfg(not(feature = "sandbox"))]
    let _ = app;
    Ok(session::central_hosts())
}

/// Shows to whom log files would go, and asks whether that is right, unless a flag says it.
async fn consent(app: &App, central: &Central, given: &Answers) -> Result<()> {
    let tenant = central.tenant();
    let mut page = Page::default();
    page.heading(t!("invitation-heading"));
    page.plain(t!(
        "greeting-tenant",
        tenant = tenant,
        region = tenant.data_region
    ));
    page.plain(t!("invitation-host", host = tenant.api_host));
    app.printer.show(&page);
    // Nothing goes to this host before it is shown.
    let connection = connection(app, central).await?;
    app.printer.show(&about(&connection));
    if given.expect_tenant.is_given() {
        return Ok(());
    }
    let question = t!("ask-invitation", tenant = tenant);
    match app.ask.afresh().confirm(&question, false).await {
        Ok(true) => Ok(()),
        Err(failure) if !failure.back => Err(failure),
        _ => Err(Failure::new(Code::Declined, t!("declined"))),
    }
}

/// The connection that the invitation is for.
async fn connection(app: &App, central: &Central) -> Result<Connection> {
    let id = central.invited.expect("an invitation is for a connection");
    let found = session::find(app, central, &id.to_string(), false).await?;
    must_live(app, &found.connection)?;
    Ok(found.connection)
}

fn about(connection: &Connection) -> Page {
    let mut page = Page::default();
    let (name, account) = (&connection.name, &connection.aws_account_id);
    page.plain(t!("invitation-connection", name = name, account = account));
    if let Some(organization) = &connection.organization {
        page.plain(t!(
            "invitation-organization",
            id = organization.id,
            management = organization.management_account_id
        ));
    }
    let hosts = connection.endpoints().hosts().join(", ");
    page.plain(t!("invitation-files", hosts = hosts));
    page.plain(t!("invitation-compare"));
    page
}
