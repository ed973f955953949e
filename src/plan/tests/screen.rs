//! The plan as a screen: its groups, its counts, the way of the log files.

use super::world::{journal, manifest, nothing, theirs, whole};
use crate::{
    connection::{Design, Feed, Kind, Organization, Ownership, Resources, fixture},
    plan::{
        removal::{Others, removal},
        render::{groups, kind, path},
        setup,
    },
    resources::{
        families::{Observed, Step},
        planned::Wishes,
        seen::Seen,
        step::Does,
    },
    ui::{
        layout::Width,
        page::{Page, Tone},
        t,
    },
};

fn set_up(design: &Design, seen: &Observed) -> Vec<Step> {
    setup(design, seen, journal(None)).steps
}

fn first(design: &Design) -> Vec<Step> {
    set_up(design, &theirs(design))
}

fn remove(design: &Design, recorded: &Resources, wishes: Wishes) -> Vec<Step> {
    let (seen, others) = (whole(design), Others::default());
    removal(design, &seen, recorded, wishes, &others).steps
}

/// What our own trail needs stays with it.
fn without_trail(design: &Design, recorded: &Resources) -> Vec<Step> {
    let keep = Wishes {
        keep_trail: true,
        ..Wishes::default()
    };
    remove(design, recorded, keep)
}

/// A whole account in which a resource of ours and a part of one are to be mended.
fn to_repair(design: &Design) -> Observed {
    let mut seen = whole(design);
    if let Seen::There(role) = &mut seen.role {
        role.trust = serde_json::json!({ "Statement": [] });
    }
    if let Seen::There(Ok(bucket)) = &mut seen.bucket {
        bucket.policy = Seen::Absent;
    }
    seen
}

fn of_organization() -> (Design, Observed) {
    let mut design = fixture::design(Feed::New);
    design.organization = Some(Organization {
        id: "o-abcdefghij".to_owned(),
        management: design.account.clone(),
    });
    let mut seen = nothing();
    seen.organization.may = Seen::There(());
    (design, seen)
}

/// The manifest of a run that used this kind of resource and did not create it.
fn using(design: &Design, kind: Kind) -> Resources {
    let mut recorded = manifest(design);
    for item in &mut recorded.items {
        if item.kind == kind {
            item.ownership = Ownership::Used;
        }
    }
    recorded
}

fn page(steps: &[Step], removal: bool) -> Page {
    groups(steps, removal, Width::of_columns(120), false)
}

fn headings(page: &Page) -> Vec<&str> {
    let headings = page.lines.iter().filter(|line| line.tone == Tone::Heading);
    headings.map(|line| line.text.trim()).collect()
}

/// The lines of a page, each behind what it means.
fn text(page: &Page) -> String {
    let lines = page.lines.iter().map(|line| {
        let tone = format!("{:?}", line.tone);
        format!("{tone:<8}|{}", line.text)
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// The last line of a screen that lists so much to create, change, delete, use and keep.
fn counts([create, change, delete, used, kept]: [usize; 5]) -> String {
    let all = [
        (create, t!("count-create", number = create)),
        (change, t!("count-change", number = change)),
        (delete, t!("count-delete", number = delete)),
        (used, t!("count-used", number = used)),
        (kept, t!("count-kept", number = kept)),
    ];
    let listed = all.into_iter().filter(|(number, _)| *number > 0);
    let listed: Vec<String> = listed.map(|(_, words)| words).collect();
    t!("plan-counts", counts = listed.join(", "))
}

#[test]
fn every_screen_is_as_the_snapshots_show() {
    for (name, design) in fixture::every_feed() {
        let steps = first(&design);
        insta::assert_snapshot!(format!("first_{name}"), text(&page(&steps, false)));
        let recorded = manifest(&design);
        let steps = remove(&design, &recorded, Wishes::default());
        insta::assert_snapshot!(format!("removal_{name}"), text(&page(&steps, true)));
    }
    let design = fixture::design(Feed::New);
    let steps = set_up(&design, &to_repair(&design));
    insta::assert_snapshot!("repair", text(&page(&steps, false)));
    let in_words = groups(&steps, false, Width::of_columns(120), true);
    insta::assert_snapshot!("repair_in_words", text(&in_words));
    let steps = without_trail(&design, &manifest(&design));
    insta::assert_snapshot!("removal_without_trail", text(&page(&steps, true)));
    let (design, seen) = of_organization();
    let steps = set_up(&design, &seen);
    insta::assert_snapshot!("first_organization", text(&page(&steps, false)));
}

#[test]
fn what_happens_to_something_of_yours_stands_apart_and_counts_as_a_change() {
    let new = t!("group-new");
    let (changed, used) = (t!("group-yours-changed"), t!("group-yours-used"));
    for ((name, design), (groups, numbers)) in fixture::every_feed().into_iter().zip([
        (vec![&new], [12, 0, 0, 0, 0]),
        // The topic gets our subscription, the trail our topic, the bucket our notification or the events.
        (vec![&new, &changed, &used], [5, 1, 0, 2, 0]),
        (vec![&new, &changed, &used], [8, 1, 0, 1, 0]),
        (vec![&new, &changed, &used], [8, 1, 0, 1, 0]),
        (vec![&new, &changed, &used], [6, 1, 0, 1, 0]),
    ]) {
        let steps = first(&design);
        let page = page(&steps, false);
        assert_eq!(headings(&page), groups, "{name}");
        assert_eq!(page.lines.last().unwrap().text, counts(numbers), "{name}");
    }
    // What an organization shares is yours, although it is created.
    let (design, seen) = of_organization();
    let steps = set_up(&design, &seen);
    let page = page(&steps, false);
    assert_eq!(headings(&page), [&new, &changed]);
    assert_eq!(page.lines.last().unwrap().text, counts([12, 2, 0, 0, 0]));
    let access = page.lines.iter();
    let mut access = access.filter(|line| line.text.contains(&kind(Kind::TrustedAccess)));
    assert_eq!(access.next().unwrap().tone, Tone::Added);
}

#[test]
fn what_stays_as_it_is_is_only_counted() {
    let design = fixture::design(Feed::New);
    let again = set_up(&design, &whole(&design));
    let found = page(&again, false);
    assert_eq!(headings(&found), [""; 0]);
    let stay = &found.lines[0];
    assert_eq!(stay.text, t!("plan-kept", count = 6));
    assert_eq!(stay.tone, Tone::Quiet);
    assert_eq!(found.lines[1].text, t!("plan-counts-none"));
    // A first run leaves nothing as it is, and does not say so.
    let steps = first(&design);
    let none = t!("plan-kept", count = 0);
    assert!(
        page(&steps, false)
            .lines
            .iter()
            .all(|line| line.text != none)
    );

    let repair = set_up(&design, &to_repair(&design));
    let found = page(&repair, false);
    assert_eq!(headings(&found), [t!("group-ours-changed")]);
    let [.., stay, last] = &found.lines[..] else {
        panic!("{found:?}");
    };
    assert_eq!(stay.text, t!("plan-kept", count = 4));
    // A part that is made anew is a change of the bucket.
    assert_eq!(last.text, counts([0, 2, 0, 0, 0]));
    // The role's policy is right: it is not a line of the screen.
    let policy = kind(Kind::RolePolicy);
    assert!(!text(&found).contains(&policy), "{}", text(&found));
}

#[test]
fn a_removal_says_what_goes_what_is_put_back_and_what_is_kept() {
    let design = fixture::design(Feed::New);
    let recorded = manifest(&design);
    let with_logs = Wishes {
        delete_logs: true,
        ..Wishes::default()
    };
    let bucket = fixture::design(Feed::Bucket { trail: None });
    let changed = t!("group-ours-changed");
    let restored = t!("group-yours-restored");
    let (deleted, kept) = (t!("group-deleted"), t!("group-kept"));
    for (steps, groups, numbers) in [
        (
            remove(&design, &recorded, Wishes::default()),
            vec![&changed, &deleted],
            [0, 1, 8, 0, 0],
        ),
        (
            remove(&design, &recorded, with_logs),
            vec![&deleted],
            [0, 1, 9, 0, 0],
        ),
        (
            remove(&bucket, &manifest(&bucket), Wishes::default()),
            vec![&restored, &deleted],
            [0, 1, 7, 0, 0],
        ),
        (
            without_trail(&design, &recorded),
            vec![&changed, &deleted, &kept],
            [0, 1, 5, 0, 2],
        ),
        // Our policy is taken out of a role that is yours.
        (
            remove(&design, &using(&design, Kind::Role), Wishes::default()),
            vec![&changed, &restored, &deleted],
            [0, 2, 6, 0, 0],
        ),
    ] {
        let page = page(&steps, true);
        assert_eq!(headings(&page), groups, "{}", text(&page));
        let last = &page.lines.last().unwrap().text;
        assert_eq!(*last, counts(numbers), "{}", text(&page));
    }
}

#[test]
fn a_part_is_kept_in_sight_if_there_is_a_reason_to_name_it() {
    let arn = "arn:aws:s3:::theirs";
    let part = || Step::new(Does::Keep(Kind::BucketPolicyStatement), arn);
    let named = page(&[part().because("somebody needs it".to_owned())], true);
    assert_eq!(headings(&named), [t!("group-kept")]);
    assert!(text(&named).contains("(somebody needs it)"));
    let unnamed = page(&[part()], true);
    assert_eq!(headings(&unnamed), [""; 0]);
    assert_eq!(unnamed.lines[0].text, t!("plan-kept", count = 1));
}

#[test]
fn each_resource_has_a_line_of_its_own_with_its_parts_below_its_name() {
    let two = ["arn:aws:s3:::one", "arn:aws:s3:::two"];
    let steps = two.map(|arn| Step::new(Does::Use(Kind::Bucket), arn));
    let found = page(&steps, false);
    assert_eq!(found.lines.last().unwrap().text, counts([0, 0, 0, 2, 0]));
    for name in ["one", "two"] {
        let mut lines = found.lines.iter();
        assert!(lines.any(|line| line.text.ends_with(name)), "{name}");
    }

    let design = fixture::design(Feed::New);
    let steps = first(&design);
    let name = design.role.as_str();
    for (columns, below) in [(120, true), (60, true), (59, false)] {
        let found = groups(&steps, false, Width::of_columns(columns), false);
        let [_, role, policy, log_group, topic, ..] = &found.lines[..] else {
            panic!("{found:?}");
        };
        assert!(log_group.text.contains(&kind(Kind::LogGroup)));
        let column = role.text.find(name).unwrap();
        assert_eq!(topic.text.find(name), Some(column), "names are aligned");
        let indent = policy.text.find('+').unwrap();
        assert_eq!(indent, if below { column } else { 4 }, "{columns}");
        assert!(policy.text.ends_with(&kind(Kind::RolePolicy)));
    }
}

#[test]
fn a_part_of_yours_is_named_by_its_id() {
    let bucket = fixture::design(Feed::Bucket { trail: None });
    let steps = first(&bucket);
    let found = text(&page(&steps, false));
    assert!(found.contains(&bucket.notification_id()), "{found}");
    // Ours are named by what they are.
    let new = fixture::design(Feed::New);
    let steps = first(&new);
    let found = text(&page(&steps, false));
    assert!(!found.contains(&new.id.part_prefix()), "{found}");
}

#[test]
fn the_tone_of_a_line_says_what_happens() {
    let trail = Some(fixture::their_trail());
    let design = fixture::design(Feed::Bucket { trail });
    let tones = |steps: &[Step], removal: bool| {
        let page = page(steps, removal);
        let lines = page.lines.into_iter();
        let marked = lines.filter(|line| line.text.starts_with("  "));
        let marked = marked.filter(|line| line.tone != Tone::Heading);
        let marked = marked.map(|line| (line.text.trim_start().chars().next(), line.tone));
        marked.collect::<Vec<_>>()
    };
    let first = tones(&first(&design), false);
    let removed = tones(
        &remove(&design, &manifest(&design), Wishes::default()),
        true,
    );
    for (mark, tone) in [
        ('+', Tone::Added),
        ('~', Tone::Changed),
        ('=', Tone::Plain),
        ('-', Tone::Removed),
    ] {
        let lines = first.iter().chain(&removed);
        let of_mark: Vec<_> = lines.filter(|(found, _)| *found == Some(mark)).collect();
        assert!(!of_mark.is_empty(), "{mark}");
        assert!(of_mark.iter().all(|(_, found)| *found == tone), "{mark}");
    }
}

#[test]
fn the_way_of_log_files_leads_from_the_trail_to_sophos() {
    let new = |what| t!("path-new", kind = kind(what));
    let ours = |what| t!("path-ours", kind = kind(what));
    let yours = |what| t!("path-yours", kind = kind(what));
    let [trail, bucket, topic] = [Kind::Trail, Kind::Bucket, Kind::Topic];
    let function = new(Kind::Function);
    for ((name, design), hops) in fixture::every_feed().into_iter().zip([
        vec![new(trail), new(bucket), new(topic)],
        vec![yours(trail), yours(bucket), yours(topic)],
        vec![yours(trail), yours(bucket), new(topic)],
        vec![yours(bucket), new(topic)],
        vec![yours(bucket), new(Kind::EventRule)],
    ]) {
        let sophos = "Sophos ACME".to_owned();
        let hops = [hops, vec![function.clone(), sophos]].concat();
        let steps = first(&design);
        let shown = path(&design, &steps, "ACME", false);
        assert_eq!(shown, format!("  {}", hops.join(" ─▶ ")), "{name}");
        let in_words = path(&design, &steps, "ACME", true);
        let expected = format!("  {}", hops.join(t!("path-to").as_str()));
        assert_eq!(in_words, expected, "{name}");
    }
    let design = fixture::design(Feed::New);
    let shown = path(
        &design,
        &set_up(&design, &to_repair(&design)),
        "ACME",
        false,
    );
    let hops = [trail, bucket, topic, Kind::Function].map(ours);
    assert_eq!(shown, format!("  {} ─▶ Sophos ACME", hops.join(" ─▶ ")));
}
