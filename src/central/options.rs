//! How Central is reached.

use secrecy::SecretString;

/// The identity host, unless another is set.
pub(crate) const ID_URL: &str = "https://id.sophos.com";
/// The global API host, unless another is set.
pub(crate) const API_URL: &str = "https://api.central.sophos.com";

/// How Central is reached.
#[derive(Clone, Debug)]
pub(crate) struct Options {
    pub id_url: String,
    pub api_url: String,
    pub client_id: String,
    pub client_secret: SecretString,
}
