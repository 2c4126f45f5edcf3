//! 申报期限: the days an employer has to file after hiring and after the end (就业服务与就业管理规定 第六十二条).
//!
//! Filing late is flagged and never refused: the duty is the employer's, the record is the worker's.

use banjie_domain::act::{Act, ApplicantKind};
use banjie_domain::calendar::{Calendar, DayUnit, Limit};
use banjie_domain::policy::{DayKey, Policy, RuleFacts};
use banjie_domain::registration_type::{RegistrationType, UniqueBy};
use jiff::civil::Date;

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
    /// How many days after the last day it is filed; 0 in time.
    pub late_by: u32,
}

/// Which window a filing of this type falls into.
pub(crate) fn window_key(kind: &RegistrationType, act: Act, applicant: ApplicantKind) -> Option<DayKey> {
    // On a building site the gate keeps the days, not the employer's filing.
    if kind.unique().contains(&UniqueBy::Project) {
        return None;
    }
    DayKey::window_of(act, applicant)
}

/// The window for a filing of this kind that counts from `from`; none where the law sets none.
pub(crate) fn window(
    calendar: &Calendar,
    kind: &RegistrationType,
    (policy, case): (&Policy, &RuleFacts<'_>),
    (from, filed_on): (Date, Date),
) -> Option<Window> {
    let key = window_key(kind, case.act, case.applicant)?;
    let word = if key == DayKey::WindowHire { "hire" } else { "end" };
    let ruled = policy.days(key, case);
    let last = calendar.natural_deadline(from, ruled.value).on;
    let late = filed_on.since(last).map_or(0, |span| span.get_days());
    Some(Window {
        key: word,
        from,
        limit: Limit { days: ruled.value, unit: DayUnit::Natural },
        last,
        basis: ruled.rule.basis,
        late_by: u32::try_from(late).unwrap_or(0),
    })
}

#[cfg(test)]
mod tests {
    use banjie_domain::authorize::Action;
    use banjie_domain::case::{Command, Gap};
    use banjie_domain::registration_type::Answers;

    use crate::query::{desk, mine};
    use crate::usecase::ask::{self, Choice};
    use crate::usecase::draft::find;
    use crate::usecase::story::{key, story};

    #[test]
    fn late_is_on_record_and_a_day_that_is_put_right_counts_to_the_day_it_was_handed_in() {
        let story = story();
        let registration = story.registered();
        let draft = ask::start(&story.app, &story.clerk, &registration).unwrap();
        let left = |day: &'static str| -> Answers { [("effective_on", day), ("note", "")].into_iter().collect() };
        let choice = Choice { situation: "agreed", reason: "3601" };
        ask::choose(&story.app, &story.clerk, (&draft, 1), choice, &left("2026-02-01")).unwrap();
        story.upload(&draft, "release-certificate");
        let window = ask::preview(&story.app, &story.clerk, &draft).unwrap().window.unwrap();
        // Fifteen days from 1 February end in the Spring Festival; 24 February is fourteen days ago.
        assert_eq!((window.last.to_string().as_str(), window.late_by), ("2026-02-24", 14));
        let case = ask::submit_ask(&story.app, &story.clerk, &draft, &key(&story.app)).unwrap();
        assert!(mine::progress(&story.app, &story.clerk, &case).unwrap().filed_late);
        assert!(desk::case_view(&story.app, &story.intake, &case).unwrap().asked.filed_late);

        let gaps = vec![Gap { target: "field:effective_on".to_owned(), fault: "date-differs".to_owned() }];
        let ask_again = Command::RequestSupplement { gaps, note: None, supervisor: false };
        story.step(&story.intake, &case, Action::CaseSupplement, ask_again).unwrap();
        story.folder.clock.advance(jiff::SignedDuration::from_hours(24 * 16));
        let answer = ask::start_supplement(&story.app, &story.clerk, &case).unwrap();
        let seen = find(&story.app, &story.clerk, &answer).unwrap().version;
        ask::choose(&story.app, &story.clerk, (&answer, seen), choice, &left("2026-03-06")).unwrap();
        ask::answer_supplement(&story.app, &story.clerk, &answer, &key(&story.app)).unwrap();
        assert!(!mine::progress(&story.app, &story.clerk, &case).unwrap().filed_late, "handed in four days after");
    }
}
