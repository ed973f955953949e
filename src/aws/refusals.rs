//! What to do about CloudTrail's own refusals (CloudTrail API reference, errors of CreateTrail and UpdateTrail), and about too many
//! calls.

use crate::ui::t;

/// Returns the next step after a refusal with this code; `None` if the refusal itself says enough.
#[must_use]
pub(super) fn next_step(code: &str) -> Option<String> {
    Some(match code {
        "InsufficientS3BucketPolicyException" => t!("refused-bucket-policy"),
        "S3BucketDoesNotExistException" => t!("refused-no-bucket"),
        "InsufficientSnsTopicPolicyException" => t!("refused-topic-policy"),
        "InvalidSnsTopicNameException" => t!("refused-topic-name"),
        "InsufficientEncryptionPolicyException" => t!("refused-key-policy"),
        "KmsKeyNotFoundException" => t!("refused-no-key"),
        "KmsException" | "KmsKeyDisabledException" => t!("refused-key"),
        "InvalidS3BucketNameException"
        | "InvalidS3PrefixException"
        | "InvalidTrailNameException" => t!("refused-name"),
        "InvalidHomeRegionException" => t!("refused-home-region"),
        "ConflictException" => t!("refused-conflict"),
        "CloudTrailAccessNotEnabledException" => t!("refused-no-trusted-access"),
        "InsufficientDependencyServiceAccessPermissionException" => t!("refused-dependency"),
        "NotOrganizationMasterAccountException" => t!("refused-not-management"),
        "OrganizationsNotInUseException" => t!("refused-no-organization"),
        "OrganizationNotInAllFeaturesModeException" => t!("refused-features"),
        "NoManagementAccountSLRExistsException" => t!("refused-no-linked-role"),
        "CloudTrailInvalidClientTokenIdException" => t!("refused-suspended"),
        "OperationNotPermittedException" | "UnsupportedOperationException" => {
            t!("refused-not-permitted")
        }
        "TrailNotFoundException" => t!("refused-no-trail"),
        // Each service has a name of its own for it (retry behaviour, AWS SDKs and Tools Reference Guide).
        "Throttling"
        | "ThrottlingException"
        | "ThrottledException"
        | "RequestLimitExceeded"
        | "TooManyRequestsException"
        | "SlowDown" => t!("refused-throttled"),
        "TagsLimitExceededException" | "InvalidTagParameterException" => t!("refused-tags"),
        _ => return None,
    })
}
