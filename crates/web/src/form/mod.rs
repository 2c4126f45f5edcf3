//! What a browser sends with a form: fields in order, and files.
//!
//! Reading is bounded in bytes, in fields and (by the server) in time. Nothing here decides whether an answer is right.

pub(crate) mod body;
mod multipart;

use std::fmt;

use axum::extract::{FromRequest, Request};

pub use multipart::{Content, Submission, Upload, UploadLimits, human_size};

use crate::fail::Fail;

/// The most a form without files may hold.
const MOST_BYTES: usize = 256 * 1024;
/// The most fields of any form.
const MOST_FIELDS: usize = 400;

/// The fields of a form, in the order they came; a name may stand more than once.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Fields {
    pairs: Vec<(String, String)>,
}

impl Fields {
    /// Fields made by us, to fill a form for the first time.
    pub fn from_pairs<N: Into<String>, V: Into<String>>(pairs: impl IntoIterator<Item = (N, V)>) -> Self {
        Self { pairs: pairs.into_iter().map(|(name, value)| (name.into(), value.into())).collect() }
    }

    /// The fields in an address's query or a form's body.
    ///
    /// # Errors
    /// The 413 page when there are more fields than any of our forms has.
    pub fn parse(encoded: &[u8]) -> Result<Self, Fail> {
        let mut pairs = form_urlencoded::parse(encoded);
        let fields = Self::from_pairs(pairs.by_ref().take(MOST_FIELDS));
        if pairs.next().is_some() { Err(Fail::too_large()) } else { Ok(fields) }
    }

    /// The first value of this name.
    #[must_use]
    pub fn one(&self, name: &str) -> Option<&str> {
        self.all(name).next()
    }

    /// The first value of this name without the spaces around it; empty when it is missing.
    #[must_use]
    pub fn text(&self, name: &str) -> &str {
        self.one(name).unwrap_or_default().trim()
    }

    /// Every value of this name.
    pub fn all<'a>(&'a self, name: &str) -> impl Iterator<Item = &'a str> {
        self.pairs.iter().filter(move |(given, _)| given == name).map(|(_, value)| value.as_str())
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.pairs.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// Adds one.
    pub fn push(&mut self, name: impl Into<String>, value: impl Into<String>) {
        self.pairs.push((name.into(), value.into()));
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.pairs.is_empty()
    }
}

impl fmt::Debug for Fields {
    /// Names only: values are what people typed and must not reach a log.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.pairs.iter().map(|(name, _)| name)).finish()
    }
}

impl<S: Send + Sync> FromRequest<S> for Fields {
    type Rejection = Fail;

    async fn from_request(request: Request, _: &S) -> Result<Self, Fail> {
        if body::kind(request.headers()) != Some("application/x-www-form-urlencoded") {
            return Err(Fail::unknown_content());
        }
        let bytes = body::collect(request.into_body(), MOST_BYTES).await?;
        Self::parse(&bytes)
    }
}

#[cfg(test)]
mod tests {
    use axum::body::Body;

    use super::*;

    async fn read(kind: &str, body: String) -> Result<Fields, u16> {
        let request = Request::post("/").header("content-type", kind).body(Body::from(body)).unwrap();
        Fields::from_request(request, &()).await.map_err(|fail| fail.status().as_u16())
    }

    const FORM: &str = "application/x-www-form-urlencoded; charset=UTF-8";

    #[tokio::test]
    async fn fields_keep_their_order_and_repeats() {
        let fields = read(FORM, "a=1&b=%E4%B8%80+%E4%BA%8C&a=2".into()).await.unwrap();
        assert_eq!(fields.all("a").collect::<Vec<_>>(), ["1", "2"]);
        assert_eq!(fields.one("b"), Some("一 二"));
        assert_eq!(fields.text("c"), "");
    }

    #[tokio::test]
    async fn what_is_not_a_form_is_refused() {
        assert_eq!(read("text/plain", "a=1".into()).await, Err(415));
        assert_eq!(read("application/json", "{}".into()).await, Err(415));
    }

    #[tokio::test]
    async fn a_form_is_bounded_in_bytes_and_in_fields() {
        assert_eq!(read(FORM, format!("a={}", "x".repeat(MOST_BYTES))).await, Err(413));
        assert_eq!(read(FORM, "a=1&".repeat(MOST_FIELDS)).await.map(|fields| fields.pairs.len()), Ok(MOST_FIELDS));
        assert_eq!(read(FORM, "a=1&".repeat(MOST_FIELDS + 1)).await, Err(413));
    }

    #[test]
    fn values_never_reach_a_log() {
        let fields = Fields::from_pairs([("name", "secret")]);
        assert_eq!(format!("{fields:?}"), "[\"name\"]");
    }
}
