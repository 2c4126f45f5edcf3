//! Finding a registration by what somebody typed: a number leads to its record; inside one employer a name, or a piece
//! of one, leads to a list.
//!
//! A whole name is found through a keyed index. A piece is looked for by opening documents, newest first, and only so
//! many of them. Nothing is ever searched by name across employers, and no list is ordered by name.

use banjie_domain::actor::Principal;
use banjie_domain::authorize::{Action, Permit, authorize_list};
use banjie_domain::id::RegistrationId;
use banjie_domain::identity::{PersonName, SoughtName};
use banjie_domain::problem::Problem;
use banjie_store::names;
use banjie_store::registrations::{Keyset, RegistrationRow};

use super::declared::declared_name;
use super::mine::{self, Lines, PAGE, line};
use crate::app::App;
use crate::error::{AppError, Outcome};
use crate::handle::{handle, open_handle};
use crate::name_index::name_index;

/// What handles to a search are sealed for.
const NAME: &str = "name";

/// Documents one look for a piece of a name may open, and how many are read at a time.
const REACH: Reach = Reach { most: 20_000, at_once: 500 };

#[derive(Debug, Clone, Copy)]
struct Reach {
    most: u32,
    at_once: u32,
}

/// What was typed, understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sought {
    /// The number of this registration.
    Record(RegistrationId),
    /// A name; the handle leads to what is found.
    Name(String),
    /// Nothing that can be found.
    Nothing(Problem),
}

/// How names are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Compared {
    /// The whole name is what was typed.
    Whole,
    /// The name holds what was typed.
    Piece,
}

/// One page of what was found.
#[derive(Debug, Clone)]
pub struct Found {
    /// What was typed.
    pub name: String,
    /// How it was compared.
    pub compared: Compared,
    /// The registrations, newest first.
    pub lines: Lines,
    /// Only so many of the newest registrations were looked through.
    pub only_newest: Option<u32>,
}

/// Understands what was typed: a number, or for an employer a name.
///
/// # Errors
/// [`AppError::NotFound`] for a role without a list of registrations.
pub fn seek(app: &App, who: &Principal, typed: &str) -> Outcome<Sought> {
    let names_too = authorize_list(who, Action::RegistrationFindByName).is_ok();
    if !names_too || has_digit(typed) {
        let found = mine::find_by_number(app, who, typed)?;
        return Ok(found.map_or(Sought::Nothing(Problem::new("registration.not-found")), Sought::Record));
    }
    if typed.trim().is_empty() {
        return Ok(Sought::Nothing(Problem::new("registration.nothing-typed")));
    }
    match SoughtName::parse(typed) {
        Ok(name) => Ok(Sought::Name(handle(app, NAME, who.account.as_str(), name.as_str())?)),
        Err(problem) => Ok(Sought::Nothing(problem)),
    }
}

/// No name has a digit, and every number has many.
fn has_digit(typed: &str) -> bool {
    typed.chars().any(|one| matches!(one, '0'..='9' | '０'..='９'))
}

/// What a handle finds; none when it does not open for this account, or no more. The whole name is tried first, unless
/// a piece is asked for.
///
/// # Errors
/// [`AppError::NotFound`] for who may not search by name.
pub fn found(
    app: &App,
    who: &Principal,
    handle: &str,
    compared: Compared,
    after: Option<(i64, String)>,
) -> Outcome<Option<Found>> {
    let permit = authorize_list(who, Action::RegistrationFindByName)?;
    let typed = open_handle(app, NAME, who.account.as_str(), handle);
    let Some(name) = typed.and_then(|typed| SoughtName::parse(&typed).ok()) else { return Ok(None) };
    if compared == Compared::Whole {
        let rows = whole(app, &permit, &name, after.clone())?;
        if after.is_some() || !rows.is_empty() {
            return page(app, who, &name, (rows, None), compared).map(Some);
        }
    }
    let found = pieces(app, &permit, &name, after, REACH)?;
    page(app, who, &name, found, Compared::Piece).map(Some)
}

fn page(
    app: &App,
    who: &Principal,
    name: &SoughtName,
    (mut rows, only_newest): (Vec<RegistrationRow>, Option<u32>),
    compared: Compared,
) -> Outcome<Found> {
    let more = rows.len() > PAGE as usize;
    rows.truncate(PAGE as usize);
    let next = rows.last().filter(|_| more).map(place);
    let lines = rows.into_iter().map(|row| line(app, who, row)).collect::<Outcome<_>>()?;
    Ok(Found { name: name.as_str().to_owned(), compared, lines: Lines { lines, next }, only_newest })
}

fn place(row: &RegistrationRow) -> (i64, String) {
    (row.created_at, row.id.to_string())
}

/// Registrations with exactly this name, one more than a page holds.
fn whole(app: &App, permit: &Permit, name: &SoughtName, after: Option<(i64, String)>) -> Outcome<Vec<RegistrationRow>> {
    let employer = permit.principal().employer().ok_or(AppError::NotFound)?;
    let index = name_index(app, employer, &name.index_form());
    let (permit, page) = (permit.clone(), Keyset { after, limit: PAGE + 1 });
    Ok(app.store.read(move |tx| names::registration_list_named(tx, &permit, &index, &page))?)
}

/// Registrations whose name holds this piece, one more than a page holds, and how many were looked through at the most
/// when that was not all.
fn pieces(
    app: &App,
    permit: &Permit,
    name: &SoughtName,
    mut after: Option<(i64, String)>,
    reach: Reach,
) -> Outcome<(Vec<RegistrationRow>, Option<u32>)> {
    let reader = permit.clone();
    let end = app.store.read(move |tx| names::registration_place(tx, &reader, reach.most))?;
    let only_newest = end.is_some().then_some(reach.most);
    let (piece, mut rows) = (name.index_form(), Vec::new());
    loop {
        let (reader, page) = (permit.clone(), Keyset { after: after.clone(), limit: reach.at_once });
        let read = app.store.read(move |tx| names::registration_list_declared(tx, &reader, &page))?;
        let last = read.len() < reach.at_once as usize;
        for (row, details) in read {
            if end.as_ref().is_some_and(|end| place(&row) <= *end) {
                return Ok((rows, only_newest));
            }
            after = Some(place(&row));
            let name = declared_name(app, &details)?.and_then(|name| PersonName::parse(&name).ok());
            if name.is_some_and(|name| name.index_form().contains(&piece)) {
                rows.push(row);
            }
            if rows.len() > PAGE as usize {
                return Ok((rows, only_newest));
            }
        }
        if last {
            return Ok((rows, only_newest));
        }
    }
}

#[cfg(test)]
mod tests {
    use banjie_domain::actor::Role;
    use banjie_store::test_support::each_database;

    use super::*;
    use crate::jobs;
    use crate::testing;
    use crate::usecase::story::{Story, story, story_in};

    const WANG: (&str, &str) = ("王秀英", "110101199003070011");
    const LI: (&str, &str) = ("李国强", "330106198107219018");
    const ZHAO: (&str, &str) = ("赵国", "330106199505219042");

    fn hired(story: &Story, people: &[(&str, &str)]) -> Vec<RegistrationId> {
        let hire = |(name, number): &(&str, &str)| {
            story.folder.clock.advance(jiff::SignedDuration::from_mins(1));
            story.registered_as(name, number)
        };
        people.iter().map(hire).collect()
    }

    fn handle_of(story: &Story, who: &Principal, typed: &str) -> String {
        match seek(&story.app, who, typed).unwrap() {
            Sought::Name(handle) => handle,
            other => panic!("{typed} is no name: {other:?}"),
        }
    }

    fn find(story: &Story, who: &Principal, typed: &str) -> (Compared, Vec<RegistrationId>) {
        let handle = handle_of(story, who, typed);
        let found = found(&story.app, who, &handle, Compared::Whole, None).unwrap().unwrap();
        (found.compared, found.lines.lines.into_iter().map(|line| line.row.id).collect())
    }

    fn permit(who: &Principal) -> Permit {
        authorize_list(who, Action::RegistrationFindByName).unwrap()
    }

    #[test]
    fn a_whole_name_comes_before_names_that_hold_it() {
        let story = story();
        let made = hired(&story, &[("王秀", WANG.1), ("王秀英", LI.1), ZHAO]);
        assert_eq!(find(&story, &story.clerk, "王 秀"), (Compared::Whole, vec![made[0].clone()]));
        let handle = handle_of(&story, &story.clerk, "王秀");
        let both = found(&story.app, &story.clerk, &handle, Compared::Piece, None).unwrap().unwrap();
        assert_eq!((both.lines.lines.len(), both.only_newest), (2, None));
        assert_eq!(find(&story, &story.clerk, "秀"), (Compared::Piece, vec![made[1].clone(), made[0].clone()]));
        assert_eq!(find(&story, &story.clerk, "张"), (Compared::Piece, vec![]));
    }

    #[test]
    fn names_are_found_inside_ones_own_employer_only() {
        let story = story();
        let made = hired(&story, &[WANG]);
        let other = testing::employer(&story.app, "杭州远山物流有限公司", "91330106MA2BANJY73");
        let reader = testing::reader(&story.app, &story.clerk);
        assert_eq!(find(&story, &reader, "王秀英").1, made);
        assert_eq!(find(&story, &other, "王秀英").1, []);
        assert_eq!(find(&story, &other, "秀").1, []);
        let worker = testing::person(&story.app, WANG.0, WANG.1);
        let handle = handle_of(&story, &story.clerk, "王秀英");
        for who in [&worker, &story.intake, &testing::staff(&story.app, Role::Inspector)] {
            let nothing = Sought::Nothing(Problem::new("registration.not-found"));
            assert_eq!(seek(&story.app, who, "王秀英").unwrap(), nothing);
            assert!(matches!(found(&story.app, who, &handle, Compared::Whole, None), Err(AppError::NotFound)));
        }
    }

    #[test]
    fn what_was_sought_opens_for_the_account_that_sought_it() {
        let story = story();
        let colleague = testing::clerk(&story.app, &story.clerk);
        let handle = handle_of(&story, &story.clerk, "王秀英");
        assert!(!handle.contains("王秀英"));
        let opened = |who| found(&story.app, who, &handle, Compared::Whole, None).unwrap().is_some();
        assert!(opened(&story.clerk) && !opened(&colleague));
        story.folder.clock.advance(jiff::SignedDuration::from_mins(31));
        assert!(!opened(&story.clerk));
    }

    #[test]
    fn a_piece_is_looked_for_in_the_newest_only_and_a_whole_name_in_all() {
        each_database(|database| {
            let story = story_in(testing::app_on(database));
            let made = hired(&story, &[LI, WANG, ZHAO]);
            let pieces = |typed: &str, most, at_once| {
                let name = SoughtName::parse(typed).unwrap();
                let reach = Reach { most, at_once };
                let (rows, only) = pieces(&story.app, &permit(&story.clerk), &name, None, reach).unwrap();
                (rows.into_iter().map(|row| row.id).collect::<Vec<_>>(), only)
            };
            for at_once in [1, 2, 3, 500] {
                assert_eq!(pieces("国", 2, at_once), (vec![made[2].clone()], Some(2)), "{at_once} at once");
                let both = vec![made[2].clone(), made[0].clone()];
                assert_eq!(pieces("国", 3, at_once), (both, None), "{at_once} at once");
            }
            assert_eq!(find(&story, &story.clerk, "李国强"), (Compared::Whole, made[..1].to_vec()));
        });
    }

    #[test]
    fn a_number_goes_to_its_record_and_what_cannot_be_found_says_why() {
        let story = story();
        let made = hired(&story, &[WANG]);
        let listed = mine::registrations(&story.app, &story.clerk, None, None).unwrap();
        let number = mine::registration_number(&listed.lines[0].row.number);
        let said = |typed: &str| match seek(&story.app, &story.clerk, typed).unwrap() {
            Sought::Nothing(problem) => problem.code,
            other => panic!("{other:?}"),
        };
        assert_eq!(seek(&story.app, &story.clerk, &number).unwrap(), Sought::Record(made[0].clone()));
        assert_eq!(said("DJ-0000-0000-0000-00"), "registration.not-found");
        assert_eq!(said("王３"), "registration.not-found");
        assert_eq!(said(" \u{3000}"), "registration.nothing-typed");
        assert_eq!(said("王\u{200B}"), "text.zero-width");
        assert_eq!(said("<王>"), "person-name.character");
    }

    #[test]
    fn names_that_were_there_before_the_index_are_indexed_by_a_job() {
        each_database(|database| {
            let story = story_in(testing::app_on(database));
            let made = hired(&story, &[WANG, LI]);
            story.app.store.write(|tx| tx.execute("delete from registration_names", &[])).unwrap();
            assert_eq!(find(&story, &story.clerk, "王秀英").0, Compared::Piece, "the index is not empty");
            jobs::drain(&story.app).unwrap();
            assert_eq!(find(&story, &story.clerk, "王秀英"), (Compared::Whole, made[..1].to_vec()));
        });
    }
}
