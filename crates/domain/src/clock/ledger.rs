//! What happened to one clock, as a list of entries that make sense together.

use std::fmt;

use jiff::civil::Date;

/// Why a clock stands still: the key of a reason in the rules, such as `supplement`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct PauseReason(pub String);

/// One thing that happened to a clock. Days are legal days.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Entry {
    /// It began; that day is day 0.
    Started {
        /// Day 0.
        on: Date,
    },
    /// It was stopped; that day still counts as used.
    Paused {
        /// The last day that counts.
        on: Date,
        /// Why.
        reason: PauseReason,
    },
    /// It goes on; that day does not count yet.
    Resumed {
        /// The last day that does not count.
        on: Date,
    },
    /// It was given more time (行政许可法 第四十二条).
    Extended {
        /// When that was decided.
        on: Date,
        /// How many days more, in the unit of the limit.
        days: u32,
        /// The key of the reason in the rules.
        reason: String,
    },
}

impl Entry {
    /// The day it happened.
    #[must_use]
    pub const fn on(&self) -> Date {
        match self {
            Self::Started { on } | Self::Paused { on, .. } | Self::Resumed { on } | Self::Extended { on, .. } => *on,
        }
    }
}

/// A time in which a clock stood still.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pause {
    /// The day it was stopped; still used.
    pub from: Date,
    /// The day it went on, not counted; none while it stands still.
    pub until: Option<Date>,
    /// Why.
    pub reason: PauseReason,
}

impl Pause {
    /// Whether that day is left out of the count.
    fn leaves_out(&self, day: Date) -> bool {
        day > self.from && self.until.is_none_or(|until| day <= until)
    }
}

/// What happened to one clock, checked to make sense.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ledger {
    started_on: Date,
    pauses: Vec<Pause>,
    extended_days: u32,
}

/// Why entries do not make a ledger. That is a fault in our records, never something a person did wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LedgerProblem {
    /// Nothing ever started it.
    NeverStarted,
    /// Something happened before it started.
    BeforeStart {
        /// When.
        on: Date,
    },
    /// It was started while it ran.
    StartedTwice {
        /// The second time.
        on: Date,
    },
    /// It was stopped while it stood still.
    PausedWhilePaused {
        /// The second time.
        on: Date,
    },
    /// It was told to go on while it ran.
    ResumedWhileRunning {
        /// When.
        on: Date,
    },
}

impl fmt::Display for LedgerProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NeverStarted => f.write_str("the clock was never started"),
            Self::BeforeStart { on } => write!(f, "an entry on `{on}` comes before the start of the clock"),
            Self::StartedTwice { on } => write!(f, "the clock was started again on `{on}`"),
            Self::PausedWhilePaused { on } => write!(f, "the clock was paused on `{on}` while it was paused"),
            Self::ResumedWhileRunning { on } => write!(f, "the clock was resumed on `{on}` while it ran"),
        }
    }
}

impl std::error::Error for LedgerProblem {}

impl Ledger {
    /// Checks the entries. They are put in order of their days first; entries of one day keep their order, because
    /// being paused and resumed on one day is not the same as being resumed and paused.
    ///
    /// # Errors
    /// The first entry that cannot follow those before it.
    pub fn new(entries: impl IntoIterator<Item = Entry>) -> Result<Self, LedgerProblem> {
        let mut entries: Vec<Entry> = entries.into_iter().collect();
        entries.sort_by_key(Entry::on);
        let mut entries = entries.into_iter();
        let mut ledger = match entries.next() {
            None => return Err(LedgerProblem::NeverStarted),
            Some(Entry::Started { on }) => Self { started_on: on, pauses: Vec::new(), extended_days: 0 },
            Some(other) => return Err(LedgerProblem::BeforeStart { on: other.on() }),
        };
        for entry in entries {
            ledger.add(entry)?;
        }
        Ok(ledger)
    }

    /// A clock that only runs.
    #[must_use]
    pub const fn started(on: Date) -> Self {
        Self { started_on: on, pauses: Vec::new(), extended_days: 0 }
    }

    fn add(&mut self, entry: Entry) -> Result<(), LedgerProblem> {
        let open = self.pauses.last_mut().filter(|pause| pause.until.is_none());
        match (entry, open) {
            (Entry::Started { on }, _) => return Err(LedgerProblem::StartedTwice { on }),
            (Entry::Paused { on, .. }, Some(_)) => return Err(LedgerProblem::PausedWhilePaused { on }),
            (Entry::Paused { on, reason }, None) => self.pauses.push(Pause { from: on, until: None, reason }),
            (Entry::Resumed { on }, Some(pause)) => pause.until = Some(on),
            (Entry::Resumed { on }, None) => return Err(LedgerProblem::ResumedWhileRunning { on }),
            (Entry::Extended { days, .. }, _) => self.extended_days = self.extended_days.saturating_add(days),
        }
        Ok(())
    }

    /// Day 0.
    #[must_use]
    pub const fn started_on(&self) -> Date {
        self.started_on
    }

    /// All pauses, in order; only the last can be open.
    #[must_use]
    pub fn pauses(&self) -> &[Pause] {
        &self.pauses
    }

    /// How many days more it was given.
    #[must_use]
    pub const fn extended_days(&self) -> u32 {
        self.extended_days
    }

    /// Whether that day is left out of the count.
    pub(super) fn leaves_out(&self, day: Date) -> bool {
        self.pauses.iter().any(|pause| pause.leaves_out(day))
    }

    /// The open pause, if there is one.
    pub(super) fn open_pause(&self) -> Option<&Pause> {
        self.pauses.last().filter(|pause| pause.until.is_none())
    }

    /// The same clock as if it went on that day.
    pub(super) fn resumed_on(&self, day: Date) -> Self {
        let mut resumed = self.clone();
        if let Some(pause) = resumed.pauses.last_mut().filter(|pause| pause.until.is_none()) {
            pause.until = Some(day.max(pause.from));
        }
        resumed
    }
}
