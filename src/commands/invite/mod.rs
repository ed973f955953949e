//! `invite`: prepares a connection for whoever has the AWS account, and makes the code for it; lists invitations, and takes them
//! back. Only Central changes.

mod open;
mod prepare;
mod program;
mod show;

use super::{app::App, session};
use crate::{
    cli::InviteArgs,
    ui::{Exit, Failure, Result, t},
};

pub(super) async fn run(app: &App, arguments: &InviteArgs) -> Result<Exit> {
    if arguments.list || arguments.revoke {
        must_be_without_answers(arguments)?;
    }
    let connection = arguments.connection.as_deref();
    if arguments.list {
        return open::list(app, connection).await;
    }
    // The command line does not take `--revoke` without a connection.
    if let Some(connection) = connection.filter(|_| arguments.revoke) {
        return open::revoke(app, connection).await;
    }
    let mut given = prepare::collect(arguments)?;
    let central = session::central(app).await?;
    let found = prepare::prepare(app, &central, arguments, &mut given).await?;
    let invitation = central.invite(found.connection.id).await?;
    show::show(app, &central, &found.connection, &invitation).await?;
    Ok(Exit::Done)
}

/// Refuses answers on a command line that makes no invitation.
fn must_be_without_answers(arguments: &InviteArgs) -> Result<()> {
    let flags = arguments.answers.0.keys().map(|key| format!("--{key}"));
    let flags: Vec<String> = flags.collect();
    if flags.is_empty() {
        return Ok(());
    }
    let verb = if arguments.list { "list" } else { "revoke" };
    let unused = t!(
        "invite-answers-unused",
        flags = flags.join(", "),
        verb = verb
    );
    Err(Failure::usage(unused))
}
