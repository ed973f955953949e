//! The recipes for CI do what they say: each script of docs/ci.md and action.yml is taken out and run against the sandbox, and the
//! files have the form that the three systems read.

mod recipes;
mod release;
mod shape;

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::OnceLock,
};

use serde_json::Value;

use crate::support::{Ran, World, environment, succeeds};

const GITHUB: &str = "github-workflows";
const GITLAB: &str = "gitlab-ci";
const AZURE: &str = "azure-pipelines";
const ACTION: &str = "github-actions";

/// The systems that docs/ci.md has a recipe for, in its order.
const SYSTEMS: [&str; 3] = [GITHUB, GITLAB, AZURE];

/// A machine of a CI system, with a world, the program in its PATH, and an answers file.
struct Runner {
    world: World,
}

impl Runner {
    fn new() -> Self {
        let runner = Self {
            world: World::new(),
        };
        fs::create_dir(runner.bin()).unwrap();
        let program = runner.world.command(&[]).get_program().to_owned();
        std::os::unix::fs::symlink(program, runner.bin().join("sophos-ct")).unwrap();
        let answers = "tag = [\"team=security\"]\n";
        fs::write(runner.home().join("sophos-ct.toml"), answers).unwrap();
        runner
    }

    fn home(&self) -> &Path {
        self.world.home()
    }

    fn bin(&self) -> PathBuf {
        self.home().join("bin")
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.home().join(name)).unwrap_or_default()
    }

    /// Puts a script into the PATH, in place of the program of that name.
    fn tool(&self, name: &str, script: &str) {
        let file = self.bin().join(name);
        // A link would lead to the program itself.
        let _ = fs::remove_file(&file);
        put(&file, &format!("#!/bin/bash\n{script}\n"));
    }

    fn run(&self, system: &str, step: &str) -> Ran {
        self.run_with(system, step, &[])
    }

    /// Runs the script of a step as its system does: with its options of bash, and its variables.
    fn run_with(&self, system: &str, step: &str, variables: &[(&str, &str)]) -> Ran {
        let script = script(system, step).replace("111122223333", &self.world.account);
        let file = self.home().join("step.sh");
        fs::write(&file, script).unwrap();
        let program = self.world.command(&[]);
        let given = program.get_envs();
        let given = given.filter_map(|(name, value)| Some((name, value?)));
        let path = std::env::var("PATH").unwrap();
        let path = format!("{}:{path}", self.bin().display());
        let mut bash = Command::new("bash");
        match system {
            GITHUB | ACTION => bash.args(["--noprofile", "--norc", "-eo", "pipefail"]),
            GITLAB => bash.args(["-eo", "pipefail"]),
            _ => &mut bash,
        };
        bash.arg(&file).env_clear().envs(given).env("PATH", path);
        for name in ["GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY", "GITHUB_PATH"] {
            bash.env(name, self.home().join(name));
        }
        bash.env("GITHUB_ACTION_PATH", env!("CARGO_MANIFEST_DIR"))
            .env("RUNNER_TEMP", self.home())
            .envs(variables.iter().copied())
            .current_dir(self.home())
            .stdin(Stdio::null());
        bash.output().expect("bash").into()
    }
}

/// Puts a script where it can be run. Another process writes it: this one may have children that still hold the file open, and
/// then it could not be run.
fn put(file: &Path, script: &str) {
    let text = tempfile::NamedTempFile::new().unwrap();
    fs::write(text.path(), script).unwrap();
    let mut install = Command::new("install");
    succeeds(install.args(["-m", "755"]).arg(text.path()).arg(file));
}

/// The script of a step, or of the job of that name.
fn script(system: &str, step: &str) -> String {
    let recipe = read(system);
    if system != GITLAB {
        let found = named(recipe, step).unwrap_or_else(|| panic!("{system}: {step}"));
        let scripts = [
            &found["run"],
            &found["bash"],
            &found["inputs"]["inlineScript"],
        ];
        let mut scripts = scripts.into_iter().filter_map(Value::as_str);
        return scripts.next().unwrap().to_owned();
    }
    let lines = match step {
        "Plan" => &recipe[".plan"]["script"],
        "Comment" => &recipe["comment"]["after_script"],
        _ => &recipe[step.to_lowercase().as_str()]["script"],
    };
    let lines = lines
        .as_array()
        .unwrap()
        .iter()
        .map(|line| line.as_str().unwrap());
    lines.collect::<Vec<_>>().join("\n")
}

/// The part of a recipe that has this name.
fn named<'a>(part: &'a Value, name: &str) -> Option<&'a Value> {
    if part["name"] == name || part["displayName"] == name {
        return Some(part);
    }
    parts(part).find_map(|one| named(one, name))
}

/// What is directly in a part.
fn parts(part: &Value) -> Box<dyn Iterator<Item = &Value> + '_> {
    match part {
        Value::Array(list) => Box::new(list.iter()),
        Value::Object(map) => Box::new(map.values()),
        _ => Box::new(std::iter::empty()),
    }
}

/// The fenced blocks of docs/ci.md in a language.
fn blocks(language: &str) -> Vec<String> {
    let text = fs::read_to_string("docs/ci.md").unwrap();
    let begins = format!("\n```{language}\n");
    let blocks = text.split(&begins).skip(1);
    blocks
        .map(|block| block.split("\n```").next().unwrap().to_owned())
        .collect()
}

/// A recipe, or the action, which fits the schema of its system.
fn read(kind: &str) -> &'static Value {
    static READ: OnceLock<BTreeMap<&'static str, Value>> = OnceLock::new();
    &READ.get_or_init(read_all)[kind]
}

fn read_all() -> BTreeMap<&'static str, Value> {
    let folder = tempfile::tempdir().unwrap();
    let requirements = include_str!("requirements.txt");
    let pip = ["--no-deps", "--require-hashes", "--only-binary", ":all:"];
    let python = environment("ci-recipes", requirements, &pip).join("bin/python");
    let recipes = SYSTEMS.into_iter().zip(blocks("yaml"));
    let action = (ACTION, fs::read_to_string("action.yml").unwrap());
    let texts: Vec<(&'static str, String)> = recipes.chain([action]).collect();
    assert_eq!(texts.len(), 4);
    let mut found = BTreeMap::new();
    for (kind, text) in texts {
        let file = folder.path().join(kind);
        fs::write(&file, text).unwrap();
        let mut reads = Command::new(&python);
        reads.args(["-I", "tests/ci/recipes.py", kind]);
        reads.stdin(fs::File::open(file).unwrap());
        let ran: Ran = reads.output().unwrap().into();
        found.insert(kind, ran.exits(0).json());
    }
    found
}
