//! What a run of the program gave.

use std::process::{Command, Output, Stdio};

use serde_json::Value;

/// The exit code and the output of a run of the program.
pub struct Ran {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Ran {
    /// Parses standard output, which must be exactly one JSON document.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.stdout)
            .unwrap_or_else(|error| panic!("{error}: {}\n{}", self.stdout, self.stderr))
    }

    #[track_caller]
    pub fn exits(self, code: i32) -> Self {
        assert_eq!(self.code, code, "{}\n{}", self.stdout, self.stderr);
        self
    }
}

impl From<Output> for Ran {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }
}

/// Runs a command that has to succeed, and returns its output.
#[track_caller]
pub fn succeeds(command: &mut Command) -> String {
    let ran: Ran = command.stdin(Stdio::null()).output().unwrap().into();
    ran.exits(0).stdout
}
