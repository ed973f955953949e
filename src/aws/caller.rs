//! The caller: who the credentials belong to.

use super::error::AwsError;
use crate::{
    connection::{AccountId, Arn, Partition},
    ui::{Code, Failure, Result},
};

/// The caller, as `GetCallerIdentity` reports it.
#[derive(Clone, Debug)]
pub struct Caller {
    pub account: AccountId,
    pub arn: String,
    pub partition: Partition,
}

impl Caller {
    /// Whether this is the account's root user (`arn:aws:iam::123456789012:root`).
    #[must_use]
    pub fn is_root(&self) -> bool {
        self.arn.ends_with(":root")
    }

    /// Asks AWS who is calling. This first call is the sign-in.
    pub(super) async fn of(sts: &aws_sdk_sts::Client) -> Result<Self> {
        let identity = sts
            .get_caller_identity()
            .send()
            .await
            .map_err(AwsError::of("sts:GetCallerIdentity"))
            .map_err(AwsError::while_signing_in)?;
        let arn = identity.arn().unwrap_or_default().to_owned();
        let parsed: Arn = arn
            .parse()
            .map_err(|error: String| Failure::new(Code::AwsSignIn, error))?;
        Ok(Self {
            account: identity
                .account()
                .unwrap_or_default()
                .parse()
                .map_err(|error: String| Failure::new(Code::AwsSignIn, error))?,
            partition: parsed
                .partition
                .parse()
                .map_err(|error: String| Failure::new(Code::AwsSignIn, error))?,
            arn,
        })
    }
}
