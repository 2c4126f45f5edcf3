//! The closed list of rule keys: what each is called, how it merges, and the types of the values.
//!
//! A key that is not here does not exist; a pack that names one is refused. Values have no defaults in code: the pack
//! at the top of a chain must give every one of them, with its basis.

use crate::act::{Act, ApplicantKind};
use std::fmt;

use jiff::civil::Time;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// How a value lower down meets the values above it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Merge {
    /// The nearest region wins.
    Replace,
    /// What a region names is added to what the regions above it name.
    Append,
    /// A region may only shorten what an office takes for itself.
    Shorten,
    /// A region may only lengthen what a person is given.
    Lengthen,
    /// Only the pack at the top of the chain may set it.
    Locked,
}

impl Merge {
    /// The word used in locale keys.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Replace => "replace",
            Self::Append => "append",
            Self::Shorten => "shorten",
            Self::Lengthen => "lengthen",
            Self::Locked => "locked",
        }
    }
}

/// What a number of days counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DayUnit {
    /// 工作日, by the calendar of the region.
    Working,
    /// 自然日.
    Natural,
}

/// A rule whose value is a number of days.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DayKey {
    /// From receipt to the decision on acceptance; after it, silence is acceptance (行政许可法 Art. 32, by analogy).
    Accept,
    /// 法定时限, from acceptance to the decision (行政许可法 Art. 42, by analogy).
    Legal,
    /// 承诺时限, from acceptance to the decision.
    Promise,
    /// What the applicant has to answer a supplement.
    Supplement,
    /// What intake has for its own work, inside `limit.accept`.
    Intake,
    /// What the first reviewer has.
    First,
    /// What the second reviewer has.
    Second,
    /// From hiring to the filing of the record (就业服务与就业管理规定 Art. 62).
    WindowHire,
    /// From the end of the relation to the filing of the end (same).
    WindowEnd,
    /// The same as commonly advised; shown in grey, binds nobody.
    WindowEndAdvised,
}

impl DayKey {
    /// Which window of 社会保险法 a filing falls into. The duty is the employer's: a worker who files himself is never
    /// late, and a filing at the counter does not say who came.
    #[must_use]
    pub const fn window_of(act: Act, applicant: ApplicantKind) -> Option<Self> {
        match (act, applicant) {
            (Act::Register, ApplicantKind::Employer) => Some(Self::WindowHire),
            (Act::End, ApplicantKind::Employer) => Some(Self::WindowEnd),
            _ => None,
        }
    }

    /// All of them, in the order a person reads them.
    pub const ALL: [Self; 10] = [
        Self::Accept,
        Self::Legal,
        Self::Promise,
        Self::Supplement,
        Self::Intake,
        Self::First,
        Self::Second,
        Self::WindowHire,
        Self::WindowEnd,
        Self::WindowEndAdvised,
    ];

    /// The word used in packs.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Accept => "limit.accept",
            Self::Legal => "limit.legal",
            Self::Promise => "limit.promise",
            Self::Supplement => "limit.supplement",
            Self::Intake => "limit.intake",
            Self::First => "limit.first",
            Self::Second => "limit.second",
            Self::WindowHire => "window.hire",
            Self::WindowEnd => "window.end",
            Self::WindowEndAdvised => "window.end-advised",
        }
    }

    /// What its days count: `limit.*` working days, `window.*` natural days.
    #[must_use]
    pub const fn unit(self) -> DayUnit {
        match self {
            Self::WindowHire | Self::WindowEnd | Self::WindowEndAdvised => DayUnit::Natural,
            _ => DayUnit::Working,
        }
    }

    /// How it merges.
    #[must_use]
    pub const fn merge(self) -> Merge {
        match self {
            Self::Accept | Self::Legal | Self::Promise => Merge::Shorten,
            Self::Supplement => Merge::Lengthen,
            // How an office divides its promise between its desks is its own affair; the sum is checked.
            Self::Intake | Self::First | Self::Second => Merge::Replace,
            // A duty of the employer, not a service to a citizen: local law sets it both ways.
            Self::WindowHire | Self::WindowEnd | Self::WindowEndAdvised => Merge::Replace,
        }
    }
}

/// A rule of a pack, by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RuleKey {
    /// A number of days.
    Days(DayKey),
    /// How many working days more a decision may be given, once (行政许可法 Art. 42).
    Extension,
    /// Which desks a case passes.
    Stages,
    /// The hour after which a filing counts as the next working day's.
    Cutoff,
    /// The largest file, in bytes.
    UploadMaxBytes,
    /// The kinds of file.
    UploadKinds,
    /// 行政复议.
    Review,
    /// 行政诉讼.
    Litigation,
    /// Who may ask for an act.
    WhoMayFile,
    /// How sure we must be of who asks.
    Assurance,
}

impl RuleKey {
    /// The keys whose value is not a number of days.
    pub const OTHERS: [Self; 9] = [
        Self::Extension,
        Self::Stages,
        Self::Cutoff,
        Self::UploadMaxBytes,
        Self::UploadKinds,
        Self::Review,
        Self::Litigation,
        Self::WhoMayFile,
        Self::Assurance,
    ];

    /// All keys, in the order a person reads them.
    pub fn all() -> impl Iterator<Item = Self> {
        DayKey::ALL.into_iter().map(Self::Days).chain(Self::OTHERS)
    }

    /// The word used in packs.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Days(days) => days.key(),
            Self::Extension => "limit.extension",
            Self::Stages => "stages",
            Self::Cutoff => "cutoff",
            Self::UploadMaxBytes => "upload.max-bytes",
            Self::UploadKinds => "upload.kinds",
            Self::Review => "remedy.review",
            Self::Litigation => "remedy.litigation",
            Self::WhoMayFile => "who-may-file",
            Self::Assurance => "assurance",
        }
    }

    /// The key with that word, if there is one.
    #[must_use]
    pub fn parse(key: &str) -> Option<Self> {
        Self::all().find(|known| known.key() == key)
    }

    /// How it merges.
    #[must_use]
    pub const fn merge(self) -> Merge {
        match self {
            Self::Days(days) => days.merge(),
            Self::Extension => Merge::Shorten,
            Self::Stages | Self::Cutoff | Self::UploadMaxBytes | Self::Assurance => Merge::Replace,
            // A region may open more doors, never shut one that the law opened: the worker keeps a way of his own.
            Self::UploadKinds | Self::WhoMayFile => Merge::Append,
            Self::Review => Merge::Lengthen,
            Self::Litigation => Merge::Locked,
        }
    }

    /// Whether its value may depend on the case (`for`). The others hold for the whole region.
    #[must_use]
    pub const fn takes_condition(self) -> bool {
        matches!(self, Self::Days(_) | Self::Extension | Self::Stages | Self::WhoMayFile | Self::Assurance)
    }
}

/// Which desks a case passes before it is decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Stages {
    /// None: automatic checks decide.
    #[serde(rename = "none")]
    None,
    /// 受理, which decides at once.
    #[serde(rename = "intake")]
    Intake,
    /// 受理 and 初审.
    #[serde(rename = "intake+first")]
    IntakeFirst,
    /// 受理, 初审 and 复审 by three people.
    #[serde(rename = "intake+first+second")]
    IntakeFirstSecond,
}

impl Stages {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::None, Self::Intake, Self::IntakeFirst, Self::IntakeFirstSecond];

    /// The word used in packs.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Intake => "intake",
            Self::IntakeFirst => "intake+first",
            Self::IntakeFirstSecond => "intake+first+second",
        }
    }
}

/// A kind of file that can be handed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FileKind {
    /// PDF.
    Pdf,
    /// JPEG.
    Jpg,
    /// PNG.
    Png,
}

impl FileKind {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Pdf, Self::Jpg, Self::Png];

    /// The word used in packs, also the usual end of the file's name.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Pdf => "pdf",
            Self::Jpg => "jpg",
            Self::Png => "png",
        }
    }
}

/// How sure we must be of who somebody is, from weak to strong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Assurance {
    /// A code was handed over; nobody compared a document.
    Code,
    /// Somebody at a counter, or an administrator, saw the document.
    Seen,
    /// An identity provider vouches.
    Linked,
}

impl Assurance {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Code, Self::Seen, Self::Linked];

    /// The word used in packs.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Code => "code",
            Self::Seen => "seen",
            Self::Linked => "linked",
        }
    }
}

/// The hour of a day after which a filing counts as received on the next working day. Asia/Shanghai, to the minute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cutoff(pub Time);

impl Cutoff {
    /// Reads `HH:MM`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (hour, minute) = text.split_once(':')?;
        let two_digits = |part: &str| part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_digit());
        if !two_digits(hour) || !two_digits(minute) {
            return None;
        }
        Time::new(hour.parse().ok()?, minute.parse().ok()?, 0, 0).ok().map(Self)
    }
}

impl fmt::Display for Cutoff {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}:{:02}", self.0.hour(), self.0.minute())
    }
}

impl Serialize for Cutoff {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Cutoff {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| serde::de::Error::custom("a cut-off is written as HH:MM"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_reads_back_as_itself() {
        for key in RuleKey::all() {
            assert_eq!(RuleKey::parse(key.key()), Some(key));
        }
        assert_eq!(RuleKey::parse("limit.pormise"), None);
    }

    #[test]
    fn a_cutoff_is_an_hour_and_a_minute_of_two_digits_each() {
        assert_eq!(Cutoff::parse("17:00").unwrap().to_string(), "17:00");
        for bad in ["", "17", "17:0", "24:00", "17:60", "+7:00", "5pm"] {
            assert_eq!(Cutoff::parse(bad), None, "{bad}");
        }
    }
}
