//! What in a bucket that was there before us may keep CloudTrail or the function out. It is read before anything is written;
//! `plan` decides what it means.

use aws_sdk_s3::types::{BucketAbacStatus, Payer};
use serde_json::Value;

use super::{look::object_lock, policy::read_policy};
use crate::{
    aws::{Aws, error::AwsError},
    connection::{Design, Named},
    policy::{
        evaluate::{Applies, Principal, Request, denials},
        grant::Purpose,
    },
    resources::{
        organization,
        seen::{Seen, seen},
    },
};

/// Who is kept out of the bucket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Who {
    CloudTrail,
    Function,
}

/// A statement of the bucket's policy that denies, or may deny, what has to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Denial {
    /// Its `Sid`, or the statement itself.
    pub statement: String,
    pub who: Who,
    /// Whether it denies for certain; otherwise that depends on conditions that cannot be evaluated from here.
    pub certain: bool,
}

/// What may stand in the way.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Obstacles {
    pub denials: Seen<Vec<Denial>>,
    pub requester_pays: Seen<()>,
    pub object_lock: Seen<()>,
    /// Attribute-based access control is on: the bucket's tags also decide who may do what.
    pub abac: Seen<()>,
}

/// Error codes for a bucket that is absent or in another region: `observe` of the bucket reports that.
pub(crate) const NO_BUCKET: [&str; 4] = [
    "NoSuchBucket",
    "PermanentRedirect",
    "AuthorizationHeaderMalformed",
    "IllegalLocationConstraintException",
];

/// Looks for obstacles in the bucket, unless it is a new one of ours.
pub(crate) async fn look(aws: &Aws, design: &Design) -> Result<Obstacles, AwsError> {
    if is_new(design) {
        return Ok(Obstacles::default());
    }
    let (bucket, owner) = (design.bucket.as_str(), design.account.as_str());
    let s3 = &aws.s3;
    let (policy, payment, lock, abac) = tokio::join!(
        read_policy(aws, bucket),
        s3.get_bucket_request_payment()
            .bucket(bucket)
            .expected_bucket_owner(owner)
            .send(),
        object_lock(aws, bucket),
        s3.get_bucket_abac()
            .bucket(bucket)
            .expected_bucket_owner(owner)
            .send(),
    );
    let denials = seen(policy, &NO_BUCKET)?
        .flatten()
        .map(|document| denied(design, &document));
    let payment = seen(
        payment.map_err(AwsError::of("s3:GetBucketRequestPayment")),
        &NO_BUCKET,
    )?;
    // Not every partition knows this call: an error is not a reason to stop.
    let abac = seen(abac.map_err(AwsError::of("s3:GetBucketAbac")), &NO_BUCKET);
    Ok(Obstacles {
        denials,
        requester_pays: payment
            .and_then(|found| (found.payer() == Some(&Payer::Requester)).then_some(())),
        object_lock: seen(lock, &NO_BUCKET)?.flatten(),
        abac: abac.unwrap_or_default().and_then(|found| {
            let status = found.abac_status().and_then(|abac| abac.status());
            (status == Some(&BucketAbacStatus::Enabled)).then_some(())
        }),
    })
}

/// The actions that `look` needs for this purpose.
#[must_use]
pub(crate) fn actions(design: &Design, purpose: Purpose) -> Vec<&'static str> {
    if purpose != Purpose::Setup || is_new(design) {
        return Vec::new();
    }
    vec![
        "s3:GetBucketAbac",
        "s3:GetBucketObjectLockConfiguration",
        "s3:GetBucketPolicy",
        "s3:GetBucketRequestPayment",
    ]
}

/// Whether the bucket is to be a new one of ours.
fn is_new(design: &Design) -> bool {
    design.own_trail() && !design.given.contains(&Named::Bucket)
}

/// The statements that deny, or may deny, the function its reading or, if the trail is ours, CloudTrail its writing.
fn denied(design: &Design, document: &Value) -> Vec<Denial> {
    let (bucket, object) = (design.bucket_arn(), log_file(design));
    let (role, trail) = (design.role_arn(), design.trail_arn());
    let mut all = Caller::function(design, &role).denials(document, "s3:GetObject", &object);
    if design.own_trail() {
        let cloudtrail = Caller::cloudtrail(design, &trail);
        all.extend(cloudtrail.denials(document, "s3:PutObject", &object));
        all.extend(cloudtrail.denials(document, "s3:GetBucketAcl", &bucket));
    }
    let mut found: Vec<Denial> = Vec::new();
    for denial in all {
        if !found.contains(&denial) {
            found.push(denial);
        }
    }
    found
}

/// ARN of a log file as the trail writes it.
fn log_file(design: &Design) -> String {
    let account = &design.account;
    let folder = match &design.organization {
        Some(organization) => format!("{}/{account}", organization.id),
        None => account.to_string(),
    };
    format!(
        "{}/{}{folder}/CloudTrail/{}/2026/01/01/{account}_CloudTrail_x.json.gz",
        design.bucket_arn(),
        design.log_prefix(),
        design.region
    )
}

/// Someone whose requests the bucket has to let through.
struct Caller<'a> {
    who: Who,
    principal: Principal<'a>,
    /// Condition keys with their values; `None` for a key that the requests are known not to have.
    context: Vec<(&'static str, Option<&'a str>)>,
}

impl<'a> Caller<'a> {
    /// The function, with the role that it runs as.
    fn function(design: &'a Design, role: &'a str) -> Self {
        let account = design.account.as_str();
        let mut context = vec![
            ("aws:PrincipalArn", Some(role)),
            ("aws:PrincipalAccount", Some(account)),
            ("aws:PrincipalType", Some("AssumedRole")),
            ("aws:PrincipalIsAWSService", Some("false")),
            ("aws:PrincipalServiceName", None),
            ("aws:ViaAWSService", Some("false")),
            ("aws:RequestedRegion", Some(design.region.as_str())),
            // It is not in a VPC of the customer, and acts for nobody.
            ("aws:SourceVpc", None),
            ("aws:SourceVpce", None),
            ("aws:SourceArn", None),
            ("aws:SourceAccount", None),
        ];
        context.extend(of_any_request(account));
        if let Some(organization) = &design.organization {
            context.push(("aws:PrincipalOrgID", Some(organization.id.as_str())));
        }
        Self {
            who: Who::Function,
            principal: Principal::Role { arn: role, account },
            context,
        }
    }

    /// CloudTrail, acting for our trail.
    fn cloudtrail(design: &'a Design, trail: &'a str) -> Self {
        let mut context = vec![
            ("aws:PrincipalIsAWSService", Some("true")),
            ("aws:PrincipalServiceName", Some(organization::SERVICE)),
            ("aws:PrincipalArn", None),
            ("aws:PrincipalAccount", None),
            ("aws:PrincipalOrgID", None),
            ("aws:SourceArn", Some(trail)),
            ("aws:SourceAccount", Some(design.trail_owner().as_str())),
            ("aws:SourceVpc", None),
            ("aws:SourceVpce", None),
            ("s3:x-amz-acl", Some("bucket-owner-full-control")),
        ];
        context.extend(of_any_request(design.account.as_str()));
        Self {
            who: Who::CloudTrail,
            principal: Principal::Service(organization::SERVICE),
            context,
        }
    }

    /// The statements that deny, or may deny, the caller an action.
    fn denials(&self, document: &Value, action: &str, resource: &str) -> Vec<Denial> {
        let request = Request {
            principal: self.principal,
            action,
            resource,
            context: &self.context,
            complete: false,
        };
        let found = denials(document, &request).into_iter();
        found
            .map(|(statement, applies)| {
                let sid = statement["Sid"].as_str().map(ToOwned::to_owned);
                Denial {
                    statement: sid.unwrap_or_else(|| statement.to_string()),
                    who: self.who,
                    certain: applies == Applies::Yes,
                }
            })
            .collect()
    }
}

/// What every request of AWS SDKs and services has (IAM User Guide, global condition context keys), to a bucket of this account.
fn of_any_request(account: &str) -> [(&'static str, Option<&str>); 4] {
    [
        ("aws:SecureTransport", Some("true")),
        ("s3:TlsVersion", Some("1.3")),
        ("aws:ResourceAccount", Some(account)),
        ("s3:ResourceAccount", Some(account)),
    ]
}
