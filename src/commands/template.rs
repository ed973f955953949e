//! `plan --as cloudformation` and `--as terraform`: the plan as a template on stdout, and what to do with it on stderr.

use super::app::App;
use crate::{
    central::{Versioned, model::Endpoints},
    cli::{self, Form},
    connection::Design,
    plan::{
        Plan,
        template::{self, FILE, Refused, Template},
    },
    resources::{
        function::{self, Runs},
        package::Package,
    },
    ui::{Code, Failure, Result, command::command, page::Page, shell::quoted, t},
};

/// What a template is made of.
pub(super) struct Source<'a> {
    pub plan: &'a Plan,
    pub design: &'a Design,
    /// The connection as Central has it; `None` if it is new.
    pub existing: Option<&'a Versioned>,
    pub package: &'a Package,
    /// Where log files will go, as far as Central says so before there is a connection.
    pub endpoints: Option<&'a Endpoints>,
    /// The endpoint of a sandbox.
    pub loopback: Option<&'a str>,
    /// The file of `--forwarder`.
    pub forwarder: Option<String>,
    /// What it costs if the template makes a further, billed copy of management events.
    pub cost: Option<&'a str>,
    /// The command line that registers what the stack has made, quoted.
    pub adopt: Vec<String>,
}

/// Prints the template.
pub(super) fn show(app: &App, form: Form, source: &Source<'_>) -> Result<()> {
    let recorded = source.existing.map(|found| found.connection.manifest());
    let runs = runs(source);
    let template = Template::of(source.design, source.plan, recorded.as_ref(), &runs);
    let template = template.map_err(|why| refused(app, source, why))?;
    let printed = match form {
        Form::Terraform => template::terraform(&template),
        Form::Cloudformation | Form::Markdown => template::cloudformation(&template),
    };
    app.printer.document(&printed);
    let new = source.existing.is_none();
    if new {
        let id = source.design.id;
        app.printer.say(&t!("template-id", id = id));
    }
    if let Some(cost) = source.cost {
        app.printer.warn(cost);
    }
    app.printer.say(&t!("template-next"));
    app.printer.show(&next(app, form, source, &runs));
    Ok(())
}

/// The refusal of a plan that cannot be a template. `setup` helps against what others have a part in, and against nothing else.
fn refused(app: &App, source: &Source<'_>, refused: Refused) -> Failure {
    let Refused { complaints, shared } = refused;
    let failure = Failure::headed(Code::Usage, t!("template-refused"), complaints);
    match shared {
        true => {
            let command = app.command("setup", &source.design.name).join(" ");
            failure.hinted(t!("template-refused-hint", command = command))
        }
        false => failure,
    }
}

/// What the function runs, as far as Central says where log files go.
fn runs(source: &Source<'_>) -> Runs {
    let told = source.existing.map(|found| found.connection.endpoints());
    let told = told.filter(|endpoints| !endpoints.ingest_url.is_empty());
    let (url, hosts) = match told.as_ref().or(source.endpoints) {
        Some(endpoints) => (endpoints.ingest_url.as_str(), &endpoints.upload_hosts[..]),
        None => ("", &[][..]),
    };
    Runs {
        architecture: source.package.architecture.clone(),
        environment: function::environment(source.design, url, hosts, source.loopback),
        digest: source.package.sha256_hex(),
    }
}

/// The command lines that come next.
fn next(app: &App, form: Form, source: &Source<'_>, runs: &Runs) -> Page {
    let mut page = Page::default();
    let forwarder = source.forwarder.as_deref();
    let mut lines = commands(form, source.design, &runs.digest, forwarder);
    lines.push(source.adopt.clone());
    for words in lines {
        page.verbatim(command(&words, app.printer.width(), 2));
    }
    page
}

/// The command lines, in words that are quoted, that bring the template and the function's zip into the account.
fn commands(
    form: Form,
    design: &Design,
    digest: &str,
    forwarder: Option<&str>,
) -> Vec<Vec<String>> {
    let mut package = words(&format!("{} package --out {FILE}", cli::PROGRAM));
    if let Some(file) = forwarder {
        package.extend(["--forwarder".to_owned(), quoted(file)]);
    }
    if form == Form::Terraform {
        return vec![package, words("terraform init && terraform apply")];
    }
    let upload = format!("aws s3 cp {FILE} s3://BUCKET/{}", template::key(digest));
    let deploy = format!(
        "aws cloudformation deploy --region {} --stack-name {} --template-file TEMPLATE \
         --capabilities CAPABILITY_NAMED_IAM --parameter-overrides CodeBucket=BUCKET",
        design.region, design.function
    );
    vec![package, words(&upload), words(&deploy)]
}

/// The words of a command line in which nothing needs quotes.
fn words(line: &str) -> Vec<String> {
    line.split(' ').map(ToOwned::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        connection::{Feed, fixture},
        ui::layout::Width,
    };

    #[test]
    fn each_command_line_fits_a_terminal_and_can_be_pasted() {
        let design = fixture::design(Feed::New);
        let digest = "0".repeat(64);
        for form in [Form::Cloudformation, Form::Terraform] {
            let lines = commands(form, &design, &digest, Some("a file"));
            assert!(lines[0].ends_with(&["--forwarder".to_owned(), "'a file'".to_owned()]));
            for words in lines {
                let shown = command(&words, Width::of_columns(80), 2);
                for line in shown.lines() {
                    let parts = line.trim_end_matches(" \\").split_whitespace().count();
                    assert!(line.len() <= 80 || parts == 1, "{line}");
                }
                let pasted = shown.replace(" \\\n", " ");
                let pasted: Vec<&str> = pasted.split_whitespace().collect();
                assert_eq!(pasted.join(" "), words.join(" "));
            }
        }
    }
}
