//! Completion for a sandbox: its connections, and the trails of the account that a profile names.

use super::Own;
use crate::help::until_found;

const TRAILS: [&str; 2] = ["aws-controltower-BaselineCloudTrail", "corp-audit"];

#[test]
fn the_sandboxs_connections_and_the_trails_of_a_profiles_account_are_completed() {
    let own = Own::new();
    let plan = ["plan", "--sandbox", "--trail", ""];
    // A sandbox that does not run is not started for it.
    assert_eq!(own.offered(None, &plan), [""; 0]);
    let status = own.run(&["sandbox", "status"]).exits(0);
    assert!(status.stdout.contains("is not running"));
    let worlds = ["sandbox", "start", "--with", "trail,control-tower"];
    own.run(&worlds).exits(0);

    let some = |found: &Vec<String>| !found.is_empty();
    let with_profile = |profile| ["plan", "--sandbox", "--profile", profile, "--trail", ""];
    for (profile, trails) in [("management", &TRAILS[..]), ("log-archive", &TRAILS[..1])] {
        let words = with_profile(profile);
        let typed = until_found(|| own.offered(None, &words), some);
        assert_eq!(typed, trails, "{profile}");
        let set = until_found(|| own.offered(Some(profile), &plan), some);
        assert_eq!(set, trails, "{profile}");
    }
    // A variable may name a profile that is meant for AWS.
    let set = until_found(|| own.offered(Some("nobody"), &plan), some);
    assert_eq!(set, TRAILS);
    assert_eq!(own.offered(None, &with_profile("nobody")), [""; 0]);

    let setup = "setup demo --sandbox --yes --no-organization --resources new --accept-cost";
    let setup: Vec<&str> = setup.split(' ').collect();
    own.run(&setup).exits(0);
    let status = ["status", "--sandbox", "--profile", "log-archive", "d"];
    let names = until_found(|| own.offered(None, &status), some);
    assert_eq!(names, ["demo"]);
}

impl Own {
    /// What the program offers for the last of these words, as bash would ask, where a variable names this profile.
    fn offered(&self, profile: Option<&str>, words: &[&str]) -> Vec<String> {
        let index = words.len().to_string();
        let mut variables = vec![
            ("SOPHOS_CT_COMPLETE", "bash"),
            ("_CLAP_COMPLETE_INDEX", index.as_str()),
            ("_CLAP_COMPLETE_COMP_TYPE", "9"),
            ("_CLAP_IFS", "\n"),
        ];
        variables.extend(profile.map(|profile| ("SOPHOS_CT_PROFILE", profile)));
        let words = [&["--", "sophos-ct"][..], words].concat();
        let ran = self.run_with(&variables, &words).exits(0);
        assert_eq!(ran.stderr, "");
        ran.stdout.lines().map(ToOwned::to_owned).collect()
    }
}
