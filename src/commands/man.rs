//! `man`: prints a manual page, or writes them all to a folder.

use std::{io::Write, path::Path};

use super::written;
use crate::{
    cli::manual,
    ui::{
        Exit, Failure, Result,
        beside::{self, Readers},
        t,
    },
};

pub(super) fn run(command: Option<&str>, out: Option<&Path>) -> Result<Exit> {
    let Some(folder) = out else {
        let page = manual::page(command)?;
        return written(std::io::stdout().write_all(&page));
    };
    let unwritable = |path: &Path, error: std::io::Error| {
        Failure::usage(t!("man-unwritable", file = path.display(), cause = error))
    };
    std::fs::create_dir_all(folder).map_err(|error| unwritable(folder, error))?;
    for (name, page) in manual::pages()? {
        let file = folder.join(name);
        beside::write(&file, Readers::Usual, &page).map_err(|error| unwritable(&file, error))?;
    }
    Ok(Exit::Done)
}
