//! The arguments of `audit`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

/// What `audit` is to look at, and what to do about it.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct AuditArgs {
    /// Name or id
    #[arg(required_unless_present = "check")]
    pub connection: Option<String>,
    /// From when: 24h, 30d, or a date or time in UTC [default: 24h]
    ///
    /// Log files count by the time at which they landed in the bucket. With --replay, a time before the connection was made
    /// brings history: files that nobody has announced to it.
    #[arg(long, value_name = "TIME")]
    pub since: Option<String>,
    /// Until when, if not until now
    #[arg(long, value_name = "TIME", hide_short_help = true)]
    pub until: Option<String>,
    /// How long a file may be on its way before it is missing
    #[arg(
        long,
        value_name = "DURATION",
        default_value = AuditArgs::GRACE,
        hide_short_help = true
    )]
    pub grace: String,
    /// List the keys of the missing files
    #[arg(long)]
    pub keys: bool,
    /// Send the missing files through the function again
    ///
    /// The function is invoked with their keys, and reads them from the bucket as always. A file that is sent twice is stored
    /// once, so this can be stopped and run again at any time.
    #[arg(long)]
    pub replay: bool,
    /// With --replay: also those that were skipped in a pause
    #[arg(
        long,
        value_enum,
        value_name = "REASON",
        requires = "replay",
        hide_short_help = true
    )]
    pub include_skipped: Option<Skipped>,
    /// With --replay: also those that another trail may have written
    ///
    /// Where another trail writes into the same folders, CloudTrail's digests say which trail wrote a file. Without them it cannot be
    /// told, and such files are not sent unless this says so: the connection was not asked to collect the other trail's.
    #[arg(long, requires = "replay", hide_short_help = true)]
    pub include_unassigned: bool,
    /// With --replay: how long to wait while nothing arrives
    #[arg(
        long,
        value_name = "DURATION",
        default_value = AuditArgs::WAIT,
        requires = "replay",
        hide_short_help = true
    )]
    pub wait: String,
    /// Prove the log files by what CloudTrail has signed
    ///
    /// Reads every log file and CloudTrail's signed digests from the bucket, and compares both with what Central has received. Log
    /// files are hashed as they come; they are not kept.
    #[arg(long)]
    pub certify: bool,
    /// With --certify: write the proof to a file
    ///
    /// The file has all that --check needs: digests, signatures, public keys, and the hashes of the log files and of what Central
    /// has received. No content of a log file is in it.
    #[arg(
        long,
        value_name = "FILE",
        requires = "certify",
        hide_short_help = true
    )]
    pub out: Option<PathBuf>,
    /// Write what was found to a page for a browser
    ///
    /// The file needs nothing else: a summary, a map of accounts or regions by time, what is missing, what --certify has proved,
    /// and the settings of the connection. It holds no log data and no secrets.
    #[arg(long, value_name = "FILE.html", hide_short_help = true)]
    pub report: Option<PathBuf>,
    /// Verify a file that --out has written, without AWS and Central
    #[arg(
        long,
        value_name = "FILE",
        conflicts_with_all = ["connection", "since", "until", "grace", "keys", "replay", "certify", "report"],
        hide_short_help = true
    )]
    pub check: Option<PathBuf>,
}

impl AuditArgs {
    /// `--since`, if it is not given.
    pub(crate) const SINCE: &str = "24h";
    /// `--grace`, if it is not given.
    pub(crate) const GRACE: &str = "15m";
    /// `--wait`, if it is not given.
    pub(crate) const WAIT: &str = "10m";
}

/// Why Central skipped files that can be sent again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Skipped {
    /// The connection was paused
    Paused,
}
