//! Opening, handing over and closing accounts, through a real application.

use banjie_domain::actor::{Principal, Standing};
use banjie_domain::problem::FieldProblem;
use banjie_domain::refusal::Refusal;
use jiff::SignedDuration;

use super::*;
use crate::session;
use crate::testing;
use crate::usecase::site::{NewProject, open_project};

const PASSWORD: &str = "三只松鼠爬上了老樟树";

fn problems<T>(outcome: Outcome<T>) -> Vec<(String, &'static str)> {
    match outcome {
        Err(AppError::Refused(Refusal::Answers(found))) => {
            found.into_iter().map(|FieldProblem { field, problem }| (field, problem.code)).collect()
        }
        Err(other) => panic!("not a refusal: {other}"),
        Ok(_) => Vec::new(),
    }
}

fn a_person(login: &str) -> NewAccount {
    NewAccount {
        role: "person".to_owned(),
        login: login.to_owned(),
        name: "张伟".to_owned(),
        person: Some(DocumentTyped {
            kind: "citizen-id".to_owned(),
            number: "11010519491231002x".to_owned(),
            country: String::new(),
        }),
        assurance: "seen".to_owned(),
        ..NewAccount::default()
    }
}

fn a_clerk(login: &str) -> NewAccount {
    NewAccount {
        role: "employer-clerk".to_owned(),
        login: login.to_owned(),
        name: "李娜".to_owned(),
        unit: Some(UnitTyped {
            number: "91350100M000100Y43".to_owned(),
            name: "某某科技有限公司".to_owned(),
            region: "330106".to_owned(),
        }),
        assurance: "seen".to_owned(),
        ..NewAccount::default()
    }
}

fn an_officer(login: &str, role: Role, office: &OfficeId) -> NewAccount {
    NewAccount {
        role: role.key().to_owned(),
        login: login.to_owned(),
        name: "周敏".to_owned(),
        office: Some(office.as_str().to_owned()),
        assurance: "code".to_owned(),
        ..NewAccount::default()
    }
}

fn a_district(app: &App, admin: &Principal) -> OfficeId {
    let asked = NewOffice {
        name: "灵隐街道服务站".to_owned(),
        region: "330106".to_owned(),
        authority: "rs".to_owned(),
        parent: testing::office(app).as_str().to_owned(),
    };
    open_office(app, admin, &asked).unwrap()
}

#[test]
fn a_code_opens_an_account_once_and_then_the_password_does() {
    let (app, _folder) = testing::app();
    let admin = testing::staff(&app, Role::RegionalAdmin);
    let opened = open_account(&app, &admin, &a_person(" ZhangWei ")).unwrap();
    assert_eq!(opened.login, "zhangwei");
    activate(&app, "ZHANGWEI", &opened.code.to_lowercase(), PASSWORD).unwrap();
    assert!(session::sign_in(&app, "zhangwei", PASSWORD, "n").is_ok());
    let again = activate(&app, "zhangwei", &opened.code, PASSWORD);
    assert_eq!(problems(again), [("code".to_owned(), "activate.wrong")]);
}

#[test]
fn a_code_that_ran_out_and_an_unknown_login_get_the_same_answer() {
    let (app, folder) = testing::app();
    let admin = testing::staff(&app, Role::RegionalAdmin);
    let opened = open_account(&app, &admin, &a_person("zhangwei")).unwrap();
    let unknown = problems(activate(&app, "nobody", &opened.code, PASSWORD));
    folder.clock.advance(SignedDuration::from_hours(7 * 24));
    assert_eq!(problems(activate(&app, "zhangwei", &opened.code, PASSWORD)), unknown);
    assert_eq!(list(&app, &admin).unwrap()[0].state, AccountState::Expired);
}

#[test]
fn ten_wrong_codes_lock_the_account_for_a_day() {
    let (app, folder) = testing::app();
    let admin = testing::staff(&app, Role::RegionalAdmin);
    let opened = open_account(&app, &admin, &a_person("zhangwei")).unwrap();
    for _ in 0..10 {
        assert_eq!(problems(activate(&app, "zhangwei", "00000-00000", PASSWORD))[0].1, "activate.wrong");
    }
    assert_eq!(problems(activate(&app, "zhangwei", &opened.code, PASSWORD))[0].1, "account.locked");
    folder.clock.advance(SignedDuration::from_hours(25));
    activate(&app, "zhangwei", &opened.code, PASSWORD).unwrap();
}

#[test]
fn a_password_made_of_ones_own_number_is_refused_and_the_code_stays() {
    let (app, _folder) = testing::app();
    let admin = testing::staff(&app, Role::RegionalAdmin);
    let opened = open_account(&app, &admin, &a_person("zhangwei")).unwrap();
    let own = activate(&app, "zhangwei", &opened.code, "我11010519491231002X");
    assert_eq!(problems(own), [("password".to_owned(), "password.known")]);
    activate(&app, "zhangwei", &opened.code, PASSWORD).unwrap();
}

#[test]
fn all_problems_of_a_new_account_are_told_at_once() {
    let (app, _folder) = testing::app();
    let admin = testing::staff(&app, Role::RegionalAdmin);
    let wrong = NewAccount { role: "person".to_owned(), login: "a b".to_owned(), ..NewAccount::default() };
    let fields: Vec<_> = problems(open_account(&app, &admin, &wrong)).into_iter().map(|(field, _)| field).collect();
    assert_eq!(fields, ["login", "name", "assurance", "document_kind"]);
    let system = an_officer("root-admin", Role::SystemAdmin, &testing::office(&app));
    assert_eq!(problems(open_account(&app, &admin, &system)), [("role".to_owned(), "account.role")]);
}

#[test]
fn a_login_is_given_once_and_a_known_unit_keeps_its_name() {
    let (app, _folder) = testing::app();
    let admin = testing::staff(&app, Role::RegionalAdmin);
    open_account(&app, &admin, &a_clerk("lina")).unwrap();
    assert_eq!(problems(open_account(&app, &admin, &a_clerk("LiNa"))), [("login".to_owned(), "login.taken")]);
    let mut second = a_clerk("lina2");
    second.unit.as_mut().unwrap().name = "改了名字".to_owned();
    open_account(&app, &admin, &second).unwrap();
    let places: Vec<_> = list(&app, &admin).unwrap().into_iter().filter_map(|line| line.place).collect();
    assert_eq!(places.iter().filter(|place| *place == "某某科技有限公司").count(), 2, "{places:?}");
}

#[test]
fn an_administrator_manages_his_own_offices_and_nobody_above() {
    let (app, _folder) = testing::app();
    let top = testing::office(&app);
    let upper = testing::staff(&app, Role::RegionalAdmin);
    let district = a_district(&app, &upper);
    // A session that begins now knows the district.
    let standing = Standing::Offices { own: top.clone(), subtree: app.subtree(&top) };
    let upper = Principal { standing, ..upper };
    let lower = open_account(&app, &upper, &an_officer("lower", Role::RegionalAdmin, &district)).unwrap();
    activate(&app, "lower", &lower.code, PASSWORD).unwrap();
    let token = session::sign_in(&app, "lower", PASSWORD, "n").unwrap().token;
    let lower = session::principal(&app, &token).unwrap().unwrap().principal;

    let above = an_officer("intake", Role::Intake, &top);
    assert!(matches!(open_account(&app, &lower, &above), Err(AppError::NotFound)));
    let opened_above = open_account(&app, &upper, &a_person("zhangwei")).unwrap();
    assert!(matches!(new_code(&app, &lower, &opened_above.account), Err(AppError::NotFound)));
    assert!(list(&app, &lower).unwrap().iter().all(|line| line.login == "lower"));

    let below = open_account(&app, &lower, &an_officer("intake", Role::Intake, &district)).unwrap();
    assert!(new_code(&app, &upper, &below.account).is_ok());
    assert!(matches!(list(&app, &testing::staff(&app, Role::Intake)), Err(AppError::NotFound)));
}

#[test]
fn a_closed_account_is_out_at_once_and_nobody_closes_himself() {
    let (app, _folder) = testing::app();
    let admin = testing::staff(&app, Role::RegionalAdmin);
    let opened = open_account(&app, &admin, &a_person("zhangwei")).unwrap();
    activate(&app, "zhangwei", &opened.code, PASSWORD).unwrap();
    let token = session::sign_in(&app, "zhangwei", PASSWORD, "n").unwrap().token;
    set_access(&app, &admin, &opened.account, Access::Closed).unwrap();
    assert_eq!(session::principal(&app, &token).unwrap(), None);
    assert_eq!(problems(session::sign_in(&app, "zhangwei", PASSWORD, "n"))[0].1, "account.wrong");
    set_access(&app, &admin, &opened.account, Access::Reopened).unwrap();
    assert!(session::sign_in(&app, "zhangwei", PASSWORD, "n").is_ok());
    let own = set_access(&app, &admin, &admin.account, Access::Closed);
    assert_eq!(problems(own), [("account".to_owned(), "account.own")]);
}

#[test]
fn a_new_code_ends_the_sessions_and_the_old_password() {
    let (app, _folder) = testing::app();
    let admin = testing::staff(&app, Role::RegionalAdmin);
    let opened = open_account(&app, &admin, &a_person("zhangwei")).unwrap();
    activate(&app, "zhangwei", &opened.code, PASSWORD).unwrap();
    let token = session::sign_in(&app, "zhangwei", PASSWORD, "n").unwrap().token;
    let code = new_code(&app, &admin, &opened.account).unwrap().code;
    assert_ne!(code, opened.code);
    assert_eq!(session::principal(&app, &token).unwrap(), None);
    assert!(session::sign_in(&app, "zhangwei", PASSWORD, "n").is_err());
    activate(&app, "zhangwei", &code, "老樟树上有三只松鼠").unwrap_err();
    activate(&app, "zhangwei", &code, "老樟树上住着三只松鼠").unwrap();
}

#[test]
fn an_installation_is_set_up_once_with_the_token_of_the_console() {
    let (app, _folder) = testing::empty_app();
    let token = set_up_token(&app).unwrap().unwrap();
    let asked = SetUp {
        token: "0".repeat(32),
        office_name: "西湖区人力资源和社会保障局".to_owned(),
        region: "330106".to_owned(),
        login: "Admin1".to_owned(),
        name: "周敏".to_owned(),
        password: PASSWORD.to_owned(),
    };
    assert_eq!(problems(set_up(&app, &asked)), [("token".to_owned(), "set-up.token")]);
    let asked = SetUp { token, ..asked };
    let nowhere = SetUp { region: "999999".to_owned(), name: String::new(), ..asked.clone() };
    let codes: Vec<_> = problems(set_up(&app, &nowhere)).into_iter().map(|(_, code)| code).collect();
    assert_eq!(codes, ["region.unknown", "person-name.empty"]);
    set_up(&app, &asked).unwrap();
    assert_eq!(problems(set_up(&app, &asked)), [("token".to_owned(), "set-up.token")]);
    assert_eq!(set_up_token(&app).unwrap(), None);
    let signed_in = session::sign_in(&app, "admin1", PASSWORD, "n").unwrap();
    let signed = session::principal(&app, &signed_in.token).unwrap().unwrap();
    assert_eq!((signed.role, signed.display.as_str()), (Role::RegionalAdmin, "周敏"));
    assert_eq!(signed.office_name.as_deref(), Some("西湖区人力资源和社会保障局"));
}

#[test]
fn a_district_has_sites_once_its_housing_office_is_open() {
    let (app, _folder) = testing::app();
    let admin = testing::staff(&app, Role::RegionalAdmin);
    let contractor = testing::employer(&app, "浙江青石建设有限公司", "91330106MA2DEM0C77");
    let project = NewProject {
        code: "330106-2026-0901".to_owned(),
        name: "西溪云谷二期工程".to_owned(),
        region: "330106".to_owned(),
        started_on: "2026-01-05".to_owned(),
    };
    assert_eq!(problems(open_project(&app, &contractor, &project))[0].1, "region.no-office");
    let housing = NewOffice {
        name: "杭州市西湖区住房和城乡建设局".to_owned(),
        region: "330106".to_owned(),
        authority: "zj".to_owned(),
        parent: testing::office(&app).as_str().to_owned(),
    };
    let id = open_office(&app, &admin, &housing).unwrap();
    assert!(open_project(&app, &contractor, &project).is_ok());

    let wrong = |asked: NewOffice| problems(open_office(&app, &admin, &asked)).remove(0);
    assert_eq!(wrong(housing.clone()), ("name".to_owned(), "office.there"));
    let elsewhere = NewOffice { region: "330108".to_owned(), ..housing.clone() };
    assert_eq!(wrong(elsewhere), ("region".to_owned(), "office.outside"));
    // Whoever signs in now works for the new office too.
    let admin = testing::staff(&app, Role::RegionalAdmin);
    let wrong = |asked: NewOffice| problems(open_office(&app, &admin, &asked)).remove(0);
    let below = NewOffice { parent: id.as_str().to_owned(), authority: "rs".to_owned(), ..housing };
    assert_eq!(wrong(below), ("authority".to_owned(), "office.authority"));
}
