//! One `policy.toml`: its head, its rules, its office, its materials. Each is read alone here; how packs meet is
//! checked in `merge`.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use toml_span::Span;
use toml_span::value::Value;

use crate::act::ApplicantKind;
use crate::local_text::LocalText;

use super::condition::Condition;
use super::entry::{Entry, RuleRef, Shared};
use super::known::{self, KnownNames};
use super::material::{Group, Material, OfficeCard, Remedy, Within};
use super::read::{Complaint, Fields, Reading, SourceFile};
use super::read_material;
use super::region::RegionCode;
use super::schema::{Assurance, Cutoff, DayKey, FileKind, RuleKey, Stages};

/// How far a pack can be relied upon.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PackStatus {
    /// Made up to show the software.
    Sample,
    /// Taken from the law or by analogy; no bureau has confirmed it.
    Assumed,
    /// Confirmed by the bureau of the region.
    Confirmed,
}

impl PackStatus {
    const ALL: [Self; 3] = [Self::Sample, Self::Assumed, Self::Confirmed];

    /// The word used in packs.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Sample => "sample",
            Self::Assumed => "assumed",
            Self::Confirmed => "confirmed",
        }
    }
}

/// A region that has a pack.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PackRegion {
    /// Its code.
    pub code: RegionCode,
    /// Its name.
    pub name: LocalText,
    /// The region above it, as the pack states it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<RegionCode>,
    /// How far its pack can be relied upon.
    pub status: PackStatus,
    /// What still has to be confirmed, and by whom.
    pub note: LocalText,
}

/// An entry and where it stands in its file.
#[derive(Debug, Clone)]
pub(super) struct Placed<T> {
    pub(super) span: Span,
    pub(super) entry: Shared<Entry<T>>,
}

/// Everything a pack says, by the type of what is said.
#[derive(Debug, Clone, Default)]
pub(super) struct Rules {
    pub(super) days: BTreeMap<DayKey, Vec<Placed<u32>>>,
    pub(super) extension: Vec<Placed<u32>>,
    pub(super) stages: Vec<Placed<Stages>>,
    pub(super) cutoff: Vec<Placed<Cutoff>>,
    pub(super) upload_max_bytes: Vec<Placed<u64>>,
    pub(super) upload_kinds: Vec<Placed<Vec<FileKind>>>,
    pub(super) review: Vec<Placed<Remedy>>,
    pub(super) litigation: Vec<Placed<Remedy>>,
    pub(super) who_may_file: Vec<Placed<Vec<ApplicantKind>>>,
    pub(super) assurance: Vec<Placed<Assurance>>,
    pub(super) offices: Vec<Placed<OfficeCard>>,
    pub(super) materials: Vec<Placed<Material>>,
    pub(super) groups: Vec<Placed<Group>>,
}

/// One pack.
#[derive(Debug, Clone)]
pub(super) struct Pack {
    pub(super) region: PackRegion,
    pub(super) rules: Rules,
    /// Where its `region` and `parent` stand.
    pub(super) region_span: Span,
    pub(super) parent_span: Span,
}

/// What every rule, material, group and office states besides its value.
pub(super) struct Terms {
    when: Condition,
    rule: RuleRef,
    from: Date,
    until: Option<Date>,
    span: Span,
}

impl Terms {
    pub(super) fn with<T>(self, value: T) -> Placed<T> {
        let entry = Entry { when: self.when, value, rule: self.rule, from: self.from, until: self.until };
        Placed { span: self.span, entry: Shared::new(entry) }
    }
}

/// What the parts of a pack are read against.
pub(super) struct Context<'k> {
    known: &'k KnownNames,
    region: RegionCode,
    /// `from` in the head, for parts that state none.
    from: Option<Date>,
}

/// Reads one pack and collects everything wrong with it.
pub(super) fn read(reading: &mut Reading<'_>, known: &KnownNames) -> Option<Pack> {
    let toml = reading.toml()?;
    let fields = reading
        .table(&toml, &["region", "name", "parent", "status", "note", "from", "rule", "office", "material", "group"])?;
    let from = fields.maybe(reading, "from", Reading::date);
    let region = head(reading, &fields)?;
    let context = Context { known, region: region.code.clone(), from };
    let mut rules = Rules::default();
    for value in fields.tables(reading, "rule") {
        // A rule that cannot be read is complained about and left out; the others are still read.
        let _ = rule(reading, value, &context, &mut rules);
    }
    rules.offices =
        fields.tables(reading, "office").iter().filter_map(|value| office(reading, value, &context)).collect();
    let materials = fields.tables(reading, "material").iter();
    rules.materials = materials.filter_map(|value| read_material::material(reading, value, &context)).collect();
    let groups = fields.tables(reading, "group").iter();
    rules.groups = groups.filter_map(|value| read_material::group(reading, value, &context)).collect();
    let place = |key: &str| fields.raw(key).map_or(fields.span, |value| value.span);
    Some(Pack { region, rules, region_span: place("region"), parent_span: place("parent") })
}

fn head<'a>(reading: &mut Reading<'a>, fields: &Fields<'_, 'a>) -> Option<PackRegion> {
    let code = fields.need(reading, "region", region_code);
    let name = fields.need(reading, "name", Reading::local_text);
    let parent = fields.maybe(reading, "parent", region_code);
    let status =
        fields.need(reading, "status", |reading, value| reading.word(value, &PackStatus::ALL, PackStatus::key));
    let note = fields.need(reading, "note", Reading::local_text);
    let code = code?;
    if let Some(value) = fields.raw("region")
        && !in_folder_of(reading.file, &code)
    {
        let what = format!("the pack of {code} does not lie in a folder of that name");
        let complaint = Complaint::new(what, format!("move it to regions/{code}/policy.toml, or correct the code"));
        reading.complain_of(value.span, complaint.coded("other-region", &[("code", code.as_str())]));
    }
    Some(PackRegion { code, name: name?, parent, status: status?, note: note? })
}

pub(super) fn in_folder_of(file: &SourceFile, code: &RegionCode) -> bool {
    file.path.rsplit(['/', '\\']).nth(1) == Some(code.as_str())
}

pub(super) fn region_code(reading: &mut Reading<'_>, value: &Value<'_>) -> Option<RegionCode> {
    let code = RegionCode::parse(reading.text(value)?);
    if code.is_err() {
        reading.complain(value.span, "this is not a region code", "write 6, 9 or 12 digits, in quotes");
    }
    code.ok()
}

/// Reads `for`, `basis`, `from` and `until`.
pub(super) fn terms<'a>(
    reading: &mut Reading<'a>,
    fields: &Fields<'_, 'a>,
    key: String,
    context: &Context<'_>,
) -> Option<Terms> {
    let when = match fields.raw("for") {
        None => Some(Condition::default()),
        Some(value) => known::condition(reading, value, context.known),
    };
    let basis = fields.need(reading, "basis", Reading::text).map(str::to_owned);
    let from = match context.from {
        Some(from) if fields.raw("from").is_none() => Some(from),
        _ => fields.need(reading, "from", Reading::date),
    };
    let until = fields.maybe(reading, "until", Reading::date);
    if let (Some(first), Some(last), Some(place)) = (from, until, fields.raw("until"))
        && last < first
    {
        let what = format!("the last day {last} lies before the first, {first}");
        reading.complain_of(place.span, Complaint::new(what, "swap the two days").coded("days-swapped", &[]));
    }
    let rule = RuleRef { key, region: context.region.clone(), basis: basis? };
    Some(Terms { when: when?, rule, from: from?, until, span: fields.span })
}

fn rule<'a>(reading: &mut Reading<'a>, value: &Value<'a>, context: &Context<'_>, rules: &mut Rules) -> Option<()> {
    let fields = reading.table(value, &["key", "value", "for", "basis", "from", "until"])?;
    let key = fields.need(reading, "key", rule_key)?;
    let terms = terms(reading, &fields, key.key().to_owned(), context);
    if let Some(place) = fields.raw("for").filter(|_| !key.takes_condition()) {
        let what = format!("`{}` holds for the whole region and takes no `for`", key.key());
        reading.complain(place.span, what, "take `for` out");
        return None;
    }
    let value = fields.need(reading, "value", |_, value| Some(value))?;
    match key {
        RuleKey::Days(days) => {
            let count = reading.number(value, 366).and_then(|count| u32::try_from(count).ok())?;
            rules.days.entry(days).or_default().push(terms?.with(count));
        }
        RuleKey::Extension => {
            let count = reading.number(value, 366).and_then(|count| u32::try_from(count).ok())?;
            rules.extension.push(terms?.with(count));
        }
        RuleKey::Stages => {
            let stages = reading.word(value, &Stages::ALL, Stages::key)?;
            rules.stages.push(terms?.with(stages));
        }
        RuleKey::Cutoff => {
            let cutoff = cutoff(reading, value)?;
            rules.cutoff.push(terms?.with(cutoff));
        }
        RuleKey::UploadMaxBytes => {
            let bytes = reading.number(value, 1 << 30)?;
            rules.upload_max_bytes.push(terms?.with(bytes));
        }
        RuleKey::UploadKinds => {
            let kinds = reading.words(value, &FileKind::ALL, FileKind::key)?.into_iter().collect();
            rules.upload_kinds.push(terms?.with(kinds));
        }
        RuleKey::Review => {
            let remedy = remedy(reading, value, "days")?;
            rules.review.push(terms?.with(remedy));
        }
        RuleKey::Litigation => {
            let remedy = remedy(reading, value, "months")?;
            rules.litigation.push(terms?.with(remedy));
        }
        RuleKey::WhoMayFile => {
            let kinds = reading.words(value, &ApplicantKind::ALL, ApplicantKind::key)?.into_iter().collect();
            rules.who_may_file.push(terms?.with(kinds));
        }
        RuleKey::Assurance => {
            let assurance = reading.word(value, &Assurance::ALL, Assurance::key)?;
            rules.assurance.push(terms?.with(assurance));
        }
    }
    Some(())
}

fn rule_key(reading: &mut Reading<'_>, value: &Value<'_>) -> Option<RuleKey> {
    let all: Vec<RuleKey> = RuleKey::all().collect();
    reading.word(value, &all, RuleKey::key)
}

fn cutoff(reading: &mut Reading<'_>, value: &Value<'_>) -> Option<Cutoff> {
    let cutoff = value.as_str().and_then(Cutoff::parse);
    if cutoff.is_none() {
        reading.complain(value.span, "an hour of the day is needed here", "write it as \"17:00\", in quotes");
    }
    cutoff
}

fn remedy<'a>(reading: &mut Reading<'a>, value: &Value<'a>, unit: &str) -> Option<Remedy> {
    let fields = reading.table(value, &["body", unit])?;
    let body = fields.need(reading, "body", Reading::local_text);
    let count = fields.need(reading, unit, |reading, value| reading.number(value, 366));
    let count = u32::try_from(count?).ok()?;
    let within = if unit == "months" { Within::Months(count) } else { Within::Days(count) };
    Some(Remedy { body: body?, within })
}

fn office<'a>(reading: &mut Reading<'a>, value: &Value<'a>, context: &Context<'_>) -> Option<Placed<OfficeCard>> {
    let fields = reading.table(value, &["name", "address", "phone", "hours", "basis", "from", "until"])?;
    let terms = terms(reading, &fields, "office".to_owned(), context);
    let name = fields.need(reading, "name", Reading::local_text);
    let address = fields.need(reading, "address", Reading::local_text);
    let phone = fields.need(reading, "phone", Reading::text).map(str::to_owned);
    let hours = fields.need(reading, "hours", Reading::local_text);
    Some(terms?.with(OfficeCard { name: name?, address: address?, phone: phone?, hours: hours? }))
}
