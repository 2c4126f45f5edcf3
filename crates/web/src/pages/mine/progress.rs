//! 进度: the state, whose turn it is, the days, what to do, and what happened.

use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use banjie_app::app::App;
use banjie_app::query::mine::{self, CaseProgress};
use banjie_app::usecase::ask;
use banjie_domain::act::Act;
use banjie_domain::actor::Actor;
use banjie_domain::case::{CaseClock, CaseEvent, ClockKey, Gap, Ground, Outcome, Stage, decided_clock};
use banjie_domain::clock::{self, ClockState, DayMark, Mark as DayMarkKind};
use banjie_domain::id::CaseId;
use banjie_domain::policy::Remedy;
use banjie_domain::registration_type::Change;
use jiff::Timestamp;
use jiff::civil::Date;

use super::{FactsPage, OneButton};
use crate::fail::Fail;
use crate::form::Fields;
use crate::pages::{why, words};
use crate::parts::{
    Answer, Answers, Course, Day, DayKind, Frame, Link, Moment, Note, Ruler, Seal, Stop, Tone, Track, Why,
};
use crate::run::{blocking, failed};
use crate::session::User;
use crate::shell::{Place, Shell, Side, page};
use crate::state::Web;

fn case_id(text: &str) -> Result<CaseId, Fail> {
    CaseId::parse(text).map_err(|_| Fail::not_found())
}

/// Why each last day of an open case is that day.
pub(in crate::pages) fn whys(shell: &Shell, found: &CaseProgress) -> Vec<Why> {
    // A special procedure ends on a day that was named, and what stands still has no last day to explain.
    let counted = found.clocks.iter().filter(|clock| clock.key != ClockKey::Special && clock.reading.due.is_some());
    counted.map(|clock| why::of_clock(shell, &found.calendar, clock)).collect()
}

/// The clock of the decision as the page draws it: of a case that was decided as it stood on that day, of one that goes
/// on as it stands; one that ended otherwise has none.
fn decision(found: &CaseProgress) -> Option<CaseClock> {
    match found.case.stage() {
        Stage::Closed(Outcome::Granted { on } | Outcome::Refused { on, .. }) => {
            decided_clock(&found.case, &found.calendar, *on)
        }
        Stage::Closed(_) => None,
        _ => found.clocks.iter().find(|clock| clock.key == ClockKey::Promise).cloned(),
    }
}

fn frame(shell: &Shell, found: &CaseProgress, clock: Option<&CaseClock>) -> Frame {
    let sides = match found.case.stage() {
        Stage::Intake | Stage::Supplement { .. } if found.case.file().accepted().is_none() => 1,
        Stage::Closed(_) => 3,
        _ => 2,
    };
    let promised = found.case.file().submitted().limits.promise;
    let (used, limit) =
        clock.map_or((0, promised), |clock| (clock.reading.used, clock.limit.days.saturating_add(clock.extended)));
    let course = match (found.case.stage(), clock) {
        (Stage::Closed(outcome), _) => Course::Closed {
            result: shell.t(&format!("stage.{}", found.case.stage().key())).to_owned(),
            on: found.row.decided_on.unwrap_or_else(|| recorded_day(found.row.changed_at)),
            granted: matches!(outcome, Outcome::Granted { .. }),
        },
        (_, None) => Course::Waiting,
        (_, Some(clock)) => {
            let left = u32::try_from(clock.left.unsigned_abs()).unwrap_or(u32::MAX);
            match clock.reading.state {
                // What was late before it was stopped is late.
                _ if clock.left < 0 => Course::Overdue { over: left },
                ClockState::Overdue => Course::Overdue { over: 1 },
                ClockState::Paused { .. } => Course::Paused { left },
                ClockState::NotStarted | ClockState::Running => Course::Running { left },
            }
        }
    };
    Frame::new(&shell.tongue, sides, (used, limit), course)
}

/// The legal day of an instant in microseconds.
fn recorded_day(micros: i64) -> Date {
    Timestamp::from_microsecond(micros).map(clock::legal_date).unwrap_or_default()
}

/// The days of a clock. A day that was told and stands against the calendar is said in words; its days would not fit.
fn ruler(shell: &Shell, clock: &CaseClock, today: Date) -> Option<Ruler> {
    if clock.told.is_some() {
        return None;
    }
    let days = clock.reading.days.iter().map(|mark| day(shell, mark, today)).collect();
    let due = clock.reading.due.unwrap_or(clock.reading.due_if_resumed);
    let say = shell.fill("mine.ruler", &[("due", &shell.tongue.date(due.on))]);
    let provisional = if due.provisional { shell.t("mine.provisional") } else { "" };
    Some(Ruler::new(&shell.tongue, format!("{say}{provisional}"), days, Some(today), shell.t("mine.due")))
}

fn day(shell: &Shell, mark: &DayMark, today: Date) -> Day {
    let (kind, label) = match &mark.mark {
        DayMarkKind::Start => (DayKind::Used, shell.t("mine.day-start").to_owned()),
        DayMarkKind::Counted { nth } if mark.on <= today => (DayKind::Used, nth.to_string()),
        DayMarkKind::Counted { nth } => (DayKind::Open, nth.to_string()),
        DayMarkKind::Weekend => (DayKind::Off, String::new()),
        DayMarkKind::Holiday { name } => (DayKind::Off, name.clone()),
        DayMarkKind::Paused => (DayKind::Paused, String::new()),
        DayMarkKind::Due { nth } => (DayKind::Due, nth.to_string()),
        DayMarkKind::Overdue { by } => (DayKind::Open, format!("+{by}")),
    };
    Day::new(mark.on, kind, label)
}

/// What is missing or why not, in the published words, and what the officer wrote.
pub(in crate::pages) fn named(shell: &Shell, found: &CaseProgress) -> Vec<Note> {
    let what = |target: &str| words::target(shell, &found.labels, target);
    let mut notes = match found.case.stage() {
        Stage::Supplement { ask, .. } | Stage::Closed(Outcome::Lapsed { ask }) => {
            let gap = |gap: &Gap| {
                let fault = shell.t(&format!("fault.{}", gap.fault));
                shell.fill("desk.preview.gap", &[("what", &what(&gap.target)), ("fault", fault)])
            };
            let mut lines: Vec<_> = ask.gaps.iter().map(gap).collect();
            let by = found.row.due_on.map(|by| shell.tongue.date(by));
            lines.extend(by.map(|by| shell.fill("mine.answer-by", &[("by", &by)])));
            let open = matches!(found.case.stage(), Stage::Supplement { .. });
            vec![Note::new(Tone::Zhu, shell.t(if open { "mine.gaps" } else { "mine.gaps-then" }), lines)]
        }
        Stage::Closed(Outcome::Refused { opinion, .. } | Outcome::Declined { opinion }) => {
            let of = |ground: &Ground| {
                let key = format!("ground.{}", ground.rule);
                let about = [("what", what(&ground.target)), ("ground", shell.t(&key).to_owned())];
                let about = about.each_ref().map(|(name, words)| (*name, words.as_str()));
                let lines = [shell.t(&format!("{key}.basis")).to_owned(), shell.t(&format!("{key}.next")).to_owned()];
                Note::new(Tone::Zhu, shell.fill("mine.ground", &about), lines)
            };
            opinion.grounds.iter().map(of).collect()
        }
        _ => Vec::new(),
    };
    notes.extend(found.said.iter().map(|said| Note::new(Tone::Plain, shell.t("mine.said"), [said])));
    notes
}

/// The ways out of a refusal, each with its last day.
fn remedies(shell: &Shell, found: &CaseProgress, app: &App) -> Option<Note> {
    let Stage::Closed(Outcome::Refused { on, .. }) = found.case.stage() else { return None };
    let policy = ask::case_policy(app, &found.case).ok()?;
    let remedies = policy.remedies();
    let line = |key: &str, remedy: &Remedy| {
        let body = remedy.body.get(shell.lang());
        shell.fill(key, &[("body", body), ("last", &shell.tongue.date(remedy.within.after(*on)))])
    };
    let lines = [line("mine.review", &remedies.review.value), line("mine.litigation", &remedies.litigation.value)];
    Some(Note::new(Tone::Plain, shell.t("mine.remedies"), lines))
}

fn forms(shell: &Shell, found: &CaseProgress, own: bool) -> Vec<OneButton> {
    let id = &found.row.id;
    let button = |method, path: &str, words: &str, quiet| OneButton {
        method,
        action: format!("/cases/{id}/{path}"),
        button: shell.t(words).to_owned(),
        quiet,
    };
    if !own {
        return Vec::new();
    }
    match found.case.stage() {
        Stage::Supplement { .. } => vec![
            button("post", "supplement", "mine.answer-now", false),
            button("get", "withdraw", "mine.withdraw", true),
        ],
        Stage::Closed(Outcome::Refused { .. } | Outcome::Declined { .. } | Outcome::Lapsed { .. }) => {
            vec![button("post", "again", "mine.again", false)]
        }
        Stage::Closed(_) => Vec::new(),
        _ => vec![button("get", "withdraw", "mine.withdraw", true)],
    }
}

/// What a stage of a case is called, and whose turn it is.
pub(in crate::pages) struct Told {
    pub title: String,
    pub say: String,
}

/// The same words for who is signed in and for who shows number and code.
pub(in crate::pages) fn told(shell: &Shell, found: &CaseProgress) -> Told {
    let key = found.case.stage().key();
    let due = found.row.due_on.map_or_else(String::new, |due| shell.tongue.date(due));
    let ours = matches!(found.case.stage(), Stage::Intake | Stage::First | Stage::Second { .. });
    let late = found.clocks.first().is_some_and(|clock| clock.left < 0 || clock.reading.state == ClockState::Overdue);
    if ours && late {
        let say = shell.fill("stage-say.late", &[("due", &due), ("phone", &shell.office.phone)]);
        return Told { title: shell.t(&format!("stage.{key}")).to_owned(), say };
    }
    Told {
        title: shell.t(&format!("stage.{key}")).to_owned(),
        say: shell.fill(&format!("stage-say.{key}"), &[("due", &due)]),
    }
}

fn story(shell: &Shell, found: &CaseProgress) -> Track {
    let stops = found.story.iter().filter_map(|told| {
        let seal = match &told.event {
            CaseEvent::Submitted(_) | CaseEvent::Supplemented { .. } => Seal::Received,
            CaseEvent::Accepted { .. } => Seal::Accepted,
            CaseEvent::SupplementRequested(_) => Seal::Fix,
            CaseEvent::Declined { .. } => Seal::No,
            CaseEvent::Decided { .. } => Seal::Done,
            CaseEvent::Withdrawn {} | CaseEvent::Lapsed {} => Seal::Off,
            CaseEvent::Suspended(_) | CaseEvent::Extended(_) => Seal::Fix,
            CaseEvent::OpinionGiven(_)
            | CaseEvent::OpinionRetracted {}
            | CaseEvent::SecondOpened {}
            | CaseEvent::Resumed { .. }
            | CaseEvent::Recalculated { .. } => Seal::Review,
        };
        let when = shell.tongue.date_time(told.envelope.recorded().ok()?);
        let stop = Stop::new(seal, Moment::Past, shell.t(&format!("story.{}", told.event.kind()))).when(when);
        Some(match time_line(shell, &told.event, &told.envelope.actor) {
            Some(line) => stop.line(line),
            None => stop,
        })
    });
    Track::new(&shell.tongue, stops.collect())
}

/// The rule by which an office that said nothing has accepted. A registration that is checked automatically is accepted
/// by another.
const SILENCE: &str = "silence.intake";

/// What an event that is about time did to the days, in one sentence.
pub(in crate::pages) fn time_line(shell: &Shell, event: &CaseEvent, actor: &Actor) -> Option<String> {
    let day = |day: Date| shell.tongue.date(day);
    let reason = |list: &str, key: &str| shell.t(&format!("{list}.{key}")).to_owned();
    Some(match (event, actor) {
        (CaseEvent::Accepted { on }, Actor::System { rule }) if rule == SILENCE => {
            shell.fill("mine.by-silence", &[("on", &day(*on))])
        }
        (CaseEvent::Suspended(why), _) => {
            shell.fill("mine.suspended", &[("why", &reason("special", &why.reason)), ("until", &day(why.until))])
        }
        (CaseEvent::Extended(more), _) => {
            let words = [("why", reason("extension", &more.reason)), ("days", more.days.to_string())];
            shell.fill("mine.extended", &words.each_ref().map(|(name, words)| (*name, words.as_str())))
        }
        (CaseEvent::Recalculated { from, to }, _) if from == to => shell.fill("mine.kept", &[("day", &day(*to))]),
        (CaseEvent::Recalculated { from, to }, _) => {
            shell.fill("mine.recalculated", &[("from", &day(*from)), ("to", &day(*to))])
        }
        _ => return None,
    })
}

/// Whose registration, why, and from which day.
pub(super) fn asked(web: &Web, shell: &Shell, found: &CaseProgress) -> Vec<Answer> {
    let submitted = found.case.file().submitted();
    let mut rows = Vec::new();
    if let Some(about) = &found.about {
        rows.push(Answer::new(shell.t("mine.column.person"), about.person.clone()));
        rows.extend(about.employer.iter().map(|unit| Answer::new(shell.t("mine.employer"), unit.clone())));
        rows.push(Answer::new(shell.t("mine.registration"), mine::registration_number(&about.number)));
    }
    let kind = web.app.rules.types.get(&submitted.kind);
    if let Some(reason) = kind.zip(submitted.reason.as_deref()).and_then(|(kind, code)| kind.reason(code)) {
        rows.push(Answer::new(shell.t("apply.reason"), reason.label.get(shell.lang())).note(&reason.basis));
    }
    let types = &web.app.rules.types;
    let field = |change: &Change| kind?.field(&change.field).map(|field| words::changed(types, shell, field, change));
    rows.extend(found.changes.iter().filter_map(field));
    rows.push(Answer::new(shell.t("apply.effective"), shell.tongue.date(found.effective_on)));
    if found.filed_late {
        rows.push(Answer::new(shell.t("apply.window"), shell.t("apply.filed-late")));
    }
    rows
}

/// GET /cases/{id}
pub(super) async fn show(State(web): State<Web>, Path(id): Path<String>, user: User) -> Result<Response, Fail> {
    let shell = user.shell.clone().at(Side::Applicant, Place::Cases);
    let id = case_id(&id).map_err(|fail| fail.within(&shell))?;
    let who = user.signed.principal.clone();
    let found =
        blocking(&web.app, move |app| mine::progress(app, &who, &id)).await.map_err(|error| failed(&shell, error))?;
    let today = web.app.today();
    let clock = decision(&found);
    let told = told(&shell, &found);
    let submitted = found.case.file().submitted();
    let act = shell.t(&format!("act.{}", submitted.act.key()));
    let number = mine::case_number(&submitted.number);
    let mut notes = named(&shell, &found);
    notes.extend(remedies(&shell, &found, &web.app));
    if matches!(found.case.stage(), Stage::Closed(Outcome::Granted { .. })) {
        let lines: &[&str] = match found.case.file().submitted().act {
            Act::Register => &[],
            Act::Correct => &["mine.next-corrected", "mine.next-wrong-again"],
            _ => &["mine.next-insurance", "mine.next-benefit", "mine.next-wrong"],
        };
        let lines = lines.iter().map(|key| shell.t(key));
        notes.extend((lines.len() > 0).then(|| Note::new(Tone::Plain, shell.t("mine.next"), lines)));
    }
    let mut answers = asked(&web, &shell, &found);
    answers.extend(found.files.iter().map(|file| {
        let open = Link::new(format!("/files/{}", file.id), shell.t("apply.open-file"));
        Answer::new(shell.t("mine.file"), file.name.clone()).change(open)
    }));
    let own = super::registrations::standing(user.signed.role).is_some();
    Ok(page(&FactsPage {
        title: told.title,
        eyebrow: shell.fill("mine.case-of", &[("act", act), ("number", &number)]),
        say: told.say,
        back: ("/cases".to_owned(), shell.t("mine.cases").to_owned()),
        frame: Some(frame(&shell, &found, clock.as_ref())),
        notes,
        forms: forms(&shell, &found, own),
        ruler: clock.as_ref().and_then(|clock| ruler(&shell, clock, today)),
        why: whys(&shell, &found),
        answers: Some(Answers::new(&shell.tongue, answers)),
        track: Some(story(&shell, &found)),
        links: vec![(format!("/cases/{}/receipt", found.row.id), shell.t("mine.receipt").to_owned())],
        shell: &shell,
    }))
}

/// GET /cases/{id}/withdraw
pub(super) async fn ask_withdraw(State(web): State<Web>, Path(id): Path<String>, user: User) -> Result<Response, Fail> {
    let shell = &user.shell;
    let (who, id) = (user.signed.principal.clone(), case_id(&id).map_err(|fail| fail.within(shell))?);
    let wanted = id.clone();
    blocking(&web.app, move |app| ask::own_case(app, &who, &wanted)).await.map_err(|error| failed(shell, error))?;
    let action = format!("/cases/{id}/withdraw");
    let back = (format!("/cases/{id}"), shell.t("mine.back-case").to_owned());
    Ok(page(&FactsPage {
        forms: vec![OneButton { method: "post", action, button: shell.t("mine.withdraw-go").to_owned(), quiet: false }],
        ..FactsPage::saying(shell, shell.t("mine.withdraw-title"), shell.t("mine.withdraw-say"), back)
    }))
}

/// POST /cases/{id}/withdraw
pub(super) async fn withdraw(
    State(web): State<Web>,
    Path(id): Path<String>,
    user: User,
    fields: Fields,
) -> Result<Response, Fail> {
    user.require_csrf(&fields)?;
    let (who, id) = (user.signed.principal.clone(), case_id(&id)?);
    let wanted = id.clone();
    blocking(&web.app, move |app| ask::withdraw(app, &who, &wanted))
        .await
        .map_err(|error| failed(&user.shell, error))?;
    Ok(Redirect::to(&format!("/cases/{id}")).into_response())
}
