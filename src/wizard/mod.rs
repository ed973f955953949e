//! The three steps: what flags, environment, file and saved settings leave open is asked here, and nothing else.

pub mod ask;
mod existing;

use console::Style;

use crate::{
    aws::Aws,
    connection::{ConnectionName, Region, names},
    resources::{organization, seen::Seen, trail},
    settings::{Given, Origin},
    ui::{Code, Failure, Printer, Result, t},
};
use ask::Ask;

/// What the questions are put with.
#[derive(Clone, Copy)]
pub struct Wizard {
    pub ask: Ask,
    pub printer: Printer,
    /// `--yes`: take the defaults.
    pub yes: bool,
}

/// What is known before the questions.
pub struct Known<'a> {
    pub account: &'a crate::connection::AccountId,
    pub region: &'a Region,
    /// The trails of the region, shadows included.
    pub trails: &'a Seen<Vec<trail::State>>,
    /// Trails that log management events.
    pub management: &'a [trail::State],
}

impl Wizard {
    /// Whether questions are put at all.
    fn asks(&self) -> bool {
        self.ask.possible() && !self.yes
    }

    /// The connection's name; the default where nobody is asked.
    pub async fn name(&self, default: ConnectionName) -> Result<ConnectionName> {
        if !self.asks() {
            return Ok(default);
        }
        let check = |text: &str| text.parse::<ConnectionName>().map(drop);
        let text = self
            .ask
            .text(&t!("ask-name"), Some(default.to_string()), check)
            .await?;
        text.parse().map_err(Failure::usage)
    }

    /// Step 1: whether the connection covers an organization.
    pub async fn scope(&self, given: &mut Given) -> Result<()> {
        if self.asks() && !given.has("organization") {
            self.step(1, &t!("step-organization"));
            let organization = self.ask.confirm(&t!("ask-organization"), false).await?;
            given.set("organization", organization.into(), Origin::Prompt);
        }
        Ok(())
    }

    /// Steps 2 and 3. Without anybody to ask, whatever has no safe default is listed at once.
    pub async fn steps(
        &self,
        given: &mut Given,
        name: &ConnectionName,
        known: &Known<'_>,
    ) -> Result<()> {
        let recommended = recommended(known);
        if !self.asks() {
            if !given.has("resources") {
                match recommended {
                    Some(choice) => given.set("resources", choice.into(), Origin::Default),
                    None => return Err(self.missing(known)),
                }
            }
            if given.text("resources").as_deref() == Some("existing") {
                self.existing(given, known).await?;
            }
            return Ok(());
        }
        if !given.has("resources") {
            self.step(2, &t!("step-resources"));
            for trail in known.management {
                self.printer.say(&t!("trail-found", trail = trail.arn));
                if trail.is_optix() {
                    self.printer.say(&t!("trail-optix", trail = trail.arn));
                }
            }
            let items = vec![t!("choice-new"), t!("choice-existing")];
            let default = recommended.map(|choice| usize::from(choice == "existing"));
            let chosen = self
                .ask
                .select(&t!("ask-resources"), items, default)
                .await?;
            given.set(
                "resources",
                ["new", "existing"][chosen].into(),
                Origin::Prompt,
            );
        }
        if given.text("resources").as_deref() == Some("existing") {
            self.existing(given, known).await?;
        }
        self.names(given, name, known).await
    }

    /// What of the organization cannot be seen is asked for.
    pub async fn organization(
        &self,
        given: &mut Given,
        missing: &[&'static str],
        action: &str,
    ) -> Result<()> {
        if !self.asks() {
            let flags: Vec<String> = missing.iter().map(|key| format!("--{key}")).collect();
            return Err(Failure::new(
                Code::MissingAnswers,
                t!(
                    "organization-unseen",
                    action = action,
                    flags = flags.join(", ")
                ),
            ));
        }
        for key in missing {
            let check: ask::Check = match *key {
                "org-id" => |text| crate::settings::fits("org-id", text),
                _ => |text| crate::settings::fits("management-account", text),
            };
            let question = crate::ui::messages::message(&format!("answer-{key}"), &[]);
            let text = self.ask.text(&question, None, check).await?;
            given.set(key, text.into(), Origin::Prompt);
        }
        Ok(())
    }

    /// Which accounts of the organization are collected: picked from the list where it can be seen, typed otherwise.
    pub async fn accounts(&self, given: &mut Given, aws: &Aws) -> Result<()> {
        if !self.asks() || given.flag("organization") != Some(true) || given.has("accounts") {
            return Ok(());
        }
        let items = vec![t!("choice-accounts-all"), t!("choice-accounts-some")];
        if self.ask.select(&t!("ask-accounts"), items, Some(0)).await? == 0 {
            return Ok(());
        }
        let members = match organization::members(aws).await? {
            Seen::There(members) => members,
            seen => {
                let action = seen.denied().unwrap_or_default();
                self.printer.say(&t!("accounts-unseen", action = action));
                let check: ask::Check = |text| crate::settings::fits("accounts", text);
                let text = self.ask.text(&t!("ask-account-ids"), None, check).await?;
                return given
                    .answer("accounts", &text, Origin::Prompt)
                    .map_err(Failure::usage);
            }
        };
        let width = members.iter().map(|one| one.name.chars().count()).max();
        let width = width.unwrap_or_default();
        let items = members
            .iter()
            .map(|one| format!("{:<width$}  {}", one.name, one.id))
            .collect();
        let chosen = self.ask.several(&t!("ask-which-accounts"), items).await?;
        let ids: Vec<&str> = chosen
            .iter()
            .map(|&number| members[number].id.as_str())
            .collect();
        self.printer
            .say(&t!("accounts-chosen", accounts = ids.join(", ")));
        given
            .answer("accounts", &ids.join(","), Origin::Prompt)
            .map_err(Failure::usage)
    }

    /// Step 3: names with defaults that can be taken as they are.
    async fn names(
        &self,
        given: &mut Given,
        name: &ConnectionName,
        known: &Known<'_>,
    ) -> Result<()> {
        let default = names::default_name(name);
        let existing = given.text("resources").as_deref() == Some("existing");
        let without_topic = given.text("notify").as_deref() == Some("eventbridge");
        let questions: [(&'static str, String, ask::Check); 6] = [
            (
                "bucket",
                names::default_bucket(name, known.account, known.region),
                names::check_bucket,
            ),
            ("prefix", String::new(), names::check_prefix),
            ("trail", default.clone(), names::check_trail),
            ("topic", default.clone(), names::check_topic),
            ("function", default.clone(), names::check_function),
            ("role", default, names::check_role),
        ];
        let open: Vec<_> = questions
            .into_iter()
            .filter(|(key, ..)| !given.has(key))
            // Those of an existing trail are known, or not ours to name.
            .filter(|(key, ..)| !existing || !["bucket", "prefix", "trail"].contains(key))
            .filter(|(key, ..)| *key != "topic" || !without_topic)
            .filter(|(key, ..)| *key != "role" || !given.has("role-arn"))
            .collect();
        if open.is_empty() {
            return Ok(());
        }
        self.step(3, &t!("step-details"));
        for (key, default, _) in &open {
            let shown = if default.is_empty() {
                t!("answer-none")
            } else {
                default.clone()
            };
            self.printer.say(&format!(
                "  {:<9} {shown}",
                crate::ui::messages::message(&format!("answer-{key}"), &[])
            ));
        }
        if self.ask.confirm(&t!("ask-defaults"), true).await? {
            return Ok(());
        }
        for (key, default, check) in open {
            let question = crate::ui::messages::message(&format!("answer-{key}"), &[]);
            let text = self
                .ask
                .text(&question, Some(default.clone()), check)
                .await?;
            if text != default {
                given
                    .answer(key, &text, Origin::Prompt)
                    .map_err(Failure::usage)?;
            }
        }
        Ok(())
    }

    fn missing(&self, known: &Known<'_>) -> Failure {
        let trails: Vec<&str> = known
            .management
            .iter()
            .map(|trail| trail.arn.as_str())
            .collect();
        Failure::new(
            Code::MissingAnswers,
            t!("missing-resources", trails = trails.join(", ")),
        )
        .hinted(t!("missing-resources-hint"))
    }

    fn step(&self, number: u8, title: &str) {
        let heading = t!("step", number = number, title = title);
        self.printer.say(&format!(
            "\n{}",
            self.printer.paint(Style::new().bold(), &heading)
        ));
    }
}

/// The default of step 2: `new` where no trail logs management events, `existing` where one also notifies a topic of
/// this account, none otherwise.
fn recommended(known: &Known<'_>) -> Option<&'static str> {
    if known.management.is_empty() {
        return Some("new");
    }
    known
        .management
        .iter()
        .any(|trail| existing::subscribable(trail, known))
        .then_some("existing")
}
