//! Faults that are switched on.

use serde::Deserialize;

/// A fault that affects the next `times` matching requests.
#[derive(Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Fault {
    #[serde(default)]
    pub method: Option<String>,
    /// Part of the path.
    #[serde(default)]
    pub path: String,
    /// If given, only requests of this tenant (`X-Tenant-ID`) match.
    #[serde(default)]
    pub tenant: Option<String>,
    /// `status`, `reset` (the answer breaks), `lost` (the request is carried out, but the answer breaks) or `slow`.
    pub kind: String,
    #[serde(default)]
    pub status: u16,
    #[serde(default)]
    pub retry_after: Option<u64>,
    #[serde(default)]
    pub milliseconds: u64,
    pub times: u32,
}
