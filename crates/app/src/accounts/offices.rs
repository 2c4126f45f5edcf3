//! Opening an office below one's own.

use banjie_domain::actor::{Principal, Standing};
use banjie_domain::authorize::{Action, Resource, authorize};
use banjie_domain::id::OfficeId;
use banjie_domain::problem::Problem;
use banjie_domain::refusal::Refusal;
use banjie_domain::registration_type::Authority;
use banjie_store::people::{OfficeRow, office_insert};

use super::{parse_region, parse_title};
use crate::app::App;
use crate::error::Outcome;

/// What is typed about a new office.
#[derive(Debug, Clone, Default)]
pub struct NewOffice {
    /// Its name.
    pub name: String,
    /// Code of its region.
    pub region: String,
    /// `rs` 人社 or `zj` 住建.
    pub authority: String,
    /// Id of the office above it.
    pub parent: String,
}

/// The offices somebody works for: his own and all below.
#[must_use]
pub fn offices_within(app: &App, who: &Principal) -> Vec<OfficeRow> {
    match &who.standing {
        Standing::Offices { own, .. } => {
            let subtree = app.subtree(own);
            app.offices().iter().filter(|office| subtree.contains(&office.id)).cloned().collect()
        }
        Standing::Person(_) | Standing::Employer(_) => Vec::new(),
    }
}

/// An office is for the region of the one above it or a part of that, so that nobody draws the records of another region
/// to himself; below an office of the housing authority there are only such; and one that is there is not opened twice.
fn fits_below(app: &App, above: &OfficeRow, asked: &NewOffice, (title, region): (&str, &str)) -> Outcome<()> {
    let within = region == above.region || app.rules.divisions_above(region).contains(&above.region);
    let of_housing = above.authority == Authority::Housing.key();
    let there = app
        .offices()
        .iter()
        .any(|office| office.name == title && office.region == region && office.authority == asked.authority);
    let problem = match () {
        () if !within => Problem::new("office.outside").with("above", above.name.as_str()).at("region"),
        () if of_housing && asked.authority != above.authority => Problem::new("office.authority").at("authority"),
        () if there => Problem::new("office.there").at("name"),
        () => return Ok(()),
    };
    Err(Refusal::Answers(vec![problem]).into())
}

/// Opens an office.
///
/// # Errors
/// With every problem at its field; not found when the office above is not within one's own.
pub fn open_office(app: &App, who: &Principal, asked: &NewOffice) -> Outcome<OfficeId> {
    let title = parse_title(&asked.name).map_err(|problem| problem.at("name"));
    let region = parse_region(app, &asked.region).map_err(|problem| problem.at("region"));
    let parent = OfficeId::parse(&asked.parent).map_err(|_| Problem::new("office.above").at("parent"));
    let known = ["rs", "zj"].contains(&asked.authority.as_str());
    let authority = if known { Ok(()) } else { Err(Problem::new("office.authority").at("authority")) };
    let (title, region, parent) = match (title, region, parent, authority) {
        (Ok(title), Ok(region), Ok(parent), Ok(())) => (title, region, parent),
        (title, region, parent, authority) => {
            let problems = [title.err(), region.err(), parent.err(), authority.err()];
            return Err(Refusal::Answers(problems.into_iter().flatten().collect()).into());
        }
    };
    authorize(who, Action::AccountManage, &Resource { office: Some(parent.clone()), ..Resource::default() })?;
    fits_below(app, &app.office(&parent)?, asked, (&title, &region))?;
    let id = app.fresh(OfficeId::new);
    let row =
        OfficeRow { id: id.clone(), parent: Some(parent), region, authority: asked.authority.clone(), name: title };
    app.retry(|| {
        let row = row.clone();
        Ok(app.store.write(move |tx| office_insert(tx, &row))?)
    })?;
    app.reload_offices()?;
    tracing::info!(office = %id, by = %who.account, "office {id} was opened");
    Ok(id)
}
