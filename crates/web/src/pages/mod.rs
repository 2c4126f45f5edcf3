//! The pages, one folder or file per journey, and the one router that names them all.

mod account;
mod apply;
mod desk;
mod guide;
mod hall;
mod interface;
mod mine;
mod rule_changes;
mod rule_words;
mod sites;
mod why;
mod words;

use std::sync::Arc;

use axum::response::Response;
use axum::routing::get;
use axum::{Router, middleware};

use crate::api;
use crate::components;
use crate::layers;
use crate::session::Guest;
use crate::state::Web;
use crate::watch;

/// Every route of the site, with what wraps every answer.
pub fn router(web: Web) -> Router<()> {
    let site = std::sync::Arc::clone(&web.site);
    let routes = Router::new()
        .merge(watch::probes())
        .route("/components", get(sheet))
        .merge(hall::routes())
        .merge(guide::routes())
        .merge(interface::routes())
        .merge(account::routes())
        .merge(rule_changes::routes())
        .merge(mine::routes())
        .merge(apply::routes())
        .merge(sites::routes())
        .merge(desk::routes())
        .with_state(web.clone());
    let counted = middleware::from_fn_with_state(Arc::clone(&web.meters), watch::count);
    layers::wrap(routes, &site).merge(api::router(&web)).layer(counted)
}

/// 样张: every part in every state.
async fn sheet(guest: Guest) -> Response {
    components::page(&guest.shell)
}
