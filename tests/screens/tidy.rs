//! Makes what differs from run to run the same, and keeps its width: accounts, ids, digests, ports, times, counts of files. On a
//! narrow terminal, ids and digests go on in the next line.

use std::sync::LazyLock;

use regex::{Captures, Regex};

use crate::support::World;

/// Patterns of what differs, and what it becomes.
static PATTERNS: LazyLock<Vec<(Regex, &str)>> = LazyLock::new(|| {
    let of = |pattern, shown| (Regex::new(pattern).expect("a pattern"), shown);
    vec![
        of(
            r"\b[0-9A-F]{8}(?:-[0-9A-F]{4}){3}-[0-9A-F]{12}\b",
            "C0DE0000-0000-4000-8000-0000C0DE0000",
        ),
        of(
            r"[0-9a-f]{8}-(\n *)?[0-9a-f]{4}-(\n *)?[0-9a-f]{4}-(\n *)?[0-9a-f]{4}-(\n *)?[0-9a-f]{12}",
            "00000000-${1}0000-${2}4000-${3}8000-${4}000000000000",
        ),
        of(r"(127\.0\.0\.1|localhost):(\n *)?\d{5}", "${1}:${2}12345"),
        of(
            r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z",
            "2026-01-01T00:00:00.000Z",
        ),
        of(r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ", "2026-01-01T00:00:00Z"),
        of(r"\bo-[0-9a-z]{10}\b", "o-exampleorg"),
        // The hash of the function's code, which is another in each build.
        of(
            r"SHA-256(\s+)[0-9A-Za-z+/]{43}=",
            "SHA-256${1}0000000000000000000000000000000000000000000=",
        ),
        of(
            r"\d+ log files?, \d+ bytes",
            "1234 log files, 7654321 bytes",
        ),
        // Log files are compressed, and hold ids that differ.
        of(r"(log files?, |ログファイル（)[0-9.]+ kB", "${1}20.3 kB"),
        of(r"\d+ files?, [0-9.]+ k?B", "7 files, 7.6 kB"),
        of(r"\d+ ファイル、[0-9.]+ k?B", "7 ファイル、7.6 kB"),
        of(r"ファイル \d+ 件、[0-9.]+ k?B", "ファイル 7 件、7.6 kB"),
        of(r"\b[0-9a-f]{8}…", "00000000…"),
        // Files of each hour of a day, as bars and as numbers.
        of("[·▁▂▃▄▅▆▇█]{24}", "▁▁▁▂▂▃▃▄▅▆▇▇█▇▇▆▅▄▃▃▂▂▁▁"),
        of(r"(\d+[,、]\s*){23}\d+", "7, 8, 9"),
        // In columns, what stands behind a time moves with it.
        of(r"\d+ (s|min) ago {2,}", "7 s ago  "),
        of(r"\d+ [秒分]前 {2,}", "7 秒前  "),
        of(r"\d+ (s|min) ago", "7 s ago"),
        of(r"\d+ [秒分]前", "7 秒前"),
        of(
            r"(\d+ min )?\d+ s after it happened",
            "7 s after it happened",
        ),
        of(r"(\d+ 分 )?\d+ 秒後に", "7 秒後に"),
    ]
});

/// A time in UTC, which may go on in the next line.
static TIME: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"20\d\d-\d\d-\d\d(\s+)\d\d:\d\d(:\d\d)?(\s+)UTC").expect("a pattern")
});

/// The end of a folder's name, whose letters may stand in two rows.
static FOLDER: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(sophos-ct-test)((?:(?:↩\n)?[0-9A-Za-z]){6})").expect("a pattern")
});

/// A digest, or the part of one that stands in a line.
static DIGEST: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"\b[0-9a-f]{20,64}\b").expect("a pattern"));

/// The screen with everything replaced that differs from run to run. Lines of finished steps are sorted, since steps that do
/// not need each other run at the same time.
pub fn tidy(world: &World, text: &str) -> String {
    let mut text = text.replace(&world.account, "111122223333");
    for (pattern, shown) in PATTERNS.iter() {
        text = pattern.replace_all(&text, *shown).into_owned();
    }
    let time = |found: &Captures<'_>| match found[0].starts_with("2026-01-") {
        // Of files that a test has put there, with times of their own.
        true => found[0].to_owned(),
        false => {
            let seconds = found.get(2).map_or("", |_| ":00");
            format!("2026-01-01{}00:00{seconds}{}UTC", &found[1], &found[3])
        }
    };
    text = TIME.replace_all(&text, time).into_owned();
    let digest = |found: &Captures<'_>| "a".repeat(found[0].len());
    text = DIGEST.replace_all(&text, digest).into_owned();
    let folder = |found: &Captures<'_>| {
        let mut letters = "ABCDEF".chars();
        let renamed = found[2].chars().map(|char| match char {
            '↩' | '\n' => char,
            _ => letters.next().expect("six letters"),
        });
        format!("{}{}", &found[1], renamed.collect::<String>())
    };
    text = FOLDER.replace_all(&text, folder).into_owned();
    // It depends on which came first, the first log file or the sign-in.
    text = text.replace("log files arrive", "the forwarder can read the bucket");
    text = text.replace(
        "ログファイルが届いています",
        "フォワーダーはバケットを読み取れます",
    );
    let home = world.home().display().to_string();
    text = text.replace(&home, "/home/user");
    let temporary = std::env::temp_dir().display().to_string();
    text = text.replace(&temporary, "/tmp");
    let mut lines: Vec<&str> = text.lines().map(str::trim_end).collect();
    // Nothing is waited for if the forwarder has signed in already.
    lines.retain(|line| {
        !["  ✓ verify: ", "  ✓ 確認: "]
            .iter()
            .any(|step| line.starts_with(step))
    });
    for steps in lines.chunk_by_mut(|one, next| is_step(one) && is_step(next)) {
        if is_step(steps[0]) {
            steps.sort_unstable();
        }
    }
    lines.join("\n")
}

/// Whether a line tells of a step that has ended.
fn is_step(line: &str) -> bool {
    const VERBS: [&str; 8] = [
        "create ", "modify ", "delete ", "restore ", "作成 ", "変更 ", "削除 ", "復元 ",
    ];
    let step = line.strip_prefix("  ✓ ").or(line.strip_prefix("  ✗ "));
    step.is_some_and(|step| VERBS.iter().any(|verb| step.starts_with(verb)))
}
