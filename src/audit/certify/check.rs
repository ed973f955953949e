//! Verifies a certificate again: signatures, links, hashes, every verdict and every count. It needs nothing but the file.

use std::{
    collections::BTreeSet,
    fs,
    io::{BufRead, BufReader, Read},
    path::Path,
};

use jiff::Timestamp;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::{
    certificate::{COUNTS, FORMAT, HASH, Header, Record, Where},
    chain::{Chains, Sealed},
    digest::{DigestKey, Trail},
    finding::{Finding, What},
    found::Certificate,
    proof::File,
    scope::Scope,
    section::{first_unsigned, has_no_digests},
    signature::PublicKey,
    silent::Silent,
};
use crate::{
    audit::Window,
    connection::{AccountId, Region},
    ui::{Failure, Result, t},
};

/// What a certificate proves, and how that differs from what it says.
#[derive(Clone, Debug)]
pub(crate) struct Checked {
    pub header: Header,
    /// What was computed from its digests, keys and hashes.
    pub certificate: Certificate,
    /// The first differences, in words.
    pub differences: Vec<String>,
    /// How many there are besides.
    pub more: usize,
}

impl Checked {
    /// Whether the certificate says what it proves.
    #[must_use]
    pub(crate) fn holds(&self) -> bool {
        self.differences.is_empty()
    }
}

/// Verifies a certificate. Fails if the file cannot be read or is not a certificate.
pub(crate) fn check(path: &Path) -> Result<Checked> {
    let file = path.display();
    let unreadable = |error: std::io::Error| {
        Failure::usage(t!("certify-check-failed", file = file, error = error))
    };
    let mut lines = Lines::open(path).map_err(unreadable)?;
    let first = lines.next().map_err(unreadable)?.unwrap_or_default();
    let header = header(&first);
    let header = header.ok_or_else(|| Failure::usage(t!("certify-no-certificate", file = file)))?;
    if header.certificate != FORMAT {
        let (version, known) = (header.certificate, FORMAT);
        let text = t!(
            "certify-format",
            file = file,
            version = version,
            known = known
        );
        return Err(Failure::usage(text));
    }
    lines.hash(&first);
    let (certificate, differences, more) = verify(&header, &mut lines).map_err(unreadable)?;
    Ok(Checked {
        header,
        certificate,
        differences,
        more,
    })
}

/// Computes everything again. Returns it, the first differences, and how many there are besides.
fn verify(
    header: &Header,
    lines: &mut Lines,
) -> std::io::Result<(Certificate, Vec<String>, usize)> {
    let window = header.window();
    let mut check = Check::new(header, &window);
    let mut is_whole = false;
    while let Some(line) = lines.next()? {
        let text = line.trim_end();
        if let Some(stated) = text.strip_prefix(HASH) {
            let computed = hex::encode(lines.hash.clone().finalize());
            is_whole = stated == format!("\"{computed}\"}}");
            break;
        }
        lines.hash(&line);
        check.line(text, lines.number);
    }
    check.close();
    check.must_tell_of_home();
    if !is_whole {
        check.differs(t!("certify-damaged"));
    }
    Ok((check.found, check.differences, check.more))
}

fn header(line: &str) -> Option<Header> {
    let fields = line.trim_end().strip_suffix(",\"records\":[")?;
    serde_json::from_str(&format!("{fields}}}")).ok()
}

/// The lines of a certificate.
struct Lines {
    file: BufReader<fs::File>,
    hash: Sha256,
    number: u64,
}

impl Lines {
    /// The longest line that is read, in bytes.
    const LONGEST: u64 = 2 * super::digest::LONGEST;

    fn open(path: &Path) -> std::io::Result<Self> {
        Ok(Self {
            file: BufReader::new(fs::File::open(path)?),
            hash: Sha256::new(),
            number: 0,
        })
    }

    /// Returns the next line with its end. A line that is too long comes in parts, which are no records.
    fn next(&mut self) -> std::io::Result<Option<String>> {
        let mut line = Vec::new();
        let mut limited = self.file.by_ref().take(Self::LONGEST);
        if limited.read_until(b'\n', &mut line)? == 0 {
            return Ok(None);
        }
        self.number += 1;
        // What is not UTF-8 is damaged, which the hash of the text shows.
        Ok(Some(String::from_utf8_lossy(&line).into_owned()))
    }

    fn hash(&mut self, line: &str) {
        self.hash.update(line.as_bytes());
    }
}

/// A check on its way.
struct Check<'a> {
    scope: Scope<'a>,
    found: Certificate,
    section: Option<Section<'a>>,
    /// The folders that came already.
    folders: BTreeSet<String>,
    differences: Vec<String>,
    more: usize,
}

/// What has come of a folder.
struct Section<'a> {
    place: (AccountId, Region),
    folder: String,
    keys: Vec<PublicKey>,
    chains: Chains<'a>,
    /// What is wrong with the chains; computed when all digests have come.
    wrong: Option<Vec<(Trail, What)>>,
    /// What the certificate says of that.
    told: Vec<Finding>,
    seen: Vec<bool>,
    unsigned: Option<Timestamp>,
}

impl<'a> Check<'a> {
    fn new(header: &'a Header, window: &'a Window) -> Self {
        Self {
            scope: header.scope(window),
            found: Certificate::new(window, false),
            section: None,
            folders: BTreeSet::new(),
            differences: Vec::new(),
            more: 0,
        }
    }

    fn differs(&mut self, what: String) {
        const TOLD: usize = 50;
        if self.differences.len() < TOLD {
            self.differences.push(what);
        } else {
            self.more += 1;
        }
    }

    /// Takes in a line that is not the last one.
    fn line(&mut self, text: &str, number: u64) {
        if text.is_empty() || text == "]," {
            return;
        }
        if let Some(counts) = text.strip_prefix(COUNTS) {
            self.close();
            self.counts(counts.strip_suffix(',').unwrap_or(counts));
            return;
        }
        let record = serde_json::from_str(text.strip_suffix(',').unwrap_or(text));
        let understood = match record {
            Ok(Record::Folder(place)) => self.begin(place),
            Ok(Record::Key(key)) => self.key(key),
            Ok(Record::Digest(sealed)) => self.digest(&sealed),
            Ok(Record::Silent(silent)) => self.silent(&silent),
            Ok(Record::File(file)) => self.file(&file),
            Ok(Record::Finding(finding)) => self.finding(finding),
            Err(_) => None,
        };
        if understood.is_none() {
            self.differs(t!("certify-line", line = number));
        }
    }

    /// Begins with a folder.
    fn begin(&mut self, place: Where) -> Option<()> {
        self.close();
        if !self.folders.insert(place.folder.clone()) {
            return None;
        }
        let (account, region, folder) = (place.account, place.region, place.folder);
        let scope = self.scope.of_folder(&account, &region, &folder);
        self.section = Some(Section {
            place: (account, region),
            folder,
            keys: Vec::new(),
            chains: Chains::new(scope),
            wrong: None,
            told: Vec::new(),
            seen: Vec::new(),
            unsigned: None,
        });
        Some(())
    }

    /// Takes in a key: keys come before the digests.
    fn key(&mut self, key: PublicKey) -> Option<()> {
        let section = self.section.as_mut()?;
        (section.chains.len() == 0 && section.wrong.is_none()).then(|| section.keys.push(key))
    }

    /// Takes in a digest: digests come before the log files.
    fn digest(&mut self, sealed: &Sealed) -> Option<()> {
        let section = self
            .section
            .as_mut()
            .filter(|section| section.wrong.is_none())?;
        let key = DigestKey::parse(&sealed.object)?;
        if (key.account, key.region) != section.place {
            return None;
        }
        section.chains.add(sealed, &section.keys);
        Some(())
    }

    /// Takes in a trail without digests that writes into the folder.
    fn silent(&mut self, silent: &Silent) -> Option<()> {
        let section = self.section.as_mut()?;
        let (account, region) = &section.place;
        let writes = silent.writes_into(account, region, &section.folder);
        section.chains.scope.perhaps_another |= writes;
        writes.then_some(())
    }

    fn file(&mut self, file: &File) -> Option<()> {
        let window = self.scope.window;
        let section = self.section.as_mut()?;
        section.walk(&mut self.found);
        let said = section.chains.say(&file.object, file.landed);
        let proof = file.judged(said, window);
        let number = section.chains.number(&file.object);
        let seen = number.and_then(|number| section.seen.get_mut(number));
        let is_twice = seen.is_some_and(|seen| std::mem::replace(seen, true));
        let judged = File {
            proof,
            ..file.clone()
        };
        let others = section.chains.scope.perhaps_another;
        section.unsigned = first_unsigned(section.unsigned, &judged, said.at, others);
        self.found.add(&section.place, &judged, said.at);
        if proof != file.proof {
            self.differs(t!(
                "certify-differs-file",
                key = file.object,
                stated = file.proof.shown(),
                computed = proof.shown()
            ));
        }
        (!is_twice).then_some(())
    }

    fn finding(&mut self, finding: Finding) -> Option<()> {
        let section = self.section.as_mut()?;
        section.walk(&mut self.found);
        section.told.push(finding);
        Some(())
    }

    /// Ends with a folder: everything that the digests say must have come.
    fn close(&mut self) {
        let Some(mut section) = self.section.take() else {
            return;
        };
        section.walk(&mut self.found);
        self.found.digests += section.chains.len() as u64;
        let computed = section.findings();
        let only_in = |one: &[Finding], other: &[Finding]| -> Vec<String> {
            let only = one.iter().filter(|finding| !other.contains(finding));
            only.map(Finding::shown).collect()
        };
        for finding in only_in(&computed, &section.told) {
            self.differs(t!("certify-differs-untold", finding = finding));
        }
        for finding in only_in(&section.told, &computed) {
            self.differs(t!("certify-differs-untrue", finding = finding));
        }
        for (key, number) in section.chains.listed() {
            if !section.seen[number] {
                self.differs(t!("certify-differs-left-out", key = key));
            }
        }
        self.found.findings.extend(computed);
    }

    /// The folder in which there must be digests must not be left out.
    fn must_tell_of_home(&mut self) {
        let home = self.scope.home;
        if let Some(folder) = home.filter(|folder| !self.folders.contains(*folder)) {
            self.differs(t!("certify-differs-folder", folder = folder));
        }
    }

    fn counts(&mut self, stated: &str) {
        let computed = Value::Object(self.found.counts());
        if serde_json::from_str::<Value>(stated).ok().as_ref() != Some(&computed) {
            self.differs(t!("certify-differs-counts"));
        }
    }
}

impl Section<'_> {
    /// Walks the chains, once: all digests have come.
    fn walk(&mut self, found: &mut Certificate) {
        if self.wrong.is_none() {
            found.begin(&self.place, &self.keys);
            self.seen = vec![false; self.chains.numbers()];
            self.wrong = Some(self.chains.walk());
        }
    }

    fn findings(&mut self) -> Vec<Finding> {
        let none = has_no_digests(&self.chains, self.unsigned);
        let none = none.then_some((None, What::NoDigests));
        let wrong = self.wrong.take().unwrap_or_default().into_iter();
        let wrong = wrong.map(|(trail, what)| (Some(trail), what));
        let findings = wrong.chain(none).map(|(trail, what)| Finding {
            account: self.place.0.clone(),
            region: self.place.1.clone(),
            trail,
            what,
        });
        findings.collect()
    }
}
