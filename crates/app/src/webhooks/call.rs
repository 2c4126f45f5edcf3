//! The one place from which the service calls out.
//!
//! A name is looked up once for each call, and the addresses that may be called are the ones that are connected to:
//! nothing looks the name up again in between. Nothing is followed, no proxy is asked, and what comes back is read no
//! further than its status.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use base64ct::{Base64, Encoding as _};
use ureq::config::Config;
use ureq::http::Uri;
use ureq::tls::{PemItem, RootCerts, TlsConfig, parse_pem};
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::{DefaultConnector, NextTimeout};

use super::reach::{HTTPS, Reach};
use crate::seal::hmac_sha256;

/// How long one call may take, from the name to the status.
const TIME: Duration = Duration::from_secs(10);
/// Bytes of a head that answers.
const HEAD: usize = 16 * 1024;

/// What is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Letter {
    /// The same for every try, so that a receiver knows what it has had.
    pub id: String,
    /// When it is sent, seconds since 1970.
    pub at: i64,
    /// JSON.
    pub body: String,
}

/// Why nobody heard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unheard {
    /// The place may not be called (any more).
    NotAllowed,
    /// No host has this name.
    NoSuchHost,
    /// Nothing answers there.
    NoConnection,
    /// The certificate is not one to trust, or the connection cannot be encrypted.
    NotTrusted,
    /// It took too long.
    TooSlow,
    /// What answered does not speak HTTP.
    Garbled,
    /// Something went wrong on this side.
    Ours,
    /// The answer was no success.
    Status(u16),
}

impl Unheard {
    /// The word that is kept, and stands in locale keys.
    #[must_use]
    pub fn key(self) -> String {
        match self {
            Self::NotAllowed => "not-allowed".to_owned(),
            Self::NoSuchHost => "no-such-host".to_owned(),
            Self::NoConnection => "no-connection".to_owned(),
            Self::NotTrusted => "not-trusted".to_owned(),
            Self::TooSlow => "too-slow".to_owned(),
            Self::Garbled => "garbled".to_owned(),
            Self::Ours => "ours".to_owned(),
            Self::Status(code) => code.to_string(),
        }
    }

    /// Whether the receiver says that it wants no more (410).
    pub(super) const fn is_goodbye(self) -> bool {
        matches!(self, Self::Status(410))
    }
}

impl fmt::Display for Unheard {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.key())
    }
}

impl std::error::Error for Unheard {}

impl From<ureq::Error> for Unheard {
    fn from(error: ureq::Error) -> Self {
        match error {
            ureq::Error::Other(inner) => inner.downcast_ref().copied().unwrap_or(Self::Garbled),
            ureq::Error::HostNotFound => Self::NoSuchHost,
            ureq::Error::Timeout(_) => Self::TooSlow,
            ureq::Error::Tls(_) | ureq::Error::Rustls(_) | ureq::Error::Pem(_) | ureq::Error::TlsRequired => {
                Self::NotTrusted
            }
            ureq::Error::Io(error) if error.kind() == std::io::ErrorKind::InvalidData => Self::NotTrusted,
            ureq::Error::ConnectionFailed | ureq::Error::Io(_) => Self::NoConnection,
            _ => Self::Garbled,
        }
    }
}

/// Looks a name up, and keeps the addresses that may be called.
#[derive(Debug)]
struct Guard<R> {
    reach: Arc<Reach>,
    names: R,
}

impl<R: Resolver> Resolver for Guard<R> {
    fn resolve(&self, uri: &Uri, config: &Config, timeout: NextTimeout) -> Result<ResolvedSocketAddrs, ureq::Error> {
        let refuse = || ureq::Error::Other(Box::new(Unheard::NotAllowed));
        if !self.reach.allows(uri.host().unwrap_or_default(), uri.port_u16().unwrap_or(HTTPS)) {
            return Err(refuse());
        }
        // What the system calls a name that nobody has is an error of input and output to the client.
        let found = self.names.resolve(uri, config, timeout).map_err(|error| match error {
            ureq::Error::Io(_) => ureq::Error::HostNotFound,
            other => other,
        })?;
        let mut kept = self.empty();
        for address in found.iter().filter(|address| self.reach.may_call(address.ip())) {
            kept.push(*address);
        }
        if kept.is_empty() { Err(refuse()) } else { Ok(kept) }
    }
}

/// Calls, where it may.
#[derive(Debug)]
pub struct Caller {
    reach: Arc<Reach>,
    agent: ureq::Agent,
}

impl Caller {
    /// Calls within `reach`. A certificate has to come from one of `roots` (PEM), or without them from one that browsers
    /// trust (Mozilla's list, as it was when this program was built).
    ///
    /// # Errors
    /// When there is no certificate among `roots`.
    pub fn new(reach: Reach, roots: Option<&[u8]>) -> anyhow::Result<Self> {
        Self::asking(DefaultResolver::default(), TIME, reach, roots)
    }

    pub(super) fn asking(
        names: impl Resolver,
        time: Duration,
        reach: Reach,
        roots: Option<&[u8]>,
    ) -> anyhow::Result<Self> {
        let roots = match roots {
            None => RootCerts::WebPki,
            Some(pem) => {
                let mut found = Vec::new();
                for item in parse_pem(pem) {
                    if let PemItem::Certificate(one) = item.context("a certificate cannot be read")? {
                        found.push(one);
                    }
                }
                anyhow::ensure!(!found.is_empty(), "there is no certificate in the file");
                RootCerts::from(found)
            }
        };
        let config = Config::builder()
            .https_only(true)
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .proxy(None)
            .tls_config(TlsConfig::builder().root_certs(roots).build())
            .timeout_global(Some(time))
            .max_response_header_size(HEAD)
            .max_idle_connections(0)
            .user_agent(concat!("banjie/", env!("CARGO_PKG_VERSION")))
            .build();
        let reach = Arc::new(reach);
        let guard = Guard { reach: Arc::clone(&reach), names };
        Ok(Self { agent: ureq::Agent::with_parts(config, DefaultConnector::default(), guard), reach })
    }

    /// Whether anything may be called.
    #[must_use]
    pub fn is_on(&self) -> bool {
        self.reach.is_on()
    }

    /// Whether an address is within reach, as far as what is written says: where a name leads is seen at the call.
    pub(super) fn allows(&self, host: &str, port: u16) -> bool {
        let number = host.trim_matches(['[', ']']).parse();
        self.reach.allows(host, port) && number.map_or(true, |address| self.reach.may_call(address))
    }

    /// Sends a letter, signed; it was heard when the answer is 2xx.
    pub(super) fn post(&self, address: &str, secret: &[u8; 32], letter: &Letter) -> Result<(), Unheard> {
        let answer = self
            .agent
            .post(address)
            .header("content-type", "application/json")
            .header("webhook-id", &letter.id)
            .header("webhook-timestamp", letter.at.to_string())
            .header("webhook-signature", signature(secret, letter))
            .send(letter.body.as_bytes())?;
        let status = answer.status();
        if status.is_success() { Ok(()) } else { Err(Unheard::Status(status.as_u16())) }
    }
}

/// `v1,` and HMAC-SHA-256 over id, time and body with a full stop between, as Standard Webhooks says.
pub(super) fn signature(secret: &[u8; 32], letter: &Letter) -> String {
    let signed = format!("{}.{}.{}", letter.id, letter.at, letter.body);
    format!("v1,{}", Base64::encode_string(&hmac_sha256(secret, signed.as_bytes())))
}
