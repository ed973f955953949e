//! The three steps. They ask only for what flags, environment, answers file and saved settings leave open.

pub(crate) mod ask;
mod details;
mod existing;
mod history;
mod invitation;
mod known;
mod log_archive;
mod steps;
mod trails;

use std::cell::RefCell;

use crate::{
    answers::{Answer, Answers, Any, Origin, Source, Value, fits},
    aws::Aws,
    connection::{ConnectionName, Organization},
    resources::{organization, seen::Seen},
    ui::{Code, Failure, Printer, Result, rows, t},
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
    fn asks_now(&self, text: &str, given: &Answers) {
        self.hint();
        let mut history = self.history.borrow_mut();
        history.asks(text, given, rows::written());
    }

    /// Goes back from the open question to the one before. Where lines can be redrawn, what was printed since goes away.
    pub(crate) fn back(&self, given: &mut Answers) {
        let erases = |row| self.ask == Ask::Menus && rows::erase_to(row);
        self.history.borrow_mut().back(given, erases);
    }

    /// The failure of a question that was answered with no: the user goes back or, without a question before it, declines.
    fn declined(&self) -> Failure {
        match self.history.borrow().has_before() {
            true => Failure::back(),
            false => Failure::new(Code::Declined, t!("declined")),
        }
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
        let typed = self.history.borrow().typed(&t!("ask-name"));
        let default = typed.unwrap_or_else(|| default.to_string());
        let text = self.ask.text(&t!("ask-name"), Some(default), check).await?;
        self.history
            .borrow_mut()
            .types(&t!("ask-name"), Some(&text));
        text.parse().map_err(Failure::usage)
    }

    /// Step 1: asks whether the connection covers an organization, and says what is seen of one. What can be seen is not asked;
    /// if it cannot be seen, the user may know.
    pub(crate) async fn scope(&self, given: &mut Answers, aws: &Aws) -> Result<()> {
        if !self.asks() {
            return Ok(());
        }
        self.open(Step::Organization, given);
        if given.organization.is_given() {
            return Ok(());
        }
        let step = Step::Organization;
        match organization::describe(aws).await {
            Ok(Seen::Absent) => {
                self.remark(step, &t!("organization-none"));
                given.organization.set(false, Origin::Default);
                return Ok(());
            }
            Ok(Seen::There(found)) => self.remark(step, &part_of(aws, &found).await),
            Ok(Seen::Denied(action)) => {
                self.remark(step, &t!("organization-unseen", action = action));
            }
            Err(_) => {}
        }
        self.head(step);
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
        aws: &Aws,
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
                self.existing(given, known, aws).await?;
            }
            return Ok(());
        }
        self.open(Step::Resources, given);
        if !given.resources.is_given() {
            self.new_or_existing(given, known, recommended).await?;
        }
        if given.uses_existing() {
            self.existing(given, known, aws).await?;
        }
        self.names(given, name, known).await
    }

    /// Asks whether resources are created, and says before what speaks for and against it: the trails that are there, and that a
    /// further one costs money.
    async fn new_or_existing(
        &self,
        given: &mut Answers,
        known: &Known<'_>,
        recommended: Option<Source>,
    ) -> Result<()> {
        let step = Step::Resources;
        self.head(step);
        match known.management {
            [] => {}
            [only] => self.remark(step, &t!("trail-found", trail = only.arn)),
            several => {
                self.remark(step, &t!("trails-found"));
                for trail in several {
                    self.remark(step, &format!("    {}", trail.arn));
                }
            }
        }
        for trail in known.management.iter().filter(|one| one.is_optix()) {
            self.remark(step, &t!("trail-optix", trail = trail.arn));
        }
        if !known.management.is_empty() && !given.accept_cost.is(&true) {
            self.remark(step, &t!("new-costs"));
        }
        let items = vec![t!("choice-new"), t!("choice-existing")];
        let default = recommended.map(|choice| usize::from(choice == Source::Existing));
        let question = t!("ask-resources");
        self.asks_now(&question, given);
        let chosen = self.ask.select(&question, items, default).await?;
        given
            .resources
            .set([Source::New, Source::Existing][chosen], Origin::Prompt);
        Ok(())
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
        self.type_organization(given).await
    }

    /// Asks for the id of the organization and for its management account.
    async fn type_organization(&self, given: &mut Answers) -> Result<()> {
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

    /// Asks for one answer as text. What was typed before the user went back is offered again. If the default is kept, the answer
    /// stays open and is filled in later.
    async fn type_in<T: Value>(
        &self,
        answer: &mut Answer<T>,
        question: &str,
        default: Option<String>,
    ) -> Result<()> {
        let typed = self.history.borrow().typed(question);
        let offered = typed.or_else(|| default.clone());
        let text = self.ask.text(question, offered, fits::<T>).await?;
        let typed = Some(text.as_str()).filter(|text| default.as_deref() != Some(*text));
        self.history.borrow_mut().types(question, typed);
        if typed.is_none() {
            return Ok(());
        }
        answer.answer(&text, Origin::Prompt).map_err(Failure::usage)
    }

    /// Asks which accounts of the organization are collected. They are picked from the list if it can be read, otherwise typed.
    pub(crate) async fn accounts(&self, given: &mut Answers, aws: &Aws) -> Result<()> {
        if !self.picks_accounts(given).await? {
            return Ok(());
        }
        let members = match organization::members(aws).await? {
            Seen::There(members) => members,
            seen => {
                let action = seen.denied().unwrap_or_default();
                let denied = t!("accounts-denied", action = action);
                self.remark(Step::Organization, &denied);
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

    /// Asks whether only some accounts of the organization are collected, unless that is answered.
    async fn picks_accounts(&self, given: &Answers) -> Result<bool> {
        let open = given.covers_organization() && !given.accounts.is_given();
        if !self.asks() || !open || self.history.borrow().is_settled(Question::Accounts) {
            return Ok(false);
        }
        self.head(Step::Organization);
        let items = vec![t!("choice-accounts-all"), t!("choice-accounts-some")];
        let question = t!("ask-accounts");
        self.asks_now(&question, given);
        let some = self.ask.select(&question, items, Some(0)).await? != 0;
        if !some {
            self.history.borrow_mut().settle(Question::Accounts);
        }
        Ok(some)
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

/// Says which part the account has in its organization. Whether it is CloudTrail's delegated administrator is not said to an
/// account that is not (access denied).
async fn part_of(aws: &Aws, organization: &Organization) -> String {
    let account = &aws.caller.account;
    let Organization { id, management } = organization;
    if management == account {
        return t!("organization-management", id = id);
    }
    match organization::delegated(aws, account).await {
        Ok(Seen::There(())) => t!("organization-delegated", id = id, management = management),
        _ => t!("organization-member", id = id, management = management),
    }
}
