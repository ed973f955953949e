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
        .split("t!(\"")
        .skip(1)
        .filter_map(|rest| rest.split('"').next())
        // `format!("` ends alike: ids are lower-case words.
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
