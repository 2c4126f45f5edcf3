//! Reading a body whole, and telling apart why it could not be read.

use std::{error::Error, io};

use axum::{
    body::{Body, Bytes},
    http::{HeaderMap, header},
};
use http_body_util::{BodyExt as _, LengthLimitError, Limited};

use crate::fail::Fail;

/// The content type without its parameters.
pub(super) fn kind(headers: &HeaderMap) -> Option<&str> {
    let whole = headers.get(header::CONTENT_TYPE)?.to_str().ok()?;
    whole.split(';').next().map(str::trim)
}

/// The whole body, if it is no longer than `most` bytes.
pub(super) async fn collect(body: Body, most: usize) -> Result<Bytes, Fail> {
    match Limited::new(body, most).collect().await {
        Ok(whole) => Ok(whole.to_bytes()),
        Err(error) => Err(reason(error.as_ref())),
    }
}

/// The page for a body that could not be read: too long, too slow, or broken off.
pub(super) fn reason(error: &(dyn Error + 'static)) -> Fail {
    let mut link = Some(error);
    while let Some(error) = link {
        if error.is::<LengthLimitError>() {
            return Fail::too_large();
        }
        if error.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::TimedOut) {
            return Fail::too_slow();
        }
        link = error.source();
    }
    Fail::unreadable()
}
