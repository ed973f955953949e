//! The program itself, as whoever is invited gets it: its version, where it is, and the checksum of the file that runs here.

use std::{fs::File, io::Read};

use sha2::{Digest, Sha256};

/// What is said of the program.
pub(super) struct Program {
    /// Where its releases are, if the package says so.
    pub releases: Option<String>,
    /// The kind of machine that the file is for, such as `linux x86_64`.
    pub machine: String,
    /// SHA-256 of the file in hex; `None` if it cannot be read.
    pub sha256: Option<String>,
}

impl Program {
    /// Looks at the program that is running.
    pub(super) async fn look() -> Self {
        let digest = tokio::task::spawn_blocking(|| digest().ok());
        Self {
            releases: releases(env!("CARGO_PKG_REPOSITORY")),
            machine: format!("{} {}", std::env::consts::OS, std::env::consts::ARCH),
            sha256: digest.await.expect("reading a file does not panic"),
        }
    }
}

/// The page of the releases in a repository. A package without a repository has an empty one.
fn releases(repository: &str) -> Option<String> {
    let repository = repository.trim_end_matches('/');
    (!repository.is_empty()).then(|| format!("{repository}/releases"))
}

fn digest() -> std::io::Result<String> {
    let mut file = File::open(std::env::current_exe()?)?;
    let mut hash = Sha256::new();
    let mut part = vec![0; 64 * 1024];
    loop {
        match file.read(&mut part)? {
            0 => return Ok(hex::encode(hash.finalize())),
            count => hash.update(&part[..count]),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn releases_are_named_only_where_the_package_says_its_repository() {
        assert_eq!(releases(""), None);
        let page = Some("https://example.com/a/releases".to_owned());
        assert_eq!(releases("https://example.com/a"), page);
        assert_eq!(releases("https://example.com/a/"), page);
    }

    #[test]
    fn the_checksum_is_that_of_the_running_file() {
        let file = std::fs::read(std::env::current_exe().unwrap()).unwrap();
        assert_eq!(digest().unwrap(), hex::encode(Sha256::digest(file)));
    }
}
