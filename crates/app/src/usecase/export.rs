//! All registrations of one employer, to take away. That is a look at everybody in them, and recorded before the first
//! of them is read.
//!
//! Names are as the employer typed them; documents leave here masked.

use banjie_domain::actor::Principal;
use banjie_domain::authorize::{Action, Permit, authorize_list};
use banjie_domain::registration_type::Details;
use banjie_store::names;
use banjie_store::papers::RevisionRow;
use banjie_store::registrations::{Keyset, RegistrationRow};
use jiff::civil::Date;

use crate::app::App;
use crate::error::{AppError, Outcome};
use crate::query::desk::masked_document;
use crate::query::{declared_details, mine};
use crate::usecase::draft::record_look;

/// Registrations read at a time, so that an export of any length needs the memory of one page.
const AT_ONCE: u32 = 500;

/// Leave to take the registrations of one employer away.
#[derive(Debug, Clone)]
pub struct Export {
    permit: Permit,
    at_once: u32,
}

/// One registration.
#[derive(Clone, PartialEq, Eq)]
pub struct ExportLine {
    /// Its number, in groups.
    pub number: String,
    /// Key of its type.
    pub kind: String,
    /// The name as typed; empty when it was erased.
    pub name: String,
    /// The number of the document, with the middle covered; empty when it was erased.
    pub document: String,
    /// First day of the relation.
    pub started_on: Date,
    /// Key of its legal status.
    pub status: String,
    /// Last day of the relation.
    pub finished_on: Option<Date>,
}

impl std::fmt::Debug for ExportLine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "ExportLine({})", self.number)
    }
}

/// Some of the registrations, newest first, and where the next begin.
pub type Page = (Vec<ExportLine>, Option<(i64, String)>);

/// Begins an export, and records that somebody took everything away.
///
/// # Errors
/// [`AppError::NotFound`] for who may not.
pub fn begin(app: &App, who: &Principal) -> Outcome<Export> {
    let permit = authorize_list(who, Action::RegistrationExport)?;
    let employer = who.employer().ok_or(AppError::NotFound)?;
    // One row for all: everybody whom this employer had registered by then was looked at.
    record_look(app, who, None, employer.as_str(), "export")?;
    Ok(Export { permit, at_once: AT_ONCE })
}

impl Export {
    /// The registrations after a place, or from the beginning.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn page(&self, app: &App, after: Option<(i64, String)>) -> Outcome<Page> {
        let (permit, page) = (self.permit.clone(), Keyset { after, limit: self.at_once });
        let rows = app.store.read(move |tx| names::registration_list_declared(tx, &permit, &page))?;
        let last = rows.last().filter(|_| rows.len() == self.at_once as usize);
        let next = last.map(|(row, _)| (row.created_at, row.id.to_string()));
        let lines = rows.iter().map(|(row, details)| line(app, row, details)).collect::<Outcome<_>>()?;
        Ok((lines, next))
    }
}

fn line(app: &App, row: &RegistrationRow, details: &RevisionRow) -> Outcome<ExportLine> {
    let details = declared_details(app, details)?;
    let name = details.as_ref().and_then(|details| details.get("name"));
    Ok(ExportLine {
        number: mine::registration_number(&row.number),
        kind: row.kind.clone(),
        name: name.unwrap_or_default().to_owned(),
        document: details.as_ref().map_or_else(String::new, |details| document(app, details)),
        started_on: row.started_on,
        status: row.status.clone(),
        finished_on: row.finished_on,
    })
}

fn document(app: &App, details: &Details) -> String {
    let of = |key| details.get(key).unwrap_or_default();
    masked_document((of("document_kind"), of("document_number"), details.get("document_country")), app.today())
}

#[cfg(test)]
mod tests {
    use banjie_store::test_support::each_database;

    use super::*;
    use crate::testing;
    use crate::usecase::story::{Story, story_in};

    fn looks(app: &App) -> Vec<(String, String, String)> {
        app.store
            .read(|tx| {
                tx.query("select account_id, subject, what from looks order by at, id", &[])?
                    .iter()
                    .map(|row| Ok::<_, banjie_store::error::StoreError>((row.text(0)?, row.text(1)?, row.text(2)?)))
                    .collect()
            })
            .unwrap()
    }

    fn told(story: &Story, at_once: u32) -> Vec<ExportLine> {
        let export = Export { at_once, ..begin(&story.app, &story.clerk).unwrap() };
        let (mut lines, mut next) = export.page(&story.app, None).unwrap();
        while let Some(after) = next {
            let (more, then) = export.page(&story.app, Some(after)).unwrap();
            assert!(more.len() <= at_once as usize);
            lines.extend(more);
            next = then;
        }
        lines
    }

    #[test]
    fn everything_is_taken_away_page_by_page_and_once_and_nothing_of_others() {
        each_database(|database| {
            let story = story_in(testing::app_on(database));
            let other = testing::employer(&story.app, "杭州远山物流有限公司", "91330106MA2BANJY73");
            let people =
                [("王秀英", "110101199003070011"), ("李国强", "330106198107219018"), ("赵", "330106199505219042")];
            for (name, number) in people {
                story.folder.clock.advance(jiff::SignedDuration::from_mins(1));
                story.registered_as(name, number);
            }
            for at_once in [1, 2, 3, 4] {
                let lines = told(&story, at_once);
                assert_eq!(lines.iter().map(|line| line.name.as_str()).collect::<Vec<_>>(), ["赵", "李国强", "王秀英"]);
                assert_eq!(lines[2].document, "1101********0011");
                assert_eq!((lines[2].status.as_str(), lines[2].finished_on), ("valid", None));
            }
            let nothing = begin(&story.app, &other).unwrap().page(&story.app, None).unwrap();
            assert_eq!(nothing, (vec![], None));
        });
    }

    #[test]
    fn an_export_is_a_look_before_the_first_row_is_read() {
        let story = story_in(testing::app());
        let reader = testing::reader(&story.app, &story.clerk);
        begin(&story.app, &reader).unwrap();
        let employer = story.clerk.employer().unwrap().to_string();
        assert_eq!(looks(&story.app), [(reader.account.to_string(), employer, "export".to_owned())]);
        let worker = testing::person(&story.app, "王秀英", "110101199003070011");
        for who in [&worker, &story.intake, &story.second] {
            assert!(matches!(begin(&story.app, who), Err(AppError::NotFound)));
        }
        assert_eq!(looks(&story.app).len(), 1);
    }
}
