//! `package`: writes the zip that becomes the function's code, for those who deploy a template. It is the one that `setup` uploads.

use std::path::Path;

use serde_json::json;

use super::app::App;
use crate::{
    cli::PackageArgs,
    plan::template,
    resources::package::Package,
    ui::{
        Code, Exit, Result,
        beside::{self, Readers},
        shell::quoted,
        t,
    },
};

pub(super) fn run(app: &App, arguments: &PackageArgs) -> Result<Exit> {
    let PackageArgs { out, forwarder } = arguments;
    // A variable that is set but empty counts as unset.
    let forwarder = forwarder.as_deref().filter(|file| !file.is_empty());
    let package = Package::load(forwarder.map(Path::new))?;
    // In the sandbox the function runs on this machine, whose own glibc is good enough.
    if !app.settled().sandbox {
        package.must_start_on_lambda()?;
    }
    beside::write(out, Readers::Usual, &package.zip)
        .map_err(|error| beside::failed(Code::Usage, "--out", out, &error))?;
    let (digest, file) = (package.sha256_hex(), out.display().to_string());
    let key = template::key(&digest);
    if app.printer.json() {
        app.printer.document(&json!({
            "file": file,
            "sha256": digest,
            "codeSha256": package.sha256_base64(),
            "architecture": package.architecture.as_str(),
            "bytes": package.zip.len(),
            "key": key,
        }));
        return Ok(Exit::Done);
    }
    app.printer.data(&format!("{digest}  {file}"));
    let file = quoted(&file);
    let upload = format!("aws s3 cp {file} s3://BUCKET/{key}");
    app.printer
        .say(&t!("package-next", upload = upload, file = file));
    Ok(Exit::Done)
}
