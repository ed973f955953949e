//! Each fault that is planted is found, and nothing where there is none.

use super::{
    NOTHING, Served, block_on, differing,
    faults::{FAULTS, Fault, PROOFS, TIMES},
};
use crate::support::World;

fn are_found(faults: &[Fault]) {
    let world = World::new();
    let role = world.role(NOTHING);
    block_on(async {
        for fault in faults {
            let central = Served::start(Some(*fault)).await;
            let ran = central
                .verify(&world, &role, &["--format", "json"])
                .await
                .exits(1);
            let found = differing(&ran.json());
            assert!(!found.is_empty(), "{}", fault.operation);
            let elsewhere = found
                .iter()
                .filter(|(operation, _)| operation != fault.operation);
            let elsewhere: Vec<_> = elsewhere.collect();
            assert!(elsewhere.is_empty(), "{}: {elsewhere:?}", fault.operation);
            let named = found.iter().any(|(_, name)| name == fault.check);
            assert!(named, "{}: {found:?}", fault.check);
            assert!(!central.has_connections());
        }
    });
}

#[test]
fn each_planted_fault_is_found_where_it_is() {
    are_found(&FAULTS);
}

#[test]
fn each_proof_that_is_believed_and_must_not_be_is_found() {
    are_found(&PROOFS);
}

#[test]
fn times_and_counts_that_are_wrong_are_found() {
    are_found(&TIMES);
}
