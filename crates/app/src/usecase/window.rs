//! 申报期限: the days an employer has to file after hiring and after the end (就业服务与就业管理规定 第六十二条).
//!
//! Filing late is flagged and never refused: the duty is the employer's, the record is the worker's.

use banjie_domain::act::{Act, ApplicantKind};
use banjie_domain::calendar::{DayUnit, Limit};
use banjie_domain::policy::{DayKey, Policy, RuleFacts};
use banjie_domain::registration_type::{RegistrationType, UniqueBy};
use jiff::civil::Date;

use crate::app::App;

/// The window a filing falls into.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Window {
    /// `hire` or `end`.
    pub key: &'static str,
    /// The day it begins, not counted.
    pub from: Date,
    /// How long it is, in natural days.
    pub limit: Limit,
    /// The last day that is in time.
    pub last: Date,
    /// The basis of the rule.
    pub basis: String,
    /// How many days after the last day today is; 0 in time.
    pub late_by: u32,
}

/// The window for a filing of this kind that counts from `from`; none where the law sets none.
pub(crate) fn window(
    app: &App,
    kind: &RegistrationType,
    (policy, case): (&Policy, &RuleFacts<'_>),
    from: Date,
) -> Option<Window> {
    // On a building site the gate keeps the days, not the employer's filing.
    if case.applicant != ApplicantKind::Employer || kind.unique().contains(&UniqueBy::Project) {
        return None;
    }
    let (key, word) = match case.act {
        Act::Register => (DayKey::WindowHire, "hire"),
        Act::End => (DayKey::WindowEnd, "end"),
        _ => return None,
    };
    let ruled = policy.days(key, case);
    let last = app.rules.calendar().natural_deadline(from, ruled.value).on;
    let late = app.today().since(last).map_or(0, |span| span.get_days());
    Some(Window {
        key: word,
        from,
        limit: Limit { days: ruled.value, unit: DayUnit::Natural },
        last,
        basis: ruled.rule.basis,
        late_by: u32::try_from(late).unwrap_or(0),
    })
}
