//! One case on the bench: the queue beside it, the papers, what differs, both clocks, and the form.
//!
//! Opening it is a look and is recorded by the use case. Everything else is written by forms only.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::{StatusCode, Uri};
use axum::response::Response;
use banjie_app::query::desk::{
    CaseView, Compared, FileStanding, FileView, Finding, Line, MaterialNeed, MaterialView, StoryLine,
};
use banjie_app::usecase::desk::{PURPOSES, Unmasked, open_case};
use banjie_domain::actor::{Principal, Role};
use banjie_domain::calendar::Calendar;
use banjie_domain::case::{CaseClock, ClockKey, Verdict};
use banjie_domain::clock::ClockState;
use banjie_domain::id::CaseId;
use banjie_domain::problem::FieldProblem;
use banjie_domain::refusal::Refusal;

use super::clock::{self, ClockPart};
use super::form::{FormPart, gap_line, ground_line, part};
use super::{case_id, refusal_note, run, shell_at, time_left};
use crate::fail::Fail;
use crate::form::{Fields, human_size};
use crate::pages::mine::time_line;
use crate::pages::why;
use crate::pages::words::seal;
use crate::parts::{
    ErrorSummary, Field, KeyValues, Mark, Moment, Note, Questions, Seal, Status, Stop, Tag, Tone, Track, Why,
};
use crate::session::Staff;
use crate::shell::{self, Shell};
use crate::state::Web;

/// What a page is made of.
pub(super) struct Look<'a> {
    /// The shell.
    pub shell: &'a Shell,
    /// The case.
    pub view: &'a CaseView,
    /// The form as it was filled in.
    pub fields: &'a Fields,
    /// What is wrong with it.
    pub problems: &'a [FieldProblem],
    /// What the rules said to it.
    pub notes: Vec<Note>,
    /// What the applicant would read.
    pub preview: Vec<String>,
    /// Who the person is, once.
    pub person: Option<Unmasked>,
    /// The case that was done before.
    pub done: Option<String>,
}

impl<'a> Look<'a> {
    pub(super) const fn of(shell: &'a Shell, view: &'a CaseView, fields: &'a Fields) -> Self {
        Self { shell, view, fields, problems: &[], notes: Vec::new(), preview: Vec::new(), person: None, done: None }
    }
}

#[derive(Template)]
#[template(path = "pages/desk/case.html")]
struct CasePage<'a> {
    shell: &'a Shell,
    title: String,
    path: &'a str,
    version: u64,
    summary: Option<ErrorSummary>,
    notes: Vec<Note>,
    done: Option<String>,
    queue: Vec<QueueItem>,
    queue_heading: &'a str,
    queue_href: String,
    materials: Vec<MaterialPart>,
    compared: Vec<ComparedRow>,
    name: &'a str,
    status: Status,
    facts: KeyValues,
    clocks: Vec<ClockLine>,
    clock_forms: Vec<ClockPart>,
    story: Track,
    purpose: Field,
    person: Option<KeyValues>,
    preview: Vec<String>,
    form: Option<FormPart>,
    unsent: &'a str,
    open_second: bool,
    retract: bool,
}

struct QueueItem {
    href: String,
    name: String,
    meta: String,
    left: String,
    class: &'static str,
    current: bool,
}

struct MaterialPart {
    key: String,
    label: String,
    spec: String,
    tag: Option<Tag>,
    files: Vec<FilePart>,
}

struct FilePart {
    href: String,
    alt: String,
    meta: String,
    image: bool,
    tag: Option<Tag>,
}

struct ComparedRow {
    label: String,
    declared: String,
    registered: String,
    on_file: String,
    result: String,
    marked: bool,
    same: bool,
}

struct ClockLine {
    label: String,
    day: String,
    left: String,
    class: &'static str,
    why: Option<Why>,
}

/// Opens a case for an officer; the look is recorded.
pub(super) async fn open(web: &Web, shell: &Shell, who: &Principal, id: &CaseId) -> Result<CaseView, Fail> {
    let (who, id) = (who.clone(), id.clone());
    run(web, move |app| open_case(app, &who, &id)).await.map_err(|error| Fail::from(error).within(shell))
}

pub(super) async fn show(
    State(web): State<Web>,
    Staff(user): Staff,
    Path(id): Path<String>,
    uri: Uri,
) -> Result<Response, Fail> {
    let id = case_id(&id)?;
    let shell = shell_at(&user, &format!("/desk/cases/{}", id.as_str()));
    let view = open(&web, &shell, &user.signed.principal, &id).await?;
    let asked = Fields::parse(uri.query().unwrap_or_default().as_bytes())?;
    let done = asked.one("done").and_then(|done| case_id(done).ok()).map(|done| done.as_str().to_owned());
    let empty = Fields::default();
    Ok(page(StatusCode::OK, &Look { done, ..Look::of(&shell, &view, &empty) }))
}

/// The page.
pub(super) fn page(status: StatusCode, look: &Look<'_>) -> Response {
    let (shell, view) = (look.shell, look.view);
    let ask = Questions::new(&shell.tongue, look.fields, look.problems);
    let mut notes = look.notes.clone();
    if view.may.barred && notes.is_empty() {
        notes.push(refusal_note(shell, &Refusal::SameOfficer));
    }
    let form = view.may.form.map(|form| part(shell, view, form, (look.fields, look.problems)));
    let stage = view.case.stage().key();
    let words = shell.t(&format!("desk.stage.{stage}"));
    let name = shell.fill("desk.case.title", &[("number", &view.number)]);
    shell::page_as(
        status,
        &CasePage {
            shell,
            title: format!("{}{name}", ask.title_prefix()),
            path: &shell.path,
            version: view.version,
            summary: ask.summary(),
            notes,
            done: look.done.clone(),
            queue: view.queue.iter().map(|line| queue_item(shell, view, line)).collect(),
            queue_heading: shell.t(&format!("desk.tab.{}", view.queue_stage)),
            queue_href: format!("/desk?stage={}", view.queue_stage),
            materials: view.materials.iter().map(|material| material_part(shell, material)).collect(),
            compared: view.compared.iter().map(|row| compared_row(shell, row)).collect(),
            name: &view.person.name,
            status: Status::sealed(&shell.tongue, seal(stage), words),
            facts: facts(shell, view),
            clocks: view.clocks.iter().map(|clock| clock_line(shell, &view.calendar, clock)).collect(),
            clock_forms: clock::parts(shell, view.may, &ask),
            story: Track::new(&shell.tongue, view.story.iter().map(|line| stop(shell, view, line)).collect()),
            purpose: purpose(shell, ask),
            person: look.person.as_ref().map(|person| unmasked(shell, person)),
            preview: look.preview.clone(),
            unsent: if form.is_none() { look.fields.text("note") } else { "" },
            form,
            open_second: view.may.open_second,
            retract: view.may.retract,
        },
    )
}

fn queue_item(shell: &Shell, view: &CaseView, line: &Line) -> QueueItem {
    let (left, class) = line.left.map_or_else(|| (String::new(), "ok"), |left| time_left(shell, left));
    let act = shell.t(&format!("desk.act.{}", line.act.key()));
    QueueItem {
        href: format!("/desk/cases/{}", line.id.as_str()),
        name: line.person.clone(),
        meta: shell.fill("desk.queue.meta", &[("act", act), ("kind", &line.kind)]),
        left,
        class,
        current: line.id == view.id,
    }
}

fn material_part(shell: &Shell, material: &MaterialView) -> MaterialPart {
    let tag = match (&material.need, material.files.is_empty()) {
        (MaterialNeed::Waived(_), true) => Some(Tag::new(Tone::Dai, shell.t("desk.material.waived"))),
        (MaterialNeed::Required, true) => Some(Tag::new(Tone::Zhu, shell.t("desk.material.absent"))),
        (MaterialNeed::OneOf, true) => Some(Tag::new(Tone::Plain, shell.t("desk.material.one-of"))),
        (MaterialNeed::Optional, true) => Some(Tag::new(Tone::Plain, shell.t("desk.material.optional"))),
        (_, false) => None,
    };
    let spec = match &material.need {
        MaterialNeed::Waived(why) if material.files.is_empty() => why.clone(),
        _ => material.basis.clone(),
    };
    let files = material.files.iter().enumerate();
    MaterialPart {
        key: material.key.clone(),
        label: material.label.clone(),
        spec,
        tag,
        files: files.map(|(at, file)| file_part(shell, material, file, at + 1)).collect(),
    }
}

fn file_part(shell: &Shell, material: &MaterialView, view: &FileView, number: usize) -> FilePart {
    let file = &view.file;
    let size = human_size(u64::try_from(file.size).unwrap_or_default());
    let at = jiff::Timestamp::from_microsecond(file.created_at).map(|at| shell.tongue.date_time(at));
    let pages = file.pages.map(|pages| shell.fill("desk.file.pages", &[("count", &pages.to_string())]));
    FilePart {
        href: format!("/files/{}", file.id.as_str()),
        alt: shell.fill("desk.file.alt", &[("what", &material.label), ("number", &number.to_string())]),
        meta: [Some(file.name.clone()), pages, Some(size), at.ok()]
            .into_iter()
            .flatten()
            .collect::<Vec<_>>()
            .join(" · "),
        image: file.kind != "pdf",
        tag: match view.standing {
            FileStanding::First => None,
            FileStanding::Added => Some(Tag::new(Tone::Zhu, shell.t("desk.file.added"))),
            FileStanding::Replaced => Some(Tag::new(Tone::Plain, shell.t("desk.file.replaced"))),
        },
    }
}

fn compared_row(shell: &Shell, row: &Compared) -> ComparedRow {
    let cell = |value: &Option<String>| value.clone().unwrap_or_else(|| "—".to_owned());
    let result = match row.finding {
        Finding::Same => shell.t("desk.compare.same"),
        Finding::Alone => "",
        Finding::Changes => shell.t("desk.compare.changes"),
        Finding::Differs => shell.t("desk.compare.differs"),
        Finding::BeforeStart => shell.t("desk.compare.before-start"),
    };
    ComparedRow {
        label: row.label.clone().unwrap_or_else(|| shell.t(&format!("desk.field.{}", row.key)).to_owned()),
        declared: cell(&row.declared),
        registered: cell(&row.registered),
        on_file: cell(&row.on_file),
        result: result.to_owned(),
        marked: matches!(row.finding, Finding::Changes | Finding::Differs | Finding::BeforeStart),
        same: row.finding == Finding::Same,
    }
}

fn facts(shell: &Shell, view: &CaseView) -> KeyValues {
    let submitted = view.case.file().submitted();
    let act = shell.t(&format!("desk.act.{}", submitted.act.key()));
    let document = shell.t(&format!("desk.document.{}", view.person.document_kind));
    let mut facts = KeyValues::default()
        .with(shell.t("desk.fact.number"), view.number.clone())
        .with(
            shell.t("desk.fact.act"),
            shell
                .fill("desk.fact.act-on", &[("act", act), ("kind", &view.kind), ("number", &view.registration_number)]),
        )
        .with(document, view.person.document.clone())
        .with(shell.t("desk.fact.applicant"), shell.t(&format!("desk.applicant.{}", submitted.applicant.kind.key())));
    if let Some(employer) = &view.employer {
        let standing = shell.t(&format!("desk.standing.{}", employer.standing));
        let words = [("name", employer.name.as_str()), ("standing", standing)];
        facts = facts.with(shell.t("desk.fact.employer"), shell.fill("desk.fact.employer-is", &words));
    }
    if let Some(situation) = &view.asked.situation {
        facts = facts.with(shell.t("desk.fact.situation"), situation.clone());
    }
    if let Some((reason, basis)) = &view.asked.reason {
        let words = [("reason", reason.as_str()), ("basis", basis.as_str())];
        facts = facts.with(shell.t("desk.fact.reason"), shell.fill("desk.fact.reason-is", &words));
    }
    facts = facts.with(shell.t("desk.fact.effective"), shell.tongue.date(view.asked.effective_on));
    if view.asked.filed_late {
        facts = facts.with(shell.t("desk.fact.window"), shell.t("desk.fact.filed-late"));
    }
    if !view.asked.note.is_empty() {
        facts = facts.with(shell.t("desk.fact.note"), view.asked.note.clone());
    }
    let count = view.case.file().supplements().len();
    if count > 0 {
        facts = facts
            .with(shell.t("desk.fact.supplements"), shell.fill("desk.fact.times", &[("count", &count.to_string())]));
    }
    facts
}

fn clock_line(shell: &Shell, calendar: &Calendar, clock: &CaseClock) -> ClockLine {
    let day = shell.tongue.date(clock.last());
    let (left, class) = time_left(shell, clock.left);
    let (day, left, class) = if matches!(clock.reading.state, ClockState::Paused { .. }) {
        (shell.fill("desk.clock.if-resumed", &[("day", &day)]), shell.t("desk.clock.paused").to_owned(), "d1")
    } else {
        (day, left, class)
    };
    let days = (clock.limit.days + clock.extended).to_string();
    let label = shell.fill(&format!("desk.clock.{}", clock.key.key()), &[("days", &days)]);
    ClockLine {
        why: (clock.key != ClockKey::Special).then(|| why::of_clock(shell, calendar, clock)),
        label,
        day,
        left,
        class: match class {
            "d0" => "over",
            "d1" => "late",
            _ => "muted",
        },
    }
}

fn stop(shell: &Shell, view: &CaseView, line: &StoryLine) -> Stop {
    let granted = line.verdict.map(|verdict| if verdict == Verdict::Grant { "grant" } else { "refuse" });
    let seal = match (line.kind.as_str(), granted) {
        ("submitted" | "supplemented", _) => Seal::Received,
        ("accepted", _) => Seal::Accepted,
        ("supplement_requested" | "suspended" | "extended", _) => Seal::Fix,
        ("decided", Some("grant")) => Seal::Done,
        ("decided" | "declined", _) => Seal::No,
        ("withdrawn" | "lapsed" | "opinion_retracted", _) => Seal::Off,
        _ => Seal::Review,
    };
    let key = match granted {
        Some(word) => format!("desk.story.{}-{word}", line.kind),
        None => format!("desk.story.{}", line.kind),
    };
    let by = shell.t(&format!("desk.by.{}", line.role.map_or("system", Role::key)));
    let mut stop = Stop::new(seal, Moment::Past, shell.t(&key))
        .when(shell.fill("desk.story.when", &[("at", &shell.tongue.date_time(line.at)), ("by", by)]));
    for gap in &line.gaps {
        stop = stop.line(gap_line(shell, view, gap));
    }
    for ground in &line.grounds {
        stop = stop.line(ground_line(shell, view, ground));
    }
    if let Some(told) = time_line(shell, &line.event, &line.actor) {
        stop = stop.line(told);
    }
    match &line.note {
        Some(note) => stop.line(shell.fill("desk.story.note", &[("note", note)])),
        None => stop,
    }
}

fn purpose(shell: &Shell, ask: Questions<'_>) -> Field {
    let marks = PURPOSES.into_iter().map(|key| Mark::new(key, shell.t(&format!("desk.purpose.{key}")))).collect();
    ask.radios("purpose", shell.t("desk.unmask.purpose"), marks)
}

fn unmasked(shell: &Shell, person: &Unmasked) -> KeyValues {
    let shown = KeyValues::default()
        .with(shell.t("desk.unmask.name"), person.name.clone())
        .with(shell.t("desk.unmask.document"), person.document.clone());
    match &person.phone {
        Some(phone) => shown.with(shell.t("desk.unmask.phone"), phone.clone()),
        None => shown,
    }
}
