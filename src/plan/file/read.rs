//! Reads a plan file, which anybody may have written.

use serde_json::Value;

use super::{PlanFile, Purpose, VERSION};
use crate::ui::{Failure, Result, t};

/// More than any plan needs.
const LARGEST: usize = 16 * 1024 * 1024;

/// Reads the text of a plan file for this purpose. Fields that are not known are ignored.
///
/// # Errors
/// It is not a plan file, of another major version, or for something else.
pub(crate) fn read(name: &str, text: &str, purpose: Purpose) -> Result<PlanFile> {
    let refused = |complaint: String| Failure::usage(format!("--plan: {complaint}"));
    let unreadable = |cause: String| refused(t!("plan-unreadable", file = name, cause = cause));
    if text.len() > LARGEST {
        return Err(unreadable(t!("plan-too-large")));
    }
    let document: Value =
        serde_json::from_str(text).map_err(|error| unreadable(error.to_string()))?;
    let Some(version) = document["version"].as_str() else {
        return Err(unreadable(t!("plan-no-version")));
    };
    let major = |version: &str| Some(parsed(version)?.0);
    if major(version) != major(VERSION) {
        let other = t!(
            "plan-other-version",
            file = name,
            version = version,
            known = VERSION
        );
        return Err(refused(other).hinted(t!("plan-other-version-hint")));
    }
    let file: PlanFile =
        serde_json::from_value(document).map_err(|error| unreadable(error.to_string()))?;
    if file.purpose != purpose {
        let verb: &'static str = file.purpose.into();
        let other = t!("plan-other-purpose", file = name, verb = verb);
        return Err(refused(other));
    }
    Ok(file)
}

/// The major and the minor version; `None` if the text is no version.
pub(super) fn parsed(version: &str) -> Option<(u32, u32)> {
    let (major, minor) = version.split_once('.')?;
    Some((major.parse().ok()?, minor.parse().ok()?))
}
