//! Signing in to both sides. On a terminal, what is missing or refused is asked for, as often as needed. Nothing of that is
//! written.

use super::{app::App, session};
use crate::{
    aws::{self, Aws, Profile, SignIn},
    central::{self, Central, Credential},
    cli::Globals,
    connection::Region,
    ui::{Code, Failure, Result, shell::quoted, t},
    wizard::ask::{Row, Rows, not_empty},
};

/// Whether this build has a sandbox to offer.
const SANDBOX: bool = cfg!(feature = "sandbox");

/// What was chosen because the command line and the environment do not say it.
#[derive(Default)]
pub(super) struct Chosen {
    profile: Option<String>,
    region: Option<Region>,
    sandbox: bool,
    /// How Central is reached with the credential that was typed.
    pub(super) central: Option<central::Options>,
    /// Whether hosts of Central that are not Sophos's own were named in this run.
    pub(super) hosts_named: bool,
}

impl Chosen {
    /// Chooses the region.
    pub(super) fn in_region(&mut self, region: &Region) {
        self.region = Some(region.clone());
    }

    /// Completes the global flags.
    pub(super) fn complete(&self, globals: &mut Globals) {
        if self.sandbox {
            // A profile of AWS says nothing in the sandbox.
            globals.sandbox = true;
            globals.profile = None;
        } else if self.profile.is_some() {
            globals.profile.clone_from(&self.profile);
        }
        if globals.region.is_none() {
            globals.region.clone_from(&self.region);
        }
    }
}

/// Signs in to AWS alone.
pub(super) async fn aws(app: &App) -> Result<Aws> {
    loop {
        let failure = match Aws::connect(&session::aws_options(app).await?).await {
            Ok(aws) => return Ok(aws),
            Err(failure) => failure,
        };
        let asks = app.wizard().asks() && !app.settled().sandbox;
        if !asks || !is_open(&failure) {
            return Err(failure);
        }
        match ask_aws(app, &failure).await {
            // No question comes before this one: Esc asks it again.
            Err(failure) if failure.back => {}
            asked => asked?,
        }
    }
}

/// Signs in to AWS and Central at the same time. If both fail and nobody can be asked, the failure names both.
pub(super) async fn both(app: &App) -> Result<(Aws, Central)> {
    let (mut aws, mut central) = connect(app).await?;
    loop {
        let failures = [aws.as_ref().err(), central.as_ref().err()];
        let failures: Vec<&Failure> = failures.into_iter().flatten().collect();
        let open = failures.iter().all(|failure| is_open(failure));
        let asks = app.wizard().asks() && !app.settled().sandbox;
        let Some(first) = failures.first().filter(|_| open && asks) else {
            return joined(aws, central);
        };
        let of_aws = aws.is_err();
        let asked = match of_aws {
            true => ask_aws(app, first).await,
            false => ask_central(app, first).await,
        };
        match asked {
            // No question comes before these: Esc begins them again.
            Err(failure) if failure.back => continue,
            asked => asked?,
        }
        if app.settled().sandbox {
            (aws, central) = connect(app).await?;
        } else if of_aws {
            aws = Aws::connect(&session::aws_options(app).await?).await;
        } else {
            central = Central::connect(session::central_options(app).await?).await;
        }
    }
}

async fn connect(app: &App) -> Result<(Result<Aws>, Result<Central>)> {
    let aws = session::aws_options(app).await?;
    // A hidden prompt must not run at the same time as anything that prints.
    let central = session::central_options(app).await;
    Ok(tokio::join!(Aws::connect(&aws), async {
        Central::connect(central?).await
    }))
}

fn joined(aws: Result<Aws>, central: Result<Central>) -> Result<(Aws, Central)> {
    match (aws, central) {
        (Ok(aws), Ok(central)) => Ok((aws, central)),
        (Err(failure), Ok(_)) | (Ok(_), Err(failure)) => Err(failure),
        (Err(failure), Err(other)) => Err(failure.with(other)),
    }
}

/// Whether another credential or a region can help.
fn is_open(failure: &Failure) -> bool {
    use Code::{AwsSignIn, CentralSignIn, MissingAnswers};
    failure.back || [AwsSignIn, CentralSignIn, MissingAnswers].contains(&failure.code)
}

/// Asks for what the sign-in to AWS lacks: a region, or a profile that signs in.
async fn ask_aws(app: &App, failure: &Failure) -> Result<()> {
    if failure.code == Code::MissingAnswers {
        app.printer.say(&failure.message);
        let fits = |text: &str| text.parse::<Region>().map(drop);
        let text = app.ask.text(&t!("ask-region"), None, fits).await?;
        let region: Region = text.parse().map_err(Failure::usage)?;
        app.chosen.borrow_mut().region = Some(region);
        return Ok(());
    }
    app.printer.failure(failure, false);
    let profiles = aws::profiles().await;
    app.printer.say(&match &profiles[..] {
        [] => t!("sign-in-aws-no-profiles"),
        _ => t!("sign-in-aws"),
    });
    let mut rows: Vec<Row> = profiles.iter().map(row).collect();
    rows.extend(others().map(Row::alone));
    let headings = match &profiles[..] {
        [] => Vec::new(),
        _ => vec![
            t!("column-profile"),
            t!("column-sign-in"),
            t!("column-region"),
        ],
    };
    let rows = Rows { headings, rows };
    let chosen = app.ask.pick(&t!("ask-aws"), rows, Some(0)).await?;
    match profiles.get(chosen) {
        Some(profile) => app.chosen.borrow_mut().profile = Some(profile.name.clone()),
        None => other(app, chosen - profiles.len())?,
    }
    Ok(())
}

/// Asks for a credential of Central. In which region the tenant is, Central says itself.
async fn ask_central(app: &App, failure: &Failure) -> Result<()> {
    let typed = app.chosen.borrow().central.clone();
    let known = typed.and_then(|typed| match typed.credential {
        Credential::Client { id, .. } => Some(id),
        Credential::Invitation(_) => None,
    });
    let known = known.or_else(|| session::variable("SOPHOS_CENTRAL_CLIENT_ID"));
    if known.is_some() && !failure.back {
        app.printer.failure(failure, false);
    } else {
        app.printer.say(&t!("sign-in-central"));
    }
    let items = std::iter::once(t!("choice-credential"));
    let items = items.chain(others()).collect();
    let chosen = app.ask.select(&t!("ask-central"), items, Some(0)).await?;
    if let Some(chosen) = chosen.checked_sub(1) {
        return other(app, chosen);
    }
    session::warn_of_central(app);
    let question = t!("ask-client-id");
    let id = app.ask.text(&question, known, not_empty).await?;
    let secret = app.ask.secret(&t!("ask-secret")).await?;
    app.printer.say(&t!("sign-in-keep"));
    app.chosen.borrow_mut().central = Some(session::with_credential(id, secret));
    Ok(())
}

/// What can be chosen beside a credential.
fn others() -> impl Iterator<Item = String> {
    let sandbox = SANDBOX.then(|| t!("choice-sandbox"));
    sandbox.into_iter().chain([t!("choice-stop")])
}

/// Does what was chosen of [`others`].
fn other(app: &App, number: usize) -> Result<()> {
    if SANDBOX && number == 0 {
        app.chosen.borrow_mut().sandbox = true;
        return Ok(());
    }
    Err(Failure::new(Code::Declined, t!("declined")))
}

fn row(profile: &Profile) -> Row {
    let name = quoted(&profile.name);
    let (sign_in, detail) = match profile.sign_in {
        SignIn::Sso => (t!("profile-sso"), t!("profile-sso-hint", profile = name)),
        SignIn::Login => (
            t!("profile-login"),
            t!("profile-export-hint", profile = name),
        ),
        SignIn::RoleWithCode => (
            t!("profile-role-code"),
            t!("profile-export-hint", profile = name),
        ),
        SignIn::Role => (t!("profile-role"), String::new()),
        SignIn::Process => (t!("profile-process"), String::new()),
        SignIn::Keys => (t!("profile-keys"), String::new()),
        SignIn::None => (t!("profile-none"), String::new()),
    };
    let region = profile.region.clone().unwrap_or_default();
    Row {
        cells: vec![profile.name.clone(), sign_in, region],
        detail,
    }
}
