//! The action and `scripts/fetch-release`: a release is used only if it is the signed one, and a command of the action gives its
//! result and its exit code.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use serde_json::Value;

use super::{ACTION, Runner, put};
use crate::support::{Ran, blocking, succeeds};

const SEED: &str = "0707070707070707070707070707070707070707070707070707070707070707";
const ANOTHER: &str = "0808080808080808080808080808080808080808080808080808080808080808";
const FETCH: &str = "Fetch and verify";

/// A folder of releases, with version 1.2.3 for both machines.
struct Releases {
    folder: tempfile::TempDir,
    key: String,
}

impl Releases {
    fn new(runner: &Runner) -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("1.2.3")).unwrap();
        let mut releases = Self {
            folder,
            key: String::new(),
        };
        let program = runner.world.command(&[]).get_program().to_owned();
        let program = program.to_str().unwrap();
        for machine in ["x86_64", "aarch64"] {
            let script = format!("#!/bin/sh\nmachine={machine} exec {program} \"$@\"\n");
            fs::write(releases.file(&format!("sophos-ct-{machine}-linux")), script).unwrap();
        }
        releases.key = releases.sign("sophos-ct 1.2.3, commit 0123abcd", SEED);
        if succeeds(Command::new("sh").args(["-c", "command -v minisign || true"])).is_empty() {
            let minisign = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/ci/minisign.py");
            let stand_in = format!("exec python3 -I {} \"$@\"", minisign.display());
            runner.tool("minisign", &stand_in);
        }
        releases
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join("1.2.3").join(name)
    }

    /// The files of the program.
    fn programs(&self) -> impl Iterator<Item = PathBuf> {
        let machines = ["x86_64", "aarch64"].into_iter();
        machines.map(move |machine| self.file(&format!("sophos-ct-{machine}-linux")))
    }

    /// Writes the checksums and signs them. Returns the public key.
    fn sign(&self, comment: &str, seed: &str) -> String {
        let mut sums = Command::new("sh");
        sums.args(["-c", "sha256sum sophos-ct-* > SHA256SUMS"]);
        succeeds(sums.current_dir(self.file("")));
        let mut sign = Command::new("python3");
        sign.args(["-I", "tests/ci/minisign.py", "sign"]);
        let key = succeeds(sign.arg(self.file("SHA256SUMS")).args([comment, seed]));
        key.trim().to_owned()
    }

    fn url(&self) -> String {
        format!("file://{}", self.folder.path().display())
    }

    fn fetch(&self, runner: &Runner) -> Ran {
        let given = [
            ("RELEASES", self.url()),
            ("RELEASE", "1.2.3".to_owned()),
            ("PUBLIC_KEY", self.key.clone()),
        ];
        let given: Vec<(&str, &str)> = given
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
            .collect();
        runner.run_with(ACTION, FETCH, &given)
    }
}

/// What the action leaves for other steps.
fn fetched(runner: &Runner) -> PathBuf {
    runner.home().join("sophos-ct-release/sophos-ct")
}

#[track_caller]
fn is_refused(runner: &Runner, releases: &Releases, words: &str) {
    let ran = releases.fetch(runner).exits(1);
    assert!(ran.stderr.contains(words), "{}", ran.stderr);
    assert!(!fetched(runner).exists());
    assert_eq!(runner.read("GITHUB_PATH"), "");
}

#[test]
fn a_signed_release_is_put_into_the_path() {
    let runner = Runner::new();
    let releases = Releases::new(&runner);
    let ran = releases.fetch(&runner).exits(0);
    assert!(ran.stderr.contains("commit 0123abcd"), "{}", ran.stderr);
    let path = runner.read("GITHUB_PATH");
    assert_eq!(Path::new(path.trim()), fetched(&runner).parent().unwrap());
    succeeds(Command::new(fetched(&runner)).arg("--version"));
}

#[test]
fn the_machine_decides_which_file_is_fetched() {
    let runner = Runner::new();
    let releases = Releases::new(&runner);
    for machine in ["x86_64", "aarch64"] {
        let uname = format!("[ \"$1\" = -m ] && echo {machine} || echo Linux");
        runner.tool("uname", &uname);
        releases.fetch(&runner).exits(0);
        let script = fs::read_to_string(fetched(&runner)).unwrap();
        assert!(script.contains(&format!("machine={machine}")), "{script}");
    }
    fs::remove_file(fetched(&runner)).unwrap();
    fs::remove_file(runner.home().join("GITHUB_PATH")).unwrap();
    runner.tool("uname", "[ \"$1\" = -m ] && echo arm64 || echo Darwin");
    is_refused(&runner, &releases, "no release for Darwin on arm64");
}

#[test]
fn a_release_that_is_not_the_signed_one_is_refused() {
    let runner = Runner::new();
    let refused = |words: &str, spoil: fn(&mut Releases)| {
        let mut releases = Releases::new(&runner);
        spoil(&mut releases);
        is_refused(&runner, &releases, words);
    };
    refused("is not the file that was signed", |releases| {
        releases
            .programs()
            .for_each(|file| fs::write(file, "mine").unwrap());
    });
    refused("not signed with the public key", |releases| {
        let sums = releases.file("SHA256SUMS");
        let text = fs::read_to_string(&sums).unwrap();
        fs::write(sums, text.replace(' ', "\t")).unwrap();
    });
    refused("not signed with the public key", |releases| {
        releases.sign("sophos-ct 1.2.3, commit 0123abcd", ANOTHER);
    });
    refused("not signed with the public key", |releases| {
        let signature = releases.file("SHA256SUMS.minisig");
        let text = fs::read_to_string(&signature).unwrap();
        fs::write(signature, text.replace("1.2.3", "1.2.4")).unwrap();
    });
    refused("cannot be downloaded", |releases| {
        fs::remove_file(releases.file("SHA256SUMS.minisig")).unwrap();
    });
    refused("not of version 1.2.3", |releases| {
        releases.sign("sophos-ct 1.2.30, commit 0123abcd", SEED);
    });
    refused("does not name sophos-ct-", |releases| {
        fs::write(releases.file("sophos-ct-other"), "").unwrap();
        releases
            .programs()
            .for_each(|file| fs::remove_file(file).unwrap());
        releases.sign("sophos-ct 1.2.3, commit 0123abcd", SEED);
        releases
            .programs()
            .for_each(|file| fs::write(file, "").unwrap());
    });
    refused("56 characters", |releases| releases.key.clear());
}

#[test]
fn nothing_is_fetched_without_minisign_or_from_an_address_without_tls() {
    let runner = Runner::new();
    let releases = Releases::new(&runner);
    let folder = runner.home().join("out");
    let fetch = |url: &str, path: &Path| -> Ran {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("scripts/fetch-release");
        let mut bash = Command::new(which("bash"));
        bash.arg(script).args([url, "1.2.3", releases.key.as_str()]);
        bash.arg(&folder).env("PATH", path).output().unwrap().into()
    };
    let few = tempfile::tempdir().unwrap();
    for tool in ["curl", "sha256sum"] {
        std::os::unix::fs::symlink(which(tool), few.path().join(tool)).unwrap();
    }
    let ran = fetch(&releases.url(), few.path()).exits(1);
    assert!(
        ran.stderr.contains("minisign is not installed"),
        "{}",
        ran.stderr
    );
    let ran = fetch("http://example.com/releases", few.path()).exits(1);
    assert!(ran.stderr.contains("https://"), "{}", ran.stderr);
    assert!(!folder.exists());
}

/// Where a tool is.
fn which(tool: &str) -> String {
    let mut shell = Command::new("sh");
    let found = succeeds(shell.args(["-c", &format!("command -v {tool}")]));
    found.trim().to_owned()
}

/// Runs a command with the action.
fn run(runner: &Runner, words: &str, format: &str, accept: &str) -> Ran {
    let _ = fs::remove_file(runner.home().join("GITHUB_OUTPUT"));
    let given = [("WORDS", words), ("FORMAT", format), ("ACCEPT", accept)];
    runner.run_with(ACTION, "Run", &given)
}

/// An output of the action.
fn output(runner: &Runner, name: &str) -> Option<String> {
    let written = runner.read("GITHUB_OUTPUT");
    let mut lines = written.lines();
    while let Some(line) = lines.next() {
        if let Some(value) = line.strip_prefix(&format!("{name}=")) {
            return Some(value.to_owned());
        }
        if let Some(end) = line.strip_prefix(&format!("{name}<<")) {
            let value: Vec<&str> = lines.take_while(|line| *line != end).collect();
            return Some(value.join("\n"));
        }
    }
    None
}

#[test]
fn the_action_gives_the_result_and_the_exit_code_and_fails_unless_the_code_is_accepted() {
    let runner = Runner::new();
    Releases::new(&runner).fetch(&runner).exits(0);
    runner.world.setup("production", &[]).exits(0);
    run(&runner, "status production", "json", "0").exits(0);
    assert_eq!(output(&runner, "exit-code").unwrap(), "0");
    blocking(async {
        let aws = runner.world.aws().await;
        let stop = aws.cloudtrail.stop_logging().name("sophos-ct-production");
        stop.send().await.unwrap();
    });
    for (accept, code) in [("0", 8), ("0 8", 0), ("80 0", 8)] {
        run(&runner, "status production", "json", accept).exits(code);
        assert_eq!(output(&runner, "exit-code").unwrap(), "8");
        let result: Value = serde_json::from_str(&output(&runner, "result").unwrap()).unwrap();
        assert_eq!(result["connection"]["name"], "production");
        let file = fs::read_to_string(output(&runner, "output").unwrap()).unwrap();
        assert_eq!(serde_json::from_str::<Value>(&file).unwrap(), result);
    }
    run(
        &runner,
        "plan production --detailed-exitcode",
        "json",
        "0 7",
    )
    .exits(0);
    assert_eq!(output(&runner, "exit-code").unwrap(), "7");
    run(&runner, "status production", "text", "8").exits(0);
    assert_eq!(output(&runner, "result"), None);
}

/// A runner with a program that only writes down its words.
fn with_stand_in() -> Runner {
    let runner = Runner::new();
    fs::create_dir(runner.home().join("sophos-ct-release")).unwrap();
    put(
        &fetched(&runner),
        "#!/bin/sh\nprintf '%s\\n' \"$@\" > words\n",
    );
    runner
}

#[test]
fn no_shell_sees_the_words_of_a_command() {
    let runner = with_stand_in();
    let words = "list\n  $(touch one) `touch two`; touch three * \"a b\"\n";
    run(&runner, words, "text", "0").exits(0);
    let expected = "list\n$(touch\none)\n`touch\ntwo`;\ntouch\nthree\n*\n\"a\nb\"\n";
    let global = "--no-input\n--format\ntext\n";
    assert_eq!(runner.read("words"), format!("{expected}{global}"));
    for name in ["one", "two", "three"] {
        assert!(!runner.home().join(name).exists());
    }
}

#[test]
fn the_action_makes_no_invitation_and_takes_no_code_in_a_command() {
    let runner = with_stand_in();
    for words in [
        "invite shop",
        "--lang ja invite shop",
        "setup --code AAAA-BBBB --yes",
        "setup --code=AAAA-BBBB --yes",
    ] {
        let ran = run(&runner, words, "json", "0 2").exits(2);
        assert!(ran.stdout.contains("::error::"), "{}", ran.stdout);
        assert_eq!(runner.read("words") + &runner.read("GITHUB_OUTPUT"), "");
        // What was given all the same is hidden in what follows.
        let shown = ran.stdout.replace("::add-mask::AAAA-BBBB\n", "");
        assert!(!(shown + &ran.stderr).contains("AAAA-BBBB"), "{words}");
        let masked = ran.stdout.contains("::add-mask::AAAA-BBBB");
        assert_eq!(masked, words.contains("AAAA-BBBB"));
    }
    run(&runner, "setup --code - --yes", "text", "0").exits(0);
    assert!(
        runner
            .read("words")
            .starts_with("setup\n--code\n-\n--yes\n")
    );
}

#[test]
fn the_action_hides_the_secrets_of_its_step_in_the_log() {
    let runner = with_stand_in();
    let given = [
        ("WORDS", "list"),
        ("FORMAT", "text"),
        ("ACCEPT", "0"),
        ("SOPHOS_CENTRAL_CLIENT_SECRET", "of central"),
        ("SOPHOS_CT_CODE", "a%b\nc"),
    ];
    let ran = runner.run_with(ACTION, "Run", &given).exits(0);
    for masked in ["of central", "a%25b%0Ac"] {
        let line = format!("::add-mask::{masked}");
        assert!(ran.stdout.lines().any(|one| one == line), "{}", ran.stdout);
    }
}
