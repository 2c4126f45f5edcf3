//! 办事指南: what a matter takes in a region, made from the rules that also check a filing.
//!
//! Nothing here is written for the guide alone: a change in a pack changes guide, form and check together.

use std::collections::BTreeSet;
use std::sync::Arc;

use banjie_domain::act::{Act, ApplicantKind};
use banjie_domain::local_text::LocalText;
use banjie_domain::policy::{DayKey, Fact, Group, Material, PackRegion, Policy, RegionCode, RuleFacts, Ruled, Stages};
use banjie_domain::registration_type::{DIVISIONS, RegistrationType, Situation};
use jiff::civil::Date;

use crate::app::App;
use crate::error::{AppError, Outcome};
use crate::rules::Resolved;
use crate::usecase::window::window_key;

/// Words that say that a paper needs the employer's seal.
const SEAL: [&str; 2] = ["公章", "盖章"];

/// Everything about one matter in one region.
#[derive(Debug, Clone)]
pub struct Guide {
    /// The rules of the region today.
    pub policy: Arc<Resolved>,
    /// What the region is called, when it has no rules of its own and inherits these.
    pub inherits: Option<String>,
    /// Key of the registration type.
    pub kind: String,
    /// What is asked.
    pub act: Act,
    /// The reason it is made for, when one was chosen.
    pub reason: Option<String>,
    /// The day it was made on.
    pub on: Date,
    /// How each who may ask does it.
    pub ways: Vec<Way>,
    /// Where to go instead, in the words of the situations that cannot be asked for on line.
    pub instead: Vec<LocalText>,
}

/// How one kind of applicant does it.
#[derive(Debug, Clone)]
pub struct Way {
    /// Who asks.
    pub applicant: ApplicantKind,
    /// Which papers depends on the reason, and none is chosen: nothing can be said of them yet.
    pub open: bool,
    /// What has to be there, in the order of the rules.
    pub materials: Vec<Ruled<Material>>,
    /// What is asked for instead or besides when something else is true.
    pub besides: Vec<Besides>,
    /// Groups of which one is enough.
    pub groups: Vec<Group>,
    /// The desks it passes.
    pub stages: Ruled<Stages>,
    /// Working days to the decision on acceptance.
    pub accept: Ruled<u32>,
    /// Promised working days from acceptance.
    pub promise: Ruled<u32>,
    /// Working days the law allows.
    pub legal: Ruled<u32>,
    /// Working days to answer a supplement.
    pub supplement: Ruled<u32>,
    /// Days the employer has to file it, where the law sets any.
    pub window: Option<Ruled<u32>>,
}

/// What one more fact changes in the papers.
#[derive(Debug, Clone)]
pub struct Besides {
    /// The fact.
    pub fact: Fact,
    /// The papers that are new or otherwise then.
    pub materials: Vec<Ruled<Material>>,
}

/// Facts that a filing can show: those the forms ask for or the register knows.
const FACTS: [Fact; 4] = [Fact::Agent, Fact::EmployerLicenceRevoked, Fact::EmployerDissolved, Fact::FiledLate];

impl Way {
    /// The papers that need a seal: the answer to the question people ask most. Those that only some need are told where
    /// it is said who needs them.
    pub fn sealed(&self) -> impl Iterator<Item = &Material> {
        let has = |material: &Material| {
            material.waived.is_none()
                && material.signs.iter().any(|sign| SEAL.iter().any(|word| sign.zh.contains(word)))
        };
        self.materials.iter().map(|ruled| &ruled.value).filter(move |material| has(material))
    }
}

/// One guide of a region, for the list.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Listed {
    /// Key of the registration type.
    pub kind: String,
    /// What is asked.
    pub act: Act,
}

/// Every region with rules of its own.
#[must_use]
pub fn regions(app: &App) -> Vec<PackRegion> {
    app.rules.regions(app.today()).regions().cloned().collect()
}

/// The region guides are shown for when none is chosen: that of the office on the front page, else the country's.
#[must_use]
pub fn home_region(app: &App) -> String {
    let office = app.front_office().map(|office| office.region);
    let top = || regions(app).into_iter().find(|region| region.parent.is_none()).map(|region| region.code.to_string());
    office.or_else(top).unwrap_or_default()
}

/// The guide of a matter; with a reason, for that reason.
///
/// # Errors
/// [`AppError::NotFound`] for a region, type, act or reason that is not there.
pub fn guide(app: &App, region: &str, (kind, act): (&str, Act), reason: Option<&str>) -> Outcome<Guide> {
    let kind = app.rules.types.get(kind).filter(|kind| kind.all_acts().contains(&act)).ok_or(AppError::NotFound)?;
    if reason.is_some_and(|code| kind.reason(code).is_none_or(|known| known.act != act)) {
        return Err(AppError::NotFound);
    }
    let policy = policy_of(app, region)?;
    let inherits = (policy.region().code.as_str() != region).then(|| region_name(app, region));
    let who = ApplicantKind::ALL.into_iter().filter(|applicant| is_offered(kind, act, (*applicant, reason)));
    let ways = who.filter_map(|applicant| way(&policy, kind, act, (applicant, reason))).collect();
    Ok(Guide {
        inherits,
        kind: kind.key().to_owned(),
        act,
        reason: reason.map(str::to_owned),
        on: app.today(),
        ways,
        instead: instead(kind, act, reason),
        policy,
    })
}

fn policy_of(app: &App, region: &str) -> Outcome<Arc<Resolved>> {
    let known = app.rules.types.codes(DIVISIONS).is_some_and(|table| table.get(region).is_some());
    let has_pack = RegionCode::parse(region)
        .is_ok_and(|code| app.rules.regions(app.today()).regions().any(|one| one.code == code));
    if !known && !has_pack {
        return Err(AppError::NotFound);
    }
    app.rules.policy(region, app.today())
}

fn region_name(app: &App, region: &str) -> String {
    let table = app.rules.types.codes(DIVISIONS);
    table.and_then(|table| table.get(region)).map_or_else(|| region.to_owned(), |code| code.label.zh.clone())
}

/// Whether the forms let this applicant go on: for a registration who registers such, else who is in a situation that
/// leads to it. The counter is always there.
fn is_offered(kind: &RegistrationType, act: Act, (applicant, reason): (ApplicantKind, Option<&str>)) -> bool {
    match (applicant, act) {
        (ApplicantKind::Counter, _) => true,
        (ApplicantKind::System, _) => false,
        (_, Act::Register) => kind.registrant() == applicant,
        _ => kind.situations(applicant).any(|one| one.act == act && one.offered && leads(one, reason)),
    }
}

fn leads(situation: &Situation, reason: Option<&str>) -> bool {
    reason.is_none_or(|code| situation.reasons.iter().any(|known| known == code))
}

/// What the situations say that lead here and cannot be asked for on line.
fn instead(kind: &RegistrationType, act: Act, reason: Option<&str>) -> Vec<LocalText> {
    let mut all: Vec<LocalText> = Vec::new();
    for applicant in ApplicantKind::ALL {
        let closed = kind.situations(applicant).filter(|one| one.act == act && !one.offered && leads(one, reason));
        for words in closed.filter_map(|one| one.instead.clone()) {
            if !all.contains(&words) {
                all.push(words);
            }
        }
    }
    all
}

/// How this applicant does it; none when the rules let nobody of this kind ask.
fn way(
    policy: &Policy,
    kind: &RegistrationType,
    act: Act,
    (applicant, reason): (ApplicantKind, Option<&str>),
) -> Option<Way> {
    let facts = BTreeSet::new();
    let case = RuleFacts { type_key: kind.key(), act, reason, applicant, facts: &facts };
    if !policy.may_file(&case) {
        return None;
    }
    let owned = |ruled: Ruled<&Material>| Ruled { value: ruled.value.clone(), rule: ruled.rule };
    let materials: Vec<Ruled<Material>> = policy.materials(&case).into_iter().map(owned).collect();
    // A registration is checked by itself and takes no papers: its form has no place for them.
    let materials = if act == Act::Register { Vec::new() } else { materials };
    let mut of_act = kind.reasons().iter().filter(|known| known.act == act && reason.is_none());
    let open = of_act.any(|known| {
        let other = policy.materials(&RuleFacts { reason: Some(&known.code), ..case });
        other.iter().map(|one| one.value).ne(materials.iter().map(|one| &one.value))
    });
    let besides = FACTS.into_iter().filter(|_| act != Act::Register).filter_map(|fact| {
        let facts = BTreeSet::from([fact]);
        let other = policy.materials(&RuleFacts { facts: &facts, ..case }).into_iter();
        let changed = other.filter(|one| !materials.iter().any(|known| known.value == *one.value)).map(owned);
        let changed: Vec<_> = changed.collect();
        (!changed.is_empty()).then_some(Besides { fact, materials: changed })
    });
    Some(Way {
        applicant,
        open,
        besides: besides.collect(),
        materials,
        groups: policy.groups(&case).into_iter().map(|ruled| ruled.value.clone()).collect(),
        stages: policy.stages(&case),
        accept: policy.days(DayKey::Accept, &case),
        promise: policy.days(DayKey::Promise, &case),
        legal: policy.days(DayKey::Legal, &case),
        supplement: policy.days(DayKey::Supplement, &case),
        window: window_key(kind, act, applicant).map(|key| policy.days(key, &case)),
    })
}

/// The guides of a region that speak of these words, all of them without words. A word is found in what the guide says
/// (its names, what happened, the reasons, the papers), or holds one of the words that people use for the act: nobody
/// puts blanks into a Chinese sentence.
///
/// # Errors
/// [`AppError::NotFound`] for a region that is not there.
pub fn list(app: &App, region: &str, words: &str, act_words: impl Fn(Act) -> Vec<String>) -> Outcome<Vec<Listed>> {
    let policy = policy_of(app, region)?;
    let sought: Vec<String> = words.split_whitespace().map(str::to_lowercase).collect();
    let mut found = Vec::new();
    for kind in app.rules.types.all() {
        for act in kind.all_acts() {
            if sought.is_empty() || speaks_of(&policy, (kind, act), &act_words(act), &sought) {
                found.push(Listed { kind: kind.key().to_owned(), act });
            }
        }
    }
    Ok(found)
}

fn speaks_of(policy: &Policy, (kind, act): (&RegistrationType, Act), act_words: &[String], sought: &[String]) -> bool {
    let said = text_of(policy, kind, act, act_words).to_lowercase();
    let usual: Vec<String> =
        act_words.iter().flat_map(|words| words.split_whitespace()).map(str::to_lowercase).collect();
    sought.iter().all(|word| {
        said.contains(word) || usual.iter().any(|known| known.chars().count() > 1 && word.contains(known.as_str()))
    })
}

/// Everything a guide says in words that people search by.
fn text_of(policy: &Policy, kind: &RegistrationType, act: Act, act_words: &[String]) -> String {
    let mut text = vec![kind.label("zh-CN").to_owned(), kind.label("en").to_owned()];
    text.extend(act_words.iter().cloned());
    let mut add = |local: &LocalText| {
        text.push(local.zh.clone());
        text.extend(local.en.clone());
    };
    for applicant in ApplicantKind::ALL {
        kind.situations(applicant).filter(|one| one.act == act).for_each(|one| add(&one.label));
        let ways = way(policy, kind, act, (applicant, None));
        ways.iter().flat_map(|way| &way.materials).for_each(|ruled| {
            add(&ruled.value.label);
            ruled.value.signs.iter().for_each(&mut add);
        });
    }
    for reason in kind.reasons().iter().filter(|reason| reason.act == act) {
        add(&reason.label);
        add(&reason.official);
    }
    text.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing;

    fn no_words(_: Act) -> Vec<String> {
        Vec::new()
    }

    #[test]
    fn a_guide_says_what_the_check_will_ask_for() {
        let (app, _folder) = testing::app();
        let guide = guide(&app, "330106", ("employer", Act::End), Some("3601")).unwrap();
        assert_eq!(guide.inherits, None);
        let employer = guide.ways.iter().find(|way| way.applicant == ApplicantKind::Employer).unwrap();
        assert_eq!((employer.promise.value, employer.window.as_ref().unwrap().value), (3, 15));
        let sealed: Vec<&str> = employer.sealed().map(|one| one.key.as_str()).collect();
        assert_eq!(sealed, ["release-certificate"]);
        let besides: Vec<_> =
            employer.besides.iter().map(|one| (one.fact, one.materials[0].value.key.as_str())).collect();
        assert_eq!(besides, [(Fact::Agent, "authorization-letter")]);
        let worker = guide.ways.iter().find(|way| way.applicant == ApplicantKind::Person).unwrap();
        assert_eq!((worker.groups.len(), worker.window.clone()), (1, None));
    }

    #[test]
    fn a_guide_offers_what_the_forms_offer_and_says_nothing_of_papers_before_the_reason_is_known() {
        let (app, _folder) = testing::app();
        let revoke = |reason| guide(&app, "330106", ("employer", Act::Revoke), reason).unwrap();
        let who = |guide: &Guide| guide.ways.iter().map(|way| way.applicant).collect::<Vec<_>>();
        let before = revoke(None);
        assert!(before.ways.iter().all(|way| way.open), "every reason takes other papers");
        let mistaken = revoke(Some("9001"));
        assert_eq!(who(&mistaken), [ApplicantKind::Employer, ApplicantKind::Person, ApplicantKind::Counter]);
        assert!(mistaken.ways.iter().all(|way| !way.open));
        assert_eq!(who(&revoke(Some("9003"))), [ApplicantKind::Employer, ApplicantKind::Counter]);
        let stolen = revoke(Some("9005"));
        assert_eq!(who(&stolen), [ApplicantKind::Counter]);
        assert!(!stolen.instead.is_empty(), "where to go instead");
        let made = guide(&app, "330106", ("employer", Act::Register), None).unwrap();
        assert!(made.ways.iter().all(|way| way.materials.is_empty()), "the form takes none");
    }

    #[test]
    fn a_region_without_rules_inherits_and_says_so() {
        let (app, _folder) = testing::app();
        let inherited = guide(&app, "330109", ("employer", Act::End), None).unwrap();
        assert_eq!(inherited.policy.region().code.as_str(), "330100");
        assert!(inherited.inherits.is_some());
        for (region, kind, act, reason) in [
            ("990000", "employer", Act::End, None),
            ("330106", "pilot", Act::End, None),
            ("330106", "employer", Act::Reinstate, None),
            ("330106", "employer", Act::End, Some("9001")),
        ] {
            let found = guide(&app, region, (kind, act), reason);
            assert!(matches!(found, Err(AppError::NotFound)), "{region} {kind} {act:?} {reason:?}");
        }
    }

    #[test]
    fn guides_are_found_by_the_words_people_use() {
        let (app, _folder) = testing::app();
        let found = |words: &str| -> Vec<(String, Act)> {
            list(&app, "330106", words, no_words).unwrap().into_iter().map(|one| (one.kind, one.act)).collect()
        };
        assert!(found("").len() > 10);
        assert!(found("离职证明").contains(&("employer".to_owned(), Act::End)));
        assert!(found("录错").contains(&("employer".to_owned(), Act::Revoke)));
        assert_eq!(found("火星移民"), []);
        let usual = |act: Act| if act == Act::End { vec!["离职 老板不给办".to_owned()] } else { Vec::new() };
        let all = list(&app, "330106", "我离职了老板不给办", usual).unwrap();
        assert!(!all.is_empty() && all.iter().all(|one| one.act == Act::End), "{all:?}");
    }
}
