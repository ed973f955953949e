//! The folders that are proved: those of the bucket, and those of which only receipts tell.

use futures::{StreamExt, TryStreamExt, stream};

use super::Subject;
use crate::{
    audit::{AT_ONCE, Folder, Source, receipts, window::KeyRange},
    ui::Result,
};

/// Returns the folders of the bucket, and those that are gone from it: of which Central has receipts for days of the window.
pub(super) async fn with_receipts(subject: &Subject<'_>) -> Result<Vec<Folder>> {
    let source = subject.source;
    let gone = stream::iter(between(&source.place.root(), subject.folders))
        .map(|keys| received(source, keys))
        .buffered(AT_ONCE);
    let gone: Vec<Vec<Folder>> = gone.try_collect().await?;
    let mut gone = stream::iter(gone.into_iter().flatten())
        .map(|folder| async move {
            let keys = KeyRange::new(&folder.logs, &subject.window.days());
            let receipt = first(source, &keys).await?;
            Ok::<_, crate::ui::Failure>(receipt.map(|_| folder))
        })
        .buffered(AT_ONCE);
    let mut all = subject.folders.to_vec();
    while let Some(folder) = gone.next().await {
        all.extend(folder?);
    }
    Ok(all)
}

/// The keys below the root that are in none of these folders.
fn between(root: &str, folders: &[Folder]) -> Vec<KeyRange> {
    let mut logs: Vec<&str> = folders.iter().map(|folder| folder.logs.as_str()).collect();
    logs.sort_unstable();
    let after = std::iter::once(root.to_owned()).chain(logs.iter().map(|logs| behind(logs)));
    let ends = logs.iter().map(|logs| (*logs).to_owned());
    let ranges = after.zip(ends.chain([behind(root)]));
    let ranges = ranges.map(|(after, end)| KeyRange {
        prefix: root.to_owned(),
        after,
        end,
    });
    ranges.collect()
}

/// What comes behind all keys of a folder: `0` is the character behind `/`.
fn behind(folder: &str) -> String {
    format!("{}0", folder.trim_end_matches('/'))
}

/// The folders that have receipts with these keys. Of each folder only its first receipt is asked for.
async fn received(source: Source<'_>, mut keys: KeyRange) -> Result<Vec<Folder>> {
    let root = source.place.root();
    let mut found = Vec::new();
    while let Some(key) = first(source, &keys).await? {
        let folder = Folder::of_key(&root, &key);
        keys.after = folder.as_ref().map_or(key, |folder| behind(&folder.logs));
        found.extend(folder);
    }
    Ok(found)
}

/// The key of the first receipt among these.
async fn first(source: Source<'_>, keys: &KeyRange) -> Result<Option<String>> {
    let (id, bucket) = (source.connection.id, source.place.bucket);
    let receipt = receipts::first(source.central, id, bucket, keys).await?;
    Ok(receipt.map(|receipt| receipt.key))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROOT: &str = "AWSLogs/";

    fn file(folder: &str) -> String {
        format!("{folder}2026/11/27/111122223333_CloudTrail_eu-west-1_20261127T1200Z_x.json.gz")
    }

    fn plain(account: &str, region: &str) -> Folder {
        Folder::new(
            ROOT,
            None,
            account.parse().unwrap(),
            region.parse().unwrap(),
        )
    }

    #[test]
    fn the_key_of_a_log_file_names_its_folder() {
        let account = || "111122223333".parse().unwrap();
        let region = || "eu-west-1".parse().unwrap();
        for folder in [
            Folder::new(ROOT, None, account(), region()),
            Folder::new(ROOT, Some("o-abc"), account(), region()),
        ] {
            assert_eq!(Folder::of_key(ROOT, &file(&folder.logs)), Some(folder));
        }
        for other in [
            "AWSLogs/111122223333/CloudTrail-Digest/eu-west-1/",
            "AWSLogs/x/AWSLogs/111122223333/CloudTrail/eu-west-1/",
            "other/AWSLogs/111122223333/CloudTrail/eu-west-1/",
        ] {
            assert_eq!(Folder::of_key(ROOT, &file(other)), None, "{other}");
        }
    }

    #[test]
    fn every_key_is_in_a_known_folder_or_between_two() {
        let known = [
            plain("222233334444", "eu-west-1"),
            plain("111122223333", "eu-west-1"),
        ];
        let ranges = between(ROOT, &known);
        let is_between = |folder: &Folder| {
            let key = file(&folder.logs);
            let inside = |keys: &&KeyRange| keys.after < key && key < keys.end;
            ranges.iter().filter(inside).count()
        };
        for folder in &known {
            assert_eq!(is_between(folder), 0, "{folder:?}");
        }
        for (account, region) in [
            ("000011112222", "eu-west-1"),
            ("111122223333", "eu-central-1"),
            ("111122223333", "eu-west-2"),
            ("222233334444", "us-east-1"),
            ("999900001111", "eu-west-1"),
        ] {
            let folder = plain(account, region);
            assert_eq!(is_between(&folder), 1, "{folder:?}");
        }
        assert_eq!(between(ROOT, &[]).len(), 1);
    }
}
