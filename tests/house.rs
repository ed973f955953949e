//! The layers of the sources: a room uses only rooms that come before it in the list in ARCHITECTURE.md.

use std::{collections::BTreeSet, path::Path};

/// The rooms in the order of ARCHITECTURE.md.
fn rooms() -> Vec<String> {
    let text = std::fs::read_to_string("ARCHITECTURE.md").unwrap();
    let (_, list) = text.split_once("## Rooms").unwrap();
    let (list, _) = list.split_once("\n## ").unwrap();
    let named = list.lines().filter_map(|line| line.strip_prefix("- `"));
    named
        .filter_map(|line| Some(line.split_once('`')?.0.to_owned()))
        .collect()
}

fn sources(folder: &Path, found: &mut Vec<std::path::PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let tests = path.file_name().is_some_and(|name| name == "tests.rs");
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|end| end == "rs") && !tests {
            found.push(path);
        }
    }
}

/// The rooms that a source file uses, as `crate::room…` or `crate::{room…, …}`. Its unit tests and comments are left out.
fn named(source: &str) -> BTreeSet<String> {
    let code: String = source
        .split("#[cfg(test)]\nmod tests")
        .next()
        .unwrap_or_default()
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .fold(String::new(), |code, line| code + line + "\n");
    let mut found = BTreeSet::new();
    for rest in code.split("crate::").skip(1) {
        let Some(list) = rest.strip_prefix('{') else {
            found.insert(word(rest));
            continue;
        };
        let mut depth = 0;
        let mut begins = true;
        for (at, char) in list.char_indices() {
            match char {
                '{' => depth += 1,
                '}' if depth == 0 => break,
                '}' => depth -= 1,
                ',' if depth == 0 => begins = true,
                _ if begins && !char.is_whitespace() => {
                    found.insert(word(&list[at..]));
                    begins = false;
                }
                _ => {}
            }
        }
    }
    found
}

fn word(text: &str) -> String {
    let part = |char: &char| char.is_ascii_alphanumeric() || *char == '_';
    text.chars().take_while(part).collect()
}

#[test]
fn no_room_uses_one_above_it() {
    let rooms = rooms();
    let floor = |room: &str| rooms.iter().position(|one| one == room);
    let mut files = Vec::new();
    sources(Path::new("src"), &mut files);
    let mut wrong = Vec::new();
    for file in files {
        let inside = file.strip_prefix("src").unwrap();
        let room = inside.iter().next().unwrap().to_str().unwrap();
        let room = room.trim_end_matches(".rs");
        if ["forwarder", "lib", "main", "bootstrap"].contains(&room) {
            continue;
        }
        let Some(own) = floor(room) else {
            wrong.push(format!("{room} is not in ARCHITECTURE.md"));
            continue;
        };
        for used in named(&std::fs::read_to_string(&file).unwrap()) {
            if floor(&used).is_some_and(|used| used > own) {
                wrong.push(format!("{} uses {used}", file.display()));
            }
        }
    }
    assert_eq!(wrong, [""; 0]);
}
