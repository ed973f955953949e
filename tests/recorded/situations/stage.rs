//! The account in which situations are provoked, and how a call is refused there.

use sophos_ct::testing::Aws;

/// An account that `prepared` has filled.
pub(super) struct Stage<'a> {
    pub(super) aws: &'a Aws,
    pub(super) account: &'a str,
}

impl Stage<'_> {
    /// The empty bucket.
    pub(super) fn own(&self) -> String {
        format!("recorded-{}", self.account)
    }

    /// The bucket with an object in it.
    pub(super) fn full(&self) -> String {
        format!("full-{}", self.account)
    }

    /// A bucket that does not exist.
    pub(super) fn absent(&self) -> String {
        format!("absent-{}", self.account)
    }

    pub(super) fn topic(&self, name: &str) -> String {
        format!("arn:aws:sns:eu-west-1:{}:{name}", self.account)
    }
}

/// Makes a call and returns the error that it is refused with. A call that is accepted gives an error with the code `accepted`.
macro_rules! refused {
    ($call:expr) => {
        $call
            .send()
            .await
            .err()
            .map(sophos_ct::testing::AwsError::of("x:Y"))
            .unwrap_or_else(|| {
                sophos_ct::testing::AwsError::in_answer("x:Y", Some("accepted"), None)
            })
    };
}
pub(super) use refused;
