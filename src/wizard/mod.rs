//! The three steps: what flags, environment, file and saved settings leave open is asked here, and nothing else.

pub mod ask;
mod existing;

use console::Style;

use crate::{
    answers::{Answer, Answers, Any, Notify, Origin, Source, Value, fits},
    aws::Aws,
    connection::{ConnectionName, Region, names},
    resources::{organization, seen::Seen, trail},
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
    pub async fn scope(&self, given: &mut Answers) -> Result<()> {
        if self.asks() && !given.organization.is_given() {
            self.step(1, &t!("step-organization"));
            let organization = self.ask.confirm(&t!("ask-organization"), false).await?;
            given.organization.set(organization, Origin::Prompt);
        }
        Ok(())
    }

    /// Steps 2 and 3. Without anybody to ask, whatever has no safe default is listed at once.
    pub async fn steps(
        &self,
        given: &mut Answers,
        name: &ConnectionName,
        known: &Known<'_>,
    ) -> Result<()> {
        let recommended = recommended(known);
        if !self.asks() {
            if !given.resources.is_given() {
                match recommended {
                    Some(choice) => given.resources.set(choice, Origin::Default),
                    None => return Err(self.missing(known)),
                }
            }
            if given.uses_existing() {
                self.existing(given, known).await?;
            }
            return Ok(());
        }
        if !given.resources.is_given() {
            self.step(2, &t!("step-resources"));
            for trail in known.management {
                self.printer.say(&t!("trail-found", trail = trail.arn));
                if trail.is_optix() {
                    self.printer.say(&t!("trail-optix", trail = trail.arn));
                }
            }
            let items = vec![t!("choice-new"), t!("choice-existing")];
            let default = recommended.map(|choice| usize::from(choice == Source::Existing));
            let chosen = self
                .ask
                .select(&t!("ask-resources"), items, default)
                .await?;
            given
                .resources
                .set([Source::New, Source::Existing][chosen], Origin::Prompt);
        }
        if given.uses_existing() {
            self.existing(given, known).await?;
        }
        self.names(given, name, known).await
    }

    /// What of the organization cannot be seen is asked for.
    pub async fn organization(&self, given: &mut Answers, action: &str) -> Result<()> {
        let missing = [
            ("org-id", given.org_id.is_given()),
            ("management-account", given.management_account.is_given()),
        ];
        let missing: Vec<&str> = missing
            .into_iter()
            .filter_map(|(key, given)| (!given).then_some(key))
            .collect();
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
        if !given.org_id.is_given() {
            self.type_in(&mut given.org_id, &t!("answer-org-id"), None)
                .await?;
        }
        if !given.management_account.is_given() {
            let question = t!("answer-management-account");
            self.type_in(&mut given.management_account, &question, None)
                .await?;
        }
        Ok(())
    }

    /// One answer, typed; the default is left to be filled in.
    async fn type_in<T: Value>(
        &self,
        answer: &mut Answer<T>,
        question: &str,
        default: Option<String>,
    ) -> Result<()> {
        let text = self.ask.text(question, default.clone(), fits::<T>).await?;
        if default.as_ref() == Some(&text) {
            return Ok(());
        }
        answer.answer(&text, Origin::Prompt).map_err(Failure::usage)
    }

    /// Which accounts of the organization are collected: picked from the list where it can be seen, typed otherwise.
    pub async fn accounts(&self, given: &mut Answers, aws: &Aws) -> Result<()> {
        if !self.asks() || !given.covers_organization() || given.accounts.is_given() {
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
                return self
                    .type_in(&mut given.accounts, &t!("ask-account-ids"), None)
                    .await;
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
            .accounts
            .answer(&ids.join(","), Origin::Prompt)
            .map_err(Failure::usage)
    }

    /// Step 3: names with defaults that can be taken as they are.
    async fn names(
        &self,
        given: &mut Answers,
        name: &ConnectionName,
        known: &Known<'_>,
    ) -> Result<()> {
        let default = names::default_name(name);
        let bucket = names::default_bucket(name, known.account, known.region);
        // Those of an existing trail are known, or not ours to name.
        let new = !given.uses_existing();
        let without_topic = given.notify.is(&Notify::EventBridge);
        let brought = given.role_arn.is_given();
        let mut open: Vec<(&str, String, bool)> = vec![
            ("bucket", bucket, new && !given.bucket.is_given()),
            ("prefix", String::new(), new && !given.prefix.is_given()),
            ("trail", default.clone(), new && !given.trail.is_given()),
            (
                "topic",
                default.clone(),
                !without_topic && !given.topic.is_given(),
            ),
            ("function", default.clone(), !given.function.is_given()),
            ("role", default, !brought && !given.role.is_given()),
        ];
        open.retain(|(.., open)| *open);
        if open.is_empty() {
            return Ok(());
        }
        self.step(3, &t!("step-details"));
        let named = |key: &str| crate::ui::messages::message(&format!("answer-{key}"), &[]);
        for (key, default, _) in &open {
            let shown = if default.is_empty() {
                t!("answer-none")
            } else {
                default.clone()
            };
            self.printer.say(&format!("  {:<9} {shown}", named(key)));
        }
        if self.ask.confirm(&t!("ask-defaults"), true).await? {
            return Ok(());
        }
        for (key, default, _) in open {
            let (question, default) = (named(key), Some(default));
            match key {
                "bucket" => self.type_in(&mut given.bucket, &question, default).await?,
                "prefix" => self.type_in(&mut given.prefix, &question, default).await?,
                "trail" => self.type_in(&mut given.trail, &question, default).await?,
                "topic" => self.type_in(&mut given.topic, &question, default).await?,
                "function" => {
                    self.type_in(&mut given.function, &question, default)
                        .await?
                }
                _ => self.type_in(&mut given.role, &question, default).await?,
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
fn recommended(known: &Known<'_>) -> Option<Source> {
    if known.management.is_empty() {
        return Some(Source::New);
    }
    known
        .management
        .iter()
        .any(|trail| existing::subscribable(trail, known))
        .then_some(Source::Existing)
}
