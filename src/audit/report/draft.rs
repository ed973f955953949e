//! The file of the report.

use std::{
    io::{Error, Write},
    path::Path,
};

use crate::ui::{
    Code, Failure, Result,
    beside::{self, Beside, Readers},
};

/// A report that is being made. Only its owner may read it.
pub(crate) struct Draft<'a> {
    path: &'a Path,
    file: Beside,
}

impl<'a> Draft<'a> {
    /// Makes the file, so that what is in its way is known before anything else is done.
    pub(crate) fn create(path: &'a Path) -> Result<Self> {
        let file = Beside::create(path, Readers::Owner);
        let file = file.map_err(|error| failed(path, &error))?;
        Ok(Self { path, file })
    }

    /// Writes the page and puts it into its place, which is returned.
    pub(crate) fn finish(mut self, page: &str) -> Result<&'a Path> {
        let written = self.file.write_all(page.as_bytes());
        let put = written.and_then(|()| self.file.finish());
        put.map_err(|error| failed(self.path, &error))?;
        Ok(self.path)
    }
}

fn failed(path: &Path, cause: &Error) -> Failure {
    beside::failed(Code::Failed, "--report", path, cause)
}
