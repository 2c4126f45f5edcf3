//! A file that was handed in, shown to who may see it.

use axum::extract::{Path, State};
use axum::http::HeaderValue;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use axum::response::{IntoResponse as _, Response};
use banjie_app::usecase::draft::read_file;

use super::file_id;
use crate::fail::Fail;
use crate::run::{blocking, failed};
use crate::session::User;
use crate::state::Web;

/// GET /files/{id}
pub(super) async fn show(State(web): State<Web>, Path(id): Path<String>, user: User) -> Result<Response, Fail> {
    let (who, id) = (user.signed.principal.clone(), file_id(&id)?);
    let file =
        blocking(&web.app, move |app| read_file(app, &who, &id)).await.map_err(|error| failed(&user.shell, error))?;
    // RFC 8187: a name in any script, as data and never as a path.
    let name: String = file
        .name
        .bytes()
        .map(|byte| if byte.is_ascii_alphanumeric() { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect();
    let mut response = file.bytes.into_response();
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(file.media_type));
    headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static("sandbox; default-src 'none'"));
    if let Ok(value) = HeaderValue::from_str(&format!("inline; filename*=UTF-8''{name}")) {
        headers.insert(CONTENT_DISPOSITION, value);
    }
    Ok(response)
}
