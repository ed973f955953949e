//! Control Tower's own trail: its bucket is in the log archive account, so the connection is set up there.

use super::{Wizard, known::Known};
use crate::{
    aws::Aws,
    resources::{bucket, trail},
    ui::{command::command, page::Page, shell::quoted, t},
};

/// Whether a trail is Control Tower's, and its log files cannot be read from this account.
pub(super) async fn is_out_of_reach(trail: &trail::State, known: &Known<'_>, aws: &Aws) -> bool {
    trail.is_control_tower()
        && !known.subscribable(trail)
        && matches!(bucket::is_in_account(aws, &trail.bucket).await, Ok(false))
}

impl Wizard<'_> {
    /// Says where such a trail can be connected, and by which command.
    pub(super) fn point_to_log_archive(&self, trail: &trail::State, known: &Known<'_>) {
        self.printer.warn(&t!("control-tower", trail = trail.arn));
        let mut page = Page::default();
        let words = words(trail, known.elsewhere);
        page.verbatim(command(&words, self.printer.width(), 2));
        self.printer.show(&page);
    }
}

/// The command line that is to be run in the log archive account. Trail and bucket are in the same region, Control Tower's home
/// region (AWS Control Tower User Guide, "How AWS Regions work with AWS Control Tower").
fn words(trail: &trail::State, begin: &[String]) -> Vec<String> {
    let mut words = begin.to_vec();
    words.extend(["--region".to_owned(), quoted(&trail.home_region)]);
    words.push("--organization".to_owned());
    words.extend(["--resources", "existing", "--bucket"].map(ToOwned::to_owned));
    words.push(quoted(&trail.bucket));
    words.extend(["--notify", "bucket"].map(ToOwned::to_owned));
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_names_the_connection_the_region_and_the_bucket() {
        let trail = trail::State {
            organization: true,
            ..trail::State::fixture(
                "arn:aws:cloudtrail:eu-west-1:222233334444:trail/aws-controltower-BaselineCloudTrail",
                "aws-controltower-logs-222233334444-eu-west-1",
            )
        };
        let begin = ["sophos-ct", "setup", "company", "--sandbox"].map(ToOwned::to_owned);
        assert_eq!(
            words(&trail, &begin).join(" "),
            "sophos-ct setup company --sandbox --region eu-west-1 --organization --resources existing \
             --bucket aws-controltower-logs-222233334444-eu-west-1 --notify bucket"
        );
    }
}
