//! What happened in the demo: registrations, and cases at every stage, made by the people who would make them.

use banjie_domain::actor::Principal;
use banjie_domain::authorize::Action;
use banjie_domain::case::{Command, Gap, Ground, Opinion, Verdict, WHOLE_CASE};
use banjie_domain::id::{CaseId, RegistrationId};
use banjie_domain::registration_type::Answers;
use jiff::ToSpan as _;

use super::cast::{FOREIGNER, citizen_id, somebody};
use super::days::Days;
use crate::app::App;
use crate::error::{Outcome, fault};
use crate::usecase::ask::{self, Choice};
use crate::usecase::desk::{self, ClockForm};
use crate::usecase::direct;
use crate::usecase::draft::{self, Upload};
use crate::usecase::form_key::{FormKey, new_form_key};
use crate::usecase::move_case::{self, Wish, move_case};

const CERTIFICATE: &str = "release-certificate";
const PDF: &[u8] = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n\
2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n\
3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n";

/// A worker who has no account: name, citizen number with a serial of 9xx, how many working days ago something was
/// asked about the registration, and what has happened since.
type Worker = (&'static str, &'static str, Option<(u32, Goes)>);

const WORKERS: [Worker; 14] = [
    ("王秀英", "330106197203089028", Some((1, waiting))),
    ("李国强", "330106198107219018", Some((4, supplemented))),
    ("赵小满", "330106199505219042", Some((3, accepted))),
    ("欧阳淑芬", "330106196911309023", Some((8, granted))),
    ("吴䶮", "330106198812019038", Some((7, refused))),
    ("何秋月", "330106198704239068", Some((4, reviewed))),
    ("马志刚", "330106197908119071", Some((6, declined))),
    ("唐小燕", "33010619910617908X", Some((5, withdrawn))),
    ("周文静", "330106199012019106", Some((5, suspended))),
    ("郑海生", "330106197506149112", Some((9, extended))),
    ("冯玉兰", "330106196808239127", Some((30, supplemented))),
    ("袁小军", "330106198511119131", Some((8, accepted))),
    ("蒋文博", "330106198409059099", None),
    ("孙志远", "330106199309159054", None),
];
/// Of those, the one whose post was written wrongly.
const MISWRITTEN: &str = "蒋文博";

/// Workers with other documents; the numbers are of the right form and nobody's.
const FOREIGNERS: [[(&str, &str); 6]; 2] = [
    [
        ("document_kind", "passport"),
        ("document_number", FOREIGNER.2),
        ("document_country", "VNM"),
        ("name", FOREIGNER.1),
        ("birth_date", "1994-08-12"),
        ("sex", "2"),
    ],
    [
        ("document_kind", "hk-macao-permit"),
        ("document_number", "H00000902"),
        ("document_country", ""),
        ("name", "歐陽嘉欣"),
        ("birth_date", "1990-03-05"),
        ("sex", "2"),
    ],
];

pub(super) fn key(app: &App) -> FormKey {
    FormKey::of(&new_form_key(app), b"demo")
}

/// Tells the story.
pub(super) fn tell(app: &App, days: &Days<'_>) -> Outcome<()> {
    let clerk = somebody(app, "danwei")?;
    days.at(40, 9)?;
    let hired = days.ago(200);
    let mut records = Vec::new();
    for (name, number, since) in WORKERS {
        let record = employ(app, &clerk, &hired, &[("document_number", number), ("name", name)])?;
        records.push((name, record, since));
    }
    for foreigner in FOREIGNERS {
        employ(app, &clerk, &hired, &foreigner)?;
    }
    let (name, number) = citizen_id("geren2").ok_or_else(|| fault("a demo person"))?;
    employ(app, &clerk, &hired, &[("document_number", number), ("name", name)])?;
    let since = days.ago(300);
    flexible(app, &somebody(app, "geren")?, &since)?;
    flexible(app, &somebody(app, "geren3")?, &since)?;
    for (name, record, since) in &records {
        if let Some((asked, go)) = *since {
            days.at(asked, 10)?;
            let case = leave(app, &clerk, record)?;
            go(&Told { app, days, asked, case })?;
        }
        if *name == MISWRITTEN {
            days.at(2, 11)?;
            let case = put_right(app, &clerk, record)?;
            accepted(&Told { app, days, asked: 2, case })?;
        }
    }
    Ok(())
}

/// How a case goes on.
type Goes = fn(&Told<'_>) -> Outcome<()>;

/// A case that was asked for, and the days that followed.
struct Told<'a> {
    app: &'a App,
    days: &'a Days<'a>,
    /// Working days before today.
    asked: u32,
    case: CaseId,
}

impl Told<'_> {
    /// One step by an officer, so many working days after the asking.
    fn step(&self, after: u32, login: &'static str, action: Action, command: Command) -> Outcome<()> {
        self.days.at(self.asked.saturating_sub(after), 14)?;
        move_case(self.app, &somebody(self.app, login)?, &self.case, &Wish::new(action, command)).map(|_| ())
    }
}

/// Registers somebody; `who` says what differs from a worker with a citizen number.
fn employ(app: &App, clerk: &Principal, hired: &str, who: &[(&str, &str)]) -> Outcome<RegistrationId> {
    let usual = [
        ("document_kind", "citizen-id"),
        ("phone", "13800000000"),
        ("employment_form", "full-time"),
        ("hired_on", hired),
        ("post", "家政服务员"),
        ("work_region", "330106"),
        ("contract_type", "open"),
        ("contract_from", hired),
    ];
    let answers: Answers = usual.into_iter().chain(who.iter().copied()).collect();
    register_with(app, clerk, "employer", &answers)
}

fn flexible(app: &App, person: &Principal, since: &str) -> Outcome<RegistrationId> {
    let answers: Answers = [
        ("work_type", "05"),
        ("work_content", "上门照护老人"),
        ("started_on", since),
        ("industry", "O"),
        ("work_region", "330106"),
        ("work_address", "文三路 1 号（演示）"),
    ]
    .into_iter()
    .collect();
    register_with(app, person, "flexible", &answers)
}

pub(super) fn register_with(app: &App, who: &Principal, kind: &str, answers: &Answers) -> Outcome<RegistrationId> {
    Ok(direct::register(app, who, kind, answers, &key(app))?.registration)
}

pub(super) fn leave(app: &App, clerk: &Principal, record: &RegistrationId) -> Outcome<CaseId> {
    let draft = ask::start(app, clerk, record)?;
    let last = app.today().saturating_sub(4.days()).to_string();
    let answers: Answers = [("effective_on", last.as_str()), ("note", "")].into_iter().collect();
    ask::choose(app, clerk, (&draft, 1), Choice { situation: "agreed", reason: "3602" }, &answers)?;
    let upload = Upload { material: CERTIFICATE, name: "解除劳动合同证明.pdf", bytes: PDF };
    draft::add_file(app, clerk, &draft, &upload)?;
    ask::submit_ask(app, clerk, &draft, &key(app))
}

fn put_right(app: &App, clerk: &Principal, record: &RegistrationId) -> Outcome<CaseId> {
    let draft = ask::start(app, clerk, record)?;
    ask::choose(app, clerk, (&draft, 1), Choice { situation: "still-working", reason: "G1" }, &Answers::default())?;
    let answers: Answers = [("post", "家政培训师")].into_iter().collect();
    let form = ask::correction_form(app, clerk, &draft::find(app, clerk, &draft)?)?;
    ask::correct(app, clerk, (&draft, 2), &ask::Typed { answers: &answers, record: &form.record })?;
    let upload = Upload { material: "correction-statement", name: "更正说明.pdf", bytes: PDF };
    draft::add_file(app, clerk, &draft, &upload)?;
    ask::submit_ask(app, clerk, &draft, &key(app))
}

fn waiting(_: &Told<'_>) -> Outcome<()> {
    Ok(())
}

fn supplemented(told: &Told<'_>) -> Outcome<()> {
    let gaps = vec![Gap { target: format!("material:{CERTIFICATE}"), fault: "no-seal".to_owned() }];
    let command = Command::RequestSupplement { gaps, note: None, supervisor: false };
    told.step(1, "shouli", Action::CaseSupplement, command)
}

fn accepted(told: &Told<'_>) -> Outcome<()> {
    told.step(1, "shouli", Action::CaseIntake, Command::Accept)
}

fn opinion(verdict: Verdict) -> Opinion {
    let ground = Ground { rule: "material-insufficient".to_owned(), target: format!("material:{CERTIFICATE}") };
    let grounds = if verdict == Verdict::Refuse { vec![ground] } else { Vec::new() };
    Opinion { verdict, grounds, note: None }
}

/// A hearing comes first.
fn suspended(told: &Told<'_>) -> Outcome<()> {
    accepted(told)?;
    told.days.at(told.asked.saturating_sub(2), 15)?;
    let until = told.app.today().saturating_add(21.days()).to_string();
    let note = "双方对离开的日子说法不一，定了听证，时间另外通知双方。".to_owned();
    let form = ClockForm { reason: "hearing".to_owned(), until, note };
    let (who, seen) = (somebody(told.app, "duban")?, move_case::load(told.app, &told.case)?.case.version);
    desk::suspend(told.app, &who, &told.case, seen, &form).map(|_| ())
}

/// More time was given.
fn extended(told: &Told<'_>) -> Outcome<()> {
    accepted(told)?;
    told.days.at(told.asked.saturating_sub(3), 15)?;
    let note = "已经发函给社会保险经办机构核对缴费记录，等回函。".to_owned();
    let form = ClockForm { reason: "other-office".to_owned(), until: String::new(), note };
    let (who, seen) = (somebody(told.app, "duban")?, move_case::load(told.app, &told.case)?.case.version);
    desk::extend(told.app, &who, &told.case, seen, &form).map(|_| ())
}

/// The first reviewer has said his word, the second has not begun.
fn reviewed(told: &Told<'_>) -> Outcome<()> {
    accepted(told)?;
    told.step(2, "chushen", Action::CaseFirst, Command::GiveOpinion(opinion(Verdict::Grant)))
}

fn declined(told: &Told<'_>) -> Outcome<()> {
    let grounds = vec![Ground { rule: "not-competent".to_owned(), target: WHOLE_CASE.to_owned() }];
    let opinion = Opinion { verdict: Verdict::Refuse, grounds, note: None };
    told.step(1, "shouli", Action::CaseIntake, Command::Decline(opinion))
}

fn withdrawn(told: &Told<'_>) -> Outcome<()> {
    told.days.at(told.asked.saturating_sub(1), 15)?;
    ask::withdraw(told.app, &somebody(told.app, "danwei")?, &told.case)
}

fn decided(told: &Told<'_>, verdict: Verdict) -> Outcome<()> {
    accepted(told)?;
    told.step(2, "chushen", Action::CaseFirst, Command::GiveOpinion(opinion(verdict)))?;
    told.step(3, "fushen", Action::CaseSecond, Command::Decide(opinion(verdict)))
}

fn granted(told: &Told<'_>) -> Outcome<()> {
    decided(told, Verdict::Grant)
}

fn refused(told: &Told<'_>) -> Outcome<()> {
    decided(told, Verdict::Refuse)
}
