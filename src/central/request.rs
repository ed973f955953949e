//! What a call to Central carries.

use serde_json::Value;

/// The most pages of a list that are requested.
pub(super) const PAGES: u32 = 1000;

/// What a call carries besides method and path.
#[derive(Clone, Copy, Default)]
pub(super) struct With<'a> {
    pub(super) query: &'a [(&'a str, String)],
    pub(super) body: Option<&'a Value>,
    /// `If-Match` or `If-None-Match`.
    pub(super) precondition: Option<(&'static str, &'a str)>,
    /// `X-Tenant-ID` or a header like it.
    pub(super) scope: Option<(&'static str, &'a str)>,
}
