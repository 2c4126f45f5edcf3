//! 期限看板: what is somebody's turn, by its last day: supplements, filings that are being prepared, contracts that end.
//!
//! A contract's end is sealed with the rest of what was declared, so it is looked for in the newest records only.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use banjie_domain::act::{Act, ApplicantKind};
use banjie_domain::actor::Principal;
use banjie_domain::authorize::{Action, authorize_list};
use banjie_domain::calendar::{Calendar, DayUnit, Limit};
use banjie_domain::dates::parse_date;
use banjie_domain::id::{CaseId, DraftId, EmployerId, OfficeId, RegistrationId};
use banjie_domain::policy::{DayKey, RuleFacts};
use banjie_domain::registration::{Hold, LegalStatus};
use banjie_domain::registration_type::Authority;
use banjie_store::cases::{CaseRow, Queued, case_queue};
use banjie_store::names::registration_list_declared;
use banjie_store::people::{self, OfficeRow};
use banjie_store::registrations::{Keyset, RegistrationRow, registration_find};
use jiff::ToSpan as _;
use jiff::civil::Date;

use crate::app::App;
use crate::error::Outcome;
use crate::query::declared::declared_details;
use crate::query::mine;
use crate::rules::Resolved;
use crate::usecase::ask;
use crate::usecase::draft::{self, Draft, Purpose};
use crate::usecase::window::{self, Window};

/// Records that are looked through for contracts that end, the newest of one employer.
pub const MOST: u32 = 2_000;
/// Supplements that are shown, the soonest due.
const MOST_CASES: u32 = 100;
/// How long before its end a contract is shown.
const AHEAD: i64 = 30;
/// The field of an employer's record that says when the contract ends.
const CONTRACT_END: &str = "contract_to";

/// What a last day is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum About {
    /// A supplement to answer.
    Supplement(CaseId),
    /// A filing that is being prepared, and the days the law gives for it.
    Prepared(DraftId, Window),
    /// A contract that ends or has ended; its last day is the last to file the end.
    ContractEnds {
        /// The record.
        registration: RegistrationId,
        /// The day the contract ends.
        on: Date,
    },
}

/// One last day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deadline {
    /// The last day.
    pub last: Date,
    /// Working days left after today; below 0 the working days it is late.
    pub left: i64,
    /// What it is about.
    pub about: About,
    /// Whose registration it is, where that is known.
    pub person: String,
}

/// What is somebody's turn, soonest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Board {
    /// The last days.
    pub lines: Vec<Deadline>,
    /// Only the newest records were looked through for contracts.
    pub only_newest: bool,
}

/// The board of a person or an employer.
///
/// # Errors
/// [`crate::error::AppError::NotFound`] for a role that asks for nothing.
pub fn board(app: &App, who: &Principal) -> Outcome<Board> {
    authorize_list(who, Action::CaseAsk)?;
    let mut lines = supplements(app, who)?;
    for draft in draft::list(app, who)? {
        lines.extend(prepared(app, who, &draft)?);
    }
    let only_newest = if who.employer().is_some() { contracts(app, who, &mut lines)? } else { false };
    lines.sort_by_key(|line| line.last);
    Ok(Board { lines, only_newest })
}

fn line((calendar, today): (&Calendar, Date), last: Date, about: About, person: String) -> Deadline {
    Deadline { last, left: calendar.working_days_left(today, last), about, person }
}

fn supplements(app: &App, who: &Principal) -> Outcome<Vec<Deadline>> {
    let permit = authorize_list(who, Action::CaseView)?;
    let rows = app.store.read(move |tx| case_queue(tx, &permit, Queued::At("supplement"), None, MOST_CASES))?;
    let due = |row: CaseRow| -> Outcome<_> {
        let one = mine::asked_line(app, who, row)?;
        let last = one.row.due_on.unwrap_or_else(|| app.today());
        let calendar = app.calendar_of(&one.row.office)?;
        Ok(line((&calendar, app.today()), last, About::Supplement(one.row.id), one.person))
    };
    rows.into_iter().map(due).collect()
}

/// The window of a filing that an employer is preparing, and the office's working days; none until its day is known.
pub(crate) fn filing_window(
    app: &App,
    employer: Option<&EmployerId>,
    draft: &Draft,
) -> Outcome<Option<(Window, Arc<Calendar>)>> {
    let Some(kind) = app.rules.types.get(&draft.body.kind) else { return Ok(None) };
    let (act, field) = match draft.purpose {
        Purpose::Register => (Act::Register, kind.start_field()),
        Purpose::Ask if draft.body.act == Some(Act::End) => (Act::End, "effective_on"),
        Purpose::Ask | Purpose::Supplement => return Ok(None),
    };
    let Ok(from) = parse_date(draft.body.answers.get(field)) else { return Ok(None) };
    let Some(office) = office_of(app, employer, draft, kind.authority())? else { return Ok(None) };
    let policy = app.rules.policy(&office.region, app.today())?;
    let facts = draft.body.rule_facts();
    let reason = draft.body.reason.as_deref();
    let applicant = ApplicantKind::Employer;
    let case = RuleFacts { type_key: kind.key(), act, reason, applicant, facts: &facts };
    let calendar = app.rules.calendar_of(&office.region);
    let window = window::window(&calendar, kind, (&policy, &case), (from, app.today()));
    Ok(window.map(|window| (window, calendar)))
}

fn prepared(app: &App, who: &Principal, draft: &Draft) -> Outcome<Option<Deadline>> {
    let Some((window, calendar)) = filing_window(app, who.employer(), draft)? else { return Ok(None) };
    // A record that went out of reach meanwhile is said when the draft is opened.
    let about = draft.registration.as_ref().and_then(|id| ask::about(app, who, id).ok());
    let person = about.map_or_else(|| draft.body.answers.get("name").to_owned(), |about| about.name);
    let about = About::Prepared(draft.id.clone(), window.clone());
    Ok(Some(line((&calendar, app.today()), window.last, about, person)))
}

/// The office an employer's filing goes to: that which holds the record, for a new one that of its own place.
fn office_of(
    app: &App,
    employer: Option<&EmployerId>,
    draft: &Draft,
    authority: Authority,
) -> Outcome<Option<OfficeRow>> {
    if let Some(id) = draft.registration.clone() {
        let row = app.store.read(move |tx| registration_find(tx, &id))?;
        return row.map(|row| app.office(&row.office)).transpose();
    }
    let Some(employer) = employer.cloned() else { return Ok(None) };
    let unit = app.store.read(move |tx| people::employer_find(tx, &employer))?;
    Ok(unit.and_then(|unit| app.office_for(&unit.region, authority)))
}

/// Contracts that end soon or have ended; whether there are more records than were looked through.
fn contracts(app: &App, who: &Principal, lines: &mut Vec<Deadline>) -> Outcome<bool> {
    let Ok(permit) = authorize_list(who, Action::RegistrationFindByName) else { return Ok(false) };
    let page = Keyset { after: None, limit: MOST };
    let rows = app.store.read(move |tx| registration_list_declared(tx, &permit, &page))?;
    let horizon = app.today().saturating_add(AHEAD.days());
    let only_newest = rows.len() >= MOST as usize;
    let mut policies: BTreeMap<OfficeId, (Arc<Resolved>, Arc<Calendar>)> = BTreeMap::new();
    // A record that something is asked about has its day already.
    let free = |row: &RegistrationRow| row.status == LegalStatus::Valid.key() && row.hold == Hold::None.key();
    for (row, details) in rows.into_iter().filter(|(row, _)| free(row)) {
        let Some(details) = declared_details(app, &details)? else { continue };
        let Some(on) = details.date(CONTRACT_END).filter(|on| *on <= horizon) else { continue };
        let (policy, calendar) = match policies.entry(row.office.clone()) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(free) => {
                let region = app.office(&row.office)?.region;
                free.insert((app.rules.policy(&region, app.today())?, app.rules.calendar_of(&region)))
            }
        };
        let facts = BTreeSet::new();
        let applicant = ApplicantKind::Employer;
        let case = RuleFacts { type_key: &row.kind, act: Act::End, reason: None, applicant, facts: &facts };
        let limit = Limit { days: policy.days(DayKey::WindowEnd, &case).value, unit: DayUnit::Natural };
        let last = calendar.natural_deadline(on.max(row.started_on), limit.days).on;
        let person = details.get("name").unwrap_or_default().to_owned();
        let about = About::ContractEnds { registration: row.id, on };
        lines.push(line((calendar, app.today()), last, about, person));
    }
    Ok(only_newest)
}

#[cfg(test)]
mod tests {
    use banjie_domain::case::{Command, Gap};
    use banjie_domain::registration_type::Answers;
    use jiff::SignedDuration;
    use jiff::civil::date;

    use super::*;
    use crate::usecase::register;
    use crate::usecase::story::{key, story, worker_named};

    #[test]
    fn the_board_shows_what_is_ones_turn_and_the_days_the_law_gives() {
        let story = story();
        // Tuesday 10 March 2026. A contract to the end of March, and one of next year that nobody need see.
        for (name, number, until) in
            [("李国强", "330106198107219018", "2026-03-31"), ("赵国", "330106199505219042", "2027-03-31")]
        {
            let mut answers: Answers = worker_named(name, number);
            answers.insert("contract_type", "fixed");
            answers.insert("contract_to", until);
            let draft = draft::start_registration(&story.app, &story.clerk, "employer").unwrap();
            draft::save_answers(&story.app, &story.clerk, &draft, 1, answers).unwrap();
            register::submit_registration(&story.app, &story.clerk, &draft, &key(&story.app)).unwrap();
        }
        let case = story.asked();
        let gaps = vec![Gap { target: "field:effective_on".to_owned(), fault: "unclear".to_owned() }];
        let ask = Command::RequestSupplement { gaps, note: None, supervisor: false };
        story.step(&story.intake, &case, Action::CaseSupplement, ask).unwrap();
        let draft = draft::start_registration(&story.app, &story.clerk, "employer").unwrap();
        let mut late: Answers = worker_named("王芳", "330106198812019038");
        late.insert("hired_on", "2026-02-01");
        draft::save_answers(&story.app, &story.clerk, &draft, 1, late).unwrap();

        let board = board(&story.app, &story.clerk).unwrap();
        let told: Vec<_> = board.lines.iter().map(|line| (line.person.as_str(), line.last, line.left)).collect();
        assert_eq!(
            told,
            [("王芳", date(2026, 3, 3), -5), ("王秀英", date(2026, 3, 31), 15), ("李国强", date(2026, 4, 15), 25),]
        );
        assert!(matches!(board.lines[0].about, About::Prepared(..)));
        let preview = register::preview(&story.app, &story.clerk, &draft).unwrap();
        let window = preview.window.unwrap();
        assert_eq!((window.last, window.late_by), (date(2026, 3, 3), 7));
        register::submit_registration(&story.app, &story.clerk, &draft, &key(&story.app)).unwrap();
        story.folder.clock.advance(SignedDuration::from_hours(24));
        let nobody = crate::testing::employer(&story.app, "杭州远山物流有限公司", "91330106MA2BANJY73");
        assert_eq!(super::board(&story.app, &nobody).unwrap().lines, []);
    }
}
