//! Demo data of any size: made-up firms and workers through the real use cases, by as many threads as help.

use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use banjie_domain::actor::{Principal, Role, Standing};
use banjie_domain::id::{AccountId, EmployerId};
use banjie_domain::registration_type::Answers;
use banjie_store::people::{self, EmployerRow};
use jiff::ToSpan as _;

use super::cast::{Holder, account, somebody};
use super::story::{leave, register_with};
use crate::app::App;
use crate::error::{Outcome, fault};
use crate::people::ACTIVE;

/// Writers that wait for one another's disk: more do not help (see the group commit).
const THREADS: u64 = 32;
/// Workers of one firm.
const FIRM: u64 = 500;
/// Of so many workers one is with the firm whose clerk can sign in: a list like that of the largest employer.
const LARGEST: u64 = 20;
/// Of so many workers one has left, and his case waits: a queue like that of the largest office.
const LEFT: u64 = 50;
/// Serials that mark a number as made up.
const SERIALS: u64 = 100;

const FAMILY: [&str; 20] = [
    "王", "李", "张", "刘", "陈", "杨", "黄", "赵", "吴", "周", "徐", "孙", "马", "朱", "胡", "林", "郭", "何", "高",
    "罗",
];
const GIVEN: [&str; 24] = [
    "秀英", "国强", "建华", "桂兰", "志远", "小满", "晓雯", "海涛", "文静", "立群", "春燕", "永刚", "丽", "伟", "芳",
    "磊", "敏", "静", "军", "洋", "勇", "艳", "杰", "娟",
];

/// What is to be made.
#[derive(Debug, Clone, Copy)]
pub struct Bulk {
    /// How many registrations.
    pub registrations: u64,
}

/// Makes registrations until there are as many as asked for, and cases that wait; tells now and then how many.
///
/// # Errors
/// The first that any thread met.
pub fn grow(app: &App, bulk: Bulk, tell: &(dyn Fn(u64) + Sync)) -> Outcome<()> {
    let firms = (0..bulk.registrations.div_ceil(FIRM)).map(|nth| firm(app, nth)).collect::<Outcome<Vec<_>>>()?;
    let largest = somebody(app, "danwei")?;
    let (next, done) = (AtomicU64::new(0), AtomicU64::new(0));
    let work = || -> Outcome<()> {
        loop {
            let nth = next.fetch_add(1, Ordering::Relaxed);
            let Some(firm) = usize::try_from(nth / FIRM).ok().and_then(|firm| firms.get(firm)) else { return Ok(()) };
            if nth >= bulk.registrations {
                return Ok(());
            }
            let clerk = if nth.is_multiple_of(LARGEST) { &largest } else { firm };
            let record = register_with(app, clerk, "employer", &answers(app, nth))?;
            if nth % LEFT == 1 {
                leave(app, clerk, &record)?;
            }
            let made = done.fetch_add(1, Ordering::Relaxed) + 1;
            if made.is_multiple_of(1000) {
                tell(made);
            }
        }
    };
    thread::scope(|scope| {
        let threads: Vec<_> = (0..THREADS).map(|_| scope.spawn(work)).collect();
        let ends = threads.into_iter().map(|one| one.join().unwrap_or_else(|_| Err(fault("a thread of the demo"))));
        ends.collect::<Outcome<Vec<()>>>().map(|_| ())
    })
}

/// A firm with a clerk who cannot sign in.
fn firm(app: &App, nth: u64) -> Outcome<Principal> {
    let row = EmployerRow {
        id: app.fresh(EmployerId::new),
        unit_number: format!("DEMO{nth:014}"),
        name: format!("演示企业 {nth} 号"),
        region: "330106".to_owned(),
        standing: ACTIVE.to_owned(),
        created_at: app.micros(),
    };
    let (id, login) = (row.id.clone(), format!("demo-{nth}"));
    app.store.write(move |tx| people::employer_insert(tx, &row))?;
    let account: AccountId =
        account(app, &login, Role::EmployerClerk, Holder { employer: Some(id.clone()), ..Holder::named("演示") })?;
    Ok(Principal { account, role: Role::EmployerClerk, standing: Standing::Employer(id) })
}

fn pick<'a>(from: &[&'a str], nth: u64) -> &'a str {
    let at = usize::try_from(nth % from.len() as u64).unwrap_or(0);
    from.get(at).copied().unwrap_or_default()
}

/// One made-up worker as a program sends him, in JSON.
#[must_use]
pub fn worker(app: &App, nth: u64) -> String {
    let answers = answers(app, nth);
    let fields: serde_json::Map<_, _> = answers.iter().map(|(key, value)| (key.to_owned(), value.into())).collect();
    serde_json::json!({ "type": "employer", "answers": fields }).to_string()
}

pub(super) fn answers(app: &App, nth: u64) -> Answers {
    let hired = app.today().saturating_sub((30 + i64::try_from(nth % 2000).unwrap_or(0)).days()).to_string();
    let name = format!("{}{}", pick(&FAMILY, nth), pick(&GIVEN, nth / FAMILY.len() as u64));
    let number = citizen_number(nth);
    [
        ("document_kind", "citizen-id"),
        ("document_number", number.as_str()),
        ("name", name.as_str()),
        ("phone", "13800000000"),
        ("employment_form", "full-time"),
        ("hired_on", hired.as_str()),
        ("post", "装配工"),
        ("work_region", "330106"),
        ("contract_type", "open"),
        ("contract_from", hired.as_str()),
    ]
    .into_iter()
    .collect()
}

/// A number nobody has: born between 1965 and 1999, serial 900 to 999, with its right check character.
fn citizen_number(nth: u64) -> String {
    const WEIGHTS: [u64; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    const SIGNS: &[u8; 11] = b"10X98765432";
    const AREAS: [u32; 6] = [330_106, 330_102, 330_105, 330_108, 330_109, 330_110];
    let (serial, rest) = (900 + nth % SERIALS, nth / SERIALS);
    let (day, rest) = (1 + rest % 28, rest / 28);
    let (month, rest) = (1 + rest % 12, rest / 12);
    let (year, area) = (1965 + rest % 35, rest / 35);
    let area = usize::try_from(area).ok().and_then(|area| AREAS.get(area)).copied().unwrap_or(330_106);
    let number = format!("{area}{year:04}{month:02}{day:02}{serial}");
    let digits = number.bytes().map(|digit| u64::from(digit - b'0'));
    let sum: u64 = digits.zip(WEIGHTS).map(|(digit, weight)| digit * weight).sum();
    let check = usize::try_from(sum % 11).ok().and_then(|at| SIGNS.get(at)).copied().unwrap_or(b'0');
    format!("{number}{}", char::from(check))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use banjie_domain::identity::CitizenId;
    use jiff::civil::date;

    use super::*;

    #[test]
    fn every_number_is_right_marked_as_made_up_and_stands_once() {
        let numbers: BTreeSet<_> = (0..1_200_000).step_by(997).map(citizen_number).collect();
        assert_eq!(numbers.len(), (0..1_200_000).step_by(997).count());
        for number in numbers {
            assert!(CitizenId::parse(&number, date(2026, 3, 10)).is_ok(), "{number}");
            assert_eq!(number.as_bytes()[14], b'9', "{number}");
        }
    }
}
