//! What every handler has at hand.

use std::sync::Arc;

use axum::extract::FromRef;
use banjie_app::app::App;

use crate::shell::Site;

/// The service and the site around it.
#[derive(Clone)]
pub struct Web {
    /// The use cases.
    pub app: Arc<App>,
    /// Texts, office, cookies.
    pub site: Arc<Site>,
}

impl FromRef<Web> for Arc<Site> {
    fn from_ref(web: &Web) -> Self {
        Self::clone(&web.site)
    }
}
