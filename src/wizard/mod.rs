//! The three steps. They ask only for what flags, environment, answers file and saved settings leave open.

pub(crate) mod ask;
mod details;
mod existing;
mod history;
mod known;
mod steps;
mod trails;

use std::cell::RefCell;

use crate::{
    answers::{Answer, Answers, Any, Origin, Source, Value, fits},
    aws::Aws,
    connection::ConnectionName,
    resources::{organization, seen::Seen},
    ui::{Code, Failure, Printer, Result, t},
};
use ask::{Ask, Row, Rows};
pub(crate) use history::History;
use history::Question;
pub(crate) use known::{Known, Use};
use steps::Step;

/// How the questions are asked.
#[derive(Clone, Copy)]
pub(crate) struct Wizard<'a> {
    pub ask: Ask,
    /// The way back.
    pub history: &'a RefCell<History>,
    pub printer: Printer,
    /// `--yes`: take the defaults.
    pub yes: bool,
}

impl Wizard<'_> {
    /// Whether questions are asked at all.
    pub(crate) fn asks(&self) -> bool {
        self.ask.possible() && !self.yes
    }

    /// Notes that a question is asked now: what is known before it is the way back to it.
    pub(crate) fn asks_now(&self, text: &str, given: &Answers) {
        self.history.borrow_mut().asks(text, given);
    }

    /// Asks for the connection's name; returns the default if no questions are asked.
    pub(crate) async fn name(
        &self,
        given: &Answers,
        default: ConnectionName,
    ) -> Result<ConnectionName> {
        if !self.asks() {
            return Ok(default);
        }
        let check = |text: &str| text.parse::<ConnectionName>().map(drop);
        self.history.borrow_mut().leaves();
        self.asks_now(&t!("ask-name"), given);
        let text = self
            .ask
            .text(&t!("ask-name"), Some(default.to_string()), check)
            .await?;
        text.parse().map_err(Failure::usage)
    }

    /// Step 1: asks whether the connection covers an organization. What can be seen is not asked; if it cannot be seen, the user
    /// may know.
    pub(crate) async fn scope(&self, given: &mut Answers, aws: &Aws) -> Result<()> {
        if !self.asks() {
            return Ok(());
        }
        self.open(Step::Organization, given);
        if given.organization.is_given() {
            return Ok(());
        }
        self.head(Step::Organization);
        if let Ok(Seen::Absent) = organization::describe(aws).await {
            self.printer.say(&t!("organization-none"));
            given.organization.set(false, Origin::Default);
            return Ok(());
        }
        let question = t!("ask-organization");
        self.asks_now(&question, given);
        let organization = self.ask.confirm(&question, false).await?;
        given.organization.set(organization, Origin::Prompt);
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
        self.open(Step::Resources, given);
        if !given.resources.is_given() {
            self.head(Step::Resources);
            for trail in known.management {
                self.printer.say(&t!("trail-found", trail = trail.arn));
                if trail.is_optix() {
                    self.printer.say(&t!("trail-optix", trail = trail.arn));
                }
            }
            let items = vec![t!("choice-new"), t!("choice-existing")];
            let default = recommended.map(|choice| usize::from(choice == Source::Existing));
            let question = t!("ask-resources");
            self.asks_now(&question, given);
            let chosen = self.ask.select(&question, items, default).await?;
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
        self.head(Step::Organization);
        if !given.org_id.is_given() {
            let question = t!("answer-org-id");
            self.asks_now(&question, given);
            self.type_in(&mut given.org_id, &question, None).await?;
        }
        if !given.management_account.is_given() {
            let question = t!("answer-management-account");
            self.asks_now(&question, given);
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
        let open = given.covers_organization() && !given.accounts.is_given();
        if !self.asks() || !open || self.history.borrow().is_settled(Question::Accounts) {
            return Ok(());
        }
        self.head(Step::Organization);
        let items = vec![t!("choice-accounts-all"), t!("choice-accounts-some")];
        let question = t!("ask-accounts");
        self.asks_now(&question, given);
        if self.ask.select(&question, items, Some(0)).await? == 0 {
            self.history.borrow_mut().settle(Question::Accounts);
            return Ok(());
        }
        let members = match organization::members(aws).await? {
            Seen::There(members) => members,
            seen => {
                let action = seen.denied().unwrap_or_default();
                self.printer.say(&t!("accounts-denied", action = action));
                let question = t!("ask-account-ids");
                self.asks_now(&question, given);
                return self.type_in(&mut given.accounts, &question, None).await;
            }
        };
        let rows = members.iter().map(|one| Row {
            cells: vec![one.name.clone(), one.id.to_string()],
            detail: String::new(),
        });
        let rows = Rows {
            headings: vec![t!("column-name"), t!("column-account")],
            rows: rows.collect(),
        };
        let question = t!("ask-which-accounts");
        self.asks_now(&question, given);
        let chosen = self.ask.several(&question, rows).await?;
        let ids: Vec<&str> = chosen
            .iter()
            .map(|&number| members[number].id.as_str())
            .collect();
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
}
