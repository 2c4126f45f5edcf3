//! A file that was handed in, shown to who may see it.

use axum::extract::{Path, State};
use axum::http::HeaderValue;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use axum::response::{IntoResponse as _, Response};
use banjie_app::usecase::draft::read_file;

use super::file_id;
use crate::fail::Fail;
use crate::headers::disposition;
use crate::run::{blocking, failed};
use crate::session::User;
use crate::state::Web;

/// GET /files/{id}
pub(super) async fn show(State(web): State<Web>, Path(id): Path<String>, user: User) -> Result<Response, Fail> {
    let (who, id) = (user.signed.principal.clone(), file_id(&id)?);
    let file =
        blocking(&web.app, move |app| read_file(app, &who, &id)).await.map_err(|error| failed(&user.shell, error))?;
    let mut response = file.bytes.into_response();
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(file.media_type));
    headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static("sandbox; default-src 'none'"));
    headers.extend(disposition("inline", &file.name).map(|value| (CONTENT_DISPOSITION, value)));
    Ok(response)
}
