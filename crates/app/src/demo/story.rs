//! What happened in the demo: registrations, and cases at every stage, made by the people who would make them.

use banjie_domain::actor::Principal;
use banjie_domain::authorize::Action;
use banjie_domain::case::{Command, Gap, Ground, Opinion, Verdict};
use banjie_domain::id::{CaseId, RegistrationId};
use banjie_domain::registration_type::Answers;
use jiff::ToSpan as _;

use super::cast::{citizen_id, somebody};
use crate::app::App;
use crate::error::{Outcome, fault};
use crate::usecase::ask::{self, Choice};
use crate::usecase::draft::{self, Upload};
use crate::usecase::form_key::{FormKey, new_form_key};
use crate::usecase::move_case::{Wish, move_case};
use crate::usecase::register;

const CERTIFICATE: &str = "release-certificate";
const PDF: &[u8] = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n\
2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n\
3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n";

/// Workers who have no account: name and citizen number, serials 9xx.
const WORKERS: [(&str, &str); 6] = [
    ("王秀英", "330106197203089028"),
    ("李国强", "330106198107219018"),
    ("赵小满", "330106199505219042"),
    ("欧阳淑芬", "330106196911309023"),
    ("吴䶮", "330106198812019038"),
    ("孙志远", "330106199309159054"),
];

fn key(app: &App) -> FormKey {
    FormKey::of(&new_form_key(app), b"demo")
}

/// Tells the story.
pub(super) fn tell(app: &App) -> Outcome<()> {
    let clerk = somebody(app, "danwei")?;
    let mut records = Vec::new();
    for (name, number) in WORKERS {
        records.push(employ(app, &clerk, name, number)?);
    }
    let (name, number) = citizen_id("geren2").ok_or_else(|| fault("a demo person"))?;
    employ(app, &clerk, name, number)?;
    flexible(app, &somebody(app, "geren")?)?;
    flexible(app, &somebody(app, "geren3")?)?;
    let stages: [fn(&App, &CaseId) -> Outcome<()>; 5] = [waiting, supplemented, accepted, granted, refused];
    for (record, go) in records.iter().zip(stages) {
        let case = leave(app, &clerk, record)?;
        go(app, &case)?;
    }
    Ok(())
}

fn days_ago(app: &App, days: i64) -> String {
    app.today().saturating_sub(days.days()).to_string()
}

fn employ(app: &App, clerk: &Principal, name: &str, number: &str) -> Outcome<RegistrationId> {
    let hired = days_ago(app, 200);
    let answers: Answers = [
        ("document_kind", "citizen-id"),
        ("document_number", number),
        ("name", name),
        ("phone", "13800000000"),
        ("employment_form", "full-time"),
        ("hired_on", hired.as_str()),
        ("post", "家政服务员"),
        ("work_region", "330106"),
        ("contract_type", "open"),
        ("contract_from", hired.as_str()),
    ]
    .into_iter()
    .collect();
    register_with(app, clerk, "employer", answers)
}

fn flexible(app: &App, person: &Principal) -> Outcome<RegistrationId> {
    let since = days_ago(app, 300);
    let answers: Answers = [
        ("work_type", "05"),
        ("work_content", "上门照护老人"),
        ("started_on", since.as_str()),
        ("industry", "O"),
        ("work_region", "330106"),
        ("work_address", "文三路 1 号（演示）"),
    ]
    .into_iter()
    .collect();
    register_with(app, person, "flexible", answers)
}

fn register_with(app: &App, who: &Principal, kind: &str, answers: Answers) -> Outcome<RegistrationId> {
    let draft = draft::start_registration(app, who, kind)?;
    draft::save_answers(app, who, &draft, 1, answers)?;
    Ok(register::submit_registration(app, who, &draft, &key(app))?.registration)
}

fn leave(app: &App, clerk: &Principal, record: &RegistrationId) -> Outcome<CaseId> {
    let draft = ask::start(app, clerk, record)?;
    let last = days_ago(app, 4);
    let answers: Answers = [("effective_on", last.as_str()), ("note", "")].into_iter().collect();
    ask::choose(app, clerk, (&draft, 1), Choice { situation: "agreed", reason: "3602" }, &answers)?;
    let upload = Upload { material: CERTIFICATE, name: "解除劳动合同证明.pdf", bytes: PDF };
    draft::add_file(app, clerk, &draft, &upload)?;
    ask::submit_ask(app, clerk, &draft, &key(app))
}

fn step(app: &App, login: &'static str, case: &CaseId, action: Action, command: Command) -> Outcome<()> {
    move_case(app, &somebody(app, login)?, case, &Wish::new(action, command)).map(|_| ())
}

fn waiting(_: &App, _: &CaseId) -> Outcome<()> {
    Ok(())
}

fn supplemented(app: &App, case: &CaseId) -> Outcome<()> {
    let gaps = vec![Gap { target: format!("material:{CERTIFICATE}"), fault: "no-seal".to_owned() }];
    let command = Command::RequestSupplement { gaps, note: None, supervisor: false };
    step(app, "shouli", case, Action::CaseSupplement, command)
}

fn accepted(app: &App, case: &CaseId) -> Outcome<()> {
    step(app, "shouli", case, Action::CaseIntake, Command::Accept)
}

fn opinion(verdict: Verdict) -> Opinion {
    let ground = Ground { rule: "material-insufficient".to_owned(), target: format!("material:{CERTIFICATE}") };
    let grounds = if verdict == Verdict::Refuse { vec![ground] } else { Vec::new() };
    Opinion { verdict, grounds, note: None }
}

fn decided(app: &App, case: &CaseId, verdict: Verdict) -> Outcome<()> {
    accepted(app, case)?;
    step(app, "chushen", case, Action::CaseFirst, Command::GiveOpinion(opinion(verdict)))?;
    step(app, "fushen", case, Action::CaseSecond, Command::Decide(opinion(verdict)))
}

fn granted(app: &App, case: &CaseId) -> Outcome<()> {
    decided(app, case, Verdict::Grant)
}

fn refused(app: &App, case: &CaseId) -> Outcome<()> {
    decided(app, case, Verdict::Refuse)
}
