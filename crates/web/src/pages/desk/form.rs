//! The form an officer fills in: reading it into a step, showing it again as it was, and what the applicant will read.

use banjie_app::query::desk::{CaseView, DeskForm, FileStanding};
use banjie_app::usecase::desk::{self, Said, Step};
use banjie_domain::case::{FAULTS, GROUNDS, Gap, Ground, Stage, Verdict, WHOLE_CASE};
use banjie_domain::policy::{Remedy, Within};
use banjie_domain::problem::{FieldProblem, Problem};

use super::target_label;
use crate::form::Fields;
use crate::parts::{Field, Mark, Questions};
use crate::shell::Shell;

/// Faults that a field can have; a material can have all.
const FIELD_FAULTS: [&str; 5] = ["missing", "wrong-person", "wrong-unit", "date-differs", "unclear"];

/// The form as the page shows it.
pub(super) struct FormPart {
    pub verdicts: Vec<Mark>,
    pub verdict_error: Option<String>,
    pub checks: Vec<Check>,
    pub gaps: Vec<Faults>,
    pub gaps_error: Option<String>,
    pub grounds: Vec<GroundRow>,
    pub grounds_error: Option<String>,
    pub note: Field,
    pub send: String,
    pub after: String,
}

/// One thing to check.
pub(super) struct Check {
    pub number: usize,
    pub label: String,
    pub small: String,
    pub yes: bool,
    pub no: bool,
}

/// What can be wrong with one target.
pub(super) struct Faults {
    pub label: String,
    pub open: bool,
    pub field: Field,
}

/// One ground, and what it is about.
pub(super) struct GroundRow {
    pub mark: Mark,
    pub about: Vec<Mark>,
}

/// The verdicts of a form, in the order of the page.
const fn verdicts(form: DeskForm) -> &'static [&'static str] {
    match form {
        DeskForm::Intake { .. } => &["accept", "supplement", "decline"],
        DeskForm::First { .. } => &["grant", "supplement", "refuse"],
        DeskForm::Second => &["grant", "refuse"],
        DeskForm::Again => &["supplement"],
    }
}

/// Reads the form, or says everything that is wrong with it.
pub(super) fn read(view: &CaseView, fields: &Fields) -> Result<Step, Vec<FieldProblem>> {
    let note = fields.text("note").replace("\r\n", "\n");
    let said = || Said { grounds: grounds(fields), note: note.clone() };
    // Grounds ticked before the mind changed are not part of a yes.
    let yes = || Said { grounds: Vec::new(), note: note.clone() };
    let step = match (view.case.stage(), fields.text("verdict")) {
        (Stage::Intake | Stage::First, "supplement") => Step::Supplement { gaps: gaps(fields), note: note.clone() },
        (Stage::Intake, "accept") => Step::Accept,
        (Stage::Intake, "decline") => Step::Decline(said()),
        (Stage::First, "grant") => Step::Opinion(Verdict::Grant, yes()),
        (Stage::First, "refuse") => Step::Opinion(Verdict::Refuse, said()),
        (Stage::Second { .. }, "grant") => Step::Decide(Verdict::Grant, yes()),
        (Stage::Second { .. }, "refuse") => Step::Decide(Verdict::Refuse, said()),
        _ => return Err(vec![Problem::new("desk.verdict-missing").at("verdict")]),
    };
    let mut problems = desk::problems(view, &step);
    let positive = matches!(step, Step::Accept | Step::Opinion(Verdict::Grant, _) | Step::Decide(Verdict::Grant, _));
    if positive && checks_of(view).iter().any(|(name, ..)| fields.text(name) == "n") {
        problems.push(Problem::new("desk.check-contradicts").at("verdict"));
    }
    if problems.is_empty() { Ok(step) } else { Err(problems) }
}

fn gaps(fields: &Fields) -> Vec<Gap> {
    let named = fields.iter().filter_map(|(name, fault)| Some((name.strip_prefix("gap.")?, fault)));
    named.map(|(target, fault)| Gap { target: target.to_owned(), fault: fault.to_owned() }).collect()
}

fn grounds(fields: &Fields) -> Vec<Ground> {
    let about = |rule: &str| {
        let target = fields.text(&format!("about.{rule}"));
        if target.is_empty() { WHOLE_CASE.to_owned() } else { target.to_owned() }
    };
    fields.all("ground").map(|rule| Ground { rule: rule.to_owned(), target: about(rule) }).collect()
}

/// What there is to check, as field name, label and what it is about: first who and what, then each paper.
fn checks_of(view: &CaseView) -> Vec<(String, String, Option<String>)> {
    let general = ["person", "standing", "date"].map(|key| (key.to_owned(), None));
    let in_force = view
        .materials
        .iter()
        .filter(|material| material.files.iter().any(|file| file.standing != FileStanding::Replaced));
    let signs =
        in_force.flat_map(|material| material.signs.iter().map(|sign| (sign.clone(), Some(material.label.clone()))));
    let all = general.into_iter().chain(signs).enumerate();
    all.map(|(at, (label, about))| (format!("k{}", at + 1), label, about)).collect()
}

/// The form with what was filled in.
pub(super) fn part(
    shell: &Shell,
    view: &CaseView,
    form: DeskForm,
    (fields, problems): (&Fields, &[FieldProblem]),
) -> FormPart {
    let ask = Questions::new(&shell.tongue, fields, problems);
    let chosen = fields.text("verdict");
    let with_gaps = !matches!(form, DeskForm::Second);
    let with_grounds = !matches!(form, DeskForm::Again);
    FormPart {
        verdicts: verdicts(form)
            .iter()
            .map(|value| Mark {
                chosen: *value == chosen || form == DeskForm::Again,
                ..Mark::new(*value, shell.t(&format!("desk.verdict.{value}")))
            })
            .collect(),
        verdict_error: ask.error_at("verdict"),
        checks: if form == DeskForm::Again { Vec::new() } else { checks(shell, view, fields) },
        gaps: if with_gaps { faults(shell, view, &ask) } else { Vec::new() },
        gaps_error: ask.error_at("gaps"),
        grounds: if with_grounds { ground_rows(shell, view, fields) } else { Vec::new() },
        grounds_error: ask.error_at("grounds"),
        note: note_field(shell, form, ask),
        send: shell.t(&format!("desk.send.{}", send_key(form))).to_owned(),
        after: shell.t(&format!("desk.after.{}", send_key(form))).to_owned(),
    }
}

const fn send_key(form: DeskForm) -> &'static str {
    match form {
        DeskForm::Intake { .. } => "intake",
        DeskForm::First { last: false } => "opinion",
        DeskForm::First { last: true } | DeskForm::Second => "decision",
        DeskForm::Again => "again",
    }
}

fn note_field(shell: &Shell, form: DeskForm, ask: Questions<'_>) -> Field {
    let most = desk::NOTE_MAX.to_string();
    let field = ask.area("note", shell.t("desk.note.label")).hint(shell.fill("desk.note.hint", &[("most", &most)]));
    if form == DeskForm::Again { field } else { field.optional() }
}

fn checks(shell: &Shell, view: &CaseView, fields: &Fields) -> Vec<Check> {
    checks_of(view)
        .into_iter()
        .enumerate()
        .map(|(at, (name, label, about))| {
            let (label, small) = match about {
                Some(material) => (label, material),
                None => (
                    shell.t(&format!("desk.check.{label}")).to_owned(),
                    shell.t(&format!("desk.check.{label}-small")).to_owned(),
                ),
            };
            let given = fields.text(&name);
            Check { number: at + 1, label, small, yes: given == "y", no: given == "n" }
        })
        .collect()
}

fn faults(shell: &Shell, view: &CaseView, ask: &Questions<'_>) -> Vec<Faults> {
    let materials = view.asked_for().map(|material| (format!("material:{}", material.key), &FAULTS[..]));
    let fields = view.fields.iter().map(|field| (format!("field:{}", field.key), &FIELD_FAULTS[..]));
    materials
        .chain(fields)
        .map(|(target, keys)| {
            let marks = keys.iter().map(|key| Mark::new(*key, shell.t(&format!("fault.{key}")))).collect();
            let label = target_label(shell, view, &target);
            let field = ask.checks(&format!("gap.{target}"), shell.t("desk.gaps.what"), marks);
            let open = match &field.control {
                crate::parts::Control::Checks { marks } => marks.iter().any(|mark| mark.chosen),
                _ => false,
            };
            Faults { label, open, field }
        })
        .collect()
}

fn ground_rows(shell: &Shell, view: &CaseView, fields: &Fields) -> Vec<GroundRow> {
    let targets: Vec<String> = std::iter::once(WHOLE_CASE.to_owned())
        .chain(view.asked_for().map(|material| format!("material:{}", material.key)))
        .chain(view.fields.iter().map(|field| format!("field:{}", field.key)))
        .collect();
    GROUNDS
        .into_iter()
        .map(|key| {
            let about = fields.text(&format!("about.{key}"));
            let chosen = fields.all("ground").any(|given| given == key);
            let mark = Mark { chosen, ..Mark::new(key, shell.t(&format!("ground.{key}"))) };
            let of_target = |target: &String| Mark {
                chosen: target == about,
                ..Mark::new(target.as_str(), target_label(shell, view, target))
            };
            GroundRow {
                mark: mark.hint(shell.t(&format!("ground.{key}.basis"))),
                about: targets.iter().map(of_target).collect(),
            }
        })
        .collect()
}

/// What the applicant will read, line by line.
pub(super) fn preview(shell: &Shell, view: &CaseView, step: &Step) -> Vec<String> {
    let act = shell.t(&format!("desk.act.{}", view.case.file().submitted().act.key()));
    let later = matches!(view.may.form, Some(DeskForm::First { last: false }));
    let mut lines = Vec::new();
    if later && matches!(step, Step::Opinion(..)) {
        lines.push(shell.t("desk.preview.after-second").to_owned());
    }
    match step {
        Step::Accept => lines.push(accepted(shell, view)),
        Step::Supplement { gaps, note } => {
            lines.push(shell.fill("desk.preview.supplement", &[("count", &gaps.len().to_string())]));
            lines.extend(gaps.iter().map(|gap| gap_line(shell, view, gap)));
            lines.push(said_line(shell, note));
            lines.push(shell.fill("desk.preview.answer-by", &[("day", &shell.tongue.date(view.if_supplement))]));
        }
        Step::Decline(said) => {
            lines.push(shell.t("desk.preview.decline").to_owned());
            lines.extend(no_lines(shell, view, said));
        }
        Step::Opinion(Verdict::Refuse, said) | Step::Decide(Verdict::Refuse, said) => {
            lines.push(shell.fill("desk.preview.refuse", &[("act", act)]));
            lines.extend(no_lines(shell, view, said));
        }
        Step::Opinion(Verdict::Grant, said) | Step::Decide(Verdict::Grant, said) => {
            let day = shell.tongue.date(view.asked.effective_on);
            lines.push(shell.fill("desk.preview.grant", &[("act", act), ("day", &day)]));
            lines.push(said_line(shell, &said.note));
        }
        Step::Retract | Step::OpenSecond => {}
    }
    lines.retain(|line| !line.is_empty());
    lines
}

fn accepted(shell: &Shell, view: &CaseView) -> String {
    if matches!(view.may.form, Some(DeskForm::Intake { last: true })) {
        return shell.t("desk.preview.accept-last").to_owned();
    }
    let (promise, legal) = view.if_accepted;
    let limits = view.case.file().submitted().limits;
    shell.fill(
        "desk.preview.accept",
        &[
            ("today", &shell.tongue.date(view.today)),
            ("promise", &shell.tongue.date(promise)),
            ("legal", &shell.tongue.date(legal)),
            ("days", &limits.promise.to_string()),
            ("legal-days", &limits.legal.to_string()),
        ],
    )
}

/// One gap in one line.
pub(super) fn gap_line(shell: &Shell, view: &CaseView, gap: &Gap) -> String {
    let fault = shell.t(&format!("fault.{}", gap.fault));
    shell.fill("desk.preview.gap", &[("what", &target_label(shell, view, &gap.target)), ("fault", fault)])
}

/// One ground in one line.
pub(super) fn ground_line(shell: &Shell, view: &CaseView, ground: &Ground) -> String {
    let words = shell.t(&format!("ground.{}", ground.rule));
    let basis = shell.t(&format!("ground.{}.basis", ground.rule));
    let what = target_label(shell, view, &ground.target);
    shell.fill("desk.preview.ground", &[("what", &what), ("ground", words), ("basis", basis)])
}

fn said_line(shell: &Shell, note: &str) -> String {
    if note.trim().is_empty() { String::new() } else { shell.fill("desk.preview.said", &[("note", note.trim())]) }
}

fn no_lines(shell: &Shell, view: &CaseView, said: &Said) -> Vec<String> {
    let mut lines: Vec<_> = said.grounds.iter().map(|ground| ground_line(shell, view, ground)).collect();
    lines.push(said_line(shell, &said.note));
    let next = said.grounds.iter().map(|ground| shell.t(&format!("ground.{}.next", ground.rule)).to_owned());
    lines.extend(next);
    let remedies = view.policy.remedies();
    let (review, court) = (&remedies.review.value, &remedies.litigation.value);
    lines.push(shell.fill(
        "desk.preview.remedies",
        &[
            ("review", review.body.zh.as_str()),
            ("review-within", &within(shell, review)),
            ("court", court.body.zh.as_str()),
            ("court-within", &within(shell, court)),
        ],
    ));
    lines
}

fn within(shell: &Shell, remedy: &Remedy) -> String {
    match remedy.within {
        Within::Days(days) => shell.fill("desk.preview.days", &[("count", &days.to_string())]),
        Within::Months(months) => shell.fill("desk.preview.months", &[("count", &months.to_string())]),
    }
}
