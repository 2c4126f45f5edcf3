//! What a case is, as the fold of its events.

use std::collections::BTreeMap;

use jiff::civil::Date;

use crate::actor::Actor;
use crate::clock::{Entry, PauseReason};
use crate::history::RevisionRef;
use crate::id::AccountId;

use super::clocks::ClockKey;
use super::event::{CaseEvent, EvidenceRef, Opinion, Submitted, Supplement, Suspension, Verdict};
use super::time;

/// Everything that is true of a case at every stage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    pub(super) submitted: Submitted,
    pub(super) details: RevisionRef,
    pub(super) evidence: Vec<EvidenceRef>,
    pub(super) intake_from: Date,
    pub(super) accepted: Option<Accepted>,
    pub(super) clock: Vec<Entry>,
    pub(super) supplements: Vec<Supplement>,
    pub(super) officers: Vec<AccountId>,
    /// Last days as they were told, where they are not left to the calendar any more.
    pub(super) told: BTreeMap<ClockKey, Date>,
}

/// The acceptance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accepted {
    /// The day.
    pub on: Date,
}

impl File {
    /// What was handed in.
    #[must_use]
    pub const fn submitted(&self) -> &Submitted {
        &self.submitted
    }

    /// The answers as they now stand.
    #[must_use]
    pub const fn details(&self) -> &RevisionRef {
        &self.details
    }

    /// The evidence as it now stands.
    #[must_use]
    pub fn evidence(&self) -> &[EvidenceRef] {
        &self.evidence
    }

    /// The day from which acceptance is counted: receipt, or the last supplement at intake.
    #[must_use]
    pub const fn intake_from(&self) -> Date {
        self.intake_from
    }

    /// The acceptance, once there is one.
    #[must_use]
    pub const fn accepted(&self) -> Option<&Accepted> {
        self.accepted.as_ref()
    }

    /// The ledger of the decision's clock.
    #[must_use]
    pub fn clock(&self) -> &[Entry] {
        &self.clock
    }

    /// All supplements that were asked for.
    #[must_use]
    pub fn supplements(&self) -> &[Supplement] {
        &self.supplements
    }

    /// Whether this account took a stage of the case, so that it may take no other.
    #[must_use]
    pub fn was_handled_by(&self, account: &AccountId) -> bool {
        self.officers.contains(account)
    }
}

/// A case: its file, and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Case {
    pub(super) file: File,
    pub(super) stage: Stage,
}

impl Case {
    /// What is true at every stage.
    #[must_use]
    pub const fn file(&self) -> &File {
        &self.file
    }

    /// Where it stands.
    #[must_use]
    pub const fn stage(&self) -> &Stage {
        &self.stage
    }
}

/// Where a case stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stage {
    /// 待受理.
    Intake,
    /// 待补正: the applicant's turn.
    Supplement {
        /// The list of gaps.
        ask: Supplement,
        /// The desk that asked, and that goes on afterwards.
        from: Desk,
    },
    /// 初审中.
    First,
    /// 复审中.
    Second {
        /// What 初审 found.
        opinion: Opinion,
        /// Who opened it; from then on the first opinion stands.
        opened: Option<AccountId>,
    },
    /// 特别程序: the clock of the decision stands still.
    Suspended {
        /// Why, and until when.
        why: Suspension,
        /// Where it goes on afterwards.
        back: Back,
    },
    /// 办结.
    Closed(Outcome),
}

/// The desk a supplement was asked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Desk {
    /// 受理.
    Intake,
    /// 初审.
    First,
}

/// Where a case goes on after a special procedure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Back {
    /// 初审.
    First,
    /// 复审, as it stood.
    Second {
        /// What 初审 found.
        opinion: Opinion,
        /// Who opened it.
        opened: Option<AccountId>,
    },
}

impl From<Back> for Stage {
    fn from(back: Back) -> Self {
        match back {
            Back::First => Self::First,
            Back::Second { opinion, opened } => Self::Second { opinion, opened },
        }
    }
}

/// How a case ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// 准予.
    Granted {
        /// The day of the decision.
        on: Date,
    },
    /// 不予.
    Refused {
        /// The day of the decision.
        on: Date,
        /// Why.
        opinion: Opinion,
    },
    /// 不予受理.
    Declined {
        /// Why.
        opinion: Opinion,
    },
    /// 撤回.
    Withdrawn,
    /// 逾期未补正: nobody answered the supplement in time.
    Lapsed {
        /// The list of gaps that was not answered.
        ask: Supplement,
    },
}

impl Stage {
    /// The keys of all stages, in the order of a case's life.
    pub const KEYS: [&'static str; 10] = [
        "intake",
        "supplement",
        "first",
        "second",
        "suspended",
        "granted",
        "refused",
        "declined",
        "withdrawn",
        "lapsed",
    ];

    /// The word used in tables and locale keys.
    #[must_use]
    pub const fn key(&self) -> &'static str {
        match self {
            Self::Intake => "intake",
            Self::Supplement { .. } => "supplement",
            Self::First => "first",
            Self::Second { .. } => "second",
            Self::Suspended { .. } => "suspended",
            Self::Closed(Outcome::Granted { .. }) => "granted",
            Self::Closed(Outcome::Refused { .. }) => "refused",
            Self::Closed(Outcome::Declined { .. }) => "declined",
            Self::Closed(Outcome::Withdrawn) => "withdrawn",
            Self::Closed(Outcome::Lapsed { .. }) => "lapsed",
        }
    }

    /// Whether the case has ended.
    #[must_use]
    pub const fn is_closed(&self) -> bool {
        matches!(self, Self::Closed(_))
    }
}

/// The only way a case comes to be: one event after another.
///
/// Returns `None` when the event cannot follow the state, which for stored history means that it was tampered with.
#[must_use]
pub fn evolve(state: Option<Case>, event: &CaseEvent, actor: &Actor) -> Option<Case> {
    use CaseEvent as E;
    let Some(case) = state else {
        return match event {
            E::Submitted(submitted) => Some(begin(submitted)),
            _ => None,
        };
    };
    let Case { mut file, stage } = case;
    let stage = match (stage, event) {
        (Stage::Intake, E::Accepted { on }) => {
            file.accepted = Some(Accepted { on: *on });
            file.clock.push(Entry::Started { on: *on });
            note_officer(&mut file, actor);
            Stage::First
        }
        (Stage::Intake, E::Declined { grounds, note }) => {
            let opinion = Opinion { verdict: Verdict::Refuse, grounds: grounds.clone(), note: note.clone() };
            Stage::Closed(Outcome::Declined { opinion })
        }
        (at @ (Stage::Intake | Stage::First), E::SupplementRequested(ask)) => pause(&mut file, &at, ask),
        (Stage::Supplement { from, .. }, E::Supplemented { on, details, evidence }) => {
            file.details = details.clone();
            file.evidence.clone_from(evidence);
            resume(&mut file, from, *on)
        }
        (
            stage,
            event @ (E::Lapsed {} | E::Suspended(_) | E::Resumed { .. } | E::Extended(_) | E::Recalculated { .. }),
        ) => time::evolve(&mut file, stage, event)?,
        (Stage::First, E::OpinionGiven(opinion)) => {
            note_officer(&mut file, actor);
            Stage::Second { opinion: opinion.clone(), opened: None }
        }
        (Stage::Second { opened: None, .. }, E::OpinionRetracted {}) => {
            file.officers.retain(|officer| Some(officer) != actor.account());
            Stage::First
        }
        (Stage::Second { opinion, opened: None }, E::SecondOpened {}) => {
            Stage::Second { opinion, opened: actor.account().cloned() }
        }
        (Stage::First | Stage::Second { .. }, E::Decided { opinion, on }) => {
            note_officer(&mut file, actor);
            Stage::Closed(decided(opinion, *on))
        }
        (stage, E::Withdrawn {}) if !stage.is_closed() => Stage::Closed(Outcome::Withdrawn),
        _ => return None,
    };
    Some(Case { file, stage })
}

fn begin(submitted: &Submitted) -> Case {
    Case {
        file: File {
            details: submitted.details.clone(),
            evidence: submitted.evidence.clone(),
            intake_from: submitted.received_on,
            submitted: submitted.clone(),
            accepted: None,
            clock: Vec::new(),
            supplements: Vec::new(),
            officers: Vec::new(),
            told: BTreeMap::new(),
        },
        stage: Stage::Intake,
    }
}

fn pause(file: &mut File, at: &Stage, ask: &Supplement) -> Stage {
    file.supplements.push(ask.clone());
    time::stop(file, ask.on);
    let from = if matches!(at, Stage::Intake) {
        Desk::Intake
    } else {
        file.clock.push(Entry::Paused { on: ask.on, reason: PauseReason("supplement".to_owned()) });
        Desk::First
    };
    Stage::Supplement { ask: ask.clone(), from }
}

fn resume(file: &mut File, from: Desk, on: Date) -> Stage {
    file.told.remove(&ClockKey::Supplement);
    match from {
        Desk::Intake => {
            file.intake_from = on;
            Stage::Intake
        }
        Desk::First => {
            file.clock.push(Entry::Resumed { on });
            Stage::First
        }
    }
}

fn decided(opinion: &Opinion, on: Date) -> Outcome {
    match opinion.verdict {
        Verdict::Grant => Outcome::Granted { on },
        Verdict::Refuse => Outcome::Refused { on, opinion: opinion.clone() },
    }
}

fn note_officer(file: &mut File, actor: &Actor) {
    if let Some(account) = actor.account() {
        file.officers.push(account.clone());
    }
}
