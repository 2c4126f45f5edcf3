//! The verbs of an office: its queue, one case, one step.

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use banjie_app::query::desk::{self as view, CaseView, DeskForm};
use banjie_app::usecase::desk::{self, Said, Step};
use banjie_app::usecase::draft;
use banjie_domain::case::{Stage, Verdict};
use banjie_domain::id::{CaseId, EvidenceId};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::applicant::bad_query;
use super::models::{Clock, File, GapItem, GroundItem, Happened};
use super::problem::{Failures, Stop};
use super::request::{Api, By, Written};

/// Which queue, and where its page begins.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct Which {
    /// `intake`, `first`, `second`, `supplement`, `suspended` or `overdue`; the officer's own without it.
    stage: Option<String>,
    /// `next` of the page before.
    after: Option<String>,
}

/// A case in a queue.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Waiting {
    /// Its id.
    id: String,
    /// 申请编号, in groups.
    number: String,
    /// What is asked.
    act: String,
    /// The name of the registration's type.
    #[serde(rename = "type")]
    kind: String,
    /// Whose registration it is, masked.
    person: String,
    /// The employer.
    employer: Option<String>,
    /// The legal day of receipt.
    #[schema(format = Date)]
    received_on: String,
    /// The last day of whoever's turn it is.
    #[schema(format = Date)]
    due_on: Option<String>,
    /// Working days left after today; below 0 the days it is late.
    left: Option<i64>,
}

/// One page of a queue, soonest due first.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Queue {
    /// Which queue.
    stage: String,
    /// At most 30.
    cases: Vec<Waiting>,
    /// What to send as `after` for the next page; none on the last.
    next: Option<String>,
}

/// A material with what was handed in for it.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Paper {
    /// Its key.
    key: String,
    /// What it is called.
    label: String,
    /// The rule that asks for it.
    basis: String,
    /// What must be legible on it.
    signs: Vec<String>,
    /// The files.
    files: Vec<File>,
}

/// A case as an officer sees it. To read it is a look, which is recorded.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct DeskCase {
    /// Its id.
    id: String,
    /// Counts its events: a step names the version that was read.
    version: u64,
    /// 申请编号, in groups.
    number: String,
    /// 登记编号, in groups.
    registration_number: String,
    /// What is asked.
    act: String,
    /// Where it stands.
    stage: String,
    /// The situation, as the applicant chose it.
    situation: Option<String>,
    /// The reason in words.
    reason: Option<String>,
    /// The day the act is to count from.
    #[schema(format = Date)]
    effective_on: String,
    /// What the applicant wrote.
    note: String,
    /// The person's name, masked.
    person: String,
    /// The number of the person's document, masked.
    document: String,
    /// The employer's name.
    employer: Option<String>,
    /// The papers.
    papers: Vec<Paper>,
    /// What a gap or ground may be about.
    targets: Vec<String>,
    /// Its clocks.
    clocks: Vec<Clock>,
    /// What happened, oldest first.
    history: Vec<Happened>,
    /// What the first reviewer found: `grant` or `refuse`; none before he did.
    opinion: Option<String>,
    /// What the last officer wrote.
    said: Option<String>,
    /// The steps this officer may take now.
    steps: Vec<StepKind>,
    /// Whether a yes or no of this officer already is the decision, because no desk follows.
    decides: bool,
}

/// What an officer may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub(super) enum StepKind {
    /// 受理.
    Accept,
    /// 不予受理; needs grounds.
    Decline,
    /// 一次性告知; needs gaps.
    Supplement,
    /// 初审: to be granted.
    AdviseGrant,
    /// 初审: to be refused; needs grounds.
    AdviseRefuse,
    /// Take the first opinion back.
    Retract,
    /// 复审 opens the case.
    OpenSecond,
    /// 复审: granted.
    Grant,
    /// 复审: refused; needs grounds.
    Refuse,
}

/// A step of an officer.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewStep {
    /// The version that was read.
    #[schema(minimum = 0, maximum = 9007199254740991_i64)]
    version: u64,
    /// What is done.
    step: StepKind,
    /// Why not.
    #[serde(default)]
    grounds: Vec<GroundItem>,
    /// What is missing.
    #[serde(default)]
    gaps: Vec<GapItem>,
    /// What is written to the applicant; at most 500 characters.
    #[serde(default)]
    note: String,
}

/// Lists one queue of the office, soonest due first.
#[utoipa::path(get, path = "/api/v1/desk/cases", tag = "desk", params(Which),
    responses((status = 200, body = Queue), Failures), security(("key" = [])))]
pub(super) async fn queue(
    State(api): State<Api>,
    by: By,
    query: Result<Query<Which>, QueryRejection>,
) -> Result<Json<Queue>, Stop> {
    let Query(Which { stage, after }) = query.map_err(|_| bad_query(&by))?;
    if !view::is_stage(stage.as_deref()) || !view::is_place(after.as_deref()) {
        return Err(bad_query(&by));
    }
    let who = by.who.clone();
    let found = by.run(&api, move |app| view::queue(app, &who, stage.as_deref(), after.as_deref())).await?;
    let cases = found.lines.into_iter().map(|line| Waiting {
        id: line.id.to_string(),
        number: line.number,
        act: line.act.key().to_owned(),
        kind: line.kind,
        person: line.person,
        employer: line.employer,
        received_on: line.received_on.to_string(),
        due_on: line.due_on.map(|day| day.to_string()),
        left: line.left,
    });
    Ok(Json(Queue { stage: found.stage.to_owned(), cases: cases.collect(), next: found.next }))
}

/// Opens one case of the office. The look is recorded, and the person can read of it.
#[utoipa::path(get, path = "/api/v1/desk/cases/{id}", tag = "desk",
    params(("id" = String, Path, description = "Its id")),
    responses((status = 200, body = DeskCase), Failures), security(("key" = [])))]
pub(super) async fn case(State(api): State<Api>, by: By, Path(id): Path<String>) -> Result<Json<DeskCase>, Stop> {
    let id = CaseId::parse(&id).map_err(|_| by.nothing())?;
    open(&api, &by, id).await
}

async fn open(api: &Api, by: &By, id: CaseId) -> Result<Json<DeskCase>, Stop> {
    let who = by.who.clone();
    by.run(api, move |app| desk::open_case(app, &who, &id)).await.map(|view| Json(DeskCase::of(view)))
}

/// Takes one step, if the case is still as it was read.
#[utoipa::path(post, path = "/api/v1/desk/cases/{id}/steps", tag = "desk", request_body = NewStep,
    params(("id" = String, Path, description = "Id of the case"),
        ("Idempotency-Key" = String, Header, min_length = 16, max_length = 64, pattern = "^[A-Za-z0-9_-]{16,64}$", description = "The same key with the same body does nothing twice")),
    responses((status = 200, body = DeskCase), Failures), security(("key" = [])))]
pub(super) async fn step(
    State(api): State<Api>,
    by: By,
    Path(id): Path<String>,
    written: Written<NewStep>,
) -> Result<Json<DeskCase>, Stop> {
    let (who, id) = (by.who.clone(), CaseId::parse(&id).map_err(|_| by.nothing())?);
    let (case, Written { value, key }) = (id.clone(), written);
    if !value.is_plain() {
        return Err(Stop::of(StatusCode::BAD_REQUEST, "unused-field", by.tongue.t("api.unused-field")));
    }
    let (seen, step) = (value.version, value.step());
    by.run(&api, move |app| desk::act_once(app, &who, (&case, seen), &step, &key)).await?;
    open(&api, &by, id).await
}

/// Sends one file of a case: to whoever handed it in, and to the office, whose look is recorded.
#[utoipa::path(get, path = "/api/v1/files/{id}", tag = "cases", params(("id" = String, Path, description = "Its id")),
    responses((status = 200, body = inline(Bytes), content_type = "application/octet-stream"), Failures),
    security(("key" = [])))]
pub(super) async fn file(State(api): State<Api>, by: By, Path(id): Path<String>) -> Result<Response, Stop> {
    let (who, id) = (by.who.clone(), EvidenceId::parse(&id).map_err(|_| by.nothing())?);
    let file = by.run(&api, move |app| draft::read_file(app, &who, &id)).await?;
    Ok(([(header::CONTENT_TYPE, "application/octet-stream")], file.bytes).into_response())
}

/// The bytes of a file, for the description only.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it only tells the description what is sent")]
#[schema(value_type = String, format = Binary)]
pub(super) struct Bytes(String);

impl NewStep {
    /// Whether it says nothing that its step does not use: what is sent is never passed over.
    fn is_plain(&self) -> bool {
        let (grounds, gaps, note) = (!self.grounds.is_empty(), !self.gaps.is_empty(), !self.note.is_empty());
        match self.step {
            StepKind::Accept | StepKind::Retract | StepKind::OpenSecond => !grounds && !gaps && !note,
            StepKind::Supplement => !grounds,
            StepKind::AdviseGrant | StepKind::Grant => !grounds && !gaps,
            StepKind::Decline | StepKind::AdviseRefuse | StepKind::Refuse => !gaps,
        }
    }

    fn step(self) -> Step {
        let grounds = self.grounds.into_iter().map(GroundItem::ground).collect();
        let said = Said { grounds, note: self.note.clone() };
        match self.step {
            StepKind::Accept => Step::Accept,
            StepKind::Decline => Step::Decline(said),
            StepKind::Supplement => {
                Step::Supplement { gaps: self.gaps.into_iter().map(GapItem::gap).collect(), note: self.note }
            }
            StepKind::AdviseGrant => Step::Opinion(Verdict::Grant, said),
            StepKind::AdviseRefuse => Step::Opinion(Verdict::Refuse, said),
            StepKind::Retract => Step::Retract,
            StepKind::OpenSecond => Step::OpenSecond,
            StepKind::Grant => Step::Decide(Verdict::Grant, said),
            StepKind::Refuse => Step::Decide(Verdict::Refuse, said),
        }
    }
}

/// The steps an officer may take now.
fn steps(view: &CaseView) -> Vec<StepKind> {
    use StepKind as K;
    let mut steps = match view.may.form {
        Some(DeskForm::Intake { .. }) => vec![K::Accept, K::Supplement, K::Decline],
        Some(DeskForm::First { .. }) => vec![K::AdviseGrant, K::AdviseRefuse, K::Supplement],
        Some(DeskForm::Second) => vec![K::Grant, K::Refuse],
        Some(DeskForm::Again) => vec![K::Supplement],
        None => Vec::new(),
    };
    steps.extend(view.may.open_second.then_some(K::OpenSecond));
    steps.extend(view.may.retract.then_some(K::Retract));
    steps
}

impl DeskCase {
    fn of(view: CaseView) -> Self {
        let (steps, targets) = (steps(&view), view.targets().into_iter().collect());
        let papers = view.materials.iter().map(|material| Paper {
            key: material.key.clone(),
            label: material.label.clone(),
            basis: material.basis.clone(),
            signs: material.signs.clone(),
            files: material.files.iter().map(|view| File::of(&view.file)).collect(),
        });
        let history = view
            .story
            .iter()
            .map(|told| Happened { event: format!("case.{}", told.kind), recorded_at: told.at.to_string() });
        Self {
            id: view.id.to_string(),
            version: view.version,
            registration_number: view.registration_number.clone(),
            act: view.case.file().submitted().act.key().to_owned(),
            stage: view.case.stage().key().to_owned(),
            situation: view.asked.situation.clone(),
            reason: view.asked.reason.as_ref().map(|(reason, _)| reason.clone()),
            effective_on: view.asked.effective_on.to_string(),
            note: view.asked.note.clone(),
            person: view.person.name.clone(),
            document: view.person.document.clone(),
            employer: view.employer.as_ref().map(|unit| unit.name.clone()),
            papers: papers.collect(),
            targets,
            clocks: view.clocks.iter().map(Clock::of).collect(),
            history: history.collect(),
            opinion: match view.case.stage() {
                Stage::Second { opinion, .. } => {
                    Some(if opinion.verdict == Verdict::Grant { "grant" } else { "refuse" }.to_owned())
                }
                _ => None,
            },
            said: view.story.last().and_then(|told| told.note.clone()),
            decides: match view.may.form {
                Some(DeskForm::Intake { last } | DeskForm::First { last }) => last,
                Some(DeskForm::Second) => true,
                Some(DeskForm::Again) | None => false,
            },
            steps,
            number: view.number,
        }
    }
}
