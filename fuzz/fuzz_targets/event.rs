//! The function's event parser accepts any input and returns only log files of its own bucket and prefix.

#![no_main]

use libfuzzer_sys::fuzz_target;
use serde_json::{Value, json};
use sophos_ct_forwarder::event::{LogKey, read};

fuzz_target!(|bytes: &[u8]| {
    let text = String::from_utf8_lossy(bytes);
    // The input is tried as a message of SNS, as a key in each shape of event, and as a whole event.
    let mut events = vec![
        json!({ "Records": [{ "Sns": { "Message": text } }] }),
        json!({ "Records": [{ "s3": { "bucket": { "name": "b" }, "object": { "key": text } } }] }),
        json!({ "Records": [{ "Sns": { "Message": json!({ "s3Bucket": "b", "s3ObjectKey": [text] }).to_string() } }] }),
        json!({ "source": "aws.s3", "detail": { "bucket": { "name": "b" }, "object": { "key": text } } }),
    ];
    events.extend(serde_json::from_slice::<Value>(bytes));
    for event in events {
        for prefix in ["", "p", "o-abcdefghij"] {
            let work = read(&event, "b", prefix);
            for object in work.objects {
                assert_eq!(object.bucket, "b");
                let key = LogKey::parse(&object.key).expect("only keys of log files are offered");
                assert_eq!(key.prefix, prefix);
                assert_eq!(key.account.len(), 12);
                assert!(object.key.ends_with(".json.gz"));
            }
        }
    }
});
