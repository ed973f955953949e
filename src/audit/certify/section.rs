//! Proves the log files of one folder: those of an account and region.

use std::{cell::RefCell, collections::BTreeMap, pin::pin};

use futures::{StreamExt, TryStreamExt, stream};
use jiff::Timestamp;
use sophos_ct_forwarder::event::LogKey;

use super::{
    Subject,
    certificate::{Record, Records, Where},
    chain::{Chains, LATE, PERIOD, Sealed},
    digest::{DigestKey, named_time},
    files::{Files, Pair},
    finding::{Finding, What},
    found::{Certificate, place},
    proof::{Content, File, Proof, Received},
    reading::{self, Reading},
    scope::Scope,
    signature::PublicKey,
    silent::Silent,
};
use crate::{
    audit::{Folder, Object, Objects, window::day_of},
    connection::Region,
    ui::{Failure, Result},
};

/// How many objects of a folder are read at the same time.
const AT_ONCE: usize = 8;

/// What all sections share.
pub(super) struct Shared<'a> {
    pub(super) subject: &'a Subject<'a>,
    pub(super) scope: Scope<'a>,
    pub(super) keys: &'a BTreeMap<Region, Vec<PublicKey>>,
    pub(super) found: &'a RefCell<Certificate>,
}

/// Proves the log files of a folder. Returns what the certificate says of it.
pub(super) async fn section(shared: &Shared<'_>, folder: &Folder) -> Result<Records> {
    let keys = shared
        .keys
        .get(&folder.region)
        .map_or(&[][..], Vec::as_slice);
    let mut records = Records::new(shared.subject.out.is_some());
    records.push(&Record::Folder(Where {
        account: folder.account.clone(),
        region: folder.region.clone(),
        folder: folder.logs.clone(),
    }))?;
    for key in keys {
        records.push(&Record::Key(key.clone()))?;
    }
    shared.found.borrow_mut().begin(&place(folder), keys);
    let (scope, logs) = (shared.scope, &folder.logs);
    let mut chains = Chains::new(scope.of_folder(&folder.account, &folder.region, logs));
    read_digests(shared, folder, |sealed| {
        chains.add(&sealed, keys);
        records.push(&Record::Digest(sealed))
    })
    .await?;
    let wrong = chains.walk();
    let unsigned = files(shared, folder, &chains, &mut records).await?;
    let none = has_no_digests(&chains, unsigned);
    let none = none.then_some((None, What::NoDigests));
    let wrong = wrong.into_iter().map(|(trail, what)| (Some(trail), what));
    for (trail, what) in wrong.chain(none) {
        let finding = Finding {
            account: folder.account.clone(),
            region: folder.region.clone(),
            trail,
            what,
        };
        records.push(&Record::Finding(finding.clone()))?;
        shared.found.borrow_mut().findings.push(finding);
    }
    shared.found.borrow_mut().digests += chains.len() as u64;
    Ok(records)
}

/// Reads the digests of the window, the one before it, which may list its first files, and those after it, which may list its last.
async fn read_digests(
    shared: &Shared<'_>,
    folder: &Folder,
    mut with: impl FnMut(Sealed) -> Result<()>,
) -> Result<()> {
    let (source, window) = (shared.subject.source, shared.scope.window);
    let begin = window.since.checked_sub(LATE).unwrap_or(window.since);
    let end = window.until.checked_add(PERIOD).unwrap_or(window.until);
    let objects = Objects::new(source.place, &folder.digests, day_of(begin)..=day_of(end));
    let listed = stream::try_unfold(objects, |mut objects| async move {
        let next = objects.next().await?;
        Ok::<_, Failure>(next.map(|object| (object, objects)))
    });
    let wanted = listed.try_filter(|object| {
        let key = DigestKey::parse(&object.key);
        let fits = key.is_some_and(|key| {
            (&key.account, &key.region) == (&folder.account, &folder.region)
                && key.end > begin
                && key.end <= end
        });
        std::future::ready(fits)
    });
    let read = wanted
        .map(|object| async move {
            match object {
                Ok(object) => reading::digest(source.place, &object).await,
                Err(failure) => Err(failure),
            }
        })
        .buffered(AT_ONCE);
    let mut read = pin!(read);
    while let Some(sealed) = read.next().await {
        if let Some(sealed) = sealed? {
            Reading::add(&shared.subject.reading.digests, 1);
            with(sealed)?;
        }
    }
    Ok(())
}

/// Judges the log files that landed in the window, and those that the digests list or that were received, and that are not there.
/// Returns when the first file that has no signature landed.
async fn files(
    shared: &Shared<'_>,
    folder: &Folder,
    chains: &Chains<'_>,
    records: &mut Records,
) -> Result<Option<Timestamp>> {
    let (source, window) = (shared.subject.source, shared.scope.window);
    let place = place(folder);
    let mut seen = vec![false; chains.numbers()];
    let mut unsigned: Option<Timestamp> = None;
    let mut silent = Local::default();
    let pairs = stream::try_unfold(Files::new(source, folder, window), |mut files| async move {
        let next = files.next().await?;
        Ok::<_, Failure>(next.map(|pair| (pair, files)))
    });
    let judged = pairs
        .map(|pair| async move {
            match pair {
                Ok(pair) => of_pair(shared, chains, pair).await,
                Err(failure) => Err(failure),
            }
        })
        .buffered(AT_ONCE);
    let mut judged = pin!(judged);
    while let Some(file) = judged.next().await {
        let Some(mut file) = file? else { continue };
        let at = chains.say(&file.object, file.landed).at;
        let is_in_question = is_wrong_unless_anothers(chains, &file, at);
        if is_in_question && silent.write(shared, folder, records).await? {
            file.proof = file.proof.beside_others();
        }
        let known = chains.number(&file.object);
        if let Some(seen) = known.and_then(|number| seen.get_mut(number)) {
            *seen = true;
        }
        let others = chains.scope.perhaps_another || silent.do_write();
        unsigned = first_unsigned(unsigned, &file, at, others);
        shared.found.borrow_mut().add(&place, &file, at);
        records.push(&Record::File(file))?;
    }
    let unseen = chains.listed().filter(|(_, number)| !seen[*number]);
    let unseen: Vec<&str> = unseen.map(|(object, _)| object).collect();
    let mut others = stream::iter(unseen)
        .map(|object| read(shared, chains, object, None, None))
        .buffered(AT_ONCE);
    while let Some(file) = others.next().await {
        let file = file?;
        let at = chains.say(&file.object, file.landed).at;
        shared.found.borrow_mut().add(&place, &file, at);
        records.push(&Record::File(file))?;
    }
    Ok(unsigned)
}

/// Whether trails without digests that only the folder's region shows write into the folder, if that is known.
#[derive(Default)]
struct Local(Option<bool>);

impl Local {
    /// Whether it is known that there are some.
    fn do_write(&self) -> bool {
        self.0 == Some(true)
    }

    /// Whether there are any. The region is asked for them if that is not known, and they are noted.
    async fn write(
        &mut self,
        shared: &Shared<'_>,
        folder: &Folder,
        records: &mut Records,
    ) -> Result<bool> {
        if let Some(known) = self.0 {
            return Ok(known);
        }
        let trails = local(shared.subject, folder).await;
        let some = !trails.is_empty();
        self.0 = Some(some);
        for trail in trails {
            records.push(&Record::Silent(trail))?;
        }
        Ok(some)
    }
}

/// Asks a folder's region for the trails without digests that write into the folder, and that no other region shows.
async fn local(subject: &Subject<'_>, folder: &Folder) -> Vec<Silent> {
    let (source, region) = (subject.source, &folder.region);
    // The trails that show in the connection's own region are known.
    if subject.aws.region == *region {
        return Vec::new();
    }
    let Some(shown) = source.regions.shown(subject.aws, region).await else {
        return Vec::new();
    };
    let mut trails = Silent::among(&shown, subject.design, source.place);
    trails.retain(|trail| trail.writes_into(&folder.account, region, &folder.logs));
    trails
}

/// The earlier of this time and that for which the file counts, if the file has no signature though the connection's trail has written
/// it, be it there or not. `others`: those that no digest lists may be another trail's, unless the function has heard of them.
pub(super) fn first_unsigned(
    unsigned: Option<Timestamp>,
    file: &File,
    at: Timestamp,
    others: bool,
) -> Option<Timestamp> {
    let landed = match file.proof {
        Proof::Unsigned if others && file.receipt.is_none() => None,
        Proof::Unsigned => file.landed.map(|_| at),
        Proof::Vanished => named_time(&file.object),
        _ => None,
    };
    match (unsigned, landed) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    }
}

/// Whether a log file tells of something wrong, unless another trail without digests has written it.
fn is_wrong_unless_anothers(chains: &Chains<'_>, file: &File, at: Timestamp) -> bool {
    let is_to_be_signed = || !chains.scope.perhaps_another && has_none_of_ours(chains);
    match file.proof {
        Proof::Unlisted => true,
        Proof::Unsigned => file.receipt.is_none() && is_late(chains, at) && is_to_be_signed(),
        _ => false,
    }
}

/// Whether no digest holds of the trails of which the function hears.
fn has_none_of_ours(chains: &Chains<'_>) -> bool {
    let scope = chains.scope;
    chains.has_none(|trail| scope.is_ours(trail))
}

/// Whether a digest of what landed then ought to be there.
fn is_late(chains: &Chains<'_>, landed: Timestamp) -> bool {
    chains.scope.window.now.duration_since(landed) > PERIOD
}

/// Whether no digest holds, though one ought to be there: of files without a signature, or because this is the folder in
/// which there must be some.
pub(super) fn has_no_digests(chains: &Chains<'_>, unsigned: Option<Timestamp>) -> bool {
    let scope = chains.scope;
    let at_home = scope.home.is_some() && chains.has_none(|trail| scope.is_own(trail));
    let is_due = unsigned.is_some_and(|landed| is_late(chains, landed));
    at_home || is_due && has_none_of_ours(chains)
}

/// Judges what the two lists have of a key; `None` if it is nothing to be judged.
async fn of_pair(shared: &Shared<'_>, chains: &Chains<'_>, pair: Pair) -> Result<Option<File>> {
    let window = shared.scope.window;
    let is_listed = |key: &str| chains.number(key).is_some();
    // What landed after the window was there before only if a digest lists it or Central has received it.
    let is_within = |object: &Object, is_received: bool| {
        let said = chains.say(&object.key, Some(object.modified));
        let is_known = said.hash.is_some() || is_received;
        window.contains(said.at) && (is_known || window.contains(object.modified))
    };
    // What is not there counts for the time that its name says.
    let was_within = |key: &str| {
        LogKey::parse(key).is_some() && named_time(key).is_some_and(|at| window.contains(at))
    };
    let file = match pair {
        (Some(object), receipt) if is_within(&object, receipt.is_some()) => {
            if LogKey::parse(&object.key).is_none() {
                return Ok(None);
            }
            let landed = Some(object.modified);
            read(
                shared,
                chains,
                &object.key,
                landed,
                receipt.map(Received::from),
            )
            .await?
        }
        (Some(object), _) if is_listed(&object.key) => File {
            landed: Some(object.modified),
            object: object.key,
            content: Content::NotRead,
            receipt: None,
            proof: Proof::Outside,
        },
        (None, Some(receipt)) if is_listed(&receipt.key) || was_within(&receipt.key) => {
            let key = receipt.key.clone();
            let file = read(shared, chains, &key, None, Some(receipt.into())).await?;
            // It may have landed since the bucket was listed.
            if file.proof == Proof::Outside && !is_listed(&key) {
                return Ok(None);
            }
            file
        }
        _ => return Ok(None),
    };
    Ok(Some(file))
}

/// Reads a log file and judges it.
async fn read(
    shared: &Shared<'_>,
    chains: &Chains<'_>,
    object: &str,
    landed: Option<Timestamp>,
    receipt: Option<Received>,
) -> Result<File> {
    let place = shared.subject.source.place;
    let (content, read) = reading::log_file(place, object, shared.subject.reading).await?;
    let mut file = File {
        object: object.to_owned(),
        landed: match content {
            Content::Absent => None,
            _ => landed.or(read),
        },
        content,
        receipt,
        proof: Proof::Unsigned,
    };
    let said = chains.say(object, file.landed);
    file.proof = file.judged(said, shared.scope.window);
    Ok(file)
}
