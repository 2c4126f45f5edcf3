//! One case as an officer has to see it: who, what, the papers, what differs, both clocks, and what may be done now.
//!
//! Names and documents leave here masked. Only [`crate::usecase::desk`] calls this, because to read a case is a look
//! that has to be recorded.

use std::collections::BTreeSet;
use std::sync::Arc;

use banjie_domain::actor::{Actor, Principal, Role};
use banjie_domain::authorize::{Action, Relation, allowed, authorize};
use banjie_domain::calendar::Calendar;
use banjie_domain::case::{self, Case, CaseClock, CaseEvent, Gap, Ground, Stage, Verdict};
use banjie_domain::clock::Entry;
use banjie_domain::id::CaseId;
use banjie_domain::policy::{Policy, Stages};
use banjie_domain::registration::Registration;
use banjie_domain::registration_type::Details;
use banjie_store::papers::{self as stored, EvidenceRow, RevisionRow};
use banjie_store::people::{self, EmployerRow, PersonRow};
use jiff::Timestamp;
use jiff::civil::Date;

use crate::app::App;
use crate::error::{Outcome, fault};
use crate::papers::revision_row;
use crate::people::{Profile, open_profile};
use crate::query::declared::{Asked, FieldView, Labels, asked, declared, facts, fields, labels, note_of, rule_facts};
use crate::record::{self, Told};
use crate::usecase::ask::case_policy;
use crate::usecase::move_case::{self, Both, resource};

use super::compare::{self, Compared};
use super::papers::{self, MaterialView};
use super::{Line, first_lines, grouped, kind_label, masked_document, masked_name, queue_of};

/// Cases in the column beside a case.
const COLUMN: u32 = 20;

/// Whose registration it is, masked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PersonView {
    /// 姓＋＊.
    pub name: String,
    /// Key of the kind of document.
    pub document_kind: String,
    /// Its number with the middle covered.
    pub document: String,
}

/// One thing that happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoryLine {
    /// The event's type without `case.` in front, such as `accepted`.
    pub kind: String,
    /// When it was recorded.
    pub at: Timestamp,
    /// Who did it; none when a rule of the system did.
    pub role: Option<Role>,
    /// Granted or not, where that was said.
    pub verdict: Option<Verdict>,
    /// What was missing.
    pub gaps: Vec<Gap>,
    /// Why not.
    pub grounds: Vec<Ground>,
    /// What the officer wrote.
    pub note: Option<String>,
    /// The event, for what it did to the days.
    pub event: CaseEvent,
    /// Who did it.
    pub actor: Actor,
}

/// The form an officer is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeskForm {
    /// 受理, 补正, 不予受理. `last` when acceptance already is the decision.
    Intake {
        /// Whether no desk follows.
        last: bool,
    },
    /// 初审. `last` when his word already is the decision.
    First {
        /// Whether no desk follows.
        last: bool,
    },
    /// 复审.
    Second,
    /// A second supplement, which only a supervisor may ask for.
    Again,
}

/// What this officer may do to this case now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct May {
    /// The form.
    pub form: Option<DeskForm>,
    /// Open the case as second reviewer.
    pub open_second: bool,
    /// Take the first opinion back.
    pub retract: bool,
    /// He took an earlier stage of it.
    pub barred: bool,
    /// Stop the clock of the decision.
    pub suspend: bool,
    /// Let it go on.
    pub resume: bool,
    /// Give it more time.
    pub extend: bool,
}

/// A case as an officer sees it.
#[derive(Debug, Clone)]
pub struct CaseView {
    /// The case.
    pub id: CaseId,
    /// The version these facts are of.
    pub version: u64,
    /// The state.
    pub case: Case,
    /// The registration it is about.
    pub registration: Registration,
    /// 申请编号, in groups.
    pub number: String,
    /// The registration's number, in groups.
    pub registration_number: String,
    /// The short name of the registration's type.
    pub kind: String,
    /// What was asked.
    pub asked: Asked,
    /// Whose registration.
    pub person: PersonView,
    /// The employer, where there is one.
    pub employer: Option<EmployerRow>,
    /// Today.
    pub today: Date,
    /// The working days they are counted by.
    pub calendar: Arc<Calendar>,
    /// The clocks that run.
    pub clocks: Vec<CaseClock>,
    /// Accepted today: the last promised day, and the last day by law.
    pub if_accepted: (Date, Date),
    /// Asked today: the last day to answer a supplement.
    pub if_supplement: Date,
    /// The materials, in the order of the rules.
    pub materials: Vec<MaterialView>,
    /// Fields an officer may name.
    pub fields: Vec<FieldView>,
    /// What materials and fields are called.
    pub labels: Labels,
    /// What was declared, beside what is registered and on file.
    pub compared: Vec<Compared>,
    /// What happened, oldest first.
    pub story: Vec<StoryLine>,
    /// What this officer may do now.
    pub may: May,
    /// The stage of the queue beside it.
    pub queue_stage: &'static str,
    /// The first cases of that queue.
    pub queue: Vec<Line>,
    /// The rules it was filed under.
    pub policy: Policy,
}

impl CaseView {
    /// The materials an applicant can hand in. What the rules waive cannot be asked for or found missing.
    pub fn asked_for(&self) -> impl Iterator<Item = &MaterialView> {
        self.materials.iter().filter(|material| !matches!(material.need, papers::MaterialNeed::Waived(_)))
    }

    /// What a gap or ground may be about: `material:<key>` and `field:<key>`.
    #[must_use]
    pub fn targets(&self) -> BTreeSet<String> {
        let materials = self.asked_for().map(|material| format!("material:{}", material.key));
        materials.chain(self.fields.iter().map(|field| format!("field:{}", field.key))).collect()
    }
}

/// What is read from the database beside the two histories.
struct Rows {
    details: RevisionRow,
    notes: Vec<RevisionRow>,
    story: Vec<Told<CaseEvent>>,
    evidence: Vec<EvidenceRow>,
    person: PersonRow,
    employer: Option<EmployerRow>,
}

/// Reads one case for an officer. The caller records the look.
///
/// # Errors
/// [`crate::error::AppError::NotFound`] when it is not there, or held by another office: the same for both.
pub(crate) fn case_view(app: &App, who: &Principal, id: &CaseId) -> Outcome<CaseView> {
    let both = move_case::load(app, id)?;
    let (case, registration) = (&both.case.state, &both.registration.state);
    authorize(who, Action::CaseQueue, &resource(case, registration))?;
    let rows = rows(app, &both)?;
    let policy = case_policy(app, case)?;
    let declared = declared(app, case)?;
    let profile = open_profile(app, &rows.person)?;
    let registered: Details = app.open_revision(&rows.details)?;
    let submitted = case.file().submitted();
    let limits = submitted.limits;
    let calendar = app.calendar_of(&submitted.office)?;
    let today = app.today();
    let later = |days| calendar.add_working_days(today, days).on;
    let may_extend = policy.extension(&rule_facts(case, &facts(&declared, rows.employer.as_ref()))).is_some();
    let may = may(who, case);
    let queue_stage = queue_of(case.stage().key(), who.role);
    Ok(CaseView {
        id: id.clone(),
        version: both.case.version,
        number: grouped(&submitted.number),
        registration_number: compare::registration_number(&registration.file().number),
        kind: kind_label(app, &submitted.kind),
        asked: asked(app, case, &declared),
        person: person_view(&profile, today),
        compared: compare::compared(app, registration, &declared, (&registered, &profile)),
        employer: rows.employer.clone(),
        today,
        clocks: case::clocks(case, &calendar, app.today()),
        calendar: Arc::clone(&calendar),
        if_accepted: (later(limits.promise), later(limits.legal)),
        if_supplement: later(limits.supplement),
        materials: papers::materials(app, case, &policy, &declared, (&rows.evidence, rows.employer.as_ref()))?,
        fields: fields(app, case, &declared),
        labels: labels(app, case, &policy, rows.employer.as_ref())?,
        story: rows.story.iter().map(|told| story_line(app, told, &rows.notes)).collect::<Outcome<_>>()?,
        may: May { extend: may.extend && may_extend, ..may },
        queue: first_lines(app, who, queue_stage, COLUMN)?,
        queue_stage,
        case: case.clone(),
        registration: registration.clone(),
        policy,
    })
}

fn rows(app: &App, both: &Both) -> Outcome<Rows> {
    let id = both.case.state.file().submitted().id.clone();
    let file = both.registration.state.file().clone();
    app.store.read(move |tx| -> Outcome<_> {
        let story = record::case_story(tx, &id)?;
        let notes = story.iter().filter_map(|told| note_of(&told.event));
        let notes = notes.map(|note| note.id.clone()).collect::<Vec<_>>();
        Ok(Rows {
            details: revision_row(tx, &file.details.id)?,
            notes: notes.iter().map(|note| revision_row(tx, note)).collect::<Outcome<_>>()?,
            evidence: stored::evidence_of(tx, id.as_str())?,
            person: people::person_find(tx, &file.person)?.ok_or_else(|| fault("a registration without its person"))?,
            employer: file.employer.as_ref().map(|id| people::employer_find(tx, id)).transpose()?.flatten(),
            story,
        })
    })
}

fn person_view(profile: &Profile, today: Date) -> PersonView {
    PersonView {
        name: masked_name(&profile.name),
        document_kind: profile.document_kind.clone(),
        document: masked_document(
            (&profile.document_kind, &profile.document_number, profile.country.as_deref()),
            today,
        ),
    }
}

fn story_line(app: &App, told: &Told<CaseEvent>, notes: &[RevisionRow]) -> Outcome<StoryLine> {
    let (verdict, gaps, grounds) = match &told.event {
        CaseEvent::Declined { grounds, .. } => (None, Vec::new(), grounds.clone()),
        CaseEvent::SupplementRequested(ask) => (None, ask.gaps.clone(), Vec::new()),
        CaseEvent::OpinionGiven(opinion) | CaseEvent::Decided { opinion, .. } => {
            (Some(opinion.verdict), Vec::new(), opinion.grounds.clone())
        }
        _ => (None, Vec::new(), Vec::new()),
    };
    let note = note_of(&told.event).and_then(|note| notes.iter().find(|row| row.id == note.id));
    Ok(StoryLine {
        kind: told.envelope.kind.trim_start_matches("case.").to_owned(),
        at: told.envelope.recorded().map_err(|_| fault("the time of an event"))?,
        role: match &told.envelope.actor {
            Actor::Account { role, .. } => Some(*role),
            Actor::System { .. } => None,
        },
        verdict,
        gaps,
        grounds,
        note: note.map(|row| app.open_revision(row)).transpose()?,
        event: told.event.clone(),
        actor: told.envelope.actor.clone(),
    })
}

/// What this officer may do now. The rules decide again when he does it.
fn may(who: &Principal, case: &Case) -> May {
    may_say(who, case).with_clock(who, case)
}

impl May {
    fn with_clock(self, who: &Principal, case: &Case) -> Self {
        if !allowed(who.role, Action::CaseClock, Relation::Office) {
            return self;
        }
        let running = matches!(case.stage(), Stage::First | Stage::Second { .. });
        let extended = case.file().clock().iter().any(|entry| matches!(entry, Entry::Extended { .. }));
        Self {
            suspend: running,
            extend: running && !extended,
            resume: matches!(case.stage(), Stage::Suspended { .. }),
            ..self
        }
    }
}

fn may_say(who: &Principal, case: &Case) -> May {
    let can = |action| allowed(who.role, action, Relation::Office);
    let handled = case.file().was_handled_by(&who.account);
    let stages = case.file().submitted().stages;
    let supplemented = !case.file().supplements().is_empty();
    let form = |form| May { form: Some(form), ..May::default() };
    match case.stage() {
        Stage::Intake if can(Action::CaseIntake) => {
            form(DeskForm::Intake { last: matches!(stages, Stages::None | Stages::Intake) })
        }
        Stage::First if can(Action::CaseFirst) && handled => May { barred: true, ..May::default() },
        Stage::First if can(Action::CaseFirst) => form(DeskForm::First { last: stages != Stages::IntakeFirstSecond }),
        Stage::Intake | Stage::First if can(Action::CaseSupplementAgain) && supplemented => form(DeskForm::Again),
        Stage::Second { .. } if can(Action::CaseSecond) && handled => May { barred: true, ..May::default() },
        Stage::Second { opened, .. } if can(Action::CaseSecond) => match opened {
            Some(_) => form(DeskForm::Second),
            None => May { open_second: true, ..May::default() },
        },
        Stage::Second { opened: None, .. } if can(Action::CaseFirst) => May { retract: handled, ..May::default() },
        _ => May::default(),
    }
}
