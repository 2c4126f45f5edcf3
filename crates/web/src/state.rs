//! What every handler has at hand.

use std::sync::Arc;

use axum::extract::FromRef;
use banjie_app::app::App;
use banjie_app::error::Outcome;

use crate::shell::{OfficeCard, Site};
use crate::watch::Meters;

/// The service and the site around it.
#[derive(Clone)]
pub struct Web {
    /// The use cases.
    pub app: Arc<App>,
    /// Texts, office, cookies.
    pub site: Arc<Site>,
    /// Numbers for whoever watches.
    pub meters: Arc<Meters>,
}

impl Web {
    /// The office on every page, as the rules of today have it: it may have been set up, or have moved, since the start.
    #[must_use]
    pub fn office(&self) -> Arc<OfficeCard> {
        office_card(&self.app).unwrap_or_else(|error| {
            tracing::error!(%error, "the card of the office cannot be made; pages show that of the start");
            Arc::new(self.site.office.clone())
        })
    }
}

/// The office that runs this installation, as the rules of today have it; empty before the set-up.
///
/// # Errors
/// When its region has no rules.
pub fn office_card(app: &App) -> Outcome<Arc<OfficeCard>> {
    let Some(office) = app.front_office() else { return Ok(Arc::default()) };
    let policy = app.rules.policy(&office.region, app.today())?;
    let card = policy.office();
    Ok(Arc::new(OfficeCard {
        name: office.name,
        phone: card.phone.clone(),
        address: card.address.zh.clone(),
        hours: card.hours.zh.clone(),
    }))
}

impl FromRef<Web> for Arc<Site> {
    fn from_ref(web: &Web) -> Self {
        Self::clone(&web.site)
    }
}
