//! The whole job: set up, verify, set up again, remove, and set up once more; and the sandbox that it runs in.

mod completion;
mod doctor;
mod guard;
mod job;
mod proof;
mod sandbox;
mod worlds;

use crate::support::{Ran, World};

/// A separate sandbox in a folder of its own. It ends with the test.
struct Own {
    world: World,
    dir: tempfile::TempDir,
}

impl Own {
    fn new() -> Self {
        Self {
            world: World::new(),
            dir: tempfile::tempdir().unwrap(),
        }
    }

    fn run(&self, words: &[&str]) -> Ran {
        self.run_with(&[], words)
    }

    fn run_with(&self, variables: &[(&str, &str)], words: &[&str]) -> Ran {
        let mut command = self.world.command(words);
        command.env("SOPHOS_CT_SANDBOX_DIR", self.dir.path());
        // The emulator's environment is made once, in the real HOME.
        command.env("HOME", std::env::var_os("HOME").unwrap_or_default());
        command.envs(variables.iter().copied());
        command.output().unwrap().into()
    }

    fn objects(&self) -> u64 {
        let list = ["list", "--sandbox", "--format", "json"];
        let list = self.run(&list).exits(0).json();
        list["connections"][0]["receivedObjects"].as_u64().unwrap()
    }
}

impl Drop for Own {
    fn drop(&mut self) {
        self.run(&["sandbox", "stop"]);
    }
}
