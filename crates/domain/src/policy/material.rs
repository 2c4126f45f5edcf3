//! What the rules ask for, and the other things a pack tells people: groups, the office, the remedies.
//!
//! Text in here comes from packs and is shown to people. Nothing in here knows a file or an answer.

use jiff::ToSpan as _;
use jiff::civil::Date;
use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::local_text::LocalText;

use super::schema::FileKind;

/// Whether a material has to be there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Need {
    /// It has to be there.
    Required,
    /// It helps; nobody may ask for it afterwards as if it were required.
    Optional,
    /// At least one material of the named group has to be there.
    OneOf(String),
}

impl Need {
    /// Reads `required`, `optional` or `one-of:<group>`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "required" => Some(Self::Required),
            "optional" => Some(Self::Optional),
            _ => text.strip_prefix("one-of:").filter(|group| !group.is_empty()).map(|group| Self::OneOf(group.into())),
        }
    }
}

impl fmt::Display for Need {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Required => f.write_str("required"),
            Self::Optional => f.write_str("optional"),
            Self::OneOf(group) => write!(f, "one-of:{group}"),
        }
    }
}

impl Serialize for Need {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Need {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| serde::de::Error::custom("need is required, optional or one-of:<group>"))
    }
}

/// 材料: one thing the rules ask for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Material {
    /// Its key, as in tables and URLs.
    pub key: String,
    /// What it is called.
    pub label: LocalText,
    /// Why it is asked for.
    pub why: LocalText,
    /// Where to get it.
    #[serde(rename = "where")]
    pub source: LocalText,
    /// Whether it has to be there.
    pub need: Need,
    /// Kinds of file it may be; empty = whatever the region takes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub accepts: Vec<FileKind>,
    /// Largest file in bytes, when smaller than the region's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_bytes: Option<u64>,
    /// What may be handed in or declared instead (告知承诺).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub substitute: Option<LocalText>,
    /// 免提交: why nobody has to hand it in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waived: Option<LocalText>,
    /// What must be legible on it: shown to the person, and the reviewer's check list.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub signs: Vec<LocalText>,
}

impl Material {
    /// Whether a submission without it is incomplete, taken alone. Groups are looked at as a whole.
    #[must_use]
    pub fn must_be_there(&self) -> bool {
        self.waived.is_none() && self.need == Need::Required
    }

    /// The group it belongs to, if it does.
    #[must_use]
    pub fn group(&self) -> Option<&str> {
        match &self.need {
            Need::OneOf(group) => Some(group),
            Need::Required | Need::Optional => None,
        }
    }
}

/// Materials of which one is enough.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Group {
    /// Its key, as in `one-of:<key>`.
    pub key: String,
    /// What to ask for.
    pub label: LocalText,
    /// Why.
    pub why: LocalText,
}

/// 经办机构 as people need it: where to go and whom to call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OfficeCard {
    /// Name.
    pub name: LocalText,
    /// Address, down to the floor.
    pub address: LocalText,
    /// Phone.
    pub phone: String,
    /// Opening hours.
    pub hours: LocalText,
}

/// 救济: to whom one can turn against a decision, and how long.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Remedy {
    /// To whom.
    pub body: LocalText,
    /// How long, from the day after the decision was made known.
    #[serde(flatten)]
    pub within: Within,
}

/// A span the law gives for a remedy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Within {
    /// Natural days.
    Days(u32),
    /// Calendar months.
    Months(u32),
}

impl Within {
    /// The last day of it, counted from the day a decision was made known.
    #[must_use]
    pub fn after(self, on: Date) -> Date {
        match self {
            Self::Days(days) => on.saturating_add(i64::from(days).days()),
            Self::Months(months) => on.saturating_add(i64::from(months).months()),
        }
    }
}

/// What may be uploaded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UploadRule {
    /// Largest file in bytes.
    pub max_bytes: u64,
    /// Kinds of file, sorted.
    pub kinds: Vec<FileKind>,
}
