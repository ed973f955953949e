//! Who is signed in and where. This is shown before anything is asked.

use crate::{
    aws,
    central::model::LicenseState,
    commands::{
        app::App,
        session::{self, Session},
    },
    ui::t,
};

/// What the greeting needs to know besides the session.
pub(super) struct Greeting {
    alias: Option<String>,
    license: LicenseState,
}

impl Greeting {
    /// Finds out the account's alias and the state of the licence.
    pub(super) async fn look(app: &App, session: &Session) -> Self {
        // An invitation does not show the tenant's licences.
        let code = session::license_code(app).filter(|_| session.central.invited.is_none());
        let (alias, license) = tokio::join!(
            aws::account_alias(&session.aws),
            session.central.license(code.as_deref())
        );
        Self { alias, license }
    }

    /// Prints the greeting.
    pub(super) fn say(&self, app: &App, session: &Session) {
        let Session { aws, central } = session;
        let printer = app.printer;
        printer.heading(&t!("greeting"));
        let alias = self.alias.as_ref();
        let alias = alias.map(|alias| format!(" ({alias})")).unwrap_or_default();
        let of_plan = app.planned.get().is_some() && app.globals.region.is_none();
        let origin = match of_plan {
            true => t!("origin-plan"),
            false => aws.region_origin.clone(),
        };
        printer.say(&t!(
            "greeting-aws",
            account = aws.caller.account,
            alias = alias,
            region = aws.region,
            origin = origin
        ));
        printer.say(&t!("greeting-caller", arn = aws.caller.arn));
        if aws.caller.is_root() {
            printer.warn(&t!("caller-root"));
        }
        printer.say(&t!(
            "greeting-tenant",
            tenant = central.tenant(),
            region = central.tenant().data_region
        ));
        match &self.license {
            LicenseState::Valid(_) => {}
            LicenseState::Missing => printer.warn(&t!("license-missing")),
            LicenseState::Ended(date) => printer.warn(&t!("license-ended", date = date)),
            LicenseState::CannotTell(_) => printer.say(&t!("license-cannot-tell")),
        }
        if !app.settled().sandbox {
            printer.say(&t!("not-official"));
        }
        // With `--yes`, nobody is asked.
        if !app.globals.yes {
            printer.say(&t!("nothing-written"));
        }
    }
}
