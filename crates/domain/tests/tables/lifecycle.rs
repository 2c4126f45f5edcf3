//! `docs/lifecycle.md` is what the code does.

use banjie_domain::act::{Act, ApplicantKind};
use banjie_domain::actor::{Actor, Role};
use banjie_domain::calendar::Calendar;
use banjie_domain::case::{Facts, Limits, Party, Submitted, table};
use banjie_domain::history::{Hash, RevisionRef};
use banjie_domain::id::{AccountId, CaseId, OfficeId, PersonId, PolicyRevisionId, RegistrationId, RevisionId};
use banjie_domain::policy::Stages;
use banjie_domain::registration::{Hold, LegalStatus, offers};
use jiff::Timestamp;
use jiff::civil::date;

fn officer(seed: u8, role: Role) -> Actor {
    Actor::Account { id: AccountId::new(Timestamp::UNIX_EPOCH, [seed; 10]), role }
}

fn sample() -> Submitted {
    let at = Timestamp::UNIX_EPOCH;
    let on = date(2026, 3, 10);
    Submitted {
        id: CaseId::new(at, [1; 10]),
        number: "26483105279164".to_owned(),
        act: Act::End,
        kind: "employer".to_owned(),
        reason: Some("3601".to_owned()),
        registration: RegistrationId::new(at, [2; 10]),
        applicant: Party { kind: ApplicantKind::Person, person: Some(PersonId::new(at, [3; 10])), employer: None },
        office: OfficeId::new(at, [4; 10]),
        policy: PolicyRevisionId::new(at, [5; 10]),
        stages: Stages::IntakeFirstSecond,
        limits: Limits { accept: 5, promise: 5, legal: 20, supplement: 10 },
        previous: None,
        received_on: on,
        asked_on: on,
        details: RevisionRef { id: RevisionId::new(at, [6; 10]), commitment: Hash::ZERO },
        evidence: Vec::new(),
    }
}

fn made() -> String {
    let stranger = officer(9, Role::Second);
    let (intake, first, second) = (officer(1, Role::Intake), officer(2, Role::First), officer(3, Role::Second));
    let facts = Facts { today: date(2026, 3, 18), actor: &stranger, calendar: &Calendar::default() };
    let mut text = String::from(
        "# 办件和登记的一生\n\n本页由程序写成：`cargo xtask tables`。测试会比对，不一致就失败。\n\n\
         ## 办件\n\n每一格是：在这个阶段提出这个请求，会到哪个阶段（→），或者按哪条规则不行；“·”表示这个阶段没有这件事。\n\
         请求由没有办过这个办件的人提出，提出的那天受理期限已经过了（所以有“视为受理”）。\n\n",
    );
    text.push_str(&table(&sample(), [&intake, &first, &second], &facts));
    text.push_str("\n## 登记\n\n每一格是：在这个状态下，这类申请人可以申请哪些行为。有冻结（`hold`）时都不行。\n\n");
    text.push_str("| 状态 | employer | person | counter | system |\n| --- | --- | --- | --- | --- |\n");
    for status in LegalStatus::ALL {
        text.push_str(&format!("| {} |", status.key()));
        for applicant in ApplicantKind::ALL {
            let acts: Vec<_> = offers(status, Hold::None, applicant).iter().map(|act| act.key()).collect();
            text.push_str(&format!(" {} |", if acts.is_empty() { "·".to_owned() } else { acts.join(", ") }));
        }
        text.push('\n');
    }
    text
}

#[test]
fn the_lifecycle_page_is_what_the_code_does() {
    super::hold_to("lifecycle.md", &made());
}

#[test]
fn nothing_may_be_asked_while_a_registration_is_held() {
    for status in LegalStatus::ALL {
        for hold in [Hold::Case, Hold::Disputed, Hold::Frozen] {
            for applicant in ApplicantKind::ALL {
                assert!(offers(status, hold, applicant).is_empty());
            }
        }
    }
}
