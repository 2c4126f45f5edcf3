//! What the world is made of: records, a site, and drafts about them, each made as its page makes it.

use banjie_app::app::App;
use banjie_app::usecase::ask::{self, Choice};
use banjie_app::usecase::draft::{self, Upload};
use banjie_app::usecase::form_key::{FormKey, new_form_key};
use banjie_app::usecase::register;
use banjie_app::usecase::rule_change::{self, Typed};
use banjie_app::usecase::site::{self, NewProject};
use banjie_domain::actor::Principal;
use banjie_domain::id::{CaseId, DraftId, EvidenceId, ProjectId, RegistrationId, RuleChangeId, TeamId};
use banjie_domain::registration_type::Answers;

use super::world::{PAPER, PDF};

pub fn key(app: &App) -> FormKey {
    FormKey::of(&new_form_key(app), b"body")
}

pub fn hire(app: &App, clerk: &Principal, name: &str, number: &str) -> RegistrationId {
    let answers: Answers = [
        ("document_kind", "citizen-id"),
        ("document_number", number),
        ("name", name),
        ("phone", "13800000000"),
        ("employment_form", "full-time"),
        ("hired_on", "2026-01-05"),
        ("post", "家政服务员"),
        ("work_region", "330106"),
        ("contract_type", "open"),
        ("contract_from", "2026-01-05"),
    ]
    .into_iter()
    .collect();
    let draft = draft::start_registration(app, clerk, "employer").unwrap();
    draft::save_answers(app, clerk, &draft, 1, answers).unwrap();
    register::submit_registration(app, clerk, &draft, &key(app)).unwrap().registration
}

/// A project with one team.
pub fn build(app: &App, contractor: &Principal) -> (ProjectId, TeamId) {
    let asked = NewProject {
        code: "330106-2026-0901".to_owned(),
        name: "西溪云谷二期工程".to_owned(),
        region: "330106".to_owned(),
        started_on: "2026-01-05".to_owned(),
    };
    let project = site::open_project(app, contractor, &asked).unwrap();
    let team = site::add_team(app, contractor, &project, "钢筋一班").unwrap();
    (project, team)
}

/// A draft that asks to end a record, with its paper.
pub fn prepare(app: &App, who: &Principal, record: &RegistrationId) -> (DraftId, EvidenceId) {
    let draft = ask::start(app, who, record).unwrap();
    let answers: Answers = [("effective_on", "2026-03-06"), ("note", "")].into_iter().collect();
    let (situation, reason) = if who.person().is_some() { ("unit-let-me-go", "3601") } else { ("agreed", "3601") };
    ask::choose(app, who, (&draft, 1), Choice { situation, reason }, &answers).unwrap();
    let upload = Upload { material: PAPER, name: "证明.pdf", bytes: PDF };
    let file = draft::add_file(app, who, &draft, &upload).unwrap();
    (draft, file)
}

pub fn ask_for(app: &App, who: &Principal, record: &RegistrationId) -> (RegistrationId, CaseId, EvidenceId) {
    let (draft, file) = prepare(app, who, record);
    let case = ask::submit_ask(app, who, &draft, &key(app)).unwrap();
    (record.clone(), case, file)
}

/// A draft that asks to correct a record, with its paper.
pub fn prepare_correction(app: &App, who: &Principal, record: &RegistrationId) -> (DraftId, EvidenceId) {
    let draft = ask::start(app, who, record).unwrap();
    let situation = if who.person().is_some() { "my-data-wrong" } else { "still-working" };
    ask::choose(app, who, (&draft, 1), Choice { situation, reason: "G1" }, &Answers::default()).unwrap();
    let answers: Answers = [("post", "月嫂")].into_iter().collect();
    let form = ask::correction_form(app, who, &draft::find(app, who, &draft).unwrap()).unwrap();
    ask::correct(app, who, (&draft, 2), &ask::Typed { answers: &answers, record: &form.record }).unwrap();
    let upload = Upload { material: "contract-pages", name: "合同.pdf", bytes: PDF };
    let file = draft::add_file(app, who, &draft, &upload).unwrap();
    (draft, file)
}

/// A draft that changes the district's rules; a finished one says why.
pub fn change_rules(app: &App, who: &Principal, finished: bool) -> RuleChangeId {
    let id = rule_change::start(app, who, "330106", "2026-04-01").unwrap();
    if finished {
        let body = rule_change::open(app, who, &id).unwrap().line.row.body;
        let typed = Typed { body, from: "2026-04-01".to_owned(), why: "试".to_owned() };
        rule_change::save(app, who, (&id, 1), &typed).unwrap();
    }
    id
}
