//! What in a bucket that was there before us may keep CloudTrail or the function from it: looked at before anything is
//! written. What it means is decided in `plan`.

use aws_sdk_s3::types::{BucketAbacStatus, Payer};
use serde_json::Value;

use super::{logs::object_lock, read_policy};
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

/// Who is kept from the bucket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    CloudTrail,
    Function,
}

/// A statement of the bucket's policy that denies, or may deny, what has to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Denial {
    /// Its `Sid`, or the statement itself.
    pub statement: String,
    pub who: Who,
    /// Not only under conditions that cannot be told from here.
    pub certain: bool,
}

/// What was found.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Obstacles {
    pub denials: Seen<Vec<Denial>>,
    pub requester_pays: Seen<()>,
    pub object_lock: Seen<()>,
    /// Attribute-based access control: the bucket's tags decide too who may do what.
    pub abac: Seen<()>,
}

/// Codes of a bucket that is not there, or not here: said elsewhere.
pub const NO_BUCKET: [&str; 4] = [
    "NoSuchBucket",
    "PermanentRedirect",
    "AuthorizationHeaderMalformed",
    "IllegalLocationConstraintException",
];

/// Looks at the bucket, where it is not a new one of ours.
pub async fn look(aws: &Aws, design: &Design) -> Result<Obstacles, AwsError> {
    if design.own_trail() && !design.given.contains(&Named::Bucket) {
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
    // Not known in every partition: an error is no reason to stop.
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

/// The statements that hit the function's reading, and CloudTrail's writing where the trail is to be made.
fn denied(design: &Design, document: &Value) -> Vec<Denial> {
    let (role, trail) = (design.role_arn(), design.trail_arn());
    let (account, owner) = (design.account.as_str(), design.trail_owner().as_str());
    let bucket = design.bucket_arn();
    let organization = design.organization.as_ref().map(|one| one.id.as_str());
    let folder = match organization {
        Some(id) => format!("{id}/{account}"),
        None => account.to_owned(),
    };
    let object = format!(
        "{bucket}/{}{folder}/CloudTrail/{}/2026/01/01/{account}_CloudTrail_x.json.gz",
        design.log_prefix(),
        design.region
    );
    // Of both: what every request of AWS SDKs and services has (IAM User Guide, global condition context keys).
    let common = [
        ("aws:SecureTransport", Some("true")),
        ("s3:TlsVersion", Some("1.3")),
        ("aws:ResourceAccount", Some(account)),
        ("s3:ResourceAccount", Some(account)),
    ];
    let mut function = vec![
        ("aws:PrincipalArn", Some(role.as_str())),
        ("aws:PrincipalAccount", Some(account)),
        ("aws:PrincipalType", Some("AssumedRole")),
        ("aws:PrincipalIsAWSService", Some("false")),
        ("aws:PrincipalServiceName", None),
        ("aws:ViaAWSService", Some("false")),
        ("aws:RequestedRegion", Some(design.region.as_str())),
        // It is in no VPC of the customer's, and acts for nobody.
        ("aws:SourceVpc", None),
        ("aws:SourceVpce", None),
        ("aws:SourceArn", None),
        ("aws:SourceAccount", None),
    ];
    function.extend(common);
    if organization.is_some() {
        function.push(("aws:PrincipalOrgID", organization));
    }
    let mut cloudtrail = vec![
        ("aws:PrincipalIsAWSService", Some("true")),
        ("aws:PrincipalServiceName", Some(organization::SERVICE)),
        ("aws:PrincipalArn", None),
        ("aws:PrincipalAccount", None),
        ("aws:PrincipalOrgID", None),
        ("aws:SourceArn", Some(trail.as_str())),
        ("aws:SourceAccount", Some(owner)),
        ("aws:SourceVpc", None),
        ("aws:SourceVpce", None),
        ("s3:x-amz-acl", Some("bucket-owner-full-control")),
    ];
    cloudtrail.extend(common);
    let role = Principal::Role {
        arn: &role,
        account,
    };
    let service = Principal::Service(organization::SERVICE);
    let mut asked = vec![(
        Who::Function,
        role,
        "s3:GetObject",
        object.as_str(),
        &function,
    )];
    if design.own_trail() {
        asked.push((
            Who::CloudTrail,
            service,
            "s3:PutObject",
            &object,
            &cloudtrail,
        ));
        asked.push((
            Who::CloudTrail,
            service,
            "s3:GetBucketAcl",
            &bucket,
            &cloudtrail,
        ));
    }
    let mut found: Vec<Denial> = Vec::new();
    for (who, principal, action, resource, context) in asked {
        let request = Request {
            principal,
            action,
            resource,
            context,
            complete: false,
        };
        for (statement, applies) in denials(document, &request) {
            let sid = statement["Sid"].as_str().map(ToOwned::to_owned);
            let denial = Denial {
                statement: sid.unwrap_or_else(|| statement.to_string()),
                who,
                certain: applies == Applies::Yes,
            };
            if !found.contains(&denial) {
                found.push(denial);
            }
        }
    }
    found
}

/// Actions of the looks above, where there are any for this purpose.
#[must_use]
pub fn actions(design: &Design, purpose: Purpose) -> Vec<&'static str> {
    if purpose != Purpose::Setup || design.own_trail() && !design.given.contains(&Named::Bucket) {
        return Vec::new();
    }
    vec![
        "s3:GetBucketAbac",
        "s3:GetBucketObjectLockConfiguration",
        "s3:GetBucketPolicy",
        "s3:GetBucketRequestPayment",
    ]
}
