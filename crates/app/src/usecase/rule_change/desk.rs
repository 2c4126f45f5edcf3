//! Drafting, looking at, trying and withdrawing a change.

use banjie_domain::actor::Principal;
use banjie_domain::authorize::{Action, authorize_list};
use banjie_domain::id::{AccountId, RuleChangeId};
use banjie_domain::identity::text;
use banjie_domain::policy::{Change, PolicyError, RegionCode, diff, with_day};
use banjie_domain::problem::{FieldProblem, Problem};
use banjie_domain::refusal::Refusal;
use banjie_domain::registration_type::DIVISIONS;
use banjie_store::accounts::account_find;
use banjie_store::rule_changes::{self as rows, RuleChangeRow};
use jiff::civil::Date;
use similar::{ChangeTag, TextDiff};

use super::sign::obstacle_now;
use super::{Stage, as_signed, closed_until, find, permit, region, region_name};
use crate::app::App;
use crate::error::{AppError, Outcome, fault};
use crate::people;
use crate::rules::{Rules, SignedChange, Trial, pack_path, simulate};

/// The longest text of a pack, in bytes.
const MOST: usize = 96 * 1024;

/// One change in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// What is stored of it.
    pub row: RuleChangeRow,
    /// The region, in words.
    pub region: String,
    /// How far it has come.
    pub stage: Stage,
    /// Who drafted it, by name.
    pub drafted_by: String,
    /// Who signed it, by name.
    pub signed_by: Option<String>,
    /// Who withdrew it, by name.
    pub withdrawn_by: Option<String>,
}

/// One change, opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opened {
    /// As in the list.
    pub line: Line,
    /// Whether the reader drafted it: then he may change it, and may not sign it.
    pub own: bool,
}

/// What a change would do, before anybody signs it.
pub struct Review {
    /// What is not sound: it cannot be signed.
    pub flaws: Vec<FieldProblem>,
    /// Every value that would differ from its day on.
    pub changes: Vec<Change>,
    /// The examples beside the packs that would not come out any more.
    pub examples: Vec<PolicyError>,
    /// What else keeps it from being signed now.
    pub obstacle: Option<Refusal>,
}

/// One line of a pack beside the one it was made from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DiffLine {
    /// `-` taken out, `+` put in, a blank where both say the same.
    pub sign: char,
    /// The line.
    pub text: String,
}

/// What a change says otherwise than the pack it was made from, line by line, with two lines around each place.
#[must_use]
pub fn lines(row: &RuleChangeRow) -> Vec<DiffLine> {
    let diff = TextDiff::from_lines(row.base.as_str(), row.body.as_str());
    let mut lines = Vec::new();
    for (at, group) in diff.grouped_ops(2).iter().enumerate() {
        if at > 0 {
            lines.push(DiffLine { sign: ' ', text: "…".to_owned() });
        }
        for change in group.iter().flat_map(|op| diff.iter_changes(op)) {
            let sign = match change.tag() {
                ChangeTag::Equal => ' ',
                ChangeTag::Delete => '-',
                ChangeTag::Insert => '+',
            };
            lines.push(DiffLine { sign, text: change.value().trim_end_matches('\n').to_owned() });
        }
    }
    lines
}

/// What is typed about a change.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Typed {
    /// The region's pack, whole.
    pub body: String,
    /// The first day.
    pub from: String,
    /// Why.
    pub why: String,
}

/// The regions whose rules somebody may change: code, words, and whether it has a pack of its own.
#[must_use]
pub fn regions(app: &App, who: &Principal) -> Vec<(String, String, bool)> {
    let (today, Some(table)) = (app.today(), app.rules.types.codes(DIVISIONS)) else { return Vec::new() };
    let book = app.rules.regions(today);
    let packs: Vec<_> = book.regions().map(|pack| pack.code.as_str()).collect();
    let mine = table.valid_on(today).filter(|division| permit(app, who, &division.code).is_ok());
    mine.map(|one| (one.code.clone(), table.full_label(&one.code, "zh-CN"), packs.contains(&one.code.as_str())))
        .collect()
}

fn name_of(app: &App, id: &AccountId) -> Outcome<String> {
    let wanted = id.clone();
    let row = app.store.read(move |tx| account_find(tx, &wanted))?.ok_or_else(|| fault("an account is missing"))?;
    people::display(app, &row)
}

fn line(app: &App, row: RuleChangeRow) -> Outcome<Line> {
    Ok(Line {
        region: region_name(app, &row.region),
        stage: Stage::of(&row, app.today()),
        drafted_by: name_of(app, &row.drafted_by)?,
        signed_by: row.signed_by.as_ref().map(|id| name_of(app, id)).transpose()?,
        withdrawn_by: row.withdrawn_by.as_ref().map(|id| name_of(app, id)).transpose()?,
        row,
    })
}

/// The changes of all regions that are his to change, newest first.
///
/// # Errors
/// Not found for a role that changes none.
pub fn list(app: &App, who: &Principal) -> Outcome<Vec<Line>> {
    authorize_list(who, Action::RulesChange)?;
    let rows = app.store.read(rows::rule_change_list)?;
    rows.into_iter().filter(|row| permit(app, who, &row.region).is_ok()).map(|row| line(app, row)).collect()
}

/// Opens a change.
///
/// # Errors
/// Not found when its region is not his.
pub fn open(app: &App, who: &Principal, id: &RuleChangeId) -> Outcome<Opened> {
    let row = find(app, who, id)?;
    Ok(Opened { own: row.drafted_by == who.account, line: line(app, row)? })
}

/// Begins a change of a region, from its pack as it would be on the first day otherwise.
///
/// # Errors
/// Not found when the region is not his; the day's problem at its field.
pub fn start(app: &App, who: &Principal, code: &str, from: &str) -> Outcome<RuleChangeId> {
    authorize_list(who, Action::RulesChange)?;
    if code.is_empty() {
        return Err(Refusal::Answers(vec![Problem::new("rules.region-empty").at("region")]).into());
    }
    permit(app, who, code)?;
    let code = RegionCode::parse(code).map_err(|_| AppError::NotFound)?;
    let from = day(from, closed_until(app.now())).map_err(|problem| Refusal::Answers(vec![problem]))?;
    let pack = app.rules.pack_text(&code, from);
    let row = RuleChangeRow {
        id: app.fresh(RuleChangeId::new),
        region: code.to_string(),
        base: pack.clone().unwrap_or_default(),
        body: pack.map_or_else(|| blank(app, &code, from), Ok)?,
        from,
        why: String::new(),
        version: 1,
        drafted_by: who.account.clone(),
        drafted_at: app.micros(),
        changed_at: app.micros(),
        signed_by: None,
        signed_at: None,
        withdrawn_by: None,
        withdrawn_at: None,
    };
    let id = row.id.clone();
    app.store.write(move |tx| rows::rule_change_insert(tx, &row))?;
    Ok(id)
}

/// The beginning of a pack for a region that has none: it inherits everything so far.
fn blank(app: &App, code: &RegionCode, from: Date) -> Outcome<String> {
    let above = app.rules.policy(code.as_str(), from)?.region().clone();
    let (parent, status) = (above.code, above.status.key());
    let name = app.rules.types.codes(DIVISIONS).and_then(|table| table.get(code.as_str()));
    let name = name.map_or_else(|| code.to_string(), |division| division.label.zh.clone());
    Ok(format!(
        "region = \"{code}\"\nname = \"{name}\"\nparent = \"{parent}\"\nstatus = \"{status}\"\n\
         note = \"{name}人力资源和社会保障局制定。\"\nfrom = \"{from}\"\n"
    ))
}

/// Keeps what was typed, sound or not: nothing is lost. What is not sound is told by [`review`].
///
/// # Errors
/// A day that cannot be read, or a text that is too long, beside its field; conflict when it changed meanwhile; not
/// found for another's draft.
pub fn save(app: &App, who: &Principal, (id, version): (&RuleChangeId, u64), typed: &Typed) -> Outcome<()> {
    let row = find(app, who, id)?;
    if row.drafted_by != who.account || Stage::of(&row, app.today()) != Stage::Draft {
        return Err(AppError::NotFound);
    }
    let from = day(&typed.from, closed_until(app.now()));
    let why = words(&typed.why).map_err(|problem| problem.at("why"));
    let long = (typed.body.len() > MOST).then(|| Problem::new("rules.long").at("body"));
    let (from, why) = match (from, why, long) {
        (Ok(from), Ok(why), None) => (from, why),
        (from, why, long) => {
            return Err(Refusal::Answers([from.err(), why.err(), long].into_iter().flatten().collect()).into());
        }
    };
    let body = typed.body.replace("\r\n", "\n");
    if body.lines().any(|line| text::refuse_hidden(&line.replace('\t', " ")).is_err()) {
        return Err(Refusal::Answers(vec![Problem::new("rules.hidden").at("body")]).into());
    }
    // What was changed for one day moves with the day.
    let body = if from == row.from { body } else { with_day(&body, &row.base, row.from, from) };
    // A draft is made from one text: what others signed meanwhile, or sign for that day, would be undone in silence.
    if app.rules.pack_text(&region(&row)?, from).unwrap_or_default() != row.base {
        return Err(Refusal::RulesMoved.into());
    }
    let new = RuleChangeRow { body, from, why, version: version + 1, changed_at: app.micros(), ..row };
    if app.store.write(move |tx| rows::rule_change_update(tx, version, &new))? {
        Ok(())
    } else {
        Err(AppError::Conflict)
    }
}

/// The first day: tomorrow at the earliest, so that no rule changes under a day that has begun.
fn day(typed: &str, closed: Date) -> Result<Date, FieldProblem> {
    let from = banjie_domain::dates::parse_date(typed).map_err(|problem| problem.at("from"))?;
    if from > closed { Ok(from) } else { Err(Problem::new("rules.from-past").at("from")) }
}

fn words(typed: &str) -> Result<String, Problem> {
    let why = typed.trim();
    text::refuse_hidden(why)?;
    match why.chars().count() {
        0 => Err(Problem::new("rules.why-empty")),
        1..=500 => Ok(why.to_owned()),
        _ => Err(Problem::new("rules.why-long")),
    }
}

/// The rules with this change in them, or what is wrong with it.
pub(super) fn tried(app: &App, row: &RuleChangeRow) -> Outcome<Result<Rules, Vec<FieldProblem>>> {
    let change = as_signed(row)?;
    let new = match app.rules.tried(change.clone(), app.today()) {
        Ok(new) => new,
        Err(flaws) => return Ok(Err(flaws.iter().map(|flaw| told(flaw, &change.region)).collect())),
    };
    if keeps_its_place(app, &new, &change) {
        Ok(Ok(new))
    } else {
        Ok(Err(vec![Problem::new("rules.place").with("region", change.region.as_str()).at("body")]))
    }
}

fn told(flaw: &PolicyError, region: &RegionCode) -> FieldProblem {
    let own = flaw.path == pack_path(region);
    let (code, values) = match &flaw.told {
        Some((code, values)) => (flaw_code(code), values.as_slice()),
        None => ("rules.flaw", [].as_slice()),
    };
    let place = if own { String::new() } else { format!("{} ", flaw.path) };
    let problem = Problem::new(code)
        .with("place", place)
        .with("line", flaw.line.to_string())
        .with("text", flaw.text.as_str())
        .with("what", flaw.what.as_str())
        .with("mend", flaw.mend.as_str());
    values.iter().fold(problem, |problem, (name, value)| problem.with(name, value.as_str())).at("body")
}

/// The code of the text that says it in the administrator's own language.
fn flaw_code(code: &str) -> &'static str {
    match code {
        "not-toml" => "rules.flaw.not-toml",
        "no-such-field" => "rules.flaw.no-such-field",
        "no-such-word" => "rules.flaw.no-such-word",
        "text-needed" => "rules.flaw.text-needed",
        "number-needed" => "rules.flaw.number-needed",
        "day-needed" => "rules.flaw.day-needed",
        "field-missing" => "rules.flaw.field-missing",
        "longer" => "rules.flaw.longer",
        "shorter" => "rules.flaw.shorter",
        "locked" => "rules.flaw.locked",
        "twice" => "rules.flaw.twice",
        "promise-over-law" => "rules.flaw.promise-over-law",
        "intake-over-accept" => "rules.flaw.intake-over-accept",
        "desks-over-promise" => "rules.flaw.desks-over-promise",
        "no-parent" => "rules.flaw.no-parent",
        "no-group" => "rules.flaw.no-group",
        "no-reason" => "rules.flaw.no-reason",
        "other-region" => "rules.flaw.other-region",
        "days-swapped" => "rules.flaw.days-swapped",
        "need-unclear" => "rules.flaw.need-unclear",
        "anything" => "rules.flaw.anything",
        _ => "rules.flaw",
    }
}

/// A pack stays that of its region, below the same region: whoever moved it elsewhere would change rules that are not
/// his, or escape those above.
fn keeps_its_place(app: &App, new: &Rules, change: &SignedChange) -> bool {
    let (old, new) = (app.rules.regions(change.from), new.regions(change.from));
    let others = new.regions().filter(|pack| pack.code != change.region);
    let same =
        others.map(|pack| &pack.code).eq(old.regions().map(|pack| &pack.code).filter(|code| **code != change.region));
    let parent = match old.regions().find(|pack| pack.code == change.region) {
        Some(pack) => pack.parent.clone(),
        None => app.rules.policy(change.region.as_str(), change.from).ok().map(|policy| policy.region().code.clone()),
    };
    same && new.regions().any(|pack| pack.code == change.region && pack.parent == parent)
}

/// What the change would do from its day on.
///
/// # Errors
/// Not found when its region is not his.
pub fn review(app: &App, who: &Principal, id: &RuleChangeId) -> Outcome<Review> {
    let row = find(app, who, id)?;
    let obstacle = obstacle_now(app, &row)?;
    let new = match tried(app, &row)? {
        Ok(new) => new,
        Err(flaws) => return Ok(Review { flaws, changes: Vec::new(), examples: Vec::new(), obstacle }),
    };
    let changes = diff(&app.rules.regions(row.from), &new.regions(row.from), row.from);
    let known = app.rules.examples_that_fail(row.from);
    let examples = new.examples_that_fail(row.from).into_iter().filter(|one| !known.contains(one)).collect();
    Ok(Review { flaws: Vec::new(), changes, examples, obstacle })
}

/// Holds every recorded case against the rules with the change in them; nothing is written.
///
/// # Errors
/// Not found when its region is not his; a refusal when the change is not sound.
pub fn trial(app: &App, who: &Principal, id: &RuleChangeId) -> Outcome<Trial> {
    let row = find(app, who, id)?;
    let new = tried(app, &row)?.map_err(Refusal::Answers)?;
    simulate(app, &new, row.from)
}
