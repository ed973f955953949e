//! Answers that are given in another form than the plan has them.

use super::planned;
use crate::existing::with_trail;

#[test]
fn a_trail_may_be_given_by_its_name_and_tags_in_any_order() {
    let world = with_trail(true);
    let existing = ["plan", "demo", "--resources", "existing"];
    let answers = ["--trail", "theirs", "--tag", "a=1", "--tag", "b=2"];
    planned(&world, &[&existing[..], &answers].concat());
    let apply = ["setup", "--plan", "plan.json", "--yes", "--format", "json"];
    let others = [&apply[..], &["--trail", "others"]].concat();
    let refused = world.run(&others).exits(2).json();
    let said = refused["error"]["message"].as_str().unwrap();
    assert!(said.contains("--trail"), "{said}");
    let same = ["--trail", "theirs", "--tag", "b=2", "--tag", "a=1"];
    let applied = world.run(&[&apply[..], &same].concat()).exits(0).json();
    assert_eq!(applied["result"], "applied");
}
