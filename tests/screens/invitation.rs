//! Screens of both sides of an invitation.

use super::{Answer, USUAL, screen_of};
use crate::{
    invitation::{invitation, invited, inviting},
    support::World,
};

#[test]
fn an_invitation_is_made_listed_and_taken_back() {
    for look in USUAL {
        let world = World::new();
        let account = format!("{}\r", world.account);
        let questions: [Answer; 2] = [
            ("? AWS account that", "? 接続の対象の", &account),
            ("cover an AWS organization?", "AWS 組織ですか", "n\r"),
        ];
        for (name, words, answers) in [
            ("invite", &["invite", "fourth"][..], &questions[..]),
            ("invite_again", &["invite", "fourth"], &[]),
            ("invite_list", &["invite", "--list"], &[]),
            ("status_prepared", &["status", "fourth"], &[]),
            ("invite_revoke", &["invite", "fourth", "--revoke"], &[]),
            ("invite_list_none", &["invite", "--list"], &[]),
        ] {
            let mut command = inviting(&world, world.home(), words);
            screen_of(name, &world, look, &mut command, answers);
        }
    }
}

#[test]
fn an_invitation_for_an_organization_is_asked_for_in_one_step() {
    for look in USUAL {
        let world = World::new();
        let account = format!("{}\r", world.account);
        let questions: [Answer; 6] = [
            ("? AWS account that", "? 接続の対象の", &account),
            ("cover an AWS organization?", "AWS 組織ですか", "y\r"),
            ("? Id of the organization", "? 組織の ID", "o-abcdefghij\r"),
            ("? Management account", "? 組織の管理", &account),
            ("Only those that I choose", "選択したアカウントのみ", "\r"),
            ("See it become active", "有効になったことを", ""),
        ];
        let mut command = inviting(&world, world.home(), &["invite", "fourth"]);
        screen_of(
            "invite_organization",
            &world,
            look,
            &mut command,
            &questions,
        );
    }
}

/// A code that is typed.
fn typed(code: &str) -> Answer<'_> {
    ("? Code of the", "? 招待コード", code)
}

#[test]
fn whoever_is_invited_sees_to_whom_logs_would_go() {
    for look in USUAL {
        let world = World::new();
        let made = invitation(&world);
        let code = format!("{}\r", made["code"].as_str().unwrap());
        let wrong = format!("{}\r", "A".repeat(16));
        let declined = [
            typed(&code),
            ("? Send this account's", "送信しますか", "\r"),
        ];
        for (name, answers) in [
            ("invitation_declined", &declined[..]),
            ("invitation_refused", &[typed(&wrong)]),
        ] {
            let mut command = invited(&world, &["setup", "--code", "-"]);
            screen_of(name, &world, look, &mut command, answers);
        }
        let mut unattended = invited(&world, &["plan", "--yes"]);
        unattended.env("SOPHOS_CT_CODE", made["code"].as_str().unwrap());
        screen_of("invitation_unattended", &world, look, &mut unattended, &[]);
    }
}
