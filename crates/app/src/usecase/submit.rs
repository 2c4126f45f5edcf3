//! What every handing-in has in common: the office, the rules in force, the number, and the first events.

use std::collections::BTreeSet;
use std::sync::Arc;

use banjie_domain::act::{Act, ApplicantKind};
use banjie_domain::actor::Principal;
use banjie_domain::authorize::Applicant;
use banjie_domain::calendar::Calendar;
use banjie_domain::case::{EvidenceRef, Limits, Party, Submitted};
use banjie_domain::clock::received_day;
use banjie_domain::history::RevisionRef;
use banjie_domain::id::{CaseId, PolicyRevisionId, RegistrationId};
use banjie_domain::number::CaseNumber;
use banjie_domain::policy::{DayKey, Fact, RuleFacts};
use banjie_domain::refusal::Refusal;
use banjie_domain::registration_type::Authority;
use banjie_store::commit::{Changes, commit};
use banjie_store::error::StoreError;
use banjie_store::papers;
use banjie_store::people::OfficeRow;
use jiff::civil::Date;

use crate::app::App;
use crate::error::{AppError, Outcome, fault};
use crate::rules::Resolved;
use crate::usecase::code::twelve_digits;

/// In what standing somebody asks. Only persons and the clerks of employers ask on line.
pub(super) const fn standing(who: &Principal) -> Option<ApplicantKind> {
    use banjie_domain::actor::Standing;
    match &who.standing {
        Standing::Person(_) => Some(ApplicantKind::Person),
        Standing::Employer(_) => Some(ApplicantKind::Employer),
        Standing::Offices { .. } => None,
    }
}

/// The party somebody is in the cases he asks for.
pub(super) fn party(who: &Principal) -> Outcome<Party> {
    let kind = standing(who).ok_or(AppError::NotFound)?;
    Ok(Party { kind, person: who.person().cloned(), employer: who.employer().cloned() })
}

/// The same, as `authorize` compares it.
pub(super) fn applicant(who: &Principal) -> Option<Applicant> {
    party(who).ok()?.applicant()
}

impl App {
    /// The office of an authority that holds what happens in a region: its own, or that of the nearest division above.
    #[must_use]
    pub fn office_for(&self, region: &str, authority: Authority) -> Option<OfficeRow> {
        let offices = self.offices();
        let mut regions = vec![region.to_owned()];
        regions.extend(self.rules.divisions_above(region));
        let of = |code: &String, office: &&OfficeRow| office.region == *code && office.authority == authority.key();
        regions.iter().find_map(|code| offices.iter().find(|office| of(code, office)).cloned())
    }

    /// Keeps a set of rules, and remembers that it is kept.
    fn keep_policy(&self, policy: &Resolved) -> Outcome<PolicyRevisionId> {
        let digest = policy.digest();
        if let Some(id) = self.kept_policies().get(&digest) {
            return Ok(id.clone());
        }
        let body = policy.canonical();
        let (new_id, region, now) =
            (self.fresh(PolicyRevisionId::new), policy.region().code.to_string(), self.micros());
        let id = self.store.write(move |tx| papers::policy_keep(tx, &new_id, &region, &body, now))?;
        self.kept_policies().insert(digest, id.clone());
        Ok(id)
    }
}

/// What is to be handed in.
pub(super) struct NewCase<'a> {
    /// What is asked.
    pub act: Act,
    /// Key of the registration's type.
    pub kind: &'a str,
    /// Reason code.
    pub reason: Option<&'a str>,
    /// Who asks.
    pub applicant: Party,
    /// The office that decides.
    pub office: &'a OfficeRow,
    /// Facts the rules look at.
    pub facts: &'a BTreeSet<Fact>,
}

/// The rules of one filing, read once.
pub(super) struct Filing {
    /// The rules in force today.
    pub policy: Arc<Resolved>,
    /// The working days of the office.
    pub calendar: Arc<Calendar>,
    /// The legal day it counts as received.
    pub received_on: Date,
}

impl Filing {
    /// The rules of an office today.
    pub(super) fn today(app: &App, office: &OfficeRow) -> Outcome<Self> {
        let policy = app.rules.policy(&office.region, app.today())?;
        let calendar = app.rules.calendar_of(&office.region);
        let received_on = received_day(app.now(), policy.cutoff(), &calendar);
        Ok(Self { policy, calendar, received_on })
    }

    /// The limits of a case under these rules.
    pub(super) fn limits(&self, rule_facts: &RuleFacts<'_>) -> Limits {
        let days = |key| self.policy.days(key, rule_facts).value;
        Limits {
            accept: days(DayKey::Accept),
            promise: days(DayKey::Promise),
            legal: days(DayKey::Legal),
            supplement: days(DayKey::Supplement),
        }
    }
}

impl NewCase<'_> {
    /// How the rules see it.
    pub(super) const fn rule_facts(&self) -> RuleFacts<'_> {
        RuleFacts {
            type_key: self.kind,
            act: self.act,
            reason: self.reason,
            applicant: self.applicant.kind,
            facts: self.facts,
        }
    }
}

/// What was handed in with it.
pub(super) struct Papers {
    /// The case's id, known before its papers are sealed.
    pub id: CaseId,
    /// The registration it is about.
    pub registration: RegistrationId,
    /// A case it takes up again.
    pub previous: Option<CaseId>,
    /// The day the act is to count from.
    pub asked_on: Date,
    /// The answers.
    pub details: RevisionRef,
    /// The files.
    pub evidence: Vec<EvidenceRef>,
}

/// The first event of a case.
///
/// # Errors
/// [`Refusal::MayNotFile`] when the rules let nobody of this kind file it.
pub(super) fn submitted(app: &App, new: &NewCase<'_>, filing: &Filing, papers: Papers) -> Outcome<Submitted> {
    let rule_facts = new.rule_facts();
    if !filing.policy.may_file(&rule_facts) {
        let basis = filing.policy.who_may_file(&rule_facts).rule.basis.to_string();
        return Err(Refusal::MayNotFile { basis }.into());
    }
    Ok(Submitted {
        number: CaseNumber::make(app.today().year(), twelve_digits(app)).compact(),
        act: new.act,
        kind: new.kind.to_owned(),
        reason: new.reason.map(str::to_owned),
        applicant: new.applicant.clone(),
        office: new.office.id.clone(),
        policy: app.keep_policy(&filing.policy)?,
        stages: filing.policy.stages(&rule_facts).value,
        limits: filing.limits(&rule_facts),
        received_on: filing.received_on,
        id: papers.id,
        registration: papers.registration,
        previous: papers.previous,
        asked_on: papers.asked_on,
        details: papers.details,
        evidence: papers.evidence,
    })
}

/// Commits a first change, and says in the words of the rules which uniqueness stands in the way.
pub(super) fn commit_first(app: &App, changes: Changes) -> Outcome<()> {
    app.store.write(move |tx| commit(tx, &changes).map_err(unique))
}

fn unique(error: StoreError) -> AppError {
    match &error {
        StoreError::Unique { constraint } if constraint.contains("registrations_once") => {
            Refusal::AlreadyRegistered.into()
        }
        StoreError::Unique { constraint } if constraint == "cases.registration_id" => Refusal::CaseOpen.into(),
        // A number that is taken, or a key that was answered meanwhile: try again, or look the key up.
        StoreError::Unique { .. } => AppError::Conflict,
        _ => error.into(),
    }
}

/// A type the rules must know, because a record has it.
pub(super) fn type_of<'a>(app: &'a App, kind: &str) -> Outcome<&'a banjie_domain::registration_type::RegistrationType> {
    app.rules.types.get(kind).ok_or_else(|| fault("unknown registration type"))
}
