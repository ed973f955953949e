//! `setup --adopt`: the connection whose parts a stack has made, found by their marks in AWS.

use super::meant::Meant;
use crate::{
    answers::{Answers, Any as _, Origin, Source},
    aws::Aws,
    central::{
        Central, Versioned,
        model::{Endpoints, Status},
    },
    commands::{app::App, session::Session},
    connection::{ConnectionId, ConnectionName, Design, Kind, Resources},
    plan::{self, Adoption, Plan, feed},
    resources::{
        event_rule,
        families::{self, Observed},
        function,
        package::{self, Package},
        seen::Mark,
    },
    ui::{Code, Failure, Result, t},
};

/// Whether a stack owns the connection, because this run, Central or the marks in AWS say so. Then what was seen is read as a stack
/// makes it.
pub(super) fn recognise(
    app: &App,
    existing: Option<&Versioned>,
    design: &Design,
    seen: &mut Observed,
) -> bool {
    let recorded = existing.is_some_and(|found| found.connection.manifest().is_adopted());
    let adopted = app.adopting.get() || recorded || plan::stack_stands(seen);
    if adopted {
        function::recognise(design, &mut seen.function);
    }
    adopted
}

/// Finds the id with which the stack has marked what it made, and answers step 2 as far as AWS shows it. Fails if there is nothing
/// of a stack under these names, or if it belongs to another connection.
pub(super) async fn find(session: &Session, given: &mut Answers, meant: &mut Meant) -> Result<()> {
    if let Some(found) = meant.existing.as_ref().map(|found| &found.connection)
        && !found.is_prepared()
    {
        return match found.manifest().is_adopted() {
            true => Ok(()),
            false => Err(not_of_stack(&found.name)),
        };
    }
    let Session { aws, central } = session;
    // The id is nobody's: every mark that is found is that of the stack's connection.
    let (region, nobody) = (&aws.region, ConnectionId::random());
    let plain_http = aws.plain_http();
    let mut ours = about_ours(given);
    let nobodys = ours.design(nobody, &meant.name, &aws.caller, region, plain_http);
    let (trails, management) = (meant.trails.clone(), meant.management.clone());
    let mut observed = families::observe(aws, &nobodys, trails, management).await?;
    let id = marked(&observed, &meant.name)?;
    if !feed::has_trail_or_bucket(id, &observed) {
        // Its own mark says whether the stack has made one.
        observed.event_rule = event_rule::read(aws, &nobodys).await?;
    }
    answer_feed(given, &nobodys, id, &observed)?;
    if meant.existing.is_none() {
        must_be_free(central, id).await?;
        meant.marked = Some(id);
    }
    Ok(())
}

/// The SHA-256 (hex) of the code that the stack has deployed. If it cannot be seen, it is what the manifest says.
pub(super) fn digest(design: &Design, seen: &Observed, recorded: Option<&Resources>) -> String {
    let function = seen.function.there();
    let deployed = function.and_then(|function| package::hex_of(&function.code_sha256));
    let recorded = || {
        let item = recorded?.find(Kind::Function, &design.function_arn(), None)?;
        item.digest.clone()
    };
    deployed.or_else(recorded).unwrap_or_default()
}

/// What a stack's connection is compared with, besides its design.
pub(super) struct Against<'a> {
    pub(super) aws: &'a Aws,
    pub(super) existing: Option<&'a Versioned>,
    pub(super) endpoints: Option<&'a Endpoints>,
    /// What the function should run.
    pub(super) package: &'a Package,
}

/// Leaves what the plan would change to the stack.
pub(super) fn leave(plan: &mut Plan, design: &Design, seen: &Observed, against: &Against<'_>) {
    let environment = against.endpoints.map(|endpoints| {
        function::environment(
            design,
            &endpoints.ingest_url,
            &endpoints.upload_hosts,
            against.aws.loopback_endpoint(),
        )
    });
    let recorded = against.existing.map(|found| found.connection.manifest());
    let package = against.package.sha256_base64();
    let is_ours = |function: &function::State| function.code_sha256 == package;
    let code = match begun(design, recorded.as_ref()) {
        Some(code) if !seen.function.there().is_some_and(is_ours) => code,
        _ => package,
    };
    let adoption = Adoption {
        complete: recorded.is_some_and(|recorded| recorded.complete),
        environment: environment.as_ref(),
        code: &code,
    };
    plan::leave(plan, design, seen, adoption);
}

/// The SHA-256 (base64) of the code with which an adoption has begun that is not complete. It goes on with this code, whatever this
/// program deploys.
fn begun(design: &Design, recorded: Option<&Resources>) -> Option<String> {
    let recorded = recorded.filter(|recorded| !recorded.complete && recorded.is_adopted())?;
    let function = recorded.find(Kind::Function, &design.function_arn(), None)?;
    package::base64_of(function.digest.as_deref()?)
}

/// The answers about what the stack itself has made. A trail and a bucket that were there before carry no mark, and what is open of
/// them is found when step 2 is answered.
fn about_ours(given: &Answers) -> Answers {
    let mut ours = given.clone();
    if ours.uses_existing() {
        ours.resources.clear();
        ours.trail.clear();
        ours.notify.clear();
        ours.bucket.clear();
        ours.prefix.clear();
    }
    ours
}

/// The id in the marks: that of the function or, without one, the only one. Planning names what is marked with another id.
fn marked(seen: &Observed, name: &ConnectionName) -> Result<ConnectionId> {
    let of_function = seen.function.there().map(|function| &function.owner.mark);
    let found = plan::marks(seen);
    let id = match (of_function, found.len()) {
        (Some(Mark::Other(id)), _) => id.as_str(),
        (_, 1) => found.first().copied().unwrap_or_default(),
        (_, 0) => {
            let nothing = Failure::new(Code::Conflict, t!("adopt-nothing", name = name));
            return Err(nothing.hinted(t!("adopt-nothing-hint")));
        }
        _ => {
            let ids = found.into_iter().map(ToOwned::to_owned).collect();
            let several = Failure::list(Code::Conflict, t!("adopt-several"), ids);
            return Err(several.hinted(t!("external-hint-update")));
        }
    };
    id.parse()
        .map_err(|complaint: String| Failure::new(Code::Conflict, complaint))
}

/// Answers what is open of step 2. The stack's own trail notifies a topic already, so that it would look like one to subscribe to.
fn answer_feed(
    given: &mut Answers,
    design: &Design,
    id: ConnectionId,
    seen: &Observed,
) -> Result<()> {
    for (key, value) in feed::feed_answers(design, id, seen) {
        let is_given = given
            .each()
            .any(|(entry, answer)| entry.key == key && answer.is_given());
        if !is_given {
            let loaded = given.load(key, &value, Origin::Default);
            loaded.map_err(|complaint| Failure::new(Code::Conflict, complaint))?;
        }
    }
    let own = seen.trail.own.there();
    if own.is_some_and(|own| own.owner.mark == Mark::Other(id.to_string())) {
        given.resources.default_to(Source::New);
    }
    Ok(())
}

/// Fails if Central has, or had, another connection with the id.
async fn must_be_free(central: &Central, id: ConnectionId) -> Result<()> {
    let Some(found) = central.by_id(id).await? else {
        return Ok(());
    };
    let name = &found.connection.name;
    let (complaint, hint) = match found.connection.status {
        Status::Deleted => (
            t!("adopt-deleted", name = name, id = id),
            t!("adopt-deleted-hint"),
        ),
        _ => (
            t!("adopt-taken", name = name, id = id),
            t!("adopt-taken-hint", id = id),
        ),
    };
    Err(Failure::new(Code::Conflict, complaint).hinted(hint))
}

/// The refusal to take over what setup has made itself.
fn not_of_stack(name: &ConnectionName) -> Failure {
    let complaint = t!("adopt-not-of-stack", name = name);
    Failure::new(Code::CannotChange, complaint).hinted(t!("adopt-not-of-stack-hint"))
}
