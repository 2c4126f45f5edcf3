//! What was declared, what is registered and what is on file, side by side; only what differs is marked.
//!
//! Values are compared whole and shown masked.

use banjie_domain::identity::IdentityDocument;
use banjie_domain::number::RegistrationNumber;
use banjie_domain::registration::Registration;
use banjie_domain::registration_type::{Change, Details, EFFECTIVE_ON, Field, FieldKind};

use crate::app::App;
use crate::people::Profile;

use super::{masked_document, masked_name};
use crate::query::declared::Declared;

/// What a comparison found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Finding {
    /// Nothing stands against it.
    Same,
    /// There is nothing to compare it with.
    Alone,
    /// The case asks that the registration says something else.
    Changes,
    /// Two of them differ.
    Differs,
    /// The day lies before the registration began.
    BeforeStart,
}

/// One fact in up to three places, as it may be shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Compared {
    /// Key of the field.
    pub key: String,
    /// What it is called, when the rules say so; else the texts do.
    pub label: Option<String>,
    /// In this case.
    pub declared: Option<String>,
    /// In the registration.
    pub registered: Option<String>,
    /// In what is known of the person.
    pub on_file: Option<String>,
    /// What the comparison found.
    pub finding: Finding,
}

/// A registration's number in groups.
pub(super) fn registration_number(number: &str) -> String {
    RegistrationNumber::parse(number).map_or_else(|_| number.to_owned(), |number| number.grouped())
}

/// All facts worth comparing.
pub(super) fn compared(
    app: &App,
    registration: &Registration,
    declared: &Declared,
    (registered, profile): (&Details, &Profile),
) -> Vec<Compared> {
    let mut rows = Vec::new();
    if let Declared::Act(details) = declared
        && details.changes.is_empty()
    {
        let before = details.effective_on < registration.file().started_on;
        rows.push(Compared {
            key: EFFECTIVE_ON.to_owned(),
            label: None,
            declared: Some(details.effective_on.to_string()),
            registered: registration.finished_on().map(|day| day.to_string()),
            on_file: None,
            finding: if before { Finding::BeforeStart } else { Finding::Alone },
        });
    }
    let Some(kind) = app.rules.types.get(&registration.file().kind) else { return rows };
    if let Declared::Act(details) = declared {
        rows.extend(details.changes.iter().filter_map(|change| Some(changed(app, kind.field(&change.field)?, change))));
    }
    let sources = Sources { app, declared, registered, profile };
    // The kind and country of a document are part of how its number is read, no facts of their own.
    let documents: Vec<_> = kind.fields().iter().filter_map(|field| field.document.as_ref()).collect();
    let of_document = |field: &Field| documents.iter().any(|one| one.kind == field.key || one.country == field.key);
    rows.extend(kind.fields().iter().filter(|field| !of_document(field)).filter_map(|field| sources.row(field)));
    rows
}

/// What a 更正 changes, whole: this is what is to be decided, and to open the case is a look that is recorded.
fn changed(app: &App, field: &Field, change: &Change) -> Compared {
    let shown = |value: &Option<String>| value.as_deref().map(|value| app.rules.types.shown(field, value, "zh-CN"));
    Compared {
        key: field.key.clone(),
        label: Some(field.label.get("zh-CN").to_owned()),
        declared: shown(&change.to),
        registered: shown(&change.from),
        on_file: None,
        finding: Finding::Changes,
    }
}

struct Sources<'a> {
    app: &'a App,
    declared: &'a Declared,
    registered: &'a Details,
    profile: &'a Profile,
}

impl Sources<'_> {
    fn row(&self, field: &Field) -> Option<Compared> {
        if matches!(self.declared, Declared::Act(details) if details.changes.iter().any(|one| one.field == field.key)) {
            return None;
        }
        let declared = match self.declared {
            Declared::Register(details) => details.get(&field.key),
            Declared::Act(_) => None,
        };
        let registered = self.registered.get(&field.key);
        let on_file = match field.kind {
            FieldKind::Name => Some(self.profile.name.as_str()),
            FieldKind::Identity => Some(self.profile.document_number.as_str()),
            _ => None,
        };
        let values: Vec<&str> = [declared, registered, on_file].into_iter().flatten().collect();
        let finding = finding(&values)?;
        // What names a person in other ways is shown only when it does not fit.
        let identifies = matches!(field.kind, FieldKind::Name | FieldKind::Identity);
        if field.personal && !identifies && finding != Finding::Differs {
            return None;
        }
        let shown = |value: Option<&str>| value.map(|value| self.shown(field, value));
        Some(Compared {
            key: field.key.clone(),
            label: Some(field.label.get("zh-CN").to_owned()),
            declared: shown(declared),
            registered: shown(registered),
            on_file: shown(on_file),
            finding,
        })
    }

    fn shown(&self, field: &Field, value: &str) -> String {
        match field.kind {
            FieldKind::Name => masked_name(value),
            FieldKind::Identity => {
                let profile = self.profile;
                masked_document((&profile.document_kind, value, profile.country.as_deref()), self.app.today())
            }
            _ if field.personal => "＊＊＊".to_owned(),
            _ => self.app.rules.types.shown(field, value, "zh-CN"),
        }
    }
}

/// What was found about values of one field; nothing when nobody gave one.
fn finding(values: &[&str]) -> Option<Finding> {
    let (first, others) = values.split_first()?;
    Some(match others {
        [] => Finding::Alone,
        _ if others.iter().all(|other| other == first) => Finding::Same,
        _ => Finding::Differs,
    })
}

/// A document's number with the middle covered. One that cannot be read shows nothing of itself.
pub(crate) fn masked((kind, number, country): (&str, &str, Option<&str>), today: jiff::civil::Date) -> String {
    IdentityDocument::parse(kind, number, country, today)
        .map_or_else(|_| "＊＊＊＊".to_owned(), |document| document.masked())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_values_that_differ_are_marked() {
        assert_eq!(finding(&[]), None);
        assert_eq!(finding(&["a"]), Some(Finding::Alone));
        assert_eq!(finding(&["a", "a", "a"]), Some(Finding::Same));
        assert_eq!(finding(&["a", "a", "b"]), Some(Finding::Differs));
    }
}
