//! Reading a body whole, and telling apart why it could not be read.

use std::{error::Error, io};

use axum::{
    body::Body,
    http::{HeaderMap, header},
};
use http_body_util::BodyExt as _;

use crate::fail::Fail;

/// What is still read and thrown away beyond the limit, so that the browser sees our page and not a broken connection.
const DRAINED_BYTES: usize = 16 * 1024 * 1024;

/// The content type without its parameters.
pub(crate) fn kind(headers: &HeaderMap) -> Option<&str> {
    let whole = headers.get(header::CONTENT_TYPE)?.to_str().ok()?;
    whole.split(';').next().map(str::trim)
}

/// The whole body, if it is no longer than `most` bytes.
pub(crate) async fn collect(mut body: Body, most: usize) -> Result<Vec<u8>, Fail> {
    let (mut kept, mut read) = (Vec::new(), 0_usize);
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame.map_err(|error| reason(&error))?.into_data() else { continue };
        read += data.len();
        if read > most + DRAINED_BYTES {
            break;
        }
        if read <= most {
            kept.extend_from_slice(&data);
        }
    }
    if read > most { Err(Fail::too_large()) } else { Ok(kept) }
}

/// The page for a body that could not be read: too slow, or broken off.
pub(super) fn reason(error: &(dyn Error + 'static)) -> Fail {
    let mut link = Some(error);
    while let Some(error) = link {
        if error.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::TimedOut) {
            return Fail::too_slow();
        }
        link = error.source();
    }
    Fail::unreadable()
}
