//! What a program reads, as it is published. A field is never renamed and never taken away.

use std::collections::BTreeMap;

use banjie_app::query::mine::{AskedLine, CaseProgress, Line, RegistrationView};
use banjie_app::record::Told;
use banjie_app::usecase::draft::DraftFile;
use banjie_domain::calendar::DayUnit;
use banjie_domain::case::{CaseClock, CaseEvent, Gap, Ground, Outcome, Stage};
use banjie_domain::history::Envelope;
use banjie_domain::number::{CaseNumber, RegistrationNumber};
use banjie_domain::policy::{Policy, Remedy, Ruled};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A registration in a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct RegistrationLine {
    /// Its id.
    pub id: String,
    /// 登记编号, in groups.
    pub number: String,
    /// Key of its type.
    #[serde(rename = "type")]
    pub kind: String,
    /// The person's name; masked for an office.
    pub person: String,
    /// The employer's name.
    pub employer: Option<String>,
    /// Its legal status: `pending`, `valid`, `ended`, `closed`, `revoked`, `void`.
    pub status: String,
    /// What stands in the way of another case: `none` or `case`.
    pub hold: String,
    /// First day of the relation.
    #[schema(format = Date)]
    pub started_on: String,
    /// The day it ended.
    #[schema(format = Date)]
    pub finished_on: Option<String>,
    /// Code of the reason by which it ended.
    pub reason: Option<String>,
    /// The undecided case on it, when the account asked for it.
    pub open_case: Option<String>,
}

/// One page of registrations, newest first.
#[derive(Debug, Serialize, ToSchema)]
pub struct RegistrationPage {
    /// At most 30.
    pub registrations: Vec<RegistrationLine>,
    /// What to send as `after` for the next page; none on the last.
    pub next: Option<String>,
}

/// A registration, opened.
#[derive(Debug, Serialize, ToSchema)]
pub struct Registration {
    /// As in a list.
    #[serde(flatten)]
    pub line: RegistrationLine,
    /// What was declared, by field of its type.
    pub details: BTreeMap<String, String>,
    /// How many days after the law's last day it was filed; 0 in time.
    pub late_by: u32,
    /// What happened, oldest first.
    pub history: Vec<Happened>,
}

/// One thing that happened.
#[derive(Debug, Serialize, ToSchema)]
pub struct Happened {
    /// The kind of event, as `case.accepted`.
    pub event: String,
    /// When it was written down.
    #[schema(format = DateTime)]
    pub recorded_at: String,
}

/// A case in a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct CaseLine {
    /// Its id.
    pub id: String,
    /// 申请编号, in groups.
    pub number: String,
    /// What is asked: `register`, `end`, `close`, `revoke`, `correct`.
    pub act: String,
    /// Key of the registration's type.
    #[serde(rename = "type")]
    pub kind: String,
    /// Code of the reason.
    pub reason: Option<String>,
    /// Id of the registration it is about.
    pub registration: String,
    /// Whose registration it is.
    pub person: String,
    /// Where it stands: `intake`, `supplement`, `first`, `second`, `suspended`, `granted`, `refused`, `declined`,
    /// `withdrawn`, `lapsed`.
    pub stage: String,
    /// The legal day of receipt.
    #[schema(format = Date)]
    pub received_on: String,
    /// The day of acceptance.
    #[schema(format = Date)]
    pub accepted_on: Option<String>,
    /// The last day of whoever's turn it is.
    #[schema(format = Date)]
    pub due_on: Option<String>,
    /// The day of the decision.
    #[schema(format = Date)]
    pub decided_on: Option<String>,
}

/// One page of cases, newest first.
#[derive(Debug, Serialize, ToSchema)]
pub struct CasePage {
    /// At most 30.
    pub cases: Vec<CaseLine>,
    /// What to send as `after` for the next page; none on the last.
    pub next: Option<String>,
}

/// A clock of a case as it reads today.
#[derive(Debug, Serialize, ToSchema)]
pub struct Clock {
    /// Which: `accept`, `supplement`, `special`, `promise`, `legal`.
    pub key: String,
    /// How many days.
    pub days: u32,
    /// Which days: `working` or `natural`.
    pub unit: String,
    /// How many days it was given on top.
    pub extended: u32,
    /// The last day; while the clock stands still, as if it went on today.
    #[schema(format = Date)]
    pub due_on: String,
    /// Whether it runs.
    pub runs: bool,
    /// Days left after today; below 0 the working days it is late.
    pub left: i64,
}

/// One thing that is missing, or wrong.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct GapItem {
    /// `material:<key>` or `field:<key>`.
    pub target: String,
    /// A key of `/api/v1/codes/faults`.
    pub fault: String,
}

/// A way out of a refusal.
#[derive(Debug, Serialize, ToSchema)]
pub struct RemedyItem {
    /// Which: `review` (行政复议) or `litigation` (行政诉讼).
    pub kind: String,
    /// Where.
    pub body: String,
    /// The last day for it.
    #[schema(format = Date)]
    pub last_on: String,
    /// The article.
    pub basis: String,
}

/// One reason of a no.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct GroundItem {
    /// A key of `/api/v1/codes/grounds`.
    pub rule: String,
    /// `material:<key>`, `field:<key>`, or `case` for the whole.
    pub target: String,
}

/// A file that was handed in.
#[derive(Debug, Serialize, ToSchema)]
pub struct File {
    /// Its id, for `/api/v1/files/{id}`.
    pub id: String,
    /// Key of the material it is for.
    pub material: String,
    /// The name it was given.
    pub name: String,
    /// `pdf`, `jpg`, `png`.
    pub kind: String,
    /// Bytes.
    pub size: i64,
}

/// A case, opened by whoever asked for it.
#[derive(Debug, Serialize, ToSchema)]
pub struct Case {
    /// As in a list.
    #[serde(flatten)]
    pub line: CaseLine,
    /// The day the act is to count from.
    #[schema(format = Date)]
    pub effective_on: String,
    /// Whether it was handed in after the days an employer has.
    pub filed_late: bool,
    /// Its clocks, the one of whose turn it is first.
    pub clocks: Vec<Clock>,
    /// What is missing, while a supplement is open.
    pub gaps: Vec<GapItem>,
    /// Why not, when it was refused or declined; words and articles are in `/api/v1/codes/grounds`.
    pub grounds: Vec<GroundItem>,
    /// What can be done against a refusal.
    pub remedies: Vec<RemedyItem>,
    /// What the officer wrote with the last thing that happened.
    pub said: Option<String>,
    /// What was handed in.
    pub files: Vec<File>,
    /// What happened, oldest first.
    pub history: Vec<Happened>,
}

/// What was made.
#[derive(Debug, Serialize, ToSchema)]
pub struct Filed {
    /// Id of the registration.
    pub registration: String,
    /// Id of the case that made it.
    pub case: String,
}

fn day(date: Date) -> String {
    date.to_string()
}

fn grouped_registration(number: &str) -> String {
    RegistrationNumber::parse(number).map_or_else(|_| number.to_owned(), |number| number.grouped())
}

fn grouped_case(number: &str) -> String {
    CaseNumber::parse(number).map_or_else(|_| number.to_owned(), |number| number.grouped())
}

impl RegistrationLine {
    /// Of a line of a list.
    pub fn of(line: Line) -> Self {
        let row = line.row;
        Self {
            id: row.id.to_string(),
            number: grouped_registration(&row.number),
            kind: row.kind,
            person: line.person,
            employer: line.employer,
            status: row.status,
            hold: row.hold,
            started_on: day(row.started_on),
            finished_on: row.finished_on.map(day),
            reason: row.reason,
            open_case: line.open_case.map(|id| id.to_string()),
        }
    }
}

impl Happened {
    fn of(envelope: &Envelope) -> Self {
        let recorded_at = envelope.recorded().map(|at| at.to_string()).unwrap_or_default();
        Self { event: envelope.kind.clone(), recorded_at }
    }
}

impl Registration {
    /// Of an opened registration.
    pub fn of(view: RegistrationView) -> Self {
        let details = view.details.iter().map(|(key, value)| (key.to_owned(), value.to_owned())).collect();
        let history = view.story.iter().map(|told| Happened::of(&told.envelope)).collect();
        Self { line: RegistrationLine::of(view.line), details, late_by: view.late_by, history }
    }
}

impl CaseLine {
    /// Of a line of a list.
    pub fn of(AskedLine { row, person }: AskedLine) -> Self {
        Self {
            id: row.id.to_string(),
            number: grouped_case(&row.number),
            act: row.act,
            kind: row.kind,
            reason: row.reason,
            registration: row.registration.to_string(),
            person,
            stage: row.stage,
            received_on: day(row.received_on),
            accepted_on: row.accepted_on.map(day),
            due_on: row.due_on.map(day),
            decided_on: row.decided_on.map(day),
        }
    }
}

impl Clock {
    /// Of a clock of a case.
    pub fn of(clock: &CaseClock) -> Self {
        Self {
            key: clock.key.key().to_owned(),
            days: clock.limit.days,
            unit: if clock.limit.unit == DayUnit::Working { "working" } else { "natural" }.to_owned(),
            extended: clock.extended,
            due_on: day(clock.last()),
            runs: clock.reading.due.is_some(),
            left: clock.left,
        }
    }
}

impl GapItem {
    fn of(gap: &Gap) -> Self {
        Self { target: gap.target.clone(), fault: gap.fault.clone() }
    }

    /// As the service knows it.
    pub fn gap(self) -> Gap {
        Gap { target: self.target, fault: self.fault }
    }
}

impl GroundItem {
    fn of(ground: &Ground) -> Self {
        Self { rule: ground.rule.clone(), target: ground.target.clone() }
    }

    /// As the service knows it.
    pub fn ground(self) -> Ground {
        Ground { rule: self.rule, target: self.target }
    }
}

impl File {
    /// Of a file of a case.
    pub fn of(file: &DraftFile) -> Self {
        Self {
            id: file.id.to_string(),
            material: file.material.clone(),
            name: file.name.clone(),
            kind: file.kind.clone(),
            size: file.size,
        }
    }
}

/// What happened, without what only officers read.
pub fn history(story: &[Told<CaseEvent>]) -> Vec<Happened> {
    story.iter().map(|told| Happened::of(&told.envelope)).collect()
}

fn remedies(policy: &Policy, on: Date, lang: &str) -> Vec<RemedyItem> {
    let found = policy.remedies();
    let item = |kind: &str, ruled: &Ruled<Remedy>| RemedyItem {
        kind: kind.to_owned(),
        body: ruled.value.body.get(lang).to_owned(),
        last_on: day(ruled.value.within.after(on)),
        basis: ruled.rule.basis.clone(),
    };
    vec![item("review", &found.review), item("litigation", &found.litigation)]
}

impl Case {
    /// Of an opened case, with the rules it was filed under when it was refused.
    pub fn of(found: CaseProgress, policy: Option<&Policy>, lang: &str) -> Self {
        let gaps = match found.case.stage() {
            Stage::Supplement { ask, .. } => ask.gaps.iter().map(GapItem::of).collect(),
            _ => Vec::new(),
        };
        let grounds = match found.case.stage() {
            Stage::Closed(Outcome::Refused { opinion, .. } | Outcome::Declined { opinion }) => {
                opinion.grounds.iter().map(GroundItem::of).collect()
            }
            _ => Vec::new(),
        };
        let remedies = match (found.case.stage(), policy) {
            (Stage::Closed(Outcome::Refused { on, .. }), Some(policy)) => remedies(policy, *on, lang),
            _ => Vec::new(),
        };
        Self {
            grounds,
            remedies,
            effective_on: day(found.effective_on),
            filed_late: found.filed_late,
            clocks: found.clocks.iter().map(Clock::of).collect(),
            gaps,
            said: found.said,
            files: found.files.iter().map(File::of).collect(),
            history: history(&found.story),
            line: CaseLine::of(AskedLine {
                row: found.row,
                person: found.about.map(|about| about.person).unwrap_or_default(),
            }),
        }
    }
}
