//! Resources in AWS that are not ours, made as their owner would make them.

use sophos_ct::testing::Aws;

/// Makes a bucket in the tests' region.
pub async fn bucket(aws: &Aws, name: &str) {
    let place = aws_sdk_s3::types::CreateBucketConfiguration::builder()
        .location_constraint("eu-west-1".into());
    let make = aws.s3.create_bucket().bucket(name);
    make.create_bucket_configuration(place.build())
        .send()
        .await
        .unwrap();
}

/// Sets the bucket's policy and replaces the existing one.
pub async fn bucket_policy(aws: &Aws, name: &str, document: impl ToString) {
    let put = aws.s3.put_bucket_policy().bucket(name);
    put.policy(document.to_string()).send().await.unwrap();
}

/// The bucket's policy.
pub async fn bucket_policy_of(aws: &Aws, name: &str) -> serde_json::Value {
    let get = aws.s3.get_bucket_policy().bucket(name);
    let found = get.send().await.unwrap();
    serde_json::from_str(found.policy().unwrap()).unwrap()
}

/// Makes a role that this service may assume.
pub async fn role(aws: &Aws, path: &str, name: &str, service: &str) {
    let trust = serde_json::json!({ "Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Principal": { "Service": format!("{service}.amazonaws.com") }, "Action": "sts:AssumeRole",
    }]});
    let make = aws.iam.create_role().role_name(name).path(path);
    make.assume_role_policy_document(trust.to_string())
        .send()
        .await
        .unwrap();
}

/// Sets a role's inline policy `theirs`.
pub async fn role_policy(aws: &Aws, role: &str, document: impl ToString) {
    let put = aws
        .iam
        .put_role_policy()
        .role_name(role)
        .policy_name("theirs");
    put.policy_document(document.to_string())
        .send()
        .await
        .unwrap();
}
