//! "Save the answers and quit": which file, and the command that goes on from it.

use std::path::Path;

use super::prepared::Prepared;
use crate::{
    cli,
    commands::app::App,
    connection::names,
    ui::{Failure, Result, command::command, page::Page, shell::quoted, t},
};

/// Writes the answers to the file of `--save-answers` or, without it, to a file that is asked for, and says how to go on from
/// there. If a file cannot be written, another one is asked for.
pub(super) async fn save(app: &App, prepared: &Prepared) -> Result<()> {
    let flag = prepared.given.save_answers.get().map(ToString::to_string);
    let file = match flag.filter(|file| is_written(app, prepared, file)) {
        Some(file) => file,
        None => ask(app, prepared).await?,
    };
    app.printer.show(&saved(app, prepared, &file));
    Ok(())
}

async fn ask(app: &App, prepared: &Prepared) -> Result<String> {
    let default = format!("{}.toml", names::default_name(&prepared.design.name));
    loop {
        let question = t!("ask-file");
        let file = app.ask.text(&question, Some(default.clone()), is_named);
        let file = file.await?;
        if may_be_written(app, &file).await? && is_written(app, prepared, &file) {
            return Ok(file);
        }
    }
}

fn is_named(file: &str) -> Result<(), String> {
    match file.trim() {
        "" => Err(t!("ask-file-empty")),
        _ => Ok(()),
    }
}

/// Whether the file is a new one, or the user gives it up. Esc keeps it.
async fn may_be_written(app: &App, file: &str) -> Result<bool> {
    if !Path::new(file).is_file() {
        return Ok(true);
    }
    let question = t!("ask-overwrite", file = file);
    match app.ask.confirm(&question, false).await {
        Err(failure) if failure.back => Ok(false),
        answered => answered,
    }
}

/// Writes the answers to a file. If it cannot be written, the user is told why.
fn is_written(app: &App, prepared: &Prepared, file: &str) -> bool {
    let written = prepared.save_answers_in(file);
    if let Err(error) = &written {
        let complaint = t!("file-unwritable", file = file, cause = error);
        app.printer.failure(&Failure::usage(complaint), false);
    }
    written.is_ok()
}

/// Where the answers are, and the command that goes on from there.
fn saved(app: &App, prepared: &Prepared, file: &str) -> Page {
    let name = quoted(prepared.design.name.as_str());
    let mut words = vec![cli::PROGRAM.to_owned(), "setup".to_owned(), name];
    let region = prepared.session.aws.region.to_string();
    words.extend(["--region".to_owned(), region]);
    words.extend(["--answers".to_owned(), quoted(file)]);
    words.extend(app.settled().repeated());
    let mut page = Page::default();
    page.plain(t!("saved-answers", file = file));
    page.verbatim(command(&words, app.printer.width(), 2));
    page
}
