//! Words that officers and applicants read alike.

use banjie_app::query::Labels;
use banjie_domain::case::WHOLE_CASE;
use banjie_domain::registration_type::{Change, Field, FieldKind, TypeBook};
use jiff::civil::Date;

use crate::parts::{Answer, Seal};
use crate::shell::Shell;

/// What a gap or ground is about: the whole case, `material:<key>` or `field:<key>`.
pub(super) fn target(shell: &Shell, labels: &Labels, target: &str) -> String {
    if target == WHOLE_CASE {
        return shell.t("desk.target.case").to_owned();
    }
    match (labels.get(target), target.strip_prefix("field:")) {
        (Some(label), _) => label.get(shell.lang()).to_owned(),
        (None, Some(field)) => shell.t(&format!("desk.field.{field}")).to_owned(),
        (None, None) => target.trim_start_matches("material:").to_owned(),
    }
}

/// A stored answer as a person reads it: a code by its label, a day as days are written.
pub(super) fn answer(types: &TypeBook, shell: &Shell, field: &Field, value: &str) -> String {
    match (field.kind, value.parse::<Date>()) {
        (FieldKind::Date, Ok(day)) => shell.tongue.date(day),
        _ => types.shown(field, value, shell.lang()),
    }
}

/// One answer of a 更正: what it should say, and what it says.
pub(super) fn changed(types: &TypeBook, shell: &Shell, field: &Field, change: &Change) -> Answer {
    let shown = |value: &Option<String>| match value {
        Some(value) => answer(types, shell, field, value),
        None => shell.t("apply.correct-empty").to_owned(),
    };
    let before = shell.fill("apply.correct-from", &[("before", &shown(&change.from))]);
    Answer::new(field.label.get(shell.lang()), shown(&change.to)).note(before)
}

/// The seal of a stage.
pub(super) fn seal(stage: &str) -> Seal {
    match stage {
        "intake" => Seal::Received,
        "supplement" | "suspended" => Seal::Fix,
        "granted" => Seal::Done,
        "refused" | "declined" => Seal::No,
        "withdrawn" | "lapsed" => Seal::Off,
        _ => Seal::Review,
    }
}
