//! The three steps. They ask only for what flags, environment, answers file and saved settings leave open.

pub(crate) mod ask;
mod details;
mod existing;
mod known;

use console::Style;

use crate::{
    answers::{Answer, Answers, Any, Origin, Source, Value, fits},
    aws::Aws,
    connection::ConnectionName,
    resources::{organization, seen::Seen},
    ui::{Code, Failure, Printer, Result, t},
};
use ask::Ask;
pub(crate) use known::Known;

/// How the questions are asked.
#[derive(Clone, Copy)]
pub(crate) struct Wizard {
    pub ask: Ask,
    pub printer: Printer,
    /// `--yes`: take the defaults.
    pub yes: bool,
}

impl Wizard {
    /// Whether questions are asked at all.
    fn asks(&self) -> bool {
        self.ask.possible() && !self.yes
    }

    /// Asks for the connection's name; returns the default if no questions are asked.
    pub(crate) async fn name(&self, default: ConnectionName) -> Result<ConnectionName> {
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

    /// Step 1: asks whether the connection covers an organization.
    pub(crate) async fn scope(&self, given: &mut Answers) -> Result<()> {
        if self.asks() && !given.organization.is_given() {
            self.step(1, &t!("step-organization"));
            let organization = self.ask.confirm(&t!("ask-organization"), false).await?;
            given.organization.set(organization, Origin::Prompt);
        }
        Ok(())
    }

    /// Steps 2 and 3. If no questions are asked, everything without a safe default is listed at once.
    pub(crate) async fn steps(
        &self,
        given: &mut Answers,
        name: &ConnectionName,
        known: &Known<'_>,
    ) -> Result<()> {
        let recommended = known.recommended();
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

    /// Asks for what cannot be read about the organization (access denied).
    pub(crate) async fn organization(&self, given: &mut Answers, action: &str) -> Result<()> {
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
                    "organization-denied",
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

    /// Asks for one answer as text. If the default is kept, the answer stays open and is filled in later.
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

    /// Asks which accounts of the organization are collected. They are picked from the list if it can be read, otherwise typed.
    pub(crate) async fn accounts(&self, given: &mut Answers, aws: &Aws) -> Result<()> {
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
                self.printer.say(&t!("accounts-denied", action = action));
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
