//! 办事指南: what a matter takes, for anybody, made from the rules that also check a filing; and those rules themselves.

mod one;
mod rules;

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::http::Uri;
use axum::response::Response;
use axum::routing::get;
use banjie_app::query::guide::{self, Listed};
use banjie_domain::act::Act;
use banjie_domain::policy::PackRegion;

use crate::fail::Fail;
use crate::form::Fields;
use crate::parts::{Field, Link, Mark, Questions};
use crate::run::{blocking, failed};
use crate::session::Guest;
use crate::shell::{Place, Shell, Side, page};
use crate::state::Web;

/// The routes of the guides.
pub fn routes() -> Router<Web> {
    Router::new()
        .route("/guides", get(list))
        .route("/guides/{region}/{kind}/{act}", get(one::show))
        .route("/rules", get(rules::show))
}

/// A registration type with the guides about it.
struct Shelf {
    title: String,
    links: Vec<Link>,
}

#[derive(Template)]
#[template(path = "pages/guides.html")]
struct GuidesPage<'a> {
    shell: &'a Shell,
    region: Field,
    words: Field,
    shelves: Vec<Shelf>,
}

fn at(guest: &Guest, path: &str) -> Shell {
    let side = if guest.signed.is_some() { guest.shell.nav.side } else { Side::Public };
    let mut shell = guest.shell.clone().at(side, Place::Guides);
    path.clone_into(&mut shell.path);
    shell
}

/// The words people use for an act, in every language: what the hall says about it.
fn act_words(shell: &Shell, act: Act) -> Vec<String> {
    let keys = [format!("act.{}", act.key()), format!("word-say.{}", act.key()), format!("guide.also.{}", act.key())];
    keys.iter().filter_map(|key| shell.tongue.find(key)).map(str::to_owned).collect()
}

fn region_marks(shell: &Shell, regions: &[PackRegion]) -> Vec<Mark> {
    let name = |region: &PackRegion| region.name.get(shell.lang()).to_owned();
    regions.iter().map(|region| Mark::new(region.code.as_str(), name(region))).collect()
}

/// The region asked for, else the installation's own.
fn region_of(web: &Web, query: &Fields) -> String {
    match query.text("region") {
        "" => guide::home_region(&web.app),
        known => known.to_owned(),
    }
}

fn shelves(web: &Web, shell: &Shell, region: &str, found: &[Listed]) -> Vec<Shelf> {
    let link = |one: &Listed| {
        let act = shell.t(&format!("act.{}", one.act.key()));
        Link::new(format!("/guides/{region}/{}/{}", one.kind, one.act.key()), act)
    };
    let shelf = |kind: &banjie_domain::registration_type::RegistrationType| Shelf {
        title: kind.label(shell.lang()).to_owned(),
        links: found.iter().filter(|one| one.kind == kind.key()).map(link).collect(),
    };
    web.app.rules.types.all().map(shelf).filter(|shelf| !shelf.links.is_empty()).collect()
}

/// GET /guides: by region, found by words. The words are of no person and stand in the address.
async fn list(State(web): State<Web>, guest: Guest, uri: Uri) -> Result<Response, Fail> {
    let query = Fields::parse(uri.query().unwrap_or_default().as_bytes())?;
    let shell = at(&guest, &uri.path_and_query().map_or_else(|| "/guides".to_owned(), ToString::to_string));
    let (region, words) = (region_of(&web, &query), query.text("q").to_owned());
    let (wanted, say) = (region.clone(), shell.clone());
    let found = blocking(&web.app, move |app| guide::list(app, &wanted, &words, |act| act_words(&say, act)))
        .await
        .map_err(|error| failed(&shell, error))?;
    let given = Fields::from_pairs([("region", region.as_str()), ("q", query.text("q"))]);
    let ask = Questions::new(&shell.tongue, &given, &[]);
    let page_of = GuidesPage {
        region: ask.select("region", shell.t("guide.region"), region_marks(&shell, &guide::regions(&web.app))),
        words: ask.text("q", shell.t("guide.words")).hint(shell.t("guide.words-hint")).optional(),
        shelves: shelves(&web, &shell, &region, &found),
        shell: &shell,
    };
    Ok(guest.with_cookie(page(&page_of)))
}
