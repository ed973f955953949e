//! Situations of CloudTrail.

use sophos_ct::testing::AwsError;

use super::stage::{Stage, refused};

pub(super) async fn provoked(stage: &Stage<'_>, name: &str) -> Option<AwsError> {
    let cloudtrail = &stage.aws.cloudtrail;
    let account = stage.account;
    let (own, full, absent) = (stage.own(), stage.full(), stage.absent());
    let trail =
        |name: &str, bucket: &str| cloudtrail.create_trail().name(name).s3_bucket_name(bucket);
    Some(match name {
        "cloudtrail CreateTrail: bucket without a policy" => refused!(trail("recorded", &own)),
        "cloudtrail CreateTrail: bucket absent" => refused!(trail("recorded", &absent)),
        "cloudtrail CreateTrail: name too short, too long, bad characters" => {
            refused!(trail("a", &own))
        }
        "cloudtrail CreateTrail: topic absent or its policy denies" => {
            refused!(trail("recorded", &full).sns_topic_name("absent"))
        }
        "cloudtrail CreateTrail: topic name that is malformed or ends in .fifo" => {
            refused!(trail("recorded", &full).sns_topic_name("some.fifo"))
        }
        "cloudtrail CreateTrail: key: malformed, or of another region than the bucket" => {
            refused!(trail("recorded", &full).kms_key_id(format!(
                "arn:aws:kms:us-west-2:{account}:key/11111111-2222-4333-8444-555555555555"
            )))
        }
        "cloudtrail CreateTrail: multi-region without global events" => refused!(
            trail("recorded", &full)
                .is_multi_region_trail(true)
                .include_global_service_events(false)
        ),
        "cloudtrail DeleteTrail: absent" => refused!(cloudtrail.delete_trail().name("absent")),
        "cloudtrail ListTags: trail absent" => refused!(cloudtrail.list_tags().resource_id_list(
            format!("arn:aws:cloudtrail:eu-west-1:{account}:trail/absent")
        )),
        _ => return None,
    })
}
