//! What is proved of a log file.

use super::*;
use crate::{
    audit::certify::{
        proof::{Content, File, Proof, Received},
        told::Said,
    },
    central::model::{Outcome, SkipReason},
};

const SIGNED: Hash = Hash([1; 32]);
const OTHER: Hash = Hash([2; 32]);

fn receipt(outcome: Outcome, content: Option<Hash>) -> Option<Received> {
    Some(Received {
        outcome,
        reason: (outcome == Outcome::Skipped).then_some(SkipReason::Paused),
        content,
        at: at(10),
    })
}

fn proof(content: Content, receipt: Option<Received>, said: Said) -> Proof {
    let file = File {
        object: log(OURS, 10),
        landed: (content != Content::Absent).then(|| at(10)),
        content,
        receipt,
        proof: Proof::Unsigned,
    };
    file.judged(said, &window())
}

#[test]
fn a_file_is_proved_if_it_is_signed_in_the_bucket_and_received_alike() {
    let signed = Said {
        hash: Some(SIGNED),
        due: true,
        at: at(10),
        ..Said::default()
    };
    let none = Said {
        at: at(10),
        ..Said::default()
    };
    let due = Said { due: true, ..none };
    let earlier = Said {
        earlier: true,
        ..signed
    };
    let (old, signed_old) = (
        Said {
            expired: true,
            ..none
        },
        Said {
            expired: true,
            ..signed
        },
    );
    let theirs = Said {
        theirs: true,
        ..signed
    };
    let perhaps = Said {
        perhaps_another: true,
        ..due
    };
    let stored = |hash| receipt(Outcome::Stored, Some(hash));
    let (same, other) = (Content::Sha256(SIGNED), Content::Sha256(OTHER));
    for (content, receipt, said, expected) in [
        (same, stored(SIGNED), signed, Proof::Proved),
        (same, stored(SIGNED), theirs, Proof::Proved),
        (same, None, theirs, Proof::OtherTrail),
        (same, None, earlier, Proof::Earlier),
        (same, stored(SIGNED), earlier, Proof::Proved),
        (
            same,
            receipt(Outcome::Denied, None),
            earlier,
            Proof::NeverReceived,
        ),
        (same, stored(SIGNED), none, Proof::Unsigned),
        (same, stored(SIGNED), due, Proof::Unlisted),
        (same, stored(SIGNED), perhaps, Proof::Unassigned),
        (same, stored(OTHER), perhaps, Proof::ReceivedDifferently),
        (same, None, none, Proof::Unsigned),
        (other, stored(SIGNED), signed, Proof::Altered),
        (other, stored(OTHER), signed, Proof::Altered),
        (Content::Unreadable, stored(SIGNED), signed, Proof::Altered),
        (same, stored(OTHER), signed, Proof::ReceivedDifferently),
        (same, stored(OTHER), none, Proof::ReceivedDifferently),
        (
            same,
            receipt(Outcome::Stored, None),
            signed,
            Proof::ReceivedDifferently,
        ),
        (Content::Absent, stored(SIGNED), signed, Proof::Deleted),
        (Content::Absent, None, signed, Proof::Deleted),
        (Content::Absent, None, none, Proof::Unsigned),
        (Content::Absent, stored(SIGNED), none, Proof::Vanished),
        (Content::Absent, stored(SIGNED), due, Proof::Vanished),
        (
            Content::Absent,
            receipt(Outcome::Skipped, None),
            none,
            Proof::Vanished,
        ),
        (
            Content::Absent,
            receipt(Outcome::Gone, None),
            none,
            Proof::Vanished,
        ),
        (Content::Absent, stored(SIGNED), old, Proof::Expired),
        (Content::Absent, None, signed_old, Proof::Expired),
        (same, stored(SIGNED), signed_old, Proof::Proved),
        (same, None, signed, Proof::NeverReceived),
        (
            same,
            receipt(Outcome::Unknown, None),
            signed,
            Proof::NeverReceived,
        ),
        (
            same,
            receipt(Outcome::Denied, None),
            signed,
            Proof::NeverReceived,
        ),
        (
            same,
            receipt(Outcome::Skipped, None),
            signed,
            Proof::Unwanted,
        ),
        (Content::Archived, stored(SIGNED), signed, Proof::Archived),
    ] {
        let name = format!("{content:?} {receipt:?} {said:?}");
        assert_eq!(proof(content, receipt, said), expected, "{name}");
    }
}

#[test]
fn a_young_file_may_be_on_its_way_and_one_outside_the_window_is_not_judged() {
    let landed = |landed: Timestamp| {
        let said = Said {
            hash: Some(SIGNED),
            due: true,
            at: landed,
            ..Said::default()
        };
        let file = File {
            object: log(OURS, 10),
            landed: Some(landed),
            content: Content::Sha256(SIGNED),
            receipt: None,
            proof: Proof::Unsigned,
        };
        file.judged(said, &window())
    };
    assert_eq!(
        landed(at(24) - SignedDuration::from_mins(5)),
        Proof::InFlight
    );
    assert_eq!(landed(at(23)), Proof::NeverReceived);
    assert_eq!(landed(at(24)), Proof::Outside);
    assert_eq!(landed(at(-1)), Proof::Outside);
}

#[test]
fn every_proof_has_a_place_among_the_counts() {
    for (number, proof) in Proof::COUNTED.into_iter().enumerate() {
        assert_eq!(proof as usize, number);
        let name = serde_json::to_value(proof).unwrap();
        assert_eq!(name, proof.name());
    }
}
