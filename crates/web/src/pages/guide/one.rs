//! One 办事指南. Prints on paper as it stands.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::Uri;
use axum::response::Response;
use banjie_app::error::AppError;
use banjie_app::query::guide::{self, Guide, Way};
use banjie_domain::act::{Act, ApplicantKind};
use banjie_domain::policy::{Material as Asked, Need, OfficeCard, PackStatus, Remedy, Ruled, Stages, Within};
use banjie_domain::registration_type::{Reason, RegistrationType, Situation};

use super::at;
use crate::fail::Fail;
use crate::form::Fields;
use crate::parts::{Fact, Facts, Field, KeyValues, Mark, Material, Materials, Note, Questions, Tag, Tone};
use crate::run::{blocking, failed};
use crate::session::Guest;
use crate::shell::{Shell, page};
use crate::state::Web;

#[derive(Template)]
#[template(path = "pages/guide.html")]
struct GuidePage<'a> {
    shell: &'a Shell,
    title: String,
    region: String,
    on: String,
    /// The reason it is made for.
    chosen: String,
    say: String,
    notes: Vec<Note>,
    reason: Option<Field>,
    situations: Vec<String>,
    facts: Facts,
    ways: Vec<WayPart>,
    follows: KeyValues,
    office: KeyValues,
    remedies: Vec<String>,
    bases: Vec<String>,
    rules: String,
    start: &'a str,
}

/// How one kind of applicant does it.
struct WayPart {
    id: &'static str,
    title: String,
    how: String,
    seal: String,
    groups: Vec<String>,
    materials: Option<Materials>,
    /// Said in the place of the papers when there are none to be told.
    no_materials: String,
    besides: Vec<(String, Materials)>,
    steps: Vec<String>,
}

/// GET /guides/{region}/{kind}/{act}
pub(super) async fn show(
    State(web): State<Web>,
    guest: Guest,
    Path((region, kind, act)): Path<(String, String, String)>,
    uri: Uri,
) -> Result<Response, Fail> {
    let query = Fields::parse(uri.query().unwrap_or_default().as_bytes())?;
    let shell = at(&guest, &uri.path_and_query().map_or_else(String::new, ToString::to_string));
    let reason = Some(query.text("reason")).filter(|code| !code.is_empty()).map(str::to_owned);
    let act = Act::parse(&act).ok_or_else(|| Fail::not_found().within(&shell))?;
    let made = blocking(&web.app, move |app| guide::guide(app, &region, (&kind, act), reason.as_deref()))
        .await
        .map_err(|error| failed(&shell, error))?;
    let kind = web.app.rules.types.get(&made.kind).ok_or_else(|| failed(&shell, AppError::NotFound))?;
    Ok(guest.with_cookie(page(&guide_page(&shell, &made, kind, &query))))
}

fn guide_page<'a>(shell: &'a Shell, made: &Guide, kind: &RegistrationType, query: &Fields) -> GuidePage<'a> {
    let lang = shell.lang();
    let act = shell.t(&format!("act.{}", made.act.key()));
    let region = made.policy.region();
    let name = made.inherits.clone().unwrap_or_else(|| region.name.get(lang).to_owned());
    let reason = made.reason.as_deref().and_then(|code| kind.reason(code));
    GuidePage {
        title: shell.fill("guide.title", &[("act", act), ("kind", kind.short_label(lang))]),
        region: name,
        on: shell.tongue.date(made.on),
        chosen: reason.map_or_else(String::new, |reason| reason.label.get(lang).to_owned()),
        say: shell.t(&format!("guide.say.{}", made.act.key())).to_owned(),
        notes: notes(shell, made),
        reason: reason_field(shell, made, kind, query),
        situations: situations(shell, made, kind),
        facts: facts(shell, made),
        ways: made.ways.iter().map(|way| way_part(shell, way)).collect(),
        follows: follows(shell, kind, reason),
        office: office(shell, made.policy.office()),
        remedies: remedies(shell, made),
        bases: bases(made, reason),
        rules: rules_link(made),
        start: if made.act == Act::Register { "/registrations/new" } else { "/registrations" },
        shell,
    }
}

/// How far the guide can be relied upon, and whose rules these are.
fn notes(shell: &Shell, made: &Guide) -> Vec<Note> {
    let region = made.policy.region();
    let lang = shell.lang();
    let inherits = made.inherits.as_ref().map(|name| {
        let words = [("region", name.as_str()), ("from", region.name.get(lang))];
        Note::new(Tone::Plain, shell.t("guide.inherits"), [shell.fill("guide.inherits-say", &words)])
    });
    let unconfirmed = (region.status != PackStatus::Confirmed).then(|| {
        let status = shell.t(&format!("guide.status.{}", region.status.key()));
        Note::new(Tone::Lu, status, [region.note.get(lang)])
    });
    let words: Vec<&str> = made.instead.iter().map(|words| words.get(lang)).collect();
    let instead = (!words.is_empty()).then(|| Note::new(Tone::Lu, shell.t("guide.instead"), words));
    inherits.into_iter().chain(unconfirmed).chain(instead).collect()
}

/// The reasons of the act, to see what one's own case takes; none where there is nothing to choose.
fn reason_field(shell: &Shell, made: &Guide, kind: &RegistrationType, query: &Fields) -> Option<Field> {
    let lang = shell.lang();
    let of_act = kind.reasons().iter().filter(|reason| reason.act == made.act);
    let marks: Vec<Mark> = of_act.map(|reason| Mark::new(reason.code.as_str(), reason.label.get(lang))).collect();
    let ask = Questions::new(&shell.tongue, query, &[]);
    (marks.len() > 1).then(|| ask.select("reason", shell.t("guide.reason"), marks).hint(shell.t("guide.reason-hint")))
}

/// In which situations this is the matter, in the words of those who are in them.
fn situations(shell: &Shell, made: &Guide, kind: &RegistrationType) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    for applicant in ApplicantKind::ALL {
        let chosen = |one: &Situation| made.reason.as_ref().is_none_or(|reason| one.reasons.contains(reason));
        let of_act = kind.situations(applicant).filter(|one| one.act == made.act && one.offered);
        for situation in of_act.filter(|one| chosen(one)) {
            let label = situation.label.get(shell.lang()).to_owned();
            if !all.contains(&label) {
                all.push(label);
            }
        }
    }
    all
}

/// The four numbers: promised, by law, what it costs, how often one has to come.
fn facts(shell: &Shell, made: &Guide) -> Facts {
    let decided = || made.ways.iter().filter(|way| way.stages.value != Stages::None);
    let at_once = decided().next().is_none();
    let most = decided().map(|way| way.promise.value).max().unwrap_or_default();
    let least = decided().map(|way| way.promise.value).min().unwrap_or_default();
    let promise = if least == most { most.to_string() } else { format!("{least}–{most}") };
    let legal = decided().map(|way| way.legal.value).max().unwrap_or_default().to_string();
    let days = shell.t("hall.working-days");
    let quick = if at_once {
        Fact::new(shell.t("guide.at-once"), shell.t("guide.at-once-value"), "").note(shell.t("guide.at-once-note"))
    } else {
        Fact::new(shell.t("hall.promise"), promise, days).note(shell.fill("hall.promise-note", &[("legal", &legal)]))
    };
    let mut all = vec![
        quick,
        Fact::new(shell.t("hall.price"), "0", shell.t("hall.yuan")).note(shell.t("hall.price-note")),
        Fact::new(shell.t("hall.visits"), "0", shell.t("hall.times")).note(shell.t("hall.visits-note")),
    ];
    if let Some(window) = made.ways.iter().find_map(|way| way.window.as_ref()) {
        let label = shell.t(if made.act == Act::Register { "guide.window-hire" } else { "hall.window" });
        all.push(
            Fact::new(label, window.value.to_string(), shell.t("hall.days-within")).note(shell.t("hall.window-note")),
        );
    }
    Facts(all)
}

fn way_part(shell: &Shell, way: &Way) -> WayPart {
    let who = way.applicant.key();
    let sealed: Vec<&str> = way.sealed().map(|material| material.label.get(shell.lang())).collect();
    let seal = match sealed.as_slice() {
        _ if way.open => shell.t("guide.seal-open").to_owned(),
        [] => shell.t("guide.seal-none").to_owned(),
        some => shell.fill("guide.seal-some", &[("papers", &some.join(shell.t("guide.and")))]),
    };
    let items = |all: &[Ruled<Asked>]| all.iter().map(|ruled| material(shell, ruled)).collect::<Vec<_>>();
    let besides = way.besides.iter().map(|one| {
        let when = shell.t(&format!("guide.if.{}", one.fact.key())).to_owned();
        (when, Materials::new(&shell.tongue, items(&one.materials)))
    });
    let besides = if way.open { Vec::new() } else { besides.collect() };
    let items = if way.open { Vec::new() } else { items(&way.materials) };
    WayPart {
        id: who,
        title: shell.t(&format!("guide.who.{who}")).to_owned(),
        how: shell.t(&format!("guide.how.{who}")).to_owned(),
        seal,
        groups: way.groups.iter().map(|group| group.label.get(shell.lang()).to_owned()).collect(),
        no_materials: shell.t(if way.open { "guide.materials-open" } else { "guide.no-materials" }).to_owned(),
        besides,
        materials: (!items.is_empty()).then(|| Materials::new(&shell.tongue, items)),
        steps: steps(shell, way),
    }
}

fn material(shell: &Shell, ruled: &Ruled<Asked>) -> Material {
    let (lang, asked) = (shell.lang(), &ruled.value);
    let tag = match (&asked.waived, &asked.need) {
        (Some(_), _) => Tag::new(Tone::Dai, shell.t("guide.need.waived")),
        (None, Need::Required) => Tag::new(Tone::Zhu, shell.t("guide.need.required")),
        (None, Need::Optional) => Tag::new(Tone::Plain, shell.t("guide.need.optional")),
        (None, Need::OneOf(_)) => Tag::new(Tone::Lu, shell.t("guide.need.one-of")),
    };
    let signs: Vec<&str> = asked.signs.iter().map(|sign| sign.get(lang)).collect();
    let mut spec: Vec<String> = match &asked.waived {
        Some(waived) => vec![waived.get(lang).to_owned()],
        None => vec![asked.source.get(lang).to_owned()],
    };
    if asked.waived.is_none() && !signs.is_empty() {
        spec.push(shell.fill("guide.signs", &[("signs", &signs.join(shell.t("guide.and")))]));
    }
    spec.extend(asked.substitute.as_ref().map(|words| words.get(lang).to_owned()));
    let basis = shell.fill("guide.basis-is", &[("basis", &ruled.rule.basis)]);
    let why = format!("{} {basis}", asked.why.get(lang));
    Material { name: asked.label.get(lang).to_owned(), tag: Some(tag), spec: spec.join(" "), why }
}

/// What happens, step by step, and how long each takes.
fn steps(shell: &Shell, way: &Way) -> Vec<String> {
    let days = |key: &str, value: u32| shell.fill(key, &[("days", &value.to_string())]);
    if way.stages.value == Stages::None {
        return vec![shell.t("guide.step.at-once").to_owned()];
    }
    let desks = match way.stages.value {
        Stages::None | Stages::Intake => "guide.step.intake-decides",
        Stages::IntakeFirst => "guide.step.one-reviewer",
        Stages::IntakeFirstSecond => "guide.step.two-reviewers",
    };
    vec![
        days("guide.step.accept", way.accept.value),
        days(desks, way.promise.value),
        days("guide.step.supplement", way.supplement.value),
        days("guide.step.legal", way.legal.value),
    ]
}

/// What follows for work history, insurance, benefit and pension, once the reason is known.
fn follows(shell: &Shell, kind: &RegistrationType, reason: Option<&Reason>) -> KeyValues {
    let Some(effects) = reason.and_then(|reason| kind.effects(reason)) else { return KeyValues::default() };
    let lang = shell.lang();
    KeyValues::default()
        .with(shell.t("apply.effect.work"), effects.work_history.get(lang))
        .with(shell.t("apply.effect.insurance"), effects.insurance.get(lang))
        .with(shell.t("apply.effect.benefit"), effects.benefit.get(lang))
        .with(shell.t("apply.effect.pension"), effects.pension.get(lang))
}

fn office(shell: &Shell, card: &OfficeCard) -> KeyValues {
    let lang = shell.lang();
    KeyValues::default()
        .with(shell.t("guide.office.name"), card.name.get(lang))
        .with(shell.t("guide.office.address"), card.address.get(lang))
        .with(shell.t("guide.office.hours"), card.hours.get(lang))
        .with(shell.t("guide.office.phone"), card.phone.clone())
}

fn remedies(shell: &Shell, made: &Guide) -> Vec<String> {
    let lang = shell.lang();
    let line = |key: &str, remedy: &Remedy| {
        let (count, unit) = match remedy.within {
            Within::Days(days) => (days, "guide.within-days"),
            Within::Months(months) => (months, "guide.within-months"),
        };
        let within = shell.fill(unit, &[("count", &count.to_string())]);
        shell.fill(key, &[("body", remedy.body.get(lang)), ("within", &within)])
    };
    let ways = made.policy.remedies();
    vec![
        match made.policy.office().phone.as_str() {
            "12333" => shell.t("guide.complain-12333").to_owned(),
            phone => shell.fill("guide.complain", &[("phone", phone)]),
        },
        line("guide.review", &ways.review.value),
        line("guide.litigation", &ways.litigation.value),
    ]
}

/// What the numbers rest on, each basis once.
fn bases(made: &Guide, reason: Option<&Reason>) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    let of_way = |way: &Way| {
        let numbers = [&way.accept, &way.promise, &way.legal, &way.supplement].map(|ruled| ruled.rule.basis.clone());
        let others = [Some(way.stages.rule.basis.clone()), way.window.as_ref().map(|ruled| ruled.rule.basis.clone())];
        numbers.into_iter().chain(others.into_iter().flatten()).collect::<Vec<_>>()
    };
    let reason = reason.map(|reason| reason.basis.clone());
    for basis in reason.into_iter().chain(made.ways.iter().flat_map(of_way)) {
        if !all.contains(&basis) {
            all.push(basis);
        }
    }
    all
}

fn rules_link(made: &Guide) -> String {
    let region = &made.policy.region().code;
    let reason = made.reason.as_deref().map_or_else(String::new, |code| format!("&reason={code}"));
    format!("/rules?region={region}&type={}&act={}{reason}", made.kind, made.act.key())
}
