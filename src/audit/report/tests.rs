//! The page: what is on it, and that nothing from outside can act in it.

mod map;

use std::{collections::BTreeSet, fs};

use serde_json::{Value, json};

use super::{html::prose, *};
use crate::{
    audit::{
        Folder, Found, Object, Others, Tally, Verdict, Window,
        screen::Commands,
        tests::{at, folder, window},
    },
    central::model::{Connection, Outcome, SkipReason},
    ui::layout::Width,
};

/// What a page is made of.
struct Case {
    connection: Value,
    tenant: String,
    bucket: String,
    window: Window,
    tally: Tally,
    proved: Option<Certificate>,
    missing: Vec<String>,
}

impl Case {
    /// Files of these accounts and regions, which landed at these times.
    fn of(files: &[(&str, &str, &str, Found)]) -> Self {
        let window = window("2026-11-27T12:00:00Z", "2026-11-28T12:00:00Z");
        let places = files
            .iter()
            .map(|(account, region, ..)| folder(account, region));
        let places: BTreeSet<Folder> = places.collect();
        let places: Vec<Folder> = places.into_iter().collect();
        let mut tally = Tally::new(&window, &places);
        for (account, region, landed, found) in files {
            tally.add(&Verdict {
                folder: &folder(account, region),
                object: &Object {
                    key: "k".to_owned(),
                    size: 1000,
                    modified: at(landed),
                },
                found: *found,
            });
        }
        Self {
            connection: json!({
                "id": "0f8c0c1e-2f5e-4a57-9d3c-5b1a6f0e7d21",
                "name": "demo",
                "awsAccountId": "111122223333",
                "homeRegion": "eu-west-1",
                "status": "active",
                "settings": { "bucket": "logs", "retention-days": 365 },
                "createdAt": "2026-11-24T00:00:00Z",
                "updatedAt": "2026-11-24T00:00:00Z",
            }),
            tenant: "Example".to_owned(),
            bucket: "logs".to_owned(),
            window,
            tally,
            proved: None,
            missing: Vec::new(),
        }
    }

    /// Two accounts, some of whose files are missing, and a proof that shows what is wrong.
    fn usual() -> Self {
        let mut case = Self::of(&[
            (
                "111122223333",
                "eu-west-1",
                "2026-11-27T13:10:00Z",
                Found::Stored,
            ),
            (
                "111122223333",
                "eu-west-1",
                "2026-11-27T13:20:00Z",
                Found::Missing,
            ),
            (
                "111122223333",
                "us-east-1",
                "2026-11-28T02:00:00Z",
                Found::Stored,
            ),
            (
                "444455556666",
                "eu-west-1",
                "2026-11-28T02:00:00Z",
                Found::Stored,
            ),
            (
                "444455556666",
                "eu-west-1",
                "2026-11-28T03:00:00Z",
                Found::Reported(Outcome::Archived),
            ),
            (
                "444455556666",
                "eu-west-1",
                "2026-11-28T03:01:00Z",
                Found::Skipped(Some(SkipReason::Paused)),
            ),
            (
                "444455556666",
                "eu-west-1",
                "2026-11-28T11:59:00Z",
                Found::InFlight,
            ),
        ]);
        case.missing = vec!["AWSLogs/111122223333/CloudTrail/lost.json.gz".to_owned()];
        case.prove("AWSLogs/111122223333/CloudTrail/changed.json.gz", "theirs");
        case
    }

    /// Adds a proof with one file that is altered and a gap in the chain of a trail.
    fn prove(&mut self, key: &str, trail: &str) {
        let mut proved = Certificate::new(&self.window, false);
        let place = (
            "111122223333".parse().unwrap(),
            "eu-west-1".parse().unwrap(),
        );
        let public_key = read(json!({
            "fingerprint": "67b9fa73676d86966b449dd677850753",
            "value": "AAAA",
            "from": "2026-11-01T00:00:00Z",
            "until": "2026-12-01T00:00:00Z",
        }));
        proved.begin(&place, &[public_key]);
        for (key, proof) in [("k", "proved"), (key, "altered")] {
            let file = read(json!({
                "object": key,
                "landed": "2026-11-27T13:10:00Z",
                "content": "notRead",
                "receipt": null,
                "proof": proof,
            }));
            let at = "2026-11-27T13:10:00Z".parse().unwrap();
            proved.add(&place, &file, at);
        }
        proved.digests = 23;
        proved.findings = read(json!([{
            "account": "111122223333",
            "region": "eu-west-1",
            "trail": { "name": trail, "home": "eu-west-1" },
            "what": { "gap": { "from": "2026-11-27T14:00:00Z", "until": "2026-11-27T15:00:00Z" } },
        }]));
        self.proved = Some(proved);
    }

    fn page(&self) -> String {
        let connection: Connection = read(self.connection.clone());
        let tenant = Tenant {
            id: "4c2d7e1a".to_owned(),
            name: self.tenant.clone(),
            data_region: "eu01".to_owned(),
            api_host: "api.example".to_owned(),
        };
        page(&Facts {
            shown: &Shown {
                connection: &connection,
                bucket: &self.bucket,
                window: &self.window,
                tally: &self.tally,
                expired: 0,
                replayed: 0,
                commands: &Commands {
                    replay: vec!["sophos-ct audit demo --replay".to_owned()],
                    ..Commands::default()
                },
                others: &Others::default(),
                words: false,
                width: Width::of_columns(80),
            },
            tenant: &tenant,
            proved: self.proved.as_ref(),
            missing: &self.missing,
        })
    }
}

fn read<T: serde::de::DeserializeOwned>(document: Value) -> T {
    serde_json::from_value(document).unwrap()
}

/// The names of all elements of a page.
fn elements(page: &str) -> BTreeSet<&str> {
    let tags = page.split('<').skip(1);
    let names = tags.map(|tag| {
        tag.trim_start_matches('/')
            .split([' ', '>'])
            .next()
            .unwrap()
    });
    names.collect()
}

#[test]
fn a_page_says_what_was_found_and_what_is_proved() {
    let page = Case::usual().page();
    let shown = page.replace(include_str!("style.css"), "");
    insta::assert_snapshot!(shown.replace(crate::VERSION, "VERSION"));
}

#[test]
fn text_from_outside_is_never_markup_and_does_not_act() {
    const HOSTILE: &str =
        "</style><script>x</script>\" onload=\"x' <img src=x>&`<b>`\u{202e}\u{7}\n";
    let mut case = Case::usual();
    let usual = case.page();
    case.tenant = HOSTILE.to_owned();
    case.bucket = HOSTILE.to_owned();
    case.connection["status"] = "paused".into();
    case.connection["pausedBecause"] = HOSTILE.into();
    case.connection["settings"]["bucket"] = HOSTILE.into();
    case.connection["createdAt"] = HOSTILE.into();
    case.connection["forwarderVersion"] = HOSTILE.into();
    case.missing = vec![HOSTILE.to_owned()];
    case.prove(HOSTILE, HOSTILE);
    let page = case.page();
    assert_eq!(elements(&page), elements(&usual));
    for text in [
        "<script",
        "<img",
        "onload=\"",
        "onload='",
        "\u{202e}",
        "\u{7}",
        "&`",
    ] {
        assert!(!page.contains(text), "{text:?}");
    }
    let marks = page.matches("&lt;/style&gt;&lt;script&gt;").count();
    assert!(marks >= 8, "{marks}");
    assert_eq!(
        escape("<&\">'\u{202e}"),
        "&lt;&amp;&quot;&gt;&#39;\\u{202e}"
    );
    assert_eq!(
        prose("a `b<` c` d"),
        "a <code>b&lt;</code> c<code> d</code>"
    );
}

#[test]
fn a_page_needs_nothing_else() {
    let page = Case::usual().page();
    for text in [
        "://", "http:", "https:", "src=", "href", "@import", "url(", "<script", "<link", "<iframe",
    ] {
        assert!(!page.contains(text), "{text}");
    }
    assert!(page.contains("default-src 'none'"));
}

#[test]
fn a_page_can_be_read_aloud() {
    let page = Case::usual().page();
    let count = |text: &str| page.matches(text).count();
    assert!(page.contains("<html lang=\"en\">"));
    assert_eq!(count("<h1>"), 1);
    assert_eq!(count("<table"), count("<caption>"));
    let (_, body) = page.split_once("<body").unwrap();
    let heads = body.matches("<th").count() - body.matches("<thead").count();
    assert_eq!(heads, body.matches("scope=\"").count());
    // Each coloured cell says the same in words.
    assert_eq!(count("<td class=\"half\" title=\"1 of 2, 1 missing\">"), 1);
    assert!(count("<span class=\"sr\">") >= 2 * 24);
}

#[test]
fn where_there_is_one_account_the_map_is_of_its_regions() {
    let stored = |region| {
        (
            "111122223333",
            region,
            "2026-11-28T02:00:00Z",
            Found::Stored,
        )
    };
    let page = Case::of(&[stored("eu-west-1"), stored("us-east-1")]).page();
    let (_, map) = page.split_once("class=\"map\"").unwrap();
    let (map, _) = map.split_once("</table>").unwrap();
    for region in ["eu-west-1", "us-east-1"] {
        assert!(
            map.contains(&format!("<th scope=\"row\">{region}</th>")),
            "{map}"
        );
    }
    assert!(!map.contains("111122223333"), "{map}");
    assert!(page.contains("Nothing is missing."));
    // Without a folder there is nothing to draw.
    assert!(!Case::of(&[]).page().contains("class=\"map\""));
}

#[test]
fn a_long_list_is_cut_and_says_by_how_much() {
    let files = vec![
        (
            "111122223333",
            "eu-west-1",
            "2026-11-28T02:00:00Z",
            Found::Missing
        );
        ROWS + 5
    ];
    let mut case = Case::of(&files);
    case.missing = (0..ROWS).map(|number| format!("key {number}")).collect();
    let page = case.page();
    assert!(page.contains("<code>key 99</code>"), "{page}");
    assert!(page.contains("5 more"), "{page}");
}

#[test]
fn a_report_takes_its_place_when_it_is_complete_and_a_failure_names_the_flag() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("report.html");
    fs::write(&path, "old").unwrap();
    let draft = Draft::create(&path).unwrap();
    assert_eq!(fs::read_to_string(&path).unwrap(), "old");
    draft.finish("new").unwrap();
    assert_eq!(fs::read_to_string(&path).unwrap(), "new");
    drop(Draft::create(&path).unwrap());
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    for path in [
        folder.path().to_owned(),
        folder.path().join("none/report.html"),
    ] {
        let failure = Draft::create(&path).err().unwrap();
        assert!(failure.message.contains("--report"), "{}", failure.message);
        let file = path.to_str().unwrap();
        assert!(failure.message.contains(file), "{}", failure.message);
    }
}
