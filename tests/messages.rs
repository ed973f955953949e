//! The catalogue is complete: every id that the program uses is there.

use std::path::Path;

fn sources(folder: &Path, text: &mut String) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, text);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            text.push_str(&std::fs::read_to_string(path).unwrap());
        }
    }
}

#[test]
fn every_message_that_is_used_is_in_the_catalogue() {
    let mut text = String::new();
    sources(
        &Path::new(env!("CARGO_MANIFEST_DIR")).join("src"),
        &mut text,
    );
    let catalogue = sophos_ct::ui::messages::ENGLISH;
    let missing: Vec<&str> = text
        .match_indices("t!(\"")
        // Other macros end alike.
        .filter(|(at, _)| !text[..*at].ends_with(|before: char| before.is_alphanumeric()))
        .filter_map(|(at, start)| text[at + start.len()..].split('"').next())
        .filter(|id| {
            id.chars()
                .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
        })
        .filter(|id| {
            *id != "message-id"
                && !catalogue
                    .lines()
                    .any(|line| line.starts_with(&format!("{id} =")))
        })
        .collect();
    assert!(missing.is_empty(), "{missing:?}");
    for kind in sophos_ct::connection::Kind::ALL {
        assert!(catalogue.contains(&format!("\nkind-{} =", kind.as_str())));
    }
}

#[test]
fn every_message_of_the_catalogue_is_used() {
    let mut text = String::new();
    sources(
        &Path::new(env!("CARGO_MANIFEST_DIR")).join("src"),
        &mut text,
    );
    // Ids that are put together at run time.
    let composed = ["kind-", "answer-", "why-"];
    let unused: Vec<&str> = sophos_ct::ui::messages::ENGLISH
        .lines()
        .filter_map(|line| line.split_once(" ="))
        .map(|(id, _)| id)
        .filter(|id| !id.starts_with(['#', ' ']))
        .filter(|id| !composed.iter().any(|start| id.starts_with(start)))
        .filter(|id| !text.contains(&format!("\"{id}\"")))
        .collect();
    assert!(unused.is_empty(), "{unused:?}");
}
