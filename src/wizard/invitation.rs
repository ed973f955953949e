//! Step 1 where it is answered for somebody else: AWS cannot be looked at, so all of it is asked.

use super::{Wizard, steps::Step};
use crate::{
    answers::{Answers, Any, Origin},
    ui::{Result, t},
};

impl Wizard<'_> {
    /// Asks which AWS account the connection is for.
    pub(crate) async fn account(&self, given: &mut Answers) -> Result<()> {
        if !self.asks() || given.account.is_given() {
            return Ok(());
        }
        self.history.borrow_mut().leaves();
        let question = t!("answer-account");
        self.asks_now(&question, given);
        self.type_in(&mut given.account, &question, None).await
    }

    /// Asks whether the connection covers an organization, which one it is, and which of its accounts are collected.
    pub(crate) async fn step_one(&self, given: &mut Answers) -> Result<()> {
        if !self.asks() {
            return Ok(());
        }
        let step = Step::Organization;
        self.open(step, given);
        if !given.organization.is_given() {
            self.head(step);
            let question = t!("ask-organization");
            self.asks_now(&question, given);
            let organization = self.ask.confirm(&question, false).await?;
            given.organization.set(organization, Origin::Prompt);
        }
        if !given.covers_organization() {
            return Ok(());
        }
        self.type_organization(given).await?;
        if self.picks_accounts(given).await? {
            let question = t!("ask-account-ids");
            self.asks_now(&question, given);
            self.type_in(&mut given.accounts, &question, None).await?;
        }
        Ok(())
    }
}
