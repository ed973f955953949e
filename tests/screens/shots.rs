//! The snapshots of screens as they are stored, for the tests that judge all of them.

/// A stored screen.
pub(super) struct Shot {
    /// `screen@language-columns`.
    pub(super) name: String,
    pub(super) screen: String,
    pub(super) language: String,
    pub(super) columns: usize,
    /// What the terminal shows, without the command line and the exit code.
    pub(super) rows: Vec<String>,
    /// The line of the file that the first row stands in.
    pub(super) line: usize,
}

/// Every stored screen.
pub(super) fn shots() -> Vec<Shot> {
    let folder = std::fs::read_dir("tests/screens/snapshots").unwrap();
    let files = folder.map(|entry| entry.unwrap().path());
    let files = files.filter(|file| file.extension().is_some_and(|end| end == "snap"));
    let mut shots: Vec<Shot> = files
        .map(|file| {
            let name = file.file_stem().unwrap().to_string_lossy().into_owned();
            read(name, &std::fs::read_to_string(&file).unwrap())
        })
        .collect();
    shots.sort_by(|one, other| one.name.cmp(&other.name));
    assert!(!shots.is_empty());
    shots
}

fn read(name: String, file: &str) -> Shot {
    let (screen, look) = name.split_once('@').expect("a screen and its look");
    let (language, columns) = look.split_once('-').expect("a language and a width");
    let lines: Vec<&str> = file.lines().collect();
    let command = lines
        .iter()
        .position(|line| line.starts_with("$ sophos-ct "));
    let command = command.expect("a command line");
    let end = lines.iter().rposition(|line| line.starts_with("(exit "));
    let rows = &lines[command + 1..end.expect("an exit code")];
    Shot {
        screen: screen.to_owned(),
        language: language.to_owned(),
        columns: columns.parse().expect("a number"),
        rows: rows.iter().map(|row| (*row).to_owned()).collect(),
        // The command line stands before it, and the first line of a file is 1.
        line: command + 2,
        name,
    }
}
