//! What AWS really answered (`tests/data/aws-recorded.json`, each entry with its source), as the SDK hands it to us: codes and
//! messages come through, and each error is taken for what it is.

use std::sync::{Arc, Mutex};

use axum::{Router, body::Body, extract::State, http::StatusCode, response::Response};
use serde_json::{Value, json};
use sophos_ct::aws::{Aws, Options, SandboxAws, error::AwsError};

use crate::rig;

const RECORDED: &str = include_str!("data/aws-recorded.json");

/// The answer on the wire, as the service's protocol has it.
fn wire(entry: &Value) -> (u16, String) {
    let text = |name: &str| entry[name].as_str().unwrap_or_default();
    let (code, message) = (text("code"), text("message"));
    let escaped = message
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;");
    let body = match text("service") {
        "s3" => format!("<Error><Code>{code}</Code><Message>{escaped}</Message></Error>"),
        "iam" | "sns" | "sts" => format!(
            "<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>{escaped}</Message></Error><RequestId>r-1</RequestId></ErrorResponse>"
        ),
        "lambda" => json!({ "Type": "User", "Message": message }).to_string(),
        _ => json!({ "__type": code, "message": message }).to_string(),
    };
    (entry["status"].as_u64().unwrap() as u16, body)
}

#[derive(Clone, Default)]
struct Answer(Arc<Mutex<Value>>);

async fn answer(State(answer): State<Answer>) -> Response {
    let entry = answer.0.lock().unwrap().clone();
    if entry.is_null() {
        let body = "<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws:iam::111122223333:root</Arn><UserId>u</UserId><Account>111122223333</Account></GetCallerIdentityResult></GetCallerIdentityResponse>";
        return Response::new(Body::from(body));
    }
    let (status, body) = wire(&entry);
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = StatusCode::from_u16(status).unwrap();
    if entry["service"] == "lambda" {
        let code = entry["code"].as_str().unwrap().parse().unwrap();
        response.headers_mut().insert("x-amzn-errortype", code);
    }
    response
}

/// One call of the service: how its protocol carries an error is the same in all.
async fn call(aws: &Aws, service: &str) -> AwsError {
    macro_rules! refused {
        ($call:expr) => {
            AwsError::of("x:Y")($call.send().await.err().expect("a refusal"))
        };
    }
    match service {
        "s3" => refused!(aws.s3.get_bucket_policy().bucket("b")),
        "iam" => refused!(aws.iam.get_role().role_name("r")),
        "sns" => refused!(
            aws.sns
                .get_topic_attributes()
                .topic_arn("arn:aws:sns:r:1:t")
        ),
        "sts" => refused!(aws.sts.get_caller_identity()),
        "lambda" => refused!(aws.lambda.get_function().function_name("f")),
        "cloudtrail" => refused!(aws.cloudtrail.describe_trails()),
        "logs" => refused!(aws.logs.describe_log_groups()),
        "events" => refused!(aws.events.describe_rule().name("r")),
        "organizations" => refused!(aws.organizations.describe_organization()),
        other => panic!("{other}"),
    }
}

#[test]
fn every_recorded_error_comes_through_and_is_taken_for_what_it_is() {
    crate::support::blocking(async {
        let told = Answer::default();
        let router = Router::new().fallback(answer).with_state(told.clone());
        let endpoint = format!("http://{}", rig::serve(router).await);
        let sandbox = SandboxAws {
            endpoint,
            account: "111122223333".parse().unwrap(),
            secret: "x".into(),
            role: None,
            client: None,
        };
        let options = Options {
            profile: None,
            region: Some("eu-west-1".parse().unwrap()),
            sandbox: Some(sandbox),
        };
        let aws = Aws::connect(&options).await.unwrap();
        let entries: Vec<Value> = serde_json::from_str(RECORDED).unwrap();
        let mut seen = 0;
        for entry in &entries {
            *told.0.lock().unwrap() = entry.clone();
            let (service, code) = (
                entry["service"].as_str().unwrap(),
                entry["code"].as_str().unwrap(),
            );
            // The SDK tries these again by itself.
            if ["TooManyRequestsException", "InternalError"].contains(&code) {
                continue;
            }
            let error = call(&aws, service).await;
            assert!(error.is(code), "{entry}: {:?}", error.code);
            let message = entry["message"].as_str().unwrap_or_default();
            // Values of variables are left out.
            let shown = message.split("String measured").next().unwrap_or_default();
            assert_eq!(error.message, shown.trim_end(), "{entry}");
            let denied = [
                "AccessDenied",
                "AccessDeniedException",
                "AuthorizationError",
            ];
            assert_eq!(error.is_denied(), denied.contains(&code), "{entry}");
            assert_eq!(
                error.is_sign_in(),
                code == "SignatureDoesNotMatch",
                "{entry}"
            );
            assert!(!error.is_unreachable(), "{entry}");
            seen += 1;
        }
        assert!(seen > 190, "{seen}");
    });
}

/// The sandbox refuses these with AWS's status and code, in the emulator's own words: nothing reads them.
const OTHER_WORDS: &[&str] = &[
    "lambda GetPolicy: function absent",
    "events DescribeRule: absent",
    "events ListTagsForResource: rule absent",
    "iam DeleteRole: inline policies left",
    "iam GetRole: absent",
    "logs PutRetentionPolicy: group absent",
    "cloudtrail CreateTrail: name too short, too long, bad characters",
];

/// What the sandbox is not asked for, and why.
const NOT_GIVEN: &[(&str, &[&str])] = &[
    (
        "AWS takes it back within seconds; the wire gives it to the program in the crash tests",
        &[
            "lambda UpdateFunctionCode: an update is under way",
            "lambda UpdateFunctionConfiguration: an update is under way",
            "s3 PutBucketPolicy: right after CreateBucket",
            "s3 PutBucketPolicy: names a principal made a moment ago",
            "s3 GetBucketPolicy: right after PutBucketPolicy",
            "s3 PutBucketNotificationConfiguration: right after CreateBucket",
            "sns SetTopicAttributes: Policy names a principal made a moment ago",
            "sns SetTopicAttributes: tags of the new topic not yet known (ABAC)",
            "lambda CreateFunction: role not yet assumable",
            "lambda CreateFunction: role's policy not yet known",
            "lambda CreateFunction: key grant for a new role",
            "lambda CreateFunction: network interfaces throttled",
            "lambda CreateFunction: any conflict",
            "lambda AddPermission: right after CreateFunction, or beside another change",
            "lambda AddPermission: beside another change of the function",
            "lambda GetPolicy: right after AddPermission",
            "iam CreateRole: trust names a principal made a moment ago",
            "iam DeleteRole: inline policy deleted a moment ago",
            "logs PutRetentionPolicy: right after CreateLogGroup",
            "logs DeleteLogGroup: beside another change of the group",
            "events DeleteRule: targets removed a moment ago",
            "events DescribeRule: right after PutRule",
            "events PutRule: role made a moment ago",
            "cloudtrail CreateTrail: log group role made a moment ago",
            "s3 CreateBucket: name deleted a moment ago, or another change of the bucket under way",
            "lambda CreateFunction: dead-letter queue, role's policy not yet known",
            "logs CreateLogGroup: two at once, or beside PutRetentionPolicy",
            "cloudtrail UpdateTrail: bucket policy taken away a second ago, nothing else changed",
            "cloudtrail GetTrail: by ARN, a second after DeleteTrail",
        ],
    ),
    (
        "said of an object; the rig of the function's tests answers with it",
        &[
            "s3 GetObject: latest version is a delete marker",
            "s3 GetObject: version id of a delete marker",
            "s3 GetObject: archived (DEEP_ARCHIVE), not restored",
            "s3 GetObject: KMS key disabled",
            "s3 GetObject: KMS key pending deletion",
            "s3 GetObject: range beyond the end (an empty object has no first byte)",
            "s3 GetObjectLockConfiguration: none, in some partitions",
            "s3 GetObject: key's permission missing in the identity policy",
            "s3 GetObject: key of another account refuses, or is gone",
            "s3 GetObject: key refuses, older text",
            "s3 GetObject: no permission",
            "s3 GetObject: key absent, caller may not list",
        ],
    ),
    (
        "a limit that no design reaches",
        &[
            "sns Publish: message too long",
            "lambda CreateFunction: name longer than 64",
            "lambda CreateFunction: zip over 50 MiB",
            "lambda CreateFunction: whole request too long",
            "lambda CreateFunction: unzipped over 250 MiB",
            "lambda CreateFunction: environment over 4 KB",
            "lambda CreateFunction: more than 50 tags",
            "logs CreateLogGroup: name longer than 512",
            "s3 PutBucketNotificationConfiguration: more than 100 rules",
            "s3 PutBucketNotificationConfiguration: id longer than 255",
            "s3 PutBucketNotificationConfiguration: filter value longer than 1024 bytes",
            "lambda AddPermission: policy over its limit",
            "iam PutRolePolicy: inline policies over their limit",
            "events PutTargets: target id longer than 64",
            "events PutTargets: sixth target",
            "sns SetTopicAttributes: policy over 30 KB, or over 20 statements, or none",
        ],
    ),
    (
        "the check behind it refuses a bucket without a policy, an absent topic or another region's key in the same way",
        &[
            "cloudtrail CreateTrail: policy without s3:GetBucketAcl",
            "cloudtrail CreateTrail: policy without s3:PutObject",
            "cloudtrail CreateTrail: policy with another aws:SourceArn",
            "cloudtrail CreateTrail: policy with another aws:SourceAccount",
            "cloudtrail CreateTrail: policy with another s3:x-amz-acl",
            "cloudtrail CreateTrail: trail of that name there",
            "cloudtrail CreateTrail: log file validation, policy lets CloudTrail write below CloudTrail/ only",
            "cloudtrail UpdateTrail: validation turned on, digest folder denied",
            "cloudtrail UpdateTrail: prefix that the policy does not cover",
            "cloudtrail CreateTrail: key: well formed and absent",
            "cloudtrail CreateTrail: key: disabled",
            "cloudtrail CreateTrail: five trails there",
            "cloudtrail CreateTrail: key policy or bucket policy too narrow for the key",
            "cloudtrail CreateTrail: organization, bucket policy without the organization's statement",
            "organizations ListAccounts: member account that is no delegated administrator",
            "cloudtrail CreateTrail: trusted access off",
            "cloudtrail CreateTrail: organization trail, caller lacks organizations or iam actions",
        ],
    ),
    (
        "who may do what is the emulator's to decide: tests of permissions run under real policies",
        &[
            "sns Unsubscribe: words in the place of an ARN (pending confirmation)",
            "lambda GetFunction: ARN of another account, no permission",
            "sns Unsubscribe: pending confirmation",
            "sns CreateTopic: no permission",
            "s3 PutBucketPolicy: caller of another account",
        ],
    ),
    (
        "no call of the program is made so",
        &[
            "s3 CreateBucket: own bucket again, us-east-1, the same tags in the body",
            "s3 CreateBucket: own bucket again, us-east-1, other tags in the body",
            "s3 CreateBucket: LocationConstraint us-east-1 sent to us-east-1",
            "s3 CreateBucket: LocationConstraint of another region than the endpoint",
            "s3 CreateBucket: LocationConstraint EU at another endpoint",
            "s3 CreateBucket: tag key that begins with aws:",
            "s3 CreateBucket: a tag key twice in the body",
            "s3 CreateBucket: comma in a tag value",
            "s3 PutBucketTagging: no bucket",
            "s3 GetBucketPolicy: expected owner is no account id",
            "s3 PutBucketLifecycleConfiguration: rule without ID",
            "s3 PutBucketLifecycleConfiguration: rule without Filter and Prefix",
            "s3 PutBucketLifecycleConfiguration: Date that is not midnight",
            "s3 GetBucketRequestPayment: no bucket",
            "s3 PutBucketNotificationConfiguration: two destinations do not exist",
            "s3 PutBucketNotificationConfiguration: topic ARN that is none",
            "s3 PutBucketNotificationConfiguration: filter name other than prefix and suffix",
            "s3 PutBucketNotificationConfiguration: filter rule without value",
            "s3 PutBucketNotificationConfiguration: no bucket",
            "s3 ListObjectsV2: encoding-type of another value",
            "s3 ListObjectsV2: continuation token that is none",
            "s3 DeleteObjects: no bucket",
            "sns CreateTopic: again with other attributes",
            "sns CreateTopic: a tag key twice",
            "sns GetTopicAttributes: ARN that is none",
            "sns Subscribe: FilterPolicy that is no JSON",
            "sns Subscribe: wrong value of an attribute",
            "sns Subscribe: FIFO queue on a standard topic",
            "sns SetSubscriptionAttributes: RedrivePolicy with an ARN that is none",
            "sns Unsubscribe: ARN with a bad id",
            "sns AddPermission: statement of that label there",
            "sns AddPermission: action of another service",
            "lambda GetFunction: ARN of another region",
            "lambda GetPolicy: function there, all permissions removed",
            "lambda AddPermission: statement id there",
            "lambda AddPermission: statement id with a dot",
            "lambda AddPermission: principal that is none",
            "lambda AddPermission: RevisionId that is not the latest",
            "lambda CreateFunction: role that is no ARN",
            "lambda CreateFunction: name with colons",
            "lambda UpdateFunctionCode: RevisionId that is not the latest",
            "lambda Invoke: reserved concurrency 0 or used up",
            "lambda Invoke: payload that is no JSON",
            "iam CreateServiceLinkedRole: role there already",
            "iam CreateServiceLinkedRole: CloudTrail with CustomSuffix",
            "logs DescribeLogGroups: prefix and pattern together",
            "logs PutLogEvents: group absent",
            "cloudtrail PutEventSelectors: basic and advanced together",
            "cloudtrail GetTrail: absent",
            "sns SetTopicAttributes: Policy with Action sns:*",
            "sns SetTopicAttributes: Policy with Action SNS:*",
            "sns SetTopicAttributes: Policy with Action *",
            "sns CreateTopic: again with another DisplayName",
            "s3 PutBucketNotificationConfiguration: two rules without filters for one kind of event",
            "s3 PutBucketNotificationConfiguration: topic of another region than the bucket",
            "s3 PutBucketNotificationConfiguration: two prefix rules in a filter",
            "sts GetCallerIdentity: signature too old",
            "s3 DeleteBucket: only delete markers left",
            "s3 ListObjectVersions: version marker without key marker",
            "events PutTargets: target id with bad characters",
            "lambda CreateFunction: there already",
        ],
    ),
];

/// Names and values of a filter's rules.
type Filter<'a> = &'a [(&'a str, &'a str)];

/// What the sandbox answers in a recorded situation; `None` where it is not provoked here.
#[allow(clippy::too_many_lines, reason = "a table")]
async fn provoked(aws: &Aws, account: &str, name: &str) -> Option<AwsError> {
    macro_rules! refused {
        ($call:expr) => {
            $call
                .send()
                .await
                .err()
                .map(AwsError::of("x:Y"))
                .unwrap_or_else(|| AwsError::in_answer("x:Y", Some("accepted"), None))
        };
    }
    let absent = format!("absent-{account}");
    let own = format!("recorded-{account}");
    let own = own.as_str();
    let topic = |name: &str| format!("arn:aws:sns:eu-west-1:{account}:{name}");
    let (cloudtrail, events, iam, lambda, logs, s3, sns) = (
        &aws.cloudtrail,
        &aws.events,
        &aws.iam,
        &aws.lambda,
        &aws.logs,
        &aws.s3,
        &aws.sns,
    );
    let role = format!("arn:aws:iam::{account}:role/recorded");
    let function = |name: &str, role: &str, zip: &[u8]| {
        lambda
            .create_function()
            .function_name(name)
            .role(role)
            .handler("bootstrap")
            .runtime(aws_sdk_lambda::types::Runtime::Providedal2023)
            .code(
                aws_sdk_lambda::types::FunctionCode::builder()
                    .zip_file(aws_sdk_lambda::primitives::Blob::new(zip))
                    .build(),
            )
    };
    let notification = |rules: &[(&str, &str, Filter<'_>)]| {
        use aws_sdk_s3::types::{
            Event, FilterRule, FilterRuleName, NotificationConfiguration,
            NotificationConfigurationFilter, S3KeyFilter, TopicConfiguration,
        };
        let topics = rules.iter().map(|(id, topic, filter)| {
            let rules = filter.iter().map(|(name, value)| {
                FilterRule::builder()
                    .name(FilterRuleName::from(*name))
                    .value(*value)
                    .build()
            });
            let filter = NotificationConfigurationFilter::builder().key(
                S3KeyFilter::builder()
                    .set_filter_rules(Some(rules.collect()))
                    .build(),
            );
            TopicConfiguration::builder()
                .id(*id)
                .topic_arn(*topic)
                .events(Event::S3ObjectCreated)
                .filter(filter.build())
                .build()
                .unwrap()
        });
        s3.put_bucket_notification_configuration()
            .bucket(own)
            .notification_configuration(
                NotificationConfiguration::builder()
                    .set_topic_configurations(Some(topics.collect()))
                    .build(),
            )
    };
    let trail =
        |name: &str, bucket: &str| cloudtrail.create_trail().name(name).s3_bucket_name(bucket);
    let bucket_policy = |text: &str| s3.put_bucket_policy().bucket(own).policy(text);
    let theirs = topic("recorded");
    Some(match name {
        "s3 CreateBucket: own bucket again, outside us-east-1" => refused!(
            s3.create_bucket().bucket(own).create_bucket_configuration(
                aws_sdk_s3::types::CreateBucketConfiguration::builder()
                    .location_constraint(aws_sdk_s3::types::BucketLocationConstraint::EuWest1)
                    .build()
            )
        ),
        "s3 CreateBucket: no LocationConstraint outside us-east-1" => {
            refused!(s3.create_bucket().bucket(format!("unplaced-{account}")))
        }
        "s3 CreateBucket: name with capitals" => refused!(s3.create_bucket().bucket("Capitals")),
        "s3 GetBucketTagging: no tags" => refused!(s3.get_bucket_tagging().bucket(own)),
        "s3 GetBucketTagging: no bucket" => refused!(s3.get_bucket_tagging().bucket(absent)),
        "s3 GetBucketPolicy: no policy" => refused!(s3.get_bucket_policy().bucket(own)),
        "s3 GetBucketPolicy: another account expected as the owner" => refused!(
            s3.get_bucket_policy()
                .bucket(own)
                .expected_bucket_owner("999999999999")
        ),
        "s3 PutBucketPolicy: another account expected as the owner" => {
            refused!(bucket_policy("{}").expected_bucket_owner("999999999999"))
        }
        "s3 DeleteBucketPolicy: another account expected as the owner" => refused!(
            s3.delete_bucket_policy()
                .bucket(own)
                .expected_bucket_owner("999999999999")
        ),
        "s3 PutBucketPolicy: document {} without Statement" => refused!(bucket_policy("{}")),
        "s3 PutBucketPolicy: empty text" => refused!(bucket_policy("")),
        "s3 DeleteBucketPolicy: bucket gone" => {
            refused!(s3.delete_bucket_policy().bucket(absent))
        }
        "s3 GetBucketLifecycleConfiguration: none" => {
            refused!(s3.get_bucket_lifecycle_configuration().bucket(own))
        }
        "s3 GetObjectLockConfiguration: none" => {
            refused!(s3.get_object_lock_configuration().bucket(own))
        }
        "s3 GetObjectLockConfiguration: no bucket" => {
            refused!(s3.get_object_lock_configuration().bucket(absent))
        }
        "s3 GetBucketNotificationConfiguration: no bucket" => {
            refused!(s3.get_bucket_notification_configuration().bucket(absent))
        }
        "s3 PutBucketNotificationConfiguration: destination does not exist" => {
            refused!(notification(&[("a", &topic("absent"), &[])]))
        }
        "s3 PutBucketNotificationConfiguration: topic policy does not let S3 publish" => {
            refused!(notification(&[("a", &theirs, &[])]))
        }
        "s3 PutBucketNotificationConfiguration: overlapping filters" => refused!(notification(&[
            ("a", &topic("open"), &[("prefix", "A")]),
            ("b", &topic("open"), &[("prefix", "AW")]),
        ])),
        "s3 PutBucketNotificationConfiguration: one id twice" => refused!(notification(&[
            ("a", &topic("open"), &[("prefix", "A")]),
            ("a", &topic("open"), &[("prefix", "B")]),
        ])),
        "s3 ListObjectsV2: no bucket" => refused!(s3.list_objects_v2().bucket(absent)),
        "s3 DeleteBucket: no bucket" => refused!(s3.delete_bucket().bucket(absent)),
        "s3 DeleteBucket: objects left, not versioned" => {
            refused!(s3.delete_bucket().bucket(format!("full-{account}")))
        }
        "s3 GetObject: not there" => refused!(s3.get_object().bucket(own).key("absent")),
        "s3 GetObject: no bucket" => refused!(s3.get_object().bucket(absent).key("absent")),
        "sns CreateTopic: again with other tags" => {
            let tag = aws_sdk_sns::types::Tag::builder().key("a").value("other");
            refused!(
                sns.create_topic()
                    .name("recorded")
                    .tags(tag.build().unwrap())
            )
        }
        "sns CreateTopic: name with a bad character or too long or with .fifo" => {
            refused!(sns.create_topic().name("bad name"))
        }
        "sns GetTopicAttributes: absent" => {
            refused!(sns.get_topic_attributes().topic_arn(topic("absent")))
        }
        "sns Subscribe: again with another value of an attribute" => refused!(
            sns.subscribe()
                .topic_arn(&theirs)
                .protocol("sqs")
                .endpoint(format!("arn:aws:sqs:eu-west-1:{account}:recorded"))
                .attributes("FilterPolicy", r#"{"a":["other"]}"#)
        ),
        "sns Subscribe: topic absent" => refused!(
            sns.subscribe()
                .topic_arn(topic("absent"))
                .protocol("sqs")
                .endpoint(format!("arn:aws:sqs:eu-west-1:{account}:recorded"))
        ),
        "sns GetSubscriptionAttributes: absent" => refused!(
            sns.get_subscription_attributes()
                .subscription_arn(format!("{theirs}:11111111-2222-4333-8444-555555555555"))
        ),
        "sns ListTagsForResource: absent" => {
            refused!(sns.list_tags_for_resource().resource_arn(topic("absent")))
        }
        "lambda GetFunction: absent" => {
            refused!(lambda.get_function().function_name("doesnotexist"))
        }
        "lambda GetPolicy: function absent" => {
            refused!(lambda.get_policy().function_name("doesnotexist"))
        }
        "lambda DeleteFunction: absent" => {
            refused!(lambda.delete_function().function_name("doesnotexist"))
        }
        "lambda AddPermission: function absent" => refused!(
            lambda
                .add_permission()
                .function_name("doesnotexist")
                .statement_id("s")
                .action("lambda:InvokeFunction")
                .principal("sns.amazonaws.com")
        ),
        "lambda Invoke: function absent" => refused!(lambda.invoke().function_name("doesnotexist")),
        "lambda CreateFunction: zip that cannot be unzipped" => {
            refused!(function("f", &role, b"no zip"))
        }
        "iam CreateRole: trust document that is no JSON" => refused!(
            iam.create_role()
                .role_name("f")
                .assume_role_policy_document("no json")
        ),
        "iam CreateRole: there already" => refused!(
            iam.create_role()
                .role_name("recorded")
                .assume_role_policy_document(
                    json!({ "Version": "2012-10-17", "Statement": [{
                        "Effect": "Allow", "Action": "sts:AssumeRole",
                        "Principal": { "Service": "lambda.amazonaws.com" },
                    }]})
                    .to_string()
                )
        ),
        "iam GetRole: absent" => refused!(iam.get_role().role_name("absent")),
        "iam GetRolePolicy: policy absent" => {
            refused!(
                iam.get_role_policy()
                    .role_name("recorded")
                    .policy_name("absent")
            )
        }
        "iam DeleteRolePolicy: absent" => {
            refused!(
                iam.delete_role_policy()
                    .role_name("recorded")
                    .policy_name("absent")
            )
        }
        "iam DeleteRole: inline policies left" => refused!(iam.delete_role().role_name("recorded")),
        "events DescribeRule: absent" => refused!(events.describe_rule().name("absent")),
        "events DeleteRule: targets left" => refused!(events.delete_rule().name("recorded")),
        "events ListTagsForResource: rule absent" => refused!(
            events
                .list_tags_for_resource()
                .resource_arn(format!("arn:aws:events:eu-west-1:{account}:rule/absent"))
        ),
        "logs CreateLogGroup: there already" => {
            refused!(logs.create_log_group().log_group_name("/recorded"))
        }
        "logs PutRetentionPolicy: group absent" => refused!(
            logs.put_retention_policy()
                .log_group_name("/absent")
                .retention_in_days(30)
        ),
        "cloudtrail CreateTrail: bucket without a policy" => refused!(trail("recorded", own)),
        "cloudtrail CreateTrail: bucket absent" => refused!(trail("recorded", &absent)),
        "cloudtrail CreateTrail: name too short, too long, bad characters" => {
            refused!(trail("a", own))
        }
        "cloudtrail CreateTrail: topic absent or its policy denies" => {
            refused!(trail("recorded", &format!("full-{account}")).sns_topic_name("absent"))
        }
        "cloudtrail CreateTrail: topic name that is malformed or ends in .fifo" => {
            refused!(trail("recorded", &format!("full-{account}")).sns_topic_name("some.fifo"))
        }
        "cloudtrail CreateTrail: key: malformed, or of another region than the bucket" => refused!(
            trail("recorded", &format!("full-{account}")).kms_key_id(format!(
                "arn:aws:kms:us-west-2:{account}:key/11111111-2222-4333-8444-555555555555"
            ))
        ),
        "cloudtrail CreateTrail: multi-region without global events" => refused!(
            trail("recorded", &format!("full-{account}"))
                .is_multi_region_trail(true)
                .include_global_service_events(false)
        ),
        "cloudtrail DeleteTrail: absent" => refused!(cloudtrail.delete_trail().name("absent")),
        "cloudtrail ListTags: trail absent" => refused!(cloudtrail.list_tags().resource_id_list(
            format!("arn:aws:cloudtrail:eu-west-1:{account}:trail/absent")
        )),
        "organizations any: account in no organization" => {
            refused!(aws.organizations.describe_organization())
        }
        _ => return None,
    })
}

/// Whether a text is as recorded: `<…>` in the recorded one stands for anything.
fn as_recorded(recorded: &str, text: &str) -> bool {
    let mut rest = text;
    let mut parts = recorded.split('<').enumerate().map(|(number, part)| {
        if number == 0 {
            part
        } else {
            part.split_once('>').map_or(part, |(_, after)| after)
        }
    });
    parts.all(|part| match rest.find(part) {
        Some(at) => {
            rest = &rest[at + part.len()..];
            true
        }
        None => false,
    })
}

#[test]
fn the_sandbox_answers_as_aws_was_recorded() {
    let world = crate::support::World::new();
    let account = world.account.clone();
    crate::support::blocking(async {
        use crate::support::fixtures;
        let aws = world.aws().await;
        fixtures::role(&aws, "/", "recorded", "lambda").await;
        let reads = json!({ "Version": "2012-10-17", "Statement": [{ "Effect": "Allow", "Action": "s3:GetObject", "Resource": "*" }] });
        fixtures::role_policy(&aws, "recorded", reads).await;
        fixtures::bucket(&aws, &format!("recorded-{account}")).await;
        let full = format!("full-{account}");
        fixtures::bucket(&aws, &full).await;
        aws.s3
            .put_object()
            .bucket(&full)
            .key("object")
            .body(aws_sdk_s3::primitives::ByteStream::from_static(b"x"))
            .send()
            .await
            .unwrap();
        let writes = json!({ "Version": "2012-10-17", "Statement": [{
            "Effect": "Allow", "Principal": { "Service": "cloudtrail.amazonaws.com" },
            "Action": ["s3:GetBucketAcl", "s3:PutObject"],
            "Resource": [format!("arn:aws:s3:::{full}"), format!("arn:aws:s3:::{full}/*")],
        }]});
        fixtures::bucket_policy(&aws, &full, writes).await;
        let tag = aws_sdk_sns::types::Tag::builder().key("a").value("one");
        let topic = aws
            .sns
            .create_topic()
            .name("recorded")
            .tags(tag.build().unwrap());
        let topic = topic.send().await.unwrap().topic_arn.unwrap();
        let open = aws
            .sns
            .create_topic()
            .name("open")
            .send()
            .await
            .unwrap()
            .topic_arn
            .unwrap();
        let publish = json!({ "Version": "2012-10-17", "Statement": [{
            "Effect": "Allow", "Principal": { "Service": "s3.amazonaws.com" },
            "Action": "sns:Publish", "Resource": open,
        }]});
        aws.sns
            .set_topic_attributes()
            .topic_arn(&open)
            .attribute_name("Policy")
            .attribute_value(publish.to_string())
            .send()
            .await
            .unwrap();
        aws.sns
            .subscribe()
            .topic_arn(&topic)
            .protocol("sqs")
            .endpoint(format!("arn:aws:sqs:eu-west-1:{account}:recorded"))
            .attributes("FilterPolicy", r#"{"a":["one"]}"#)
            .send()
            .await
            .unwrap();
        aws.logs
            .create_log_group()
            .log_group_name("/recorded")
            .send()
            .await
            .unwrap();
        let pattern = json!({ "source": ["aws.s3"] }).to_string();
        aws.events
            .put_rule()
            .name("recorded")
            .event_pattern(pattern)
            .send()
            .await
            .unwrap();
        let target = aws_sdk_eventbridge::types::Target::builder()
            .id("one")
            .arn(format!("arn:aws:sqs:eu-west-1:{account}:recorded"))
            .build()
            .unwrap();
        aws.events
            .put_targets()
            .rule("recorded")
            .targets(target)
            .send()
            .await
            .unwrap();

        let entries: Vec<Value> = serde_json::from_str(RECORDED).unwrap();
        let mut differ = Vec::new();
        let mut asked = 0;
        for entry in &entries {
            let text = |name: &str| entry[name].as_str().unwrap_or_default();
            let name = format!(
                "{} {}: {}",
                text("service"),
                text("operation"),
                text("situation")
            );
            let listed = NOT_GIVEN
                .iter()
                .any(|(_, names)| names.contains(&name.as_str()));
            match provoked(&aws, &account, &name).await {
                None if listed => {}
                None => differ.push(format!("{name}: neither asked for nor listed")),
                Some(_) if listed => differ.push(format!("{name}: asked for and listed")),
                Some(error) => {
                    asked += 1;
                    let status = entry["status"].as_u64().unwrap() as u16;
                    let same = error.is(text("code"))
                        && error.status == Some(status)
                        && (OTHER_WORDS.contains(&name.as_str())
                            || as_recorded(text("message"), &error.message));
                    if !same {
                        differ.push(format!(
                            "{name}: {status} {} {}\n    {:?} {:?} {}",
                            text("code"),
                            text("message"),
                            error.status,
                            error.code,
                            error.message
                        ));
                    }
                }
            }
        }
        println!("{asked} situations asked");
        assert!(differ.is_empty(), "{}", differ.join("\n"));
    });
}
