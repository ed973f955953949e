//! The program is killed again and again at random moments, with random flags, each repeatable by its seed.

use std::process::Stdio;

use super::{FLAGS, setup_words, undisturbed};
use crate::support::{World, snapshot};

#[test]
#[ignore = "long: SOPHOS_CT_SEED=7 cargo test --test suite crash -- --ignored"]
fn killed_again_and_again_with_any_flags() {
    let seed = std::env::var("SOPHOS_CT_SEED")
        .map_or(1, |text| text.parse().expect("SOPHOS_CT_SEED: a number"));
    println!("SOPHOS_CT_SEED={seed}");
    for round in 0..8 {
        let mut chance = Chance(seed * 1000 + round);
        let chosen: Vec<&str> = FLAGS
            .chunks(2)
            .filter(|_| chance.below(2) == 0)
            .flatten()
            .copied()
            .collect();
        println!("round {round}: {chosen:?}");
        let (whole, _) = undisturbed(&chosen);
        let mut world = World::wired();
        let by_name = setup_words(&[]);
        killed_again_and_again(&mut world, &mut chance, &setup_words(&chosen), &by_name);
        assert_eq!(snapshot::aws(&world), snapshot::aws(&whole));
        assert_eq!(snapshot::central(&world), snapshot::central(&whole));
        let account = world.account.clone();
        let words = [
            "remove",
            "demo",
            "--yes",
            "--confirm-account",
            &account,
            "--no-input",
        ];
        killed_again_and_again(&mut world, &mut chance, &words, &words);
        let left = snapshot::aws(&world);
        assert!(
            left.keys().all(|name| name.starts_with("bucket ")),
            "{left:?}"
        );
    }
}

/// Runs and kills the program until a run ends by itself. Returns how often it was killed.
fn killed_again_and_again(
    world: &mut World,
    chance: &mut Chance,
    words: &[&str],
    later: &[&str],
) -> usize {
    let mut words = words;
    for killed in 0.. {
        let mut child = world
            .command(words)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        world.wire().kill_after(1 + chance.below(6), child.id());
        let ended = child.wait().unwrap();
        world.wire().mend();
        if let Some(code) = ended.code() {
            assert_eq!(code, 0, "{words:?} after {killed} kills");
            return killed;
        }
        world.move_house();
        words = later;
    }
    unreachable!()
}

/// A repeatable choice of numbers (SplitMix64).
struct Chance(u64);

impl Chance {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((mixed ^ (mixed >> 31)) % bound as u64).unwrap()
    }
}
