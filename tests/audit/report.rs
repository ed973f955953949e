//! `audit --report`: one page with what was found.

use std::fs;

use super::{forget, quiet, stored};
use crate::support::World;

#[test]
fn a_report_says_what_was_found_in_the_language_of_the_program() {
    let world = World::new();
    let id = quiet(&world, &[]);
    let lost = stored(&world, &id)[0].clone();
    forget(&id, std::slice::from_ref(&lost));
    let words = [
        "audit",
        "demo",
        "--since",
        "1h",
        "--grace",
        "0s",
        "--report",
        "report.html",
        "--lang",
    ];
    for (language, heading) in [("en", "Missing files"), ("ja", "未着のファイル")] {
        let ran = world.run(&[&words[..], &[language]].concat()).exits(8);
        assert!(ran.stderr.contains("report.html"), "{}", ran.stderr);
        let page = fs::read_to_string(world.home().join("report.html")).unwrap();
        let page_language = format!("<html lang=\"{language}\">");
        for text in [
            heading,
            &page_language,
            &lost,
            &world.account,
            "class=\"map\"",
        ] {
            assert!(page.contains(text), "{text}: {page}");
        }
        for text in ["://", "<script", "src=", "href"] {
            assert!(!page.contains(text), "{text}: {page}");
        }
    }
    // It comes besides the JSON document.
    let json = world.run(&[&words[..], &["en", "--format", "json"]].concat());
    assert_eq!(json.exits(8).json()["missing"], 1);
}

#[test]
fn a_report_that_cannot_be_written_is_refused_before_anything_is_compared() {
    let world = World::wired();
    let words = [
        "audit",
        "demo",
        "--certify",
        "--out",
        "one",
        "--report",
        "one",
    ];
    let ran = world.run(&words).exits(2);
    assert!(ran.stderr.contains("--report"), "{}", ran.stderr);
    let words = ["audit", "--check", "one", "--report", "two"];
    let ran = world.run(&words).exits(2);
    assert!(ran.stderr.contains("--report"), "{}", ran.stderr);
    let words = [
        "audit",
        "demo",
        "--since",
        "soon",
        "--certify",
        "--out",
        "none/c.json",
        "--report",
        "none/report.html",
    ];
    let ran = world.run(&words).exits(2);
    for text in [
        "--since",
        "--out: none/c.json",
        "--report: none/report.html",
    ] {
        assert!(ran.stderr.contains(text), "{}", ran.stderr);
    }
    assert!(!ran.stderr.contains(".tmp"), "{}", ran.stderr);
    assert!(world.wire().calls().is_empty());
}
