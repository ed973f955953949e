//! The answers of `setup` and `plan`: one catalogue for flags, environment variables, answers file, saved settings and
//! prompts, resolved once into plain values that know where they come from. Commands never see clap.

mod check;

use std::{
    collections::{BTreeMap, BTreeSet},
    path::PathBuf,
    time::Duration,
};

use serde_json::{Map, Value};

use crate::{
    aws::Caller,
    connection::{
        AccountId, Arn, ConnectionId, ConnectionName, Design, Feed, Organization, Region, names,
    },
    ui::{Code, Failure, Result, t, visible},
};
use check::{check, parse, read_file};
pub use check::{fits, must_fit, parse_duration};

/// What a value looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    Text,
    Flag,
    List,
    Number,
}

/// One question of the catalogue.
#[derive(Debug)]
pub struct Entry {
    /// Flag without dashes, key in the answers file and in the saved settings.
    pub key: &'static str,
    pub shape: Shape,
    /// Placeholder in help.
    pub value: &'static str,
    /// Help of the flag; English, like all of clap's.
    pub help: &'static str,
    /// Kept in the connection's settings.
    pub saved: bool,
    /// May differ from the saved one on a later run.
    pub changeable: bool,
}

impl Entry {
    /// `SOPHOS_CT_<FLAG>`.
    #[must_use]
    pub fn variable(&self) -> String {
        format!("SOPHOS_CT_{}", self.key.to_uppercase().replace('-', "_"))
    }
}

macro_rules! catalogue {
    ($($key:literal $shape:ident $value:literal $saved:ident $changeable:ident $help:literal;)*) => {
        /// Every answer, in the order in which it is asked for and shown.
        pub const CATALOGUE: &[Entry] = &[$(Entry {
            key: $key,
            shape: Shape::$shape,
            value: $value,
            help: $help,
            saved: catalogue!(@ $saved),
            changeable: catalogue!(@ $changeable),
        }),*];
    };
    (@ saved) => { true };
    (@ once) => { false };
    (@ fixed) => { false };
    (@ changes) => { true };
}

catalogue! {
    "name" Text "NAME" once fixed "Name of the connection [default: aws-<account>]";
    "organization" Flag "" saved fixed "Collect from an AWS organization";
    "org-id" Text "ID" saved fixed "Id of the organization (o-…)";
    "management-account" Text "ACCOUNT" saved fixed "Management account of the organization";
    "accounts" List "ACCOUNT,…" once fixed "Accounts of the organization to collect from";
    "resources" Text "new|existing" saved fixed "Create new resources or use existing ones";
    "trail" Text "NAME|ARN" saved fixed "Name of the trail to create [default: sophos-ct-<name>], or the existing trail's name or ARN";
    "notify" Text "trail|bucket|eventbridge" saved fixed "How an existing trail notifies";
    "bucket" Text "NAME" saved fixed "Name of the log bucket [default: sophos-ct-<name>-<account>-<region>, or the existing trail's]";
    "prefix" Text "PREFIX" saved fixed "Key prefix of the log files [default: none]";
    "topic" Text "NAME" saved fixed "Name of the SNS topic [default: sophos-ct-<name>]";
    "function" Text "NAME" saved fixed "Name of the Lambda function [default: sophos-ct-<name>]";
    "role" Text "NAME" saved fixed "Name of the function's role [default: sophos-ct-<name>]";
    "role-arn" Text "ARN" saved fixed "Use this role instead of creating one";
    "role-path" Text "PATH" saved fixed "IAM path of the role [default: /]";
    "permissions-boundary" Text "ARN" saved fixed "Permissions boundary of the role";
    "kms-key" Text "ARN" saved fixed "KMS key of the log files";
    "retention-days" Number "DAYS" saved changes "Expire log files of a new bucket after this many days [default: keep]";
    "log-retention-days" Number "DAYS" saved changes "Keep the function's own log this many days [default: 30]";
    "dead-letter" Text "ARN" saved fixed "SQS queue or SNS topic for events that the function could not handle";
    "tag" List "KEY=VALUE" saved fixed "Tag of everything that is created; may be repeated";
    "connect-again" Flag "" once fixed "Connect a trail or bucket that another connection already collects from";
    "accept-cost" Flag "" once fixed "Accept that a further copy of management events is billed";
    "expect-account" Text "ACCOUNT" once fixed "Go on only in this AWS account";
    "expect-tenant" Text "NAME|ID" once fixed "Go on only with this Central tenant";
    "ingest-host" List "HOST,…" once fixed "Trust this host of Central's for log files, outside the API host's own domain";
    "forwarder" Text "FILE" once fixed "Bootstrap (ELF) or zip to run in the function [default: built in, or this program]";
    "wait" Text "DURATION" once fixed "How long to wait for the forwarder's sign-in [default: 3m; 20m where only a log file can tell]";
    "wait-for-logs" Flag "" once fixed "Also wait until the first log file has arrived";
    "answers" Text "FILE" once fixed "Read answers from this TOML file";
    "save-answers" Text "FILE" once fixed "Write the answers to this TOML file";
}

/// The catalogue's entry of a key.
#[must_use]
pub fn entry(key: &str) -> Option<&'static Entry> {
    CATALOGUE.iter().find(|entry| entry.key == key)
}

/// Answers that name, or choose, what may not be ours.
pub const OF_OTHERS: [&str; 9] = [
    "resources",
    "trail",
    "notify",
    "bucket",
    "topic",
    "role",
    "role-arn",
    "kms-key",
    "dead-letter",
];

/// Whether a variable of the environment is an answer.
#[must_use]
pub fn is_variable(name: &str) -> bool {
    CATALOGUE.iter().any(|entry| entry.variable() == name)
}

/// Where an answer comes from; the earlier wins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Origin {
    Flag,
    Environment,
    File,
    Saved,
    Prompt,
    Default,
}

/// Answers with their origins.
#[derive(Clone, Debug, Default)]
pub struct Given {
    values: BTreeMap<&'static str, (Value, Origin)>,
}

/// Flags as the command line has them: each key with its values, `organization` also as `false`.
pub type Flags = BTreeMap<&'static str, Vec<String>>;

impl Given {
    /// Flags over environment over answers file. Everything that does not fit is reported at once.
    pub fn collect(flags: &Flags, variable: impl Fn(&str) -> Option<String>) -> Result<Self> {
        let mut given = Self::default();
        let mut complaints = Vec::new();
        for entry in CATALOGUE {
            let from_flag = flags
                .get(entry.key)
                .map(|texts| (texts.clone(), Origin::Flag, format!("--{}", entry.key)));
            let from_variable = || {
                let text = variable(&entry.variable()).filter(|text| !text.is_empty())?;
                Some((vec![text], Origin::Environment, entry.variable()))
            };
            let Some((texts, origin, source)) = from_flag.or_else(from_variable) else {
                continue;
            };
            match parse(entry, &texts) {
                Ok(value) => given.set(entry.key, value, origin),
                Err(complaint) => complaints.push(format!("{source}: {complaint}")),
            }
        }
        if let Some(file) = given.text("answers") {
            match read_file(&file) {
                Ok(values) => {
                    for (key, value) in values {
                        if !given.has(key) {
                            given.set(key, value, Origin::File);
                        }
                    }
                }
                Err(mut more) => complaints.append(&mut more),
            }
        }
        must_fit(complaints)?;
        Ok(given)
    }

    pub fn set(&mut self, key: &'static str, value: Value, origin: Origin) {
        debug_assert!(entry(key).is_some(), "{key} is not in the catalogue");
        self.values.insert(key, (value, origin));
    }

    /// Sets an answer from text, checked as a flag's is.
    pub fn answer(&mut self, key: &'static str, text: &str, origin: Origin) -> Result<(), String> {
        let entry = entry(key).expect("only keys of the catalogue are asked for");
        let value = parse(entry, &[text.to_owned()])?;
        self.set(key, value, origin);
        Ok(())
    }

    #[must_use]
    pub fn has(&self, key: &str) -> bool {
        self.values.contains_key(key)
    }

    #[must_use]
    pub fn origin(&self, key: &str) -> Option<Origin> {
        self.values.get(key).map(|(_, origin)| *origin)
    }

    #[must_use]
    pub fn text(&self, key: &str) -> Option<String> {
        self.values
            .get(key)
            .and_then(|(value, _)| value.as_str())
            .map(ToOwned::to_owned)
    }

    #[must_use]
    pub fn flag(&self, key: &str) -> Option<bool> {
        self.values.get(key).and_then(|(value, _)| value.as_bool())
    }

    fn number(&self, key: &str) -> Option<i32> {
        self.values
            .get(key)
            .and_then(|(value, _)| value.as_i64())
            .and_then(|number| i32::try_from(number).ok())
    }

    fn list(&self, key: &str) -> Vec<String> {
        let list = self.values.get(key).and_then(|(value, _)| value.as_array());
        list.into_iter()
            .flatten()
            .filter_map(|value| value.as_str().map(ToOwned::to_owned))
            .collect()
    }

    /// `--wait`; by default three minutes, or twenty where only the next log file can tell.
    #[must_use]
    pub fn wait(&self, only_a_file: bool) -> Duration {
        let default = Duration::from_secs(if only_a_file { 20 * 60 } else { 180 });
        self.text("wait")
            .and_then(|text| parse_duration(&text))
            .unwrap_or(default)
    }

    /// Hosts that log files may go to though they are outside the API host's domain: never from saved settings.
    #[must_use]
    pub fn ingest_hosts(&self) -> Vec<String> {
        self.list("ingest-host")
    }

    #[must_use]
    pub fn forwarder(&self) -> Option<PathBuf> {
        self.text("forwarder").map(PathBuf::from)
    }

    /// Takes up the answers that a connection was set up with. One that differs is a planned change where it can
    /// change; otherwise all that cannot are refused together.
    pub fn take_saved(&mut self, settings: &Map<String, Value>) -> Result<()> {
        let mut fixed = Vec::new();
        for entry in CATALOGUE.iter().filter(|entry| entry.saved) {
            let saved = settings.get(entry.key);
            match (self.values.get(entry.key), saved) {
                (Some((given, _)), Some(saved)) if given == saved => {}
                // The name of an existing trail is saved as its ARN.
                (Some((given, origin)), Some(saved))
                    if entry.key == "trail" && is_trail(&plain(saved), &plain(given)) =>
                {
                    let origin = *origin;
                    self.set(entry.key, saved.clone(), origin);
                }
                (Some(_), _) if entry.changeable => {}
                (Some((given, _)), saved) => {
                    let was = saved.map_or_else(|| t!("answer-none"), plain);
                    fixed.push(t!(
                        "answer-fixed",
                        flag = entry.key,
                        saved = was,
                        given = plain(given)
                    ));
                }
                (None, Some(saved)) => {
                    check(entry, saved).map_err(|complaint| {
                        Failure::new(
                            Code::Conflict,
                            t!("saved-unfit", flag = entry.key, complaint = complaint),
                        )
                    })?;
                    self.set(entry.key, saved.clone(), Origin::Saved);
                }
                (None, None) => {}
            }
        }
        if fixed.is_empty() {
            Ok(())
        } else {
            Err(
                Failure::list(Code::CannotChange, t!("answers-fixed"), fixed)
                    .hinted(t!("answers-fixed-hint")),
            )
        }
    }

    /// ARNs among the answers must be of the caller's partition, and some of its account and region: all complaints at once.
    pub fn fit_caller(&self, caller: &Caller, region: &Region) -> Result<()> {
        let keys = [
            "trail",
            "role-arn",
            "permissions-boundary",
            "kms-key",
            "dead-letter",
        ];
        let mut complaints = Vec::new();
        for key in keys {
            let Some(arn) = self.text(key).and_then(|text| text.parse::<Arn>().ok()) else {
                continue;
            };
            let (partition, account) = (caller.partition.as_str(), caller.account.as_str());
            let own = ["role-arn", "dead-letter"].contains(&key);
            if arn.partition != partition {
                complaints.push(t!(
                    "arn-partition",
                    flag = key,
                    arn = arn,
                    partition = partition
                ));
            } else if own && arn.account != account {
                complaints.push(t!("arn-account", flag = key, arn = arn, account = account));
            } else if key == "dead-letter" && arn.region != region.as_str() {
                complaints.push(t!("arn-region", flag = key, arn = arn, region = region));
            }
        }
        must_fit(complaints)
    }

    /// Answers that do not go together, all at once.
    pub fn fit_together(&self) -> Result<()> {
        let mut complaints = Vec::new();
        if self.flag("organization") != Some(true) {
            let given = ["org-id", "management-account", "accounts"];
            let given = given.into_iter().filter(|key| self.has(key));
            complaints.extend(given.map(|flag| t!("only-organization", flag = flag)));
        }
        if self.has("role-arn") {
            let given = ["role", "role-path", "permissions-boundary"];
            // The defaults are filled in later; what is there was said by somebody.
            let given = given.into_iter().filter(|key| {
                self.origin(key)
                    .is_some_and(|origin| origin != Origin::Default)
            });
            complaints.extend(given.map(|flag| t!("not-with-role-arn", flag = flag)));
        }
        match self.text("resources").as_deref() {
            Some("new") => {
                if self.has("notify") {
                    complaints.push(t!("only-existing", flag = "notify"));
                }
                if self.has("kms-key") {
                    complaints.push(t!("only-existing", flag = "kms-key"));
                }
                if self
                    .text("trail")
                    .is_some_and(|trail| trail.starts_with("arn:"))
                {
                    complaints.push(t!("trail-name-only"));
                }
            }
            Some("existing") if self.has("retention-days") => {
                complaints.push(t!("only-new", flag = "retention-days"));
            }
            _ => {}
        }
        must_fit(complaints)
    }

    /// The organization, once both its id and its management account are known.
    fn organization(&self) -> Option<Organization> {
        if self.flag("organization") != Some(true) {
            return None;
        }
        Some(Organization {
            id: self.text("org-id")?,
            management: self.text("management-account")?.parse().ok()?,
        })
    }

    /// `--accounts`: those of the organization to collect from; `None` for all.
    #[must_use]
    pub fn accounts(&self) -> Option<Vec<AccountId>> {
        let accounts: BTreeSet<String> = self.list("accounts").into_iter().collect();
        let accounts = accounts.iter().filter_map(|account| account.parse().ok());
        self.has("accounts").then(|| accounts.collect())
    }

    /// How the forwarder hears of log files, from the answers of step 2.
    fn feed(&self) -> Feed {
        if self.text("resources").as_deref() != Some("existing") {
            return Feed::New;
        }
        let trail = self.text("trail");
        match self.text("notify").as_deref() {
            Some("bucket") => Feed::Bucket { trail },
            Some("eventbridge") => Feed::EventBridge { trail },
            Some(_) => Feed::Trail {
                trail: trail.unwrap_or_default(),
            },
            None => Feed::Subscribe {
                trail: trail.unwrap_or_default(),
            },
        }
    }

    /// Fills in what is still open, and gives the design of the connection.
    #[must_use]
    pub fn design(
        &mut self,
        id: ConnectionId,
        name: &ConnectionName,
        caller: &Caller,
        region: &Region,
        plain_http: bool,
    ) -> Design {
        let default = names::default_name(name);
        let new = self.text("resources").as_deref() != Some("existing");
        let own = [
            ("trail", default.clone().into()),
            (
                "bucket",
                names::default_bucket(name, &caller.account, region).into(),
            ),
        ];
        let defaults: [(&'static str, Value); 7] = [
            ("organization", false.into()),
            ("resources", "new".into()),
            ("topic", default.clone().into()),
            ("function", default.clone().into()),
            ("role", default.into()),
            ("role-path", "/".into()),
            ("log-retention-days", 30.into()),
        ];
        let brought = self.has("role-arn");
        for (key, value) in own.into_iter().filter(|_| new).chain(defaults) {
            let superseded = brought && ["role", "role-path"].contains(&key);
            if !self.has(key) && !superseded {
                self.set(key, value, Origin::Default);
            }
        }
        let text = |key: &str| self.text(key).unwrap_or_default();
        let brought = self.text("role-arn").and_then(|arn| {
            let arn: Arn = arn.parse().ok()?;
            let (path, name) = arn.resource.strip_prefix("role")?.rsplit_once('/')?;
            Some((format!("{path}/"), name.to_owned()))
        });
        let own_role = brought.is_none();
        let (role_path, role) = brought.unwrap_or_else(|| (text("role-path"), text("role")));
        Design {
            id,
            name: name.clone(),
            account: caller.account.clone(),
            partition: caller.partition,
            region: region.clone(),
            feed: self.feed(),
            organization: self.organization(),
            trail: text("trail"),
            bucket: text("bucket"),
            prefix: text("prefix"),
            topic: text("topic"),
            function: text("function"),
            role,
            role_path,
            own_role,
            permissions_boundary: self.text("permissions-boundary"),
            retention_days: self.number("retention-days"),
            log_retention_days: self.number("log-retention-days").unwrap_or(30),
            kms_key: self.text("kms-key"),
            dead_letter: self.text("dead-letter").and_then(|arn| arn.parse().ok()),
            tags: self
                .list("tag")
                .iter()
                .filter_map(|tag| names::check_tag(tag).ok())
                .collect(),
            given: self.of_others(|origin| ![Origin::Saved, Origin::Default].contains(&origin)),
            saved: self.of_others(|origin| origin == Origin::Saved),
            plain_http,
        }
    }

    /// The answers about what may not be ours, by where they come from.
    fn of_others(&self, from: impl Fn(Origin) -> bool) -> BTreeSet<&'static str> {
        let keys = OF_OTHERS.into_iter();
        keys.filter(|key| self.origin(key).is_some_and(&from))
            .collect()
    }

    /// The answers to keep in Central: no secrets, nothing that only concerned this run.
    #[must_use]
    pub fn to_settings(&self) -> Map<String, Value> {
        self.to_map(|entry, _| entry.saved)
    }

    fn to_map(&self, wanted: impl Fn(&Entry, Origin) -> bool) -> Map<String, Value> {
        CATALOGUE
            .iter()
            .filter_map(|entry| {
                let (value, origin) = self.values.get(entry.key)?;
                wanted(entry, *origin).then(|| (entry.key.to_owned(), value.clone()))
            })
            .collect()
    }

    /// The answers as a TOML file that gives the same plan.
    #[must_use]
    pub fn to_file(&self, name: &ConnectionName) -> String {
        let mut map = self.to_map(|entry, _| entry.saved || entry.key == "accounts");
        map.insert("name".to_owned(), name.to_string().into());
        toml::to_string(&map).expect("texts, numbers, flags and lists are TOML")
    }

    /// The arguments that give the same plan without questions; defaults are left out.
    #[must_use]
    pub fn to_arguments(&self) -> Vec<String> {
        self.to_arguments_of(|_| true)
    }

    /// The same of some answers alone.
    #[must_use]
    pub fn to_arguments_of(&self, wanted: impl Fn(&str) -> bool) -> Vec<String> {
        let mut arguments = Vec::new();
        let once = [
            "accept-cost",
            "accounts",
            "connect-again",
            "forwarder",
            "ingest-host",
        ];
        for entry in CATALOGUE
            .iter()
            .filter(|entry| entry.saved || once.contains(&entry.key))
            .filter(|entry| wanted(entry.key))
        {
            let Some((value, origin)) = self.values.get(entry.key) else {
                continue;
            };
            if *origin == Origin::Default {
                continue;
            }
            match value {
                Value::Bool(true) => arguments.push(format!("--{}", entry.key)),
                Value::Bool(false) => {}
                Value::Array(list) => {
                    for item in list {
                        arguments.extend([format!("--{}", entry.key), quoted(&plain(item))]);
                    }
                }
                other => arguments.extend([format!("--{}", entry.key), quoted(&plain(other))]),
            }
        }
        arguments
    }
}

/// Whether an ARN is that of the trail with this name.
fn is_trail(arn: &str, name: &str) -> bool {
    let arn = arn.parse::<Arn>();
    arn.is_ok_and(|arn| arn.resource.strip_prefix("trail/") == Some(name))
}

/// A word as a shell takes it.
#[must_use]
pub fn quoted(text: &str) -> String {
    let plain = |char: char| char.is_ascii_alphanumeric() || "-_./:=@,+".contains(char);
    if !text.is_empty() && text.chars().all(plain) {
        text.to_owned()
    } else if visible::inline(text) != text {
        // ANSI-C quoting (bash, zsh): what a terminal would act on is written as bytes.
        let bytes = text.bytes().map(|byte| match byte {
            b'\'' | b'\\' => format!("\\{}", char::from(byte)),
            b' '..=b'~' => char::from(byte).to_string(),
            _ => format!("\\x{byte:02x}"),
        });
        format!("$'{}'", bytes.collect::<String>())
    } else {
        format!("'{}'", text.replace('\'', r"'\''"))
    }
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(list) => list.iter().map(plain).collect::<Vec<_>>().join(","),
        other => other.to_string(),
    }
}

/// Who and where, as the rest of the program needs it beside the answers.
#[derive(Clone, Debug, Default)]
pub struct Globals {
    pub no_input: bool,
    pub yes: bool,
    pub accessible: bool,
    pub profile: Option<String>,
    pub region: Option<Region>,
    pub tenant: Option<String>,
    pub sandbox: bool,
    pub verbose: u8,
    pub log_file: Option<PathBuf>,
    /// File with the Central client secret; `-` is stdin.
    pub client_secret_file: Option<PathBuf>,
}
