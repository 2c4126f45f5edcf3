//! A project from its opening to the day the last worker left, on both databases.

use banjie_domain::actor::{Principal, Role};
use banjie_domain::id::{OfficeId, ProjectId, RegistrationId, TeamId};
use banjie_domain::refusal::Refusal;
use banjie_domain::registration_type::Answers;
use banjie_store::db::StoreUrl;
use banjie_store::test_support::{TestPostgres, TestSqlite};

use super::*;
use crate::app::App;
use crate::query::sites;
use crate::testing::{self, TestFolder};
use crate::usecase::ask::{self, Choice};
use crate::usecase::draft::{self, Upload};
use crate::usecase::form_key::{FormKey, new_form_key};
use crate::usecase::register;
use crate::verify;

const PDF: &[u8] = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n\
2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]>>endobj\n\
trailer<</Root 1 0 R>>\n%%EOF\n";

/// A contractor, a subcontractor, and a project with one team of each.
struct Site {
    app: App,
    _folder: TestFolder,
    contractor: Principal,
    labour: Principal,
    office: OfficeId,
    project: ProjectId,
    managers: TeamId,
    steel: TeamId,
}

fn key(app: &App) -> FormKey {
    FormKey::of(&new_form_key(app), b"body")
}

fn project(code: &str) -> NewProject {
    NewProject {
        code: code.to_owned(),
        name: "西溪云谷二期工程".to_owned(),
        region: "330106".to_owned(),
        started_on: "2026-01-05".to_owned(),
    }
}

impl Site {
    fn on((app, folder): (App, TestFolder)) -> Self {
        let office = testing::site_office(&app);
        let contractor = testing::employer(&app, "浙江青石建设有限公司", "91330106MA2DEM0C77");
        let labour = testing::employer(&app, "杭州众工建筑劳务有限公司", "91330106MA2DEM0D52");
        let project = open_project(&app, &contractor, &project("330106-2026-0901")).unwrap();
        add_unit(&app, &contractor, &project, "91330106MA2DEM0D52", "006").unwrap();
        let managers = add_team(&app, &contractor, &project, "项目部").unwrap();
        let steel = add_team(&app, &labour, &project, "钢筋一班").unwrap();
        Self { app, _folder: folder, contractor, labour, office, project, managers, steel }
    }

    /// Lets somebody in, on 2 March 2026.
    fn let_in(&self, name: &str, number: &str) -> Result<RegistrationId, AppError> {
        let answers: Answers = [
            ("document_kind", "citizen-id"),
            ("document_number", number),
            ("name", name),
            ("phone", "13800000000"),
            ("work_type", "020"),
            ("work_role", "20"),
            ("team_leader", "no"),
            ("entered_on", "2026-03-02"),
            ("agreement_type", "contract"),
            ("agreement_from", "2026-03-02"),
        ]
        .into_iter()
        .collect();
        let draft = draft::start_worker(&self.app, &self.labour, &self.steel)?;
        draft::save_answers(&self.app, &self.labour, &draft, 1, answers)?;
        Ok(register::submit_registration(&self.app, &self.labour, &draft, &key(&self.app))?.registration)
    }

    fn leave(&self, on: &str, workers: &[&RegistrationId], key: &FormKey) -> Result<Vec<Gone>, AppError> {
        let workers = workers.iter().map(|worker| (*worker).clone()).collect();
        let leaving = Leaving { team: self.steel.clone(), on: on.to_owned(), reason: "X1".to_owned(), workers };
        leave_site(&self.app, &self.labour, &leaving, key)
    }

    fn come_back(&self, on: &str, worker: &RegistrationId) -> Result<banjie_domain::id::CaseId, AppError> {
        let coming = Coming { team: self.steel.clone(), on: on.to_owned(), worker: worker.clone() };
        come_back(&self.app, &self.labour, &coming, &key(&self.app))
    }

    fn counts(&self) -> (i64, i64) {
        let view = sites::project(&self.app, &self.labour, &self.project).unwrap();
        let own = view.units.into_iter().find(|unit| unit.own).unwrap();
        let team = own.teams.unwrap().remove(0);
        (team.on_site, team.left)
    }
}

fn code<T>(result: Result<T, AppError>) -> &'static str {
    match result {
        Ok(_) => "done",
        Err(AppError::Refused(Refusal::Answers(problems))) => problems[0].problem.code,
        Err(AppError::Refused(refusal)) => refusal.code(),
        Err(AppError::NotFound) => "not-found",
        Err(_) => "fault",
    }
}

#[test]
fn a_team_comes_leaves_with_a_result_for_each_worker_and_one_of_them_comes_again() {
    let (sqlite, postgres) = (TestSqlite::create().unwrap(), TestPostgres::start().unwrap());
    for url in [sqlite.url(), StoreUrl::parse(&postgres.url()).unwrap()] {
        let site = Site::on(testing::app_on(&url));
        let luo = site.let_in("罗长贵", "51132219780603905X").unwrap();
        let xiang = site.let_in("向大山", "421022198509179036").unwrap();
        assert_eq!(site.counts(), (2, 0));
        // 向 was revoked for: his record is held, and holds nobody else up.
        let draft = ask::start(&site.app, &site.labour, &xiang).unwrap();
        let answers: Answers = [("note", "登记以后发现他从来没有来过工地")].into_iter().collect();
        let choice = Choice { situation: "never-came", reason: "9001" };
        ask::choose(&site.app, &site.labour, (&draft, 1), choice, &answers).unwrap();
        let upload = Upload { material: "revocation-statement", name: "说明.pdf", bytes: PDF };
        draft::add_file(&site.app, &site.labour, &draft, &upload).unwrap();
        ask::submit_ask(&site.app, &site.labour, &draft, &key(&site.app)).unwrap();

        let form = key(&site.app);
        let gone = site.leave("2026-03-09", &[&luo, &xiang], &form).unwrap();
        let told: Vec<_> = gone.into_iter().map(|one| code(one.result)).collect();
        assert_eq!(told, ["done", "case-open"]);
        // The same form sent again changes nothing and says the same.
        let again = site.leave("2026-03-09", &[&luo, &xiang], &form).unwrap();
        assert_eq!(again.into_iter().map(|one| code(one.result)).collect::<Vec<_>>(), told);
        assert_eq!(site.counts(), (1, 1));

        assert_eq!(code(site.come_back("2026-03-08", &luo)), "site.before-exit");
        assert_eq!(code(site.come_back("2026-03-11", &luo)), "site.not-yet");
        site.come_back("2026-03-09", &luo).unwrap();
        assert_eq!(site.counts(), (2, 0));
        let found: Vec<_> = verify::run(&site.app).unwrap().findings.into_iter().map(|found| found.what).collect();
        assert_eq!(found, Vec::<&str>::new());
    }
}

#[test]
fn who_left_is_entered_on_the_record_that_is_there() {
    let site = Site::on(testing::app());
    let luo = site.let_in("罗长贵", "51132219780603905X").unwrap();
    assert_eq!(code(site.let_in("罗长贵", "51132219780603905X")), "registration.duplicate");
    site.leave("2026-03-09", &[&luo], &key(&site.app)).unwrap();
    assert_eq!(code(site.let_in("罗长贵", "51132219780603905X")), "site.was-here");
}

#[test]
fn two_workers_come_again_from_one_page_and_an_empty_key_is_nobodys() {
    let site = Site::on(testing::app());
    let (luo, xiang) =
        (site.let_in("罗长贵", "51132219780603905X").unwrap(), site.let_in("向大山", "421022198509179036").unwrap());
    let none = FormKey::of("", b"body");
    let told: Vec<_> =
        site.leave("2026-03-09", &[&luo], &none).unwrap().into_iter().map(|one| code(one.result)).collect();
    assert_eq!(told, ["moved-meanwhile"]);
    // One page, sent once for one of them and, after the way back in the browser, for both.
    let page = key(&site.app);
    for workers in [vec![&luo], vec![&luo, &xiang]] {
        let gone = site.leave("2026-03-09", &workers, &page).unwrap();
        assert!(gone.iter().all(|one| one.result.is_ok()));
    }
    for worker in [&luo, &xiang] {
        let coming = Coming { team: site.steel.clone(), on: "2026-03-10".to_owned(), worker: worker.clone() };
        come_back(&site.app, &site.labour, &coming, &page).unwrap();
    }
    assert_eq!(site.counts(), (2, 0));
}

#[test]
fn the_labour_offices_staff_do_not_see_what_the_housing_office_keeps() {
    let site = Site::on(testing::app());
    site.let_in("罗长贵", "51132219780603905X").unwrap();
    for role in [Role::Intake, Role::First, Role::Inspector] {
        let labour = testing::session(&site.app, &testing::staff(&site.app, role));
        let labour = crate::session::principal(&site.app, &labour).unwrap().unwrap().principal;
        assert_eq!(code(sites::team(&site.app, &labour, &site.steel)), "not-found");
        assert_eq!(sites::projects(&site.app, &labour, None).unwrap().rows.len(), 0);
    }
    let housing = testing::staff_of(&site.app, Role::Inspector, site.office.clone());
    assert_eq!(code(sites::team(&site.app, &housing, &site.steel)), "done");
}

#[test]
fn nothing_is_recorded_without_a_day_a_reason_and_somebody() {
    let site = Site::on(testing::app());
    let luo = site.let_in("罗长贵", "51132219780603905X").unwrap();
    assert_eq!(code(site.leave("", &[&luo], &key(&site.app))), "date.unreadable");
    assert_eq!(code(site.leave("2026-03-09", &[], &key(&site.app))), "site.nobody");
    assert_eq!(site.counts(), (1, 0));
}

#[test]
fn each_unit_keeps_its_own_team_and_the_contractor_sees_all() {
    let site = Site::on(testing::app());
    let stranger = testing::employer(&site.app, "杭州远山物流有限公司", "91330106MA2DEM0B9C");
    let sees = |who: &Principal, team: &TeamId| code(sites::team(&site.app, who, team));
    assert_eq!([sees(&site.contractor, &site.steel), sees(&site.labour, &site.steel)], ["done", "done"]);
    assert_eq!([sees(&site.labour, &site.managers), sees(&stranger, &site.steel)], ["not-found", "not-found"]);
    assert_eq!(code(sites::project(&site.app, &stranger, &site.project)), "not-found");
    // The contractor sees the workers of another unit and lets none of them come or go.
    assert_eq!(code(draft::start_worker(&site.app, &site.contractor, &site.steel)), "not-found");
    assert_eq!(code(add_team(&site.app, &stranger, &site.project, "木工班")), "not-found");
    assert_eq!(code(add_unit(&site.app, &site.labour, &site.project, "91330106MA2DEM0B9C", "001")), "not-found");
}

#[test]
fn what_is_typed_wrong_about_a_project_is_said_at_once() {
    let site = Site::on(testing::app());
    let wrong = NewProject { code: "一号".to_owned(), ..NewProject::default() };
    let Err(AppError::Refused(Refusal::Answers(problems))) = open_project(&site.app, &site.contractor, &wrong) else {
        panic!("a project without anything was opened");
    };
    let fields: Vec<_> = problems.iter().map(|problem| problem.field.as_str()).collect();
    assert_eq!(fields, ["code", "name", "region", "started_on"]);
    let taken = open_project(&site.app, &site.labour, &project("330106-2026-0901"));
    assert_eq!(code(taken), "site.code-taken");
    let again = open_project(&site.app, &site.contractor, &project("330106-2026-0901")).unwrap();
    assert_eq!(again, site.project, "his own is opened again");
    let twice = add_unit(&site.app, &site.contractor, &site.project, "91330106MA2DEM0D52", "001");
    assert_eq!(code(twice), "site.unit-there");
    assert_eq!(code(add_team(&site.app, &site.labour, &site.project, "钢筋一班")), "site.team-taken");
}
