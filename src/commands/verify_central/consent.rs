//! Which hosts get the credential, tokens and log files: none that the user has not agreed to, whoever names it.

use std::collections::BTreeSet;

use sophos_ct_forwarder::host::{host_named, host_of};

use crate::{
    central::Options,
    commands::app::App,
    ui::{Code, Failure, Result, shell::quoted, t},
};

/// Checks the hosts in `--allow-host`. Returns them, and what is wrong with others.
pub(super) fn named(given: &[String]) -> (BTreeSet<String>, Vec<String>) {
    let mut hosts = BTreeSet::new();
    let mut complaints = Vec::new();
    for text in given {
        match host_named(text) {
            Some(host) => {
                hosts.insert(host);
            }
            None => complaints.push(t!("sandbox-verify-no-host", value = text)),
        }
    }
    (hosts, complaints)
}

/// Asks before the credential is sent to the API host and the identity host, and connections are made in its tenant. Returns the
/// two hosts. The sandbox's own Central needs no such question, wherever it listens.
pub(super) async fn to_begin(app: &App, options: &Options) -> Result<BTreeSet<String>> {
    let urls = [&options.api_url, &options.id_url];
    let hosts = urls.map(|url| host_of(url).map_err(Failure::usage));
    let hosts = hosts.into_iter().collect::<Result<BTreeSet<String>>>()?;
    if app.globals.yes || are_of_the_sandbox(&hosts) {
        return Ok(hosts);
    }
    let listed = in_words(&hosts);
    if !app.ask.possible() {
        let failure = Failure::new(
            Code::MissingAnswers,
            t!("sandbox-verify-consent", hosts = listed),
        );
        return Err(failure.hinted(t!("sandbox-verify-consent-hint")));
    }
    confirm(app, &t!("sandbox-verify-ask", hosts = listed)).await?;
    Ok(hosts)
}

/// Asks before anything is sent to hosts that the implementation names. `--yes` does not agree to what nobody has seen.
pub(super) async fn to_others(app: &App, url: &str, hosts: &BTreeSet<String>) -> Result<()> {
    let listed = in_words(hosts);
    if app.globals.yes || !app.ask.possible() {
        let flags = hosts
            .iter()
            .map(|host| format!("--allow-host {}", quoted(host)));
        let flags: Vec<String> = flags.collect();
        let failure = Failure::new(
            Code::WrongTarget,
            t!("sandbox-verify-others", url = url, hosts = listed),
        );
        let flags = flags.join(" ");
        return Err(failure.hinted(t!("sandbox-verify-others-hint", flags = flags)));
    }
    let question = t!("sandbox-verify-ask-others", url = url, hosts = listed);
    confirm(app, &question).await
}

async fn confirm(app: &App, question: &str) -> Result<()> {
    match app.ask.confirm(question, false).await? {
        true => Ok(()),
        false => Err(Failure::new(Code::Declined, t!("declined"))),
    }
}

/// Whether these hosts are the Central of the sandbox that runs here, as its own file says.
fn are_of_the_sandbox(hosts: &BTreeSet<String>) -> bool {
    let running = crate::sandbox::Place::find();
    let running = running.ok().and_then(|place| place.running());
    let own = running.and_then(|running| host_of(&running.central_url).ok());
    own.is_some_and(|own| hosts.iter().all(|host| *host == own))
}

fn in_words(hosts: &BTreeSet<String>) -> String {
    let hosts: Vec<&str> = hosts.iter().map(String::as_str).collect();
    hosts.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_is_a_name_or_an_address_with_a_port_or_without() {
        let given = ["central.example.com:443", "LOCALHOST:8080", "[::1]:1"];
        let (hosts, complaints) = named(&given.map(ToOwned::to_owned));
        assert!(complaints.is_empty(), "{complaints:?}");
        assert!(hosts.contains("central.example.com"), "{hosts:?}");
        assert!(hosts.contains("localhost:8080"), "{hosts:?}");
        let wrong = [
            "",
            "https://a.example",
            "a.example/b",
            "me@a.example",
            "a b",
        ];
        let (hosts, complaints) = named(&wrong.map(ToOwned::to_owned));
        assert_eq!((hosts.len(), complaints.len()), (0, wrong.len()));
    }
}
