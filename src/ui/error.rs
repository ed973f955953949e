//! The program's only error type: a published code, a sentence, hints, and the exit code that follows from the code.
//! `aws::error` and `central::answer` turn the errors of AWS and Central into it.

use std::fmt;

use crate::ui::t;

/// The result of everything whose failure a user may see.
pub(crate) type Result<T, E = Failure> = std::result::Result<T, E>;

/// Process exit codes (SPEC 3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    Done = 0,
    Failed = 1,
    Usage = 2,
    SignIn = 3,
    Permission = 4,
    Conflict = 5,
    Stopped = 6,
    ChangesPending = 7,
    Unhealthy = 8,
    Declined = 9,
    Interrupted = 130,
    Terminated = 143,
}

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident => $text:literal, $exit:ident;)*) => {
        /// Error codes as they appear in JSON under `error.code`. Each has one exit code.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Code { $($(#[$doc])* $name),* }

        impl Code {
            /// Every published code.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// Returns the code as published.
            #[must_use]
            pub fn as_str(self) -> &'static str { match self { $(Self::$name => $text),* } }

            /// Returns the exit code of this code, unless something was already written to AWS.
            #[must_use]
            pub fn exit(self) -> Exit { match self { $(Self::$name => Exit::$exit),* } }
        }
    };
}

codes! {
    /// Anything that has no code of its own.
    Failed => "failed", Failed;
    /// Flags, values or arguments that do not fit.
    Usage => "usage", Usage;
    /// Answers without a safe default are missing, and nobody can be asked.
    MissingAnswers => "missingAnswers", Usage;
    /// Central knows no connection of this name or id.
    UnknownConnection => "unknownConnection", Usage;
    /// The bootstrap that was given cannot run as the function.
    ForwarderUnusable => "forwarderUnusable", Usage;
    /// The sandbox cannot be started.
    SandboxUnavailable => "sandboxUnavailable", Failed;
    /// AWS credentials are missing, wrong or expired.
    AwsSignIn => "awsSignIn", SignIn;
    /// Central credentials are missing, wrong or expired.
    CentralSignIn => "centralSignIn", SignIn;
    /// The AWS caller may not do what is needed.
    AwsPermission => "awsPermission", Permission;
    /// The Central credential may not do what is needed.
    CentralPermission => "centralPermission", Permission;
    /// The tenant's licence has ended.
    LicenseRequired => "licenseRequired", Permission;
    /// Something exists that is not ours, or Central claims something that AWS does not show as ours.
    Conflict => "conflict", Conflict;
    /// An answer that differs from the saved one cannot be changed.
    CannotChange => "cannotChange", Conflict;
    /// The region already has five trails.
    TrailLimit => "trailLimit", Conflict;
    /// The credentials belong to another account or tenant than expected.
    WrongTarget => "wrongTarget", Conflict;
    /// AWS or Central cannot be reached.
    Unreachable => "unreachable", Failed;
    /// AWS answered with an error.
    Aws => "aws", Failed;
    /// Central answered with an error.
    Central => "central", Failed;
    /// Removal did what it could and names the rest.
    Incomplete => "incomplete", Stopped;
    /// `plan --detailed-exitcode` found something to do.
    ChangesPending => "changesPending", ChangesPending;
    /// The connection is set up, but the forwarder has not signed in, or something is wrong with a part.
    Unhealthy => "unhealthy", Unhealthy;
    /// Declined at a prompt.
    Declined => "declined", Declined;
    /// Stopped by Ctrl-C.
    Interrupted => "interrupted", Interrupted;
    /// Stopped by SIGTERM.
    Terminated => "terminated", Terminated;
}

/// An error that a user reads: what happened, what to do, and the id of the request to ask support about.
#[derive(Debug)]
pub struct Failure {
    pub code: Code,
    pub message: String,
    pub hints: Vec<String>,
    /// AWS request id or Central correlationId / requestId.
    pub request_id: Option<String>,
    /// Set once AWS has been written to: the exit code is then 6, whatever the cause.
    pub stopped: bool,
    /// The user wants to go back to the question before.
    pub back: bool,
    /// The user has read it already.
    pub shown: bool,
    /// The cause, for `-v`; never shown otherwise.
    pub source: Option<anyhow::Error>,
    /// What failed at the same time, with hints of its own.
    pub also: Option<Box<Self>>,
}

impl Failure {
    #[must_use]
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            hints: Vec::new(),
            request_id: None,
            stopped: false,
            back: false,
            shown: false,
            source: None,
            also: None,
        }
    }

    /// The wish to go back to the question before. Where there is none, the user declines.
    #[must_use]
    pub(crate) fn back() -> Self {
        let mut failure = Self::new(Code::Declined, t!("declined"));
        failure.back = true;
        failure
    }

    /// A flag, value or argument that does not fit.
    #[must_use]
    pub fn usage(message: impl Into<String>) -> Self {
        Self::new(Code::Usage, message)
    }

    /// Joins several complaints of one kind into one failure, with a heading if there is more than one.
    #[must_use]
    pub fn list(code: Code, heading: impl Into<String>, mut items: Vec<String>) -> Self {
        if items.len() == 1 {
            return Self::new(code, items.remove(0));
        }
        Self::headed(code, heading, items)
    }

    /// Returns a failure with a heading and the items listed below it, even if there is only one.
    #[must_use]
    pub fn headed(code: Code, heading: impl Into<String>, items: Vec<String>) -> Self {
        let mut message = heading.into();
        for item in items {
            message.push_str("\n  - ");
            message.push_str(&item);
        }
        Self::new(code, message)
    }

    #[must_use]
    pub fn hinted(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }

    #[must_use]
    pub fn caused_by(mut self, source: impl Into<anyhow::Error>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// Adds `--sandbox` to the commands in the hints.
    #[must_use]
    pub fn in_sandbox(mut self) -> Self {
        self.also = self.also.map(|also| Box::new(also.in_sandbox()));
        for hint in &mut self.hints {
            let parts = hint.split('`').enumerate().map(|(number, part)| {
                let command = number % 2 == 1 && part.starts_with("sophos-ct ");
                if command && !part.contains("--sandbox") && !part.starts_with("sophos-ct sandbox")
                {
                    format!("{part} --sandbox")
                } else {
                    part.to_owned()
                }
            });
            *hint = parts.collect::<Vec<_>>().join("`");
        }
        self
    }

    /// Adds what failed at the same time.
    #[must_use]
    pub fn with(mut self, other: Self) -> Self {
        self.also = Some(Box::new(other));
        self
    }

    /// This failure and what failed at the same time, each with those of its hints that none before it has.
    #[must_use]
    pub fn told(&self) -> Vec<(&Self, Vec<&str>)> {
        let mut said: Vec<&str> = Vec::new();
        let all = std::iter::successors(Some(self), |one| one.also.as_deref());
        all.map(|one| {
            let hints = one.hints.iter().map(String::as_str);
            let hints: Vec<&str> = hints.filter(|hint| !said.contains(hint)).collect();
            said.extend(&hints);
            (one, hints)
        })
        .collect()
    }

    /// Marks that AWS has been written to, and adds the hint to run the same command again.
    #[must_use]
    pub fn after_writing(mut self) -> Self {
        if !matches!(
            self.code,
            Code::Interrupted | Code::Terminated | Code::Unhealthy
        ) {
            self.hints.push(t!("hint-run-again"));
            return self.stopped();
        }
        self
    }

    /// Marks that AWS has been written to, without that hint: running the same command again would not continue.
    #[must_use]
    pub fn stopped(mut self) -> Self {
        self.stopped = true;
        self
    }

    #[must_use]
    pub fn exit(&self) -> Exit {
        if self.stopped {
            Exit::Stopped
        } else {
            self.code.exit()
        }
    }

    /// Returns the `error` object of JSON output.
    #[must_use]
    pub fn to_json(&self) -> serde_json::Value {
        let told = self.told();
        let messages: Vec<&str> = told.iter().map(|(one, _)| one.message.as_str()).collect();
        let mut error =
            serde_json::json!({ "code": self.code.as_str(), "message": messages.join("\n") });
        let hints: Vec<&str> = told.into_iter().flat_map(|(_, hints)| hints).collect();
        if !hints.is_empty() {
            error["hint"] = hints.join("\n").into();
        }
        if let Some(id) = &self.request_id {
            error["requestId"] = id.clone().into();
        }
        error
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Failure {}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        Self::new(Code::Failed, error.to_string()).caused_by(error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_of_two_failures_keeps_its_hints_and_a_hint_of_both_is_said_once() {
        let one = Failure::new(Code::AwsSignIn, "no AWS").hinted("both");
        let other = Failure::new(Code::CentralSignIn, "no Central");
        let both = one.with(other.hinted("both").hinted("Central's own"));
        let hints: Vec<Vec<&str>> = both.told().into_iter().map(|(_, hints)| hints).collect();
        assert_eq!(hints, [vec!["both"], vec!["Central's own"]]);
        let json = both.to_json();
        assert_eq!(json["code"], "awsSignIn");
        assert_eq!(json["message"], "no AWS\nno Central");
        assert_eq!(json["hint"], "both\nCentral's own");
        assert_eq!(both.exit(), Exit::SignIn);
    }
}
