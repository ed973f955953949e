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

/// Marks a topic as a template of Terraform does.
pub async fn managed_topic(aws: &Aws, arn: &str) {
    let tag = aws_sdk_sns::types::Tag::builder()
        .key("sophos-ct:managed-by")
        .value("terraform");
    let tagged = aws.sns.tag_resource().resource_arn(arn);
    tagged.tags(tag.build().unwrap()).send().await.unwrap();
}

/// Marks a bucket as a template of Terraform does, beside the tags that it has.
pub async fn managed_bucket(aws: &Aws, name: &str) {
    let tag = aws_sdk_s3::types::Tag::builder()
        .key("sophos-ct:managed-by")
        .value("terraform");
    let found = aws.s3.get_bucket_tagging().bucket(name).send().await;
    let mut tags = found.unwrap().tag_set().to_vec();
    tags.push(tag.build().unwrap());
    let tags = aws_sdk_s3::types::Tagging::builder().set_tag_set(Some(tags));
    let put = aws.s3.put_bucket_tagging().bucket(name);
    put.tagging(tags.build().unwrap()).send().await.unwrap();
}

/// Marks a rule as a template of Terraform does.
pub async fn managed_rule(aws: &Aws, arn: &str) {
    let tag = aws_sdk_eventbridge::types::Tag::builder()
        .key("sophos-ct:managed-by")
        .value("terraform");
    let tagged = aws.events.tag_resource().resource_arn(arn);
    tagged.tags(tag.build().unwrap()).send().await.unwrap();
}

/// Marks an alarm as a template of Terraform does.
pub async fn managed_alarm(aws: &Aws, arn: &str) {
    let tag = aws_sdk_cloudwatch::types::Tag::builder()
        .key("sophos-ct:managed-by")
        .value("terraform");
    let tagged = aws.cloudwatch.tag_resource().resource_arn(arn);
    tagged.tags(tag.build()).send().await.unwrap();
}

/// Marks a role as a template of CloudFormation does.
pub async fn managed_role(aws: &Aws, name: &str) {
    let tag = aws_sdk_iam::types::Tag::builder()
        .key("sophos-ct:managed-by")
        .value("cloudformation");
    let tagged = aws.iam.tag_role().role_name(name);
    tagged.tags(tag.build().unwrap()).send().await.unwrap();
}

/// Marks a trail as a template of Terraform does.
pub async fn managed_trail(aws: &Aws, arn: &str) {
    let tag = aws_sdk_cloudtrail::types::Tag::builder()
        .key("sophos-ct:managed-by")
        .value("terraform");
    let tagged = aws.cloudtrail.add_tags().resource_id(arn);
    let tagged = tagged.tags_list(tag.build().unwrap());
    tagged.send().await.unwrap();
}

/// Marks a function as a template of Terraform does, with its variable alone.
pub async fn managed_function(aws: &Aws, name: &str) {
    variable(aws, name, "SOPHOS_CT_MANAGED_BY", "terraform").await;
}

/// Adds a variable to those of a function.
pub async fn variable(aws: &Aws, function: &str, name: &str, value: &str) {
    let found = aws.lambda.get_function().function_name(function);
    let found = found.send().await.unwrap();
    let environment = found.configuration().unwrap().environment().unwrap();
    let mut variables = environment.variables().unwrap().clone();
    variables.insert(name.to_owned(), value.to_owned());
    let environment = aws_sdk_lambda::types::Environment::builder();
    let environment = environment.set_variables(Some(variables)).build();
    let update = aws.lambda.update_function_configuration();
    let update = update.function_name(function).environment(environment);
    update.send().await.unwrap();
}
