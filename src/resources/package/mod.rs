//! The zip that becomes the function's code: made reproducibly from a bootstrap, and refused if it cannot run.

mod pack;

use std::{
    io::{Cursor, Read},
    path::Path,
};

use aws_sdk_lambda::types::Architecture;
use base64::{Engine, prelude::BASE64_STANDARD};
use object::{
    Endianness,
    elf::{EM_AARCH64, EM_X86_64, ET_DYN, ET_EXEC, FileHeader64},
    read::elf::{FileHeader, SectionHeader},
};
use sha2::{Digest, Sha256};
use zip::ZipArchive;

use crate::ui::{Code, Failure, Result, t};

/// The largest zip that `CreateFunction` accepts directly (Lambda quotas).
const MAX_ZIP: usize = 50 * 1024 * 1024;
/// The version of glibc in `provided.al2023` and in CloudShell (Amazon Linux 2023).
const GLIBC: (u32, u32) = (2, 34);

/// The zip of the slim build, which release builds contain.
#[cfg(feature = "embed")]
const BUILT_IN: Option<&[u8]> = Some(include_bytes!(concat!(env!("OUT_DIR"), "/forwarder.zip")));
#[cfg(not(feature = "embed"))]
const BUILT_IN: Option<&[u8]> = None;

/// A zip ready for `CreateFunction`.
#[derive(Clone, Debug)]
pub struct Package {
    pub zip: Vec<u8>,
    pub architecture: Architecture,
    /// The file from which it was made.
    file: String,
    /// The newest glibc that the bootstrap needs.
    glibc: Option<(u32, u32)>,
    /// SHA-256 of the zip.
    digest: [u8; 32],
}

impl Package {
    /// Makes a package from an ELF file or a zip. If `file` is `None`, it uses the slim build of a release, or else this program
    /// itself.
    pub fn load(file: Option<&Path>) -> Result<Self> {
        let (shown, bytes) = match (file, BUILT_IN) {
            (None, Some(zip)) => (t!("forwarder-built-in"), zip.to_owned()),
            (file, _) => {
                let path = match file {
                    Some(path) => path.to_owned(),
                    None => std::env::current_exe()?,
                };
                let shown = path.display().to_string();
                let bytes = std::fs::read(&path).map_err(|error| {
                    Failure::usage(t!("forwarder-unreadable", file = shown, cause = error))
                })?;
                (shown, bytes)
            }
        };
        let refused = |reason| refused(&shown, reason);
        let (bootstrap, zip) = if bytes.starts_with(b"PK") {
            (bootstrap_of(&bytes).map_err(&refused)?, Some(bytes))
        } else {
            (bytes, None)
        };
        let (architecture, glibc) = check(&bootstrap).map_err(&refused)?;
        let zip = match zip {
            Some(zip) => zip,
            None => pack::pack(&bootstrap).map_err(|error| refused(error.to_string()))?,
        };
        if zip.len() > MAX_ZIP {
            return Err(refused(t!(
                "forwarder-too-large",
                megabytes = zip.len() / 1024 / 1024
            )));
        }
        Ok(Self {
            digest: Sha256::digest(&zip).into(),
            zip,
            architecture,
            file: shown,
            glibc,
        })
    }

    /// Refuses a bootstrap that needs a newer glibc than Lambda has.
    pub fn must_start_on_lambda(&self) -> Result<()> {
        match self.glibc {
            Some(newest) if newest > GLIBC => {
                let version = format!("{}.{}", newest.0, newest.1);
                Err(refused(
                    &self.file,
                    t!("forwarder-glibc", version = version),
                ))
            }
            _ => Ok(()),
        }
    }

    /// SHA-256 of the zip in base64, as Lambda shows it (`CodeSha256`).
    #[must_use]
    pub fn sha256_base64(&self) -> String {
        BASE64_STANDARD.encode(self.digest)
    }

    /// SHA-256 of the zip in hex, as the manifest holds it.
    #[must_use]
    pub fn sha256_hex(&self) -> String {
        hex::encode(self.digest)
    }
}

/// The base64 of a digest in hex: as Lambda shows it, of one as the manifest holds it. `None` if it is no digest.
#[must_use]
pub(crate) fn base64_of(digest: &str) -> Option<String> {
    let bytes = hex::decode(digest).ok().filter(|all| !all.is_empty())?;
    Some(BASE64_STANDARD.encode(bytes))
}

/// The hex of a digest in base64: as the manifest holds it, of one as Lambda shows it. `None` if it is no digest.
#[must_use]
pub(crate) fn hex_of(digest: &str) -> Option<String> {
    let bytes = BASE64_STANDARD.decode(digest).ok();
    Some(hex::encode(bytes.filter(|all| !all.is_empty())?))
}

fn refused(file: &str, reason: String) -> Failure {
    Failure::new(
        Code::ForwarderUnusable,
        t!("forwarder-refused", file = file, reason = reason),
    )
    .hinted(t!("forwarder-refused-hint"))
}

fn bootstrap_of(zip: &[u8]) -> Result<Vec<u8>, String> {
    let mut archive = ZipArchive::new(Cursor::new(zip)).map_err(|error| error.to_string())?;
    let mut entry = archive
        .by_name("bootstrap")
        .map_err(|_| t!("forwarder-no-bootstrap"))?;
    let mut bootstrap = Vec::new();
    entry
        .read_to_end(&mut bootstrap)
        .map_err(|error| error.to_string())?;
    Ok(bootstrap)
}

/// Checks that Lambda can start this file, a Linux ELF for x86_64 or arm64, and returns the newest glibc that it needs.
fn check(bootstrap: &[u8]) -> Result<(Architecture, Option<(u32, u32)>), String> {
    let not_elf = |_| t!("forwarder-not-elf");
    let header = FileHeader64::<Endianness>::parse(bootstrap).map_err(not_elf)?;
    let endian = header.endian().map_err(not_elf)?;
    let architecture = match header.e_machine(endian) {
        EM_X86_64 => Architecture::X8664,
        EM_AARCH64 => Architecture::Arm64,
        other => return Err(t!("forwarder-machine", machine = format!("{other:?}"))),
    };
    if ![ET_EXEC, ET_DYN].contains(&header.e_type(endian)) {
        return Err(t!("forwarder-not-elf"));
    }
    let glibc = newest_glibc(bootstrap, header, endian).map_err(not_elf)?;
    Ok((architecture, glibc))
}

/// The newest `GLIBC_x.y` among the symbol versions that the file needs.
fn newest_glibc(
    bootstrap: &[u8],
    header: &FileHeader64<Endianness>,
    endian: Endianness,
) -> object::read::Result<Option<(u32, u32)>> {
    let sections = header.sections(endian, bootstrap)?;
    let mut newest = None;
    for section in sections.iter() {
        let Some((mut needed, link)) = section.gnu_verneed(endian, bootstrap)? else {
            continue;
        };
        let strings = sections.strings(endian, bootstrap, link)?;
        while let Some((_, mut versions)) = needed.next()? {
            while let Some(version) = versions.next()? {
                let name = String::from_utf8_lossy(version.name(endian, strings)?).into_owned();
                let numbers = name.strip_prefix("GLIBC_").and_then(|text| {
                    let mut parts = text.split('.').map(|part| part.parse::<u32>().ok());
                    Some((parts.next()??, parts.next()??))
                });
                newest = newest.max(numbers);
            }
        }
    }
    Ok(newest)
}
