//! Keys that are kept for later: in memory while they are few, in a file without a name beyond that.

use std::io::{BufRead, BufReader, Seek, SeekFrom, Write};

use tempfile::SpooledTempFile;

use crate::ui::Result;

/// How many bytes of keys stay in memory.
const IN_MEMORY: usize = 1024 * 1024;

/// Keys, in the order in which they were added.
pub(crate) struct Spool {
    file: SpooledTempFile,
    count: u64,
}

impl Spool {
    #[must_use]
    pub(crate) fn new() -> Self {
        Self {
            file: SpooledTempFile::new(IN_MEMORY),
            count: 0,
        }
    }

    #[must_use]
    pub(crate) fn count(&self) -> u64 {
        self.count
    }

    /// Adds a key.
    pub(crate) fn push(&mut self, key: &str) -> Result<()> {
        // A key may hold line ends; as JSON it has none.
        let line = serde_json::to_string(key).expect("a text is JSON");
        self.file.write_all(line.as_bytes())?;
        self.file.write_all(b"\n")?;
        self.count += 1;
        Ok(())
    }

    /// Returns the keys, from the first one on. None may be added while they are read.
    pub(crate) fn keys(&mut self) -> Result<Keys<'_>> {
        self.file.seek(SeekFrom::Start(0))?;
        Ok(Keys(BufReader::new(&mut self.file)))
    }
}

/// The keys of a spool.
pub(crate) struct Keys<'a>(BufReader<&'a mut SpooledTempFile>);

impl Iterator for Keys<'_> {
    type Item = Result<String>;

    fn next(&mut self) -> Option<Self::Item> {
        let mut line = String::new();
        match self.0.read_line(&mut line) {
            Ok(0) => None,
            Ok(_) => Some(Ok(serde_json::from_str(&line).expect("a key as JSON"))),
            Err(error) => Some(Err(error.into())),
        }
    }
}
