//! Japanese screens are in Japanese: what is left in Latin letters are names, commands, and words that nobody translates.

use std::sync::LazyLock;

use regex::{Captures, Regex};

use super::shots::shots;

/// What is not a word of a sentence. A match may go over several lines.
const NOT_PROSE: [&str; 26] = [
    // Columns of a fleet's file.
    r"\d 行目: [a-z]+",
    r"account,\s+role,\s+external-id,\s+session-tags,\s+region,\s+tenant,\s+function-role",
    // Keys of digests, also over several lines.
    r"AWSLogs/\d+/CloudTrail-Digest/[!-~]+(?:\n +[!-~]+)*",
    // Words in backticks, commands, also over several lines, flags, and JSON documents.
    "`[^`]*`",
    r"sophos-ct [a-z](?:.*(?:\\|↩)\n)*.*",
    "--[a-z][a-z-]*",
    // The program with its version, and the code of an invitation.
    r"sophos-ct \d+(?:\.\d+)+",
    "C0DE0000-0000-4000-8000-0000C0DE0000",
    r"(?ms)^\{$.*^\}$",
    "\"[^\"]*\"",
    // ARNs, addresses, hosts, files, and codes of errors with dots.
    r"arn:[!-~]+(?:\n +[!-~]+)?",
    "https?://[!-~]+",
    r"[a-z]+(?:\.[a-z_]+)+",
    "/[a-z][!-~]*",
    // Names that the program gives, and those that the tests give.
    "(?:sophos-ct|SophosCt|aws|theirs)-(?:<connection-id>-)?[A-Za-z0-9-]+",
    "o-exampleorg|o-…",
    r"account \d{12}",
    // Ids, digests, times, regions.
    "[0-9a-f]{8}-[0-9a-f-]{27}",
    "[0-9a-f]{43,64}",
    r"\d{4}-\d\d-\d\dT[0-9:.]+Z",
    r"[a-z]{2}(?:-[a-z]+)+-\d",
    // Calls and events of AWS, its services and roles, codes of errors: `s3:PutObject`, `CreateTrail`, `EventBridge`.
    r"[a-z0-9]+:[A-Z][A-Za-z]+\*?",
    "[A-Z]+[a-z]+(?:[A-Z0-9]+[a-z0-9]*)+",
    // Variables of the environment.
    "[A-Z]+(?:_[A-Z]+)+",
    // What the operating system says, and what the tests' AWS says.
    r"[A-Z][a-z]+(?:\s+[a-z]+)*\s+\(os\s+error\s+\d+\)",
    r"made\s+up",
];

/// Words that are the same in Japanese.
const WORDS: [&[&str]; 6] = [
    // Of AWS. `aws` is the name of a partition, `Subscribe` that of an event.
    &[
        "ACL",
        "ARN",
        "AWS",
        "Control",
        "IAM",
        "KMS",
        "Lambda",
        "S3",
        "SNS",
        "Subscribe",
        "Terraform",
        "Tower",
        "VPC",
        "aws",
    ],
    // Of Sophos: its products and its licence.
    &["Central", "Cloud", "Optix", "Public", "Sophos"],
    // Of every computer.
    &[
        "API", "B", "GB", "HTTP", "ID", "JSON", "MB", "SHA", "TLS", "USD", "UTC", "Web", "http",
        "https", "kB", "linux", "x86", "zip",
    ],
    // Keys.
    &["Enter", "Esc", "Space", "n", "y"],
    // Commands of this program.
    &["plan", "remove", "setup", "status"],
    // Names that the tests give to connections and to what is not ours, and the id of their requests.
    &[
        "another", "audit", "demo", "eighth", "fourth", "r", "theirs",
    ],
];

#[test]
fn japanese_screens_have_no_english_left() {
    let mut english = Vec::new();
    for shot in shots().iter().filter(|shot| shot.language == "ja") {
        // What a narrow terminal breaks in two is seen whole on the others.
        if shot.columns < 80 {
            continue;
        }
        let prose = prose(&shot.rows.join("\n"));
        for (number, row) in prose.lines().enumerate() {
            let foreign = foreign(row).into_iter();
            let line = shot.line + number;
            english.extend(foreign.map(|word| format!("{}.snap:{line}: {word}", shot.name)));
        }
    }
    assert!(english.is_empty(), "{}", english.join("\n"));
}

#[test]
fn an_english_sentence_is_noticed_and_a_command_is_not() {
    let text = "接続 demo は active です。`sophos-ct status demo` (license)\n  --yes: some words";
    let prose = prose(text);
    let found: Vec<&str> = prose.lines().flat_map(foreign).collect();
    assert_eq!(found, ["active", "license", "some", "words"]);
}

/// The text with blanks in place of what is not a word of a sentence; lines stay lines.
fn prose(text: &str) -> String {
    static PATTERNS: LazyLock<Vec<Regex>> = LazyLock::new(|| {
        let patterns = NOT_PROSE.iter();
        patterns
            .map(|pattern| Regex::new(pattern).expect("a pattern"))
            .collect()
    });
    let blank = |found: &Captures<'_>| -> String {
        let chars = found[0].chars();
        chars
            .map(|char| if char == '\n' { '\n' } else { ' ' })
            .collect()
    };
    let mut text = text.to_owned();
    for pattern in PATTERNS.iter() {
        text = pattern.replace_all(&text, blank).into_owned();
    }
    text
}

/// The words in Latin letters that no list has.
fn foreign(row: &str) -> Vec<&str> {
    static WORD: LazyLock<Regex> =
        LazyLock::new(|| Regex::new("[A-Za-z][A-Za-z0-9]*").expect("a pattern"));
    let words = WORD.find_iter(row).map(|found| found.as_str());
    words
        .filter(|word| !WORDS.concat().contains(word))
        .collect()
}
