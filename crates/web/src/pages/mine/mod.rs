//! Being written.

pub(crate) fn routes() -> axum::Router<crate::state::Web> {
    axum::Router::new()
}
