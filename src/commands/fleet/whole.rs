//! The fleet as a whole: its members, who is signed in, and how many accounts run at the same time.

use std::path::Path;

use futures::{StreamExt, stream};
use secrecy::ExposeSecret;
use tempfile::TempDir;

use super::{
    file::{self, Complaint},
    member::Member,
};
use crate::{
    answers::Flags,
    aws::Aws,
    central::{Central, Credential},
    cli::FleetArgs,
    commands::{app::App, session, sign_in},
    ui::{Failure, Result, t},
};

/// How many accounts run at the same time, unless a flag says so.
const AT_ONCE: u8 = 8;

/// A fleet, signed in.
pub(super) struct Fleet<'a> {
    pub(super) app: &'a App,
    pub(super) members: Vec<Member>,
    pub(super) aws: Aws,
    pub(super) central: Central,
    /// Variables for the runs of the members: Central's credential and, in the sandbox, where everything is.
    pub(super) variables: Vec<(&'static str, String)>,
    /// Where the plans of this run are.
    pub(super) plans: TempDir,
    at_once: usize,
}

impl<'a> Fleet<'a> {
    /// Reads the file and signs in to both sides. Changes nothing.
    pub(super) async fn gather(
        app: &'a App,
        arguments: &FleetArgs,
        common: &Flags,
    ) -> Result<Self> {
        let path = arguments.fleet.as_deref().unwrap_or(Path::new(""));
        let members = file::read(path, common)?;
        // A secret on stdin can be read only once.
        if let Ok(options) = session::central_options(app).await {
            app.chosen.borrow_mut().central = Some(options);
        }
        let (aws, central) = sign_in::both(app).await?;
        session::warn_of_aws(app, &aws);
        session::warn_of_central(app);
        let fleet = Self {
            app,
            members,
            aws,
            central,
            variables: variables(app).await?,
            plans: tempfile::tempdir()?,
            at_once: arguments.at_once.unwrap_or(AT_ONCE).into(),
        };
        fleet.must_be_reachable(path)?;
        Ok(fleet)
    }

    /// Without a role, only the caller's own account can be reached.
    fn must_be_reachable(&self, path: &Path) -> Result<()> {
        let own = &self.aws.caller.account;
        let members = self.members.iter();
        let lost = members.filter(|member| member.role.is_none() && member.account != *own);
        let complaint = |member: &Member| {
            let text = t!("fleet-no-role", account = member.account, own = own);
            Complaint::of(member.line, "role", &text)
        };
        let complaints: Vec<Complaint> = lost.map(complaint).collect();
        let file = path.display().to_string();
        match complaints.is_empty() {
            true => Ok(()),
            false => file::refused(&file, Err(complaints)),
        }
    }

    /// Does something for each of these, several at the same time. The results are in the order of the items.
    pub(super) async fn each<I, T, F: Future<Output = T>>(
        &self,
        items: Vec<I>,
        work: impl Fn(usize, I) -> F,
    ) -> Vec<T> {
        let work = &work;
        let works = items.into_iter().enumerate();
        let works = works.map(|(number, item)| async move { (number, work(number, item).await) });
        let mut results: Vec<(usize, T)> = stream::iter(works)
            .buffer_unordered(self.at_once)
            .collect()
            .await;
        results.sort_by_key(|(number, _)| *number);
        results.into_iter().map(|(_, result)| result).collect()
    }

    /// The tenant of a member as a flag; none where the credential has only one and the row does not say.
    pub(super) fn tenant(&self, member: &Member) -> Option<String> {
        let wanted = member.tenant.as_ref();
        let wanted = wanted.or(self.app.globals.tenant.as_ref())?;
        let own = self.central.tenant.as_ref();
        let own = own.filter(|own| own.is_called(wanted));
        let tenant = own.map_or(wanted, |own| &own.id);
        Some(format!("--tenant={tenant}"))
    }
}

/// The variables of the members' runs. The secret is in none of their command lines.
async fn variables(app: &App) -> Result<Vec<(&'static str, String)>> {
    let mut variables = Vec::new();
    let options = session::central_options(app).await?;
    let Credential::Client { id, secret } = options.credential else {
        return Err(Failure::usage(t!("fleet-not-with", flag = "--code")));
    };
    variables.push(("SOPHOS_CENTRAL_CLIENT_ID", id));
    let secret = secret.expose_secret().to_owned();
    variables.push(("SOPHOS_CENTRAL_CLIENT_SECRET", secret));
    #[cfg(feature = "sandbox")]
    if app.settled().sandbox {
        variables.push(("SOPHOS_CENTRAL_ID_URL", options.id_url));
        variables.push(("SOPHOS_CENTRAL_API_URL", options.api_url));
        variables.extend(of_sandbox(app).await?);
    }
    Ok(variables)
}

/// Where the sandbox is, and who is signed in to it: its members are reached as accounts of AWS are.
#[cfg(feature = "sandbox")]
async fn of_sandbox(app: &App) -> Result<Vec<(&'static str, String)>> {
    let options = session::aws_options(app).await?;
    let found = crate::aws::credentials(&options).await?;
    let token = found.session_token().unwrap_or_default();
    let mut variables = vec![
        ("AWS_ACCESS_KEY_ID", found.access_key_id().to_owned()),
        (
            "AWS_SECRET_ACCESS_KEY",
            found.secret_access_key().to_owned(),
        ),
        ("AWS_SESSION_TOKEN", token.to_owned()),
    ];
    let endpoint = options.sandbox.map(|sandbox| sandbox.endpoint);
    variables.extend(endpoint.map(|url| ("AWS_ENDPOINT_URL", url)));
    let license = session::license_code(app);
    variables.extend(license.map(|code| ("SOPHOS_CENTRAL_LICENSE_CODE", code)));
    Ok(variables)
}
