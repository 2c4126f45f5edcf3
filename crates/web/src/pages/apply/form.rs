//! The fields of a registration type as a form.

use banjie_app::app::App;
use banjie_domain::registration_type::{
    Answers as Typed, Code, CodeTable, DIVISIONS, Field as TypeField, FieldKind, RegistrationType, Required,
};

use super::Group;
use crate::form::Fields;
use crate::parts::{Field, Mark, Questions, TextKind};
use crate::shell::Shell;

/// What was typed before, as the fields of a form.
pub(super) fn fields_of(typed: &Typed) -> Fields {
    Fields::from_pairs(typed.iter().collect::<Vec<_>>())
}

/// The groups of a type's form, with the fields that are wanted of it.
pub(super) fn groups(
    app: &App,
    shell: &Shell,
    (kind, wanted): (&RegistrationType, impl Fn(&TypeField) -> bool),
    ask: &Questions<'_>,
    typed: &Fields,
) -> Vec<Group> {
    kind.groups()
        .iter()
        .filter_map(|group| {
            let of_group = |field: &&TypeField| field.group == group.key && wanted(field);
            let fields: Vec<_> = kind.fields().iter().filter(of_group).collect();
            if fields.is_empty() {
                return None;
            }
            let touched =
                fields.iter().any(|field| !typed.text(&field.key).is_empty() || ask.error_at(&field.key).is_some());
            Some(Group {
                label: group.label.get(shell.lang()).to_owned(),
                folded: group.folded,
                open: touched,
                fields: fields.into_iter().map(|field| one(app, shell, field, (ask, typed))).collect(),
            })
        })
        .collect()
}

fn one(app: &App, shell: &Shell, field: &TypeField, (ask, typed): (&Questions<'_>, &Fields)) -> Field {
    let label = field.label.get(shell.lang());
    let table = field.codes.as_deref().and_then(|name| app.rules.types.codes(name));
    let mut made = match (field.kind, table) {
        (FieldKind::Date, _) => ask.date(&field.key, label),
        (_, Some(table)) if field.codes.as_deref() == Some(DIVISIONS) => {
            ask.grouped(&field.key, label, by_province(app, table, typed.text(&field.key)))
        }
        (_, Some(table)) => {
            let marks = table
                .choices_on(app.today())
                .chain(kept(app, table, typed.text(&field.key)))
                .map(|code| Mark::new(code.code.clone(), table.full_label(&code.code, shell.lang())));
            ask.select(&field.key, label, marks.collect())
        }
        (FieldKind::Phone, None) => ask.text(&field.key, label).kind(TextKind::Phone),
        (FieldKind::Amount, None) => ask.text(&field.key, label).kind(TextKind::Digits).short(),
        _ => ask.text(&field.key, label),
    };
    if let Some(hint) = &field.hint {
        made = made.hint(hint.get(shell.lang()));
    }
    if matches!(field.required, Required::Never) {
        made = made.optional();
    }
    made
}

/// The code that was chosen before, when nobody can choose it today any more: a form must not take it away unasked.
fn kept<'a>(app: &App, table: &'a CodeTable, chosen: &str) -> Option<&'a Code> {
    table.get(chosen).filter(|code| !table.choices_on(app.today()).any(|one| one.code == code.code))
}

/// The districts under their provinces; the province of the district that is chosen comes first.
pub(in crate::pages) fn by_province(app: &App, table: &CodeTable, chosen: &str) -> Vec<(String, Vec<Mark>)> {
    let mut groups: Vec<(String, Vec<Mark>)> = Vec::new();
    for code in table.choices_on(app.today()).chain(kept(app, table, chosen)) {
        let mark = Mark::new(code.code.clone(), table.full_label(&code.code, "zh-CN"));
        let province = table.full_label(&format!("{}0000", province(&code.code)), "zh-CN");
        match groups.iter_mut().find(|(known, _)| *known == province) {
            Some((_, marks)) => marks.push(mark),
            None => groups.push((province, vec![mark])),
        }
    }
    let is_near = |marks: &[Mark]| marks.iter().any(|mark| province(&mark.value) == province(chosen));
    groups.sort_by_key(|(_, marks)| !is_near(marks));
    groups
}

/// The two digits of the province in a division code (GB/T 2260).
fn province(code: &str) -> &str {
    code.get(..2).unwrap_or(code)
}
