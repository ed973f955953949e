//! A key of CloudTrail: making one, signing with it, and its public half as `ListPublicKeys` shows it.

use aws_lc_rs::{
    encoding::{AsDer, Pkcs8V1Der},
    rand::SystemRandom,
    rsa::KeySize,
    signature::{KeyPair, RSA_PKCS1_SHA256, RsaKeyPair},
};
use base64::{Engine, prelude::BASE64_STANDARD};
use jiff::Timestamp;
use md5::{Digest, Md5};

use crate::{connection::Region, sandbox::cloud::SigningKey};

/// A key that can sign.
pub(crate) struct Signer {
    pair: RsaKeyPair,
    pub(crate) fingerprint: String,
}

impl Signer {
    /// Reads a key of the sandbox's state. `None` if it is damaged.
    #[must_use]
    pub(crate) fn read(key: &SigningKey) -> Option<Self> {
        let private = BASE64_STANDARD.decode(&key.private).ok()?;
        Some(Self {
            pair: RsaKeyPair::from_pkcs8(&private).ok()?,
            fingerprint: key.fingerprint.clone(),
        })
    }

    /// The signature of a text, in hexadecimal digits (CloudTrail user guide, "Custom implementations of CloudTrail log file
    /// integrity validation"). `None` if the library cannot sign.
    #[must_use]
    pub(super) fn sign(&self, text: &str) -> Option<String> {
        let mut signature = vec![0; self.pair.public_modulus_len()];
        let random = SystemRandom::new();
        let signed = self
            .pair
            .sign(&RSA_PKCS1_SHA256, &random, text.as_bytes(), &mut signature);
        signed.ok()?;
        Some(hex::encode(signature))
    }
}

/// Makes a key for a region. This takes a tenth of a second. `None` if the library cannot make one.
#[must_use]
pub(crate) fn generate(
    region: &Region,
    live: bool,
    (from, until): (Timestamp, Timestamp),
) -> Option<SigningKey> {
    let pair = RsaKeyPair::generate(KeySize::Rsa2048).ok()?;
    let private: Pkcs8V1Der<'static> = pair.as_der().ok()?;
    let public = pair.public_key().as_ref();
    Some(SigningKey {
        region: region.clone(),
        live,
        private: BASE64_STANDARD.encode(private.as_ref()),
        public: BASE64_STANDARD.encode(public),
        fingerprint: fingerprint(public),
        from,
        until,
    })
}

/// The MD5 of a public key as it is listed. AWS does not document it; the key and the fingerprint in the AWS CLI's example of
/// `list-public-keys` are such a pair (`awscli/examples/cloudtrail/list-public-keys.rst`).
pub(super) fn fingerprint(public: &[u8]) -> String {
    hex::encode(Md5::digest(public))
}
