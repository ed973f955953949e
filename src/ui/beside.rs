//! Files that people ask for. Each is written beside its place, and takes that when it is complete: a full disk or Ctrl-C leaves
//! what was there before, and nothing half-written.

use std::{
    fs::{self, File, OpenOptions, Permissions},
    io::{Error, ErrorKind, Result, Write},
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

use tempfile::NamedTempFile;

use super::{Code, Failure, t};

/// Who may read a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Readers {
    /// Its owner alone, also if others could read the one before.
    Owner,
    /// Whoever could read the one before; for one that was not there, whoever the user's mask lets.
    Usual,
}

/// A file that is being written.
#[derive(Debug)]
pub(crate) struct Beside {
    path: PathBuf,
    target: Target,
}

#[derive(Debug)]
enum Target {
    Draft(NamedTempFile),
    /// A device or a pipe, which is never replaced.
    Itself(File),
}

impl Beside {
    /// Begins a file, so that what is in its way is known before anything else is done.
    pub(crate) fn create(path: &Path, readers: Readers) -> Result<Self> {
        let Ok(before) = fs::metadata(path) else {
            return Self::draft(path.to_owned(), readers, None);
        };
        if before.is_dir() {
            return Err(Error::from(ErrorKind::IsADirectory));
        }
        // What may not be written may not be replaced either.
        let file = OpenOptions::new().write(true).open(path)?;
        if !before.is_file() {
            return Ok(Self {
                path: path.to_owned(),
                target: Target::Itself(file),
            });
        }
        // A link stays: what it leads to is replaced.
        Self::draft(fs::canonicalize(path)?, readers, Some(before.permissions()))
    }

    /// Whether a file can be written there. A pipe is not opened twice: its reader would take that for its end.
    pub(crate) fn must_be_possible(path: &Path, readers: Readers) -> Result<()> {
        let there = fs::metadata(path);
        match there.is_ok_and(|there| !there.is_file() && !there.is_dir()) {
            true => Ok(()),
            false => Self::create(path, readers).map(drop),
        }
    }

    fn draft(path: PathBuf, readers: Readers, before: Option<Permissions>) -> Result<Self> {
        let mode = match readers {
            Readers::Owner => 0o600,
            Readers::Usual => 0o666,
        };
        let folder = path
            .parent()
            .filter(|folder| !folder.as_os_str().is_empty())
            .unwrap_or(Path::new("."));
        // The user's mask applies to the mode.
        let file = tempfile::Builder::new()
            .permissions(Permissions::from_mode(mode))
            .tempfile_in(folder)
            .map_err(without_draft)?;
        if let Some(before) = before.filter(|_| readers == Readers::Usual) {
            file.as_file().set_permissions(before)?;
        }
        Ok(Self {
            path,
            target: Target::Draft(file),
        })
    }

    /// Puts the file into its place.
    pub(crate) fn finish(self) -> Result<()> {
        match self.target {
            Target::Draft(file) => {
                file.as_file().sync_all()?;
                file.persist(&self.path).map_err(|error| error.error)?;
                Ok(())
            }
            Target::Itself(mut file) => file.flush(),
        }
    }
}

impl Write for Beside {
    fn write(&mut self, bytes: &[u8]) -> Result<usize> {
        match &mut self.target {
            Target::Draft(file) => file.write(bytes),
            Target::Itself(file) => file.write(bytes),
        }
    }

    fn flush(&mut self) -> Result<()> {
        match &mut self.target {
            Target::Draft(file) => file.flush(),
            Target::Itself(file) => file.flush(),
        }
    }
}

/// An error without the name of the draft, of which nobody has heard: the library writes it behind the cause.
fn without_draft(error: Error) -> Error {
    let text = error.to_string();
    match text.split_once(" at path ") {
        Some((cause, _)) => Error::new(error.kind(), cause),
        None => error,
    }
}

/// A file that cannot be written, and the flag that names it.
pub(crate) fn failed(code: Code, flag: &str, path: &Path, cause: &Error) -> Failure {
    let file = path.display();
    let text = t!("file-failed", flag = flag, file = file, cause = cause);
    Failure::new(code, text).hinted(t!("file-hint"))
}

/// Writes a whole file.
pub(crate) fn write(path: &Path, readers: Readers, content: &[u8]) -> Result<()> {
    let mut file = Beside::create(path, readers)?;
    file.write_all(content)?;
    file.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    fn names(folder: &Path) -> usize {
        fs::read_dir(folder).unwrap().count()
    }

    #[test]
    fn a_file_that_is_not_finished_leaves_the_one_before() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        write(&path, Readers::Usual, b"before").unwrap();
        let mut begun = Beside::create(&path, Readers::Usual).unwrap();
        begun.write_all(b"half").unwrap();
        drop(begun);
        assert_eq!(fs::read(&path).unwrap(), b"before");
        assert_eq!(names(folder.path()), 1);
        write(&path, Readers::Usual, b"after").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"after");
        assert_eq!(names(folder.path()), 1);
    }

    #[test]
    fn a_file_keeps_its_readers_unless_it_is_its_owners_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        fs::write(&path, "before").unwrap();
        fs::set_permissions(&path, Permissions::from_mode(0o640)).unwrap();
        write(&path, Readers::Usual, b"after").unwrap();
        assert_eq!(mode(&path), 0o640);
        write(&path, Readers::Owner, b"private").unwrap();
        assert_eq!(mode(&path), 0o600);
    }

    #[test]
    fn a_link_stays_and_what_it_leads_to_is_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let (path, link) = (folder.path().join("file"), folder.path().join("link"));
        fs::write(&path, "before").unwrap();
        std::os::unix::fs::symlink(&path, &link).unwrap();
        write(&link, Readers::Usual, b"after").unwrap();
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(fs::read(&path).unwrap(), b"after");
    }

    #[test]
    fn a_device_is_written_and_never_replaced() {
        write(Path::new("/dev/null"), Readers::Owner, b"gone").unwrap();
        let full = write(Path::new("/dev/full"), Readers::Owner, b"too much").unwrap_err();
        assert_eq!(full.kind(), ErrorKind::StorageFull);
        for device in ["/dev/null", "/dev/full"] {
            let kind = fs::metadata(device).unwrap().file_type();
            assert!(std::os::unix::fs::FileTypeExt::is_char_device(&kind));
        }
    }

    #[test]
    fn what_is_in_the_way_is_known_at_once() {
        let folder = tempfile::tempdir().unwrap();
        let is_folder = Beside::create(folder.path(), Readers::Usual).unwrap_err();
        assert_eq!(is_folder.kind(), ErrorKind::IsADirectory);
        let nowhere = folder.path().join("nowhere").join("file");
        let nowhere = Beside::create(&nowhere, Readers::Usual).unwrap_err();
        assert_eq!(nowhere.kind(), ErrorKind::NotFound);
        let said = nowhere.to_string();
        assert!(
            !said.contains("nowhere") && !said.contains(".tmp"),
            "{said}"
        );
    }
}
