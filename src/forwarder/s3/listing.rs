//! Listings of the bucket, as `ListObjectsV2` returns them.

use percent_encoding::percent_decode_str;
use serde::Deserialize;

/// One page of a listing.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Page {
    pub objects: Vec<InBucket>,
    /// The folders one level below the prefix, if the listing stops at each `/`.
    pub folders: Vec<String>,
    /// There is more after the last key.
    pub truncated: bool,
}

/// An object in a listing.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct InBucket {
    pub key: String,
    /// RFC 3339.
    pub last_modified: Option<String>,
}

/// What to list.
#[derive(Clone, Copy, Default)]
pub(crate) struct Listing<'a> {
    pub prefix: &'a str,
    pub after: Option<&'a str>,
    pub most: u16,
    /// Stop at each `/`.
    pub folders: bool,
}

/// The answer, by the name of its root element.
#[derive(Deserialize)]
enum Answer {
    ListBucketResult(Listed),
}

/// The answer to `ListObjectsV2`. `IsTruncated` is always there: without it, the answer is something else.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Listed {
    is_truncated: bool,
    #[serde(default)]
    contents: Vec<Contents>,
    #[serde(default)]
    common_prefixes: Vec<CommonPrefix>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Contents {
    key: String,
    last_modified: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct CommonPrefix {
    prefix: String,
}

/// Reads the answer to `ListObjectsV2` with `encoding-type=url`, in which a space is `+` (recorded). `None` if it is something
/// else.
pub(super) fn page(xml: &[u8]) -> Option<Page> {
    let Answer::ListBucketResult(listing) = quick_xml::de::from_reader(xml).ok()?;
    let objects = listing.contents.into_iter().map(|found| {
        Some(InBucket {
            key: decoded(&found.key)?,
            last_modified: found.last_modified,
        })
    });
    let objects = objects.collect::<Option<_>>()?;
    let prefixes = listing.common_prefixes.iter();
    let folders = prefixes.map(|found| decoded(&found.prefix));
    Some(Page {
        objects,
        folders: folders.collect::<Option<_>>()?,
        truncated: listing.is_truncated,
    })
}

fn decoded(text: &str) -> Option<String> {
    let plain = text.replace('+', " ");
    let decoded = percent_decode_str(&plain).decode_utf8().ok()?;
    Some(decoded.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_listing_is_read_as_s3_writes_it() {
        let xml = br#"<?xml version="1.0" encoding="UTF-8"?>
<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>logs</Name><Prefix>a+b/AWSLogs/</Prefix>
<EncodingType>url</EncodingType><IsTruncated>true</IsTruncated>
<Contents><Key>a+b/AWSLogs/%2B%C3%BC%3D</Key><LastModified>2026-11-24T00:05:00.000Z</LastModified><Size>1</Size></Contents>
<CommonPrefixes><Prefix>a+b/AWSLogs/1/</Prefix></CommonPrefixes></ListBucketResult>"#;
        let file = InBucket {
            key: "a b/AWSLogs/+\u{fc}=".to_owned(),
            last_modified: Some("2026-11-24T00:05:00.000Z".to_owned()),
        };
        let expected = Page {
            objects: vec![file],
            folders: vec!["a b/AWSLogs/1/".to_owned()],
            truncated: true,
        };
        assert_eq!(page(xml), Some(expected));
        let error = b"<Error><Code>AccessDenied</Code></Error>";
        assert_eq!(page(error), None);
        let other = b"<Other><IsTruncated>false</IsTruncated></Other>";
        assert_eq!(page(other), None);
        // Keys and folders come mixed, in the order of their names.
        let mixed = b"<ListBucketResult><IsTruncated>false</IsTruncated><Contents><Key>a</Key></Contents>\
            <CommonPrefixes><Prefix>b/</Prefix></CommonPrefixes><Contents><Key>c</Key></Contents></ListBucketResult>";
        let mixed = page(mixed).unwrap();
        let keys: Vec<&str> = mixed.objects.iter().map(|one| one.key.as_str()).collect();
        assert_eq!(
            (keys, mixed.folders),
            (vec!["a", "c"], vec!["b/".to_owned()])
        );
        for other in [
            &b""[..],
            b"{}",
            b"<ListBucketResult><Contents><Key>",
            b"</x>",
        ] {
            assert_eq!(page(other), None);
        }
    }
}
