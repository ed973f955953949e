//! Events about calls, as CloudTrail records them (CloudTrail user guide, "CloudTrail record contents for management, data, and
//! network activity events").

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use crate::sandbox::cloud::{Caller, Cloud};

/// A call that was answered.
pub(crate) struct Made<'a> {
    pub(crate) caller: &'a Caller,
    pub(crate) access_key: &'a str,
    /// The caller's ARN, if it is known.
    pub(crate) arn: Option<&'a str>,
    /// What the caller's `User-Agent` says.
    pub(crate) agent: &'a str,
    /// The service's principal.
    pub(crate) source: &'a str,
    pub(crate) name: &'a str,
    pub(crate) input: &'a Value,
    pub(crate) output: &'a Value,
    /// Code and message, if the call was refused.
    pub(crate) error: Option<(&'a str, &'a str)>,
}

/// Records a call, so that the next log files of its account and region tell of it.
pub(crate) fn record(cloud: &Cloud, made: &Made<'_>) {
    let event = event(made, Timestamp::now());
    let Caller { account, region } = made.caller;
    cloud.calls().add(account, region, event);
}

fn event(made: &Made<'_>, at: Timestamp) -> Value {
    let read_only = ["Describe", "Get", "List", "Lookup"]
        .iter()
        .any(|start| made.name.starts_with(start));
    // The answers of calls that only read are left out.
    let output = match read_only {
        true => Value::Null,
        false => lowered(made.output),
    };
    let mut event = json!({
        "eventVersion": "1.10",
        "userIdentity": identity(made),
        "eventTime": at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
        "eventSource": made.source,
        "eventName": made.name,
        "awsRegion": made.caller.region,
        "sourceIPAddress": "127.0.0.1",
        "userAgent": made.agent,
        "requestParameters": lowered(made.input),
        "responseElements": output,
        "requestID": uuid::Uuid::new_v4(),
        "eventID": uuid::Uuid::new_v4(),
        "readOnly": read_only,
        "eventType": "AwsApiCall",
        "managementEvent": true,
        "recipientAccountId": made.caller.account,
        "eventCategory": "Management",
    });
    if let Some((code, message)) = made.error {
        event["errorCode"] = code.into();
        event["errorMessage"] = message.into();
    }
    event
}

/// Who called (CloudTrail user guide, "CloudTrail userIdentity element"). Ids of roles and users are left out.
fn identity(made: &Made<'_>) -> Value {
    let account = &made.caller.account;
    let Some(arn) = made.arn else {
        return json!({ "type": "Unknown", "accountId": account, "accessKeyId": made.access_key });
    };
    let mut identity = json!({
        "type": "Root", "arn": arn, "accountId": account, "accessKeyId": made.access_key,
    });
    let partition = arn.split(':').nth(1).unwrap_or("aws");
    if let Some((_, session)) = arn.split_once(":assumed-role/") {
        let role = session.split('/').next().unwrap_or_default();
        identity["type"] = "AssumedRole".into();
        identity["sessionContext"] = json!({ "sessionIssuer": {
            "type": "Role", "arn": format!("arn:{partition}:iam::{account}:role/{role}"),
            "accountId": account, "userName": role,
        }});
    } else if let Some((_, user)) = arn.split_once(":user/") {
        identity["type"] = "IAMUser".into();
        identity["userName"] = user.rsplit('/').next().unwrap_or(user).into();
    } else {
        identity["principalId"] = json!(account);
    }
    identity
}

/// Input or output with the names of fields as CloudTrail writes them: `S3BucketName` is `s3BucketName`. What is empty is null.
fn lowered(value: &Value) -> Value {
    match value {
        Value::Object(fields) if fields.is_empty() => Value::Null,
        value => renamed(value),
    }
}

fn renamed(value: &Value) -> Value {
    match value {
        Value::Object(fields) => {
            let fields = fields.iter().map(|(name, value)| {
                let mut letters = name.chars();
                let first = letters.next().map(|first| first.to_ascii_lowercase());
                let name: String = first.into_iter().chain(letters).collect();
                (name, renamed(value))
            });
            Value::Object(fields.collect::<Map<_, _>>())
        }
        Value::Array(list) => list.iter().map(renamed).collect(),
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_tells_who_called_and_what_for() {
        let caller = Caller {
            account: "111122223333".parse().unwrap(),
            region: "eu-west-1".parse().unwrap(),
        };
        let (input, output) = (
            json!({ "Name": "logs", "TagsList": [{ "Key": "owner" }] }),
            json!({ "TrailARN": "arn" }),
        );
        let mut made = Made {
            caller: &caller,
            access_key: "ASIAEXAMPLE",
            arn: Some("arn:aws:sts::111122223333:assumed-role/Admin/me"),
            agent: "aws-sdk-rust app/run-0123456789ab",
            source: "cloudtrail.amazonaws.com",
            name: "CreateTrail",
            input: &input,
            output: &output,
            error: None,
        };
        let at = "2026-01-02T03:04:05Z".parse().unwrap();
        let told = event(&made, at);
        assert_eq!(told["eventTime"], "2026-01-02T03:04:05Z");
        assert_eq!(told["userAgent"], made.agent);
        assert_eq!(
            told["requestParameters"],
            json!({ "name": "logs", "tagsList": [{ "key": "owner" }] })
        );
        assert_eq!(told["responseElements"], json!({ "trailARN": "arn" }));
        assert_eq!(told["readOnly"], false);
        let identity = &told["userIdentity"];
        assert_eq!(identity["type"], "AssumedRole");
        assert_eq!(
            identity["sessionContext"]["sessionIssuer"]["userName"],
            "Admin"
        );
        assert!(identity.get("principalId").is_none());

        (made.name, made.input) = ("DescribeTrails", &Value::Null);
        made.error = Some(("AccessDenied", "no"));
        made.arn = Some("arn:aws:iam::111122223333:root");
        let told = event(&made, at);
        assert_eq!(told["responseElements"], Value::Null);
        assert_eq!(told["errorCode"], "AccessDenied");
        assert_eq!(told["userIdentity"]["type"], "Root");
    }
}
