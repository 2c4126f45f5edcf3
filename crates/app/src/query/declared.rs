//! What a case declares, and what its parts are called: the materials and fields that a supplement or a decision names.
//! Officers and applicants read the same words for the same thing.

use std::collections::{BTreeMap, BTreeSet};

use banjie_domain::act::Act;
use banjie_domain::case::{Case, CaseEvent};
use banjie_domain::history::RevisionRef;
use banjie_domain::local_text::LocalText;
use banjie_domain::policy::{Fact, Policy, RuleFacts};
use banjie_domain::registration_type::{Change, Details};
use banjie_store::papers::RevisionRow;
use banjie_store::people::EmployerRow;
use jiff::civil::Date;

use crate::app::App;
use crate::error::Outcome;
use crate::papers::revision_row;
use crate::usecase::ask::{AskDetails, ask_details};

/// What materials and fields are called, by `material:<key>` and `field:<key>`, where the rules say so.
pub type Labels = BTreeMap<String, LocalText>;

/// What was asked for, in the words of the rules.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// What happened, as the applicant chose it.
    pub situation: Option<String>,
    /// The reason, and its basis.
    pub reason: Option<(String, String)>,
    /// The day the act is to count from.
    pub effective_on: Date,
    /// What the applicant wrote.
    pub note: String,
    /// Whether it was handed in after the days an employer has to file it.
    pub filed_late: bool,
}

/// One field an officer may name as wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldView {
    /// Its key.
    pub key: String,
    /// What it is called, when the rules say so; else the texts do.
    pub label: Option<LocalText>,
}

/// What the case itself declares: a new registration, or an act on one.
pub(crate) enum Declared {
    Register(Details),
    Act(AskDetails),
}

/// Opens what the case declares.
///
/// # Errors
/// When it was changed.
pub(crate) fn declared(app: &App, case: &Case) -> Outcome<Declared> {
    if case.file().submitted().act == Act::Register {
        let id = case.file().details().id.clone();
        let row = app.store.read(move |tx| revision_row(tx, &id))?;
        return Ok(Declared::Register(app.open_revision(&row)?));
    }
    Ok(Declared::Act(ask_details(app, case)?))
}

/// What was declared on a registration; none when it was erased.
///
/// # Errors
/// When the document was changed.
pub(crate) fn declared_details(app: &App, details: &RevisionRow) -> Outcome<Option<Details>> {
    if details.wrapped_key.is_none() { Ok(None) } else { app.open_revision(details).map(Some) }
}

/// The name that was typed on a registration; none when it was erased, or none was asked for.
///
/// # Errors
/// When the document was changed.
pub(crate) fn declared_name(app: &App, details: &RevisionRow) -> Outcome<Option<String>> {
    let details = declared_details(app, details)?;
    Ok(details.and_then(|details| details.get("name").map(str::to_owned)))
}

/// The day the act of a case is to count from and what a 更正 changes, as it is asked now: a supplement may have put
/// either right.
pub(super) fn asked_now(app: &App, case: &Case) -> Outcome<(Date, Vec<Change>)> {
    Ok(match declared(app, case)? {
        Declared::Register(_) => (case.file().submitted().asked_on, Vec::new()),
        Declared::Act(details) => (details.effective_on, details.changes),
    })
}

/// What was asked, in the words of the rules.
pub(super) fn asked(app: &App, case: &Case, declared: &Declared) -> Asked {
    let submitted = case.file().submitted();
    let kind = app.rules.types.get(&submitted.kind);
    let reason = kind.and_then(|kind| kind.reason(submitted.reason.as_deref()?));
    let reason = reason.map(|reason| (reason.label.get("zh-CN").to_owned(), reason.basis.clone()));
    let (situation, note) = match declared {
        Declared::Register(_) => (None, String::new()),
        Declared::Act(details) => {
            let situation = kind.and_then(|kind| kind.situation(submitted.applicant.kind, &details.situation));
            (situation.map(|one| one.label.get("zh-CN").to_owned()), details.note.clone())
        }
    };
    let effective_on = match declared {
        Declared::Register(_) => submitted.asked_on,
        Declared::Act(details) => details.effective_on,
    };
    let filed_late = matches!(declared, Declared::Act(details) if details.facts.contains(Fact::FiledLate.key()));
    Asked { situation, reason, effective_on, note, filed_late }
}

/// The fields an officer may name as wrong.
pub(super) fn fields(app: &App, case: &Case, declared: &Declared) -> Vec<FieldView> {
    let submitted = case.file().submitted();
    let Some(kind) = app.rules.types.get(&submitted.kind) else { return Vec::new() };
    match declared {
        Declared::Register(details) => kind
            .fields()
            .iter()
            .filter(|field| details.get(&field.key).is_some())
            .map(|field| FieldView { key: field.key.clone(), label: Some(field.label.clone()) })
            .collect(),
        Declared::Act(details) => {
            let reason = submitted.reason.as_deref().and_then(|code| kind.reason(code));
            let of_date = reason.and_then(|reason| reason.date_label.as_ref());
            let of_note = reason.and_then(|reason| reason.note_label.as_ref());
            // The reason is not among them: another reason may be another act, which is another case.
            let mut fields = vec![("note", of_note)];
            // A 更正 counts from the first day whatever anybody writes; its answers can be wrong instead.
            if submitted.act == Act::Correct {
                let changed = details.changes.iter().filter_map(|change| kind.field(&change.field));
                fields.extend(changed.map(|field| (field.key.as_str(), Some(&field.label))));
            } else {
                fields.insert(0, ("effective_on", of_date));
            }
            if details.notice_on.is_some() {
                fields.push(("notice_on", None));
            }
            let view =
                |(key, label): (&str, Option<&LocalText>)| FieldView { key: key.to_owned(), label: label.cloned() };
            fields.into_iter().map(view).collect()
        }
    }
}

/// The facts the rules look at: what was declared, and what the register knows of the employer.
pub(crate) fn facts(declared: &Declared, employer: Option<&EmployerRow>) -> BTreeSet<Fact> {
    let mut facts: BTreeSet<Fact> = match declared {
        Declared::Register(_) => BTreeSet::new(),
        Declared::Act(details) => details.facts.iter().filter_map(|key| Fact::parse(key)).collect(),
    };
    match employer.map(|employer| employer.standing.as_str()) {
        Some("dissolved") => facts.insert(Fact::EmployerDissolved),
        Some("licence-revoked") => facts.insert(Fact::EmployerLicenceRevoked),
        _ => false,
    };
    facts
}

/// The case as the rules look at it.
pub(crate) fn rule_facts<'a>(case: &'a Case, facts: &'a BTreeSet<Fact>) -> RuleFacts<'a> {
    let submitted = case.file().submitted();
    RuleFacts {
        type_key: &submitted.kind,
        act: submitted.act,
        reason: submitted.reason.as_deref(),
        applicant: submitted.applicant.kind,
        facts,
    }
}

/// What the rules call the parts of a case.
///
/// # Errors
/// When what was declared was changed.
pub(super) fn labels(app: &App, case: &Case, policy: &Policy, employer: Option<&EmployerRow>) -> Outcome<Labels> {
    let declared = declared(app, case)?;
    let facts = facts(&declared, employer);
    let materials = policy.materials(&rule_facts(case, &facts));
    let materials = materials.iter().map(|one| (format!("material:{}", one.value.key), one.value.label.clone()));
    let fields = fields(app, case, &declared);
    let fields = fields.into_iter().filter_map(|field| Some((format!("field:{}", field.key), field.label?)));
    Ok(materials.chain(fields).collect())
}

/// What an officer wrote with an event.
pub(super) const fn note_of(event: &CaseEvent) -> Option<&RevisionRef> {
    match event {
        CaseEvent::Declined { note, .. } => note.as_ref(),
        CaseEvent::SupplementRequested(ask) => ask.note.as_ref(),
        CaseEvent::Suspended(why) => why.note.as_ref(),
        CaseEvent::Extended(more) => more.note.as_ref(),
        CaseEvent::OpinionGiven(opinion) | CaseEvent::Decided { opinion, .. } => opinion.note.as_ref(),
        _ => None,
    }
}
