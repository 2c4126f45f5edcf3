//! The offices, people, firms and accounts of the demo.

use banjie_domain::actor::{Principal, Role, Standing};
use banjie_domain::id::{AccountId, EmployerId, OfficeId};
use banjie_domain::identity::{IdentityDocument, PersonName};
use banjie_domain::registration_type::Authority;
use banjie_store::accounts::{self as rows, AccountRow};
use banjie_store::error::StoreError;
use banjie_store::people::{self, EmployerRow, OfficeRow};

use super::DemoAccount;
use crate::app::App;
use crate::error::{Outcome, fault};
use crate::people::{ACTIVE, new_person, seal_display};

/// Authority, region, name; each below the one before of the same authority.
const OFFICES: [(Authority, &str, &str); 4] = [
    (Authority::Housing, "330106", "杭州市西湖区住房和城乡建设局"),
    (Authority::Labour, "330000", "浙江省人力资源和社会保障厅"),
    (Authority::Labour, "330100", "杭州市人力资源和社会保障局"),
    (Authority::Labour, "330106", "杭州市西湖区人力资源和社会保障局"),
];

/// Login, name, citizen number. The serials 9xx mark them as made up.
const PEOPLE: [(&str, &str, &str); 3] = [
    ("geren", "陈桂兰", "330106196805129029"),
    ("geren2", "周建国", "330106197511039014"),
    ("geren3", "买买提·艾力", "330106199002149038"),
];

/// A foreign worker with an account: login, name, number of a passport of Viet Nam that nobody has.
pub(super) const FOREIGNER: (&str, &str, &str) = ("waiguo", "Nguyễn Thị Thu Hà", "N00000901");

/// Logins and names of clerk and reader, name of the firm, 统一社会信用代码.
const FIRMS: [([&str; 2], [&str; 2], &str, &str); 4] = [
    (["danwei", "沈晓雯"], ["chaxun", "金海涛"], "杭州青禾家政服务有限公司（演示）", "91330106MA2DEM0A0F"),
    (["danwei2", "罗建平"], ["chaxun2", "戴美玲"], "杭州远山物流有限公司（演示）", "91330106MA2DEM0B9C"),
    (["zongbao", "唐国栋"], ["chaxun3", "韩雪"], "浙江青石建设有限公司（演示）", "91330106MA2DEM0C77"),
    (["fenbao", "彭大勇"], ["chaxun4", "曾丽"], "杭州众工建筑劳务有限公司（演示）", "91330106MA2DEM0D52"),
];

const OFFICERS: [(&str, Role, &str); 10] = [
    ("chuangkou", Role::Counter, "方敏"),
    ("shouli", Role::Intake, "何志强"),
    ("chushen", Role::First, "许立群"),
    ("fushen", Role::Second, "贺春燕"),
    ("chushen2", Role::First, "邵文静"),
    ("duban", Role::Supervisor, "梁启明"),
    ("jiancha", Role::Inspector, "严正平"),
    ("guanli", Role::RegionalAdmin, "顾晓东"),
    ("guanli2", Role::RegionalAdmin, "傅静怡"),
    ("xitong", Role::SystemAdmin, "冯一凡"),
];

/// Those of the housing authority's office.
const SITE_OFFICERS: [(&str, Role, &str); 3] =
    [("zhujian", Role::Intake, "潘永刚"), ("zhujian2", Role::First, "夏云"), ("zhujian3", Role::Second, "万里")];

/// The demo citizen number of a person's login.
pub(super) fn citizen_id(login: &str) -> Option<(&'static str, &'static str)> {
    PEOPLE.iter().find(|(known, ..)| *known == login).map(|(_, name, number)| (*name, *number))
}

/// Makes offices, people, firms and accounts without passwords.
pub(super) fn make(app: &App) -> Outcome<()> {
    offices(app)?;
    for (login, name, number) in PEOPLE {
        person(app, login, name, ("citizen-id", number, None))?;
    }
    let (login, name, number) = FOREIGNER;
    person(app, login, name, ("passport", number, Some("VNM")))?;
    for (clerk, reader, name, number) in FIRMS {
        firm(app, [clerk, reader], name, number)?;
    }
    officers(app, Authority::Labour, &OFFICERS)?;
    officers(app, Authority::Housing, &SITE_OFFICERS)
}

fn officers(app: &App, authority: Authority, all: &[(&str, Role, &str)]) -> Outcome<()> {
    let district = app.office_for("330106", authority).ok_or_else(|| fault("the demo has district offices"))?;
    all.iter().try_for_each(|(login, role, name)| {
        account(app, login, *role, Holder { office: Some(district.id.clone()), ..Holder::named(name) }).map(|_| ())
    })
}

fn offices(app: &App) -> Outcome<()> {
    let mut above: Option<(Authority, OfficeId)> = None;
    for (authority, region, name) in OFFICES {
        let parent = above.filter(|(same, _)| *same == authority).map(|(_, id)| id);
        let row = OfficeRow {
            id: app.fresh(OfficeId::new),
            parent,
            region: region.to_owned(),
            authority: authority.key().to_owned(),
            name: name.to_owned(),
        };
        above = Some((authority, row.id.clone()));
        app.store.write(move |tx| people::office_insert(tx, &row))?;
    }
    app.reload_offices()
}

fn person(app: &App, login: &str, name: &str, (kind, number, country): (&str, &str, Option<&str>)) -> Outcome<()> {
    let document =
        IdentityDocument::parse(kind, number, country, app.today()).map_err(|_| fault("a demo document is valid"))?;
    let parsed = PersonName::parse(name).map_err(|_| fault("a demo name is valid"))?;
    let row = new_person(app, &document, &parsed, None)?;
    let index = row.document_index.clone();
    let id = app.store.write(move |tx| {
        people::person_add(tx, &row)?;
        Ok::<_, StoreError>(people::person_find_by_document(tx, &index)?.map(|row| row.id))
    })?;
    account(app, login, Role::Person, Holder { person: id, ..Holder::named(name) }).map(|_| ())
}

fn firm(app: &App, [clerk, reader]: [[&str; 2]; 2], name: &str, number: &str) -> Outcome<()> {
    let row = EmployerRow {
        id: app.fresh(EmployerId::new),
        unit_number: number.to_owned(),
        name: name.to_owned(),
        region: "330106".to_owned(),
        standing: ACTIVE.to_owned(),
        created_at: app.micros(),
    };
    let id = row.id.clone();
    app.store.write(move |tx| people::employer_insert(tx, &row))?;
    let [login, who] = clerk;
    account(app, login, Role::EmployerClerk, Holder { employer: Some(id.clone()), ..Holder::named(who) })?;
    let [login, who] = reader;
    account(app, login, Role::EmployerReader, Holder { employer: Some(id), ..Holder::named(who) }).map(|_| ())
}

/// What an account of the demo stands for.
#[derive(Default)]
pub(super) struct Holder<'a> {
    pub name: &'a str,
    pub person: Option<banjie_domain::id::PersonId>,
    pub employer: Option<EmployerId>,
    pub office: Option<OfficeId>,
}

impl<'a> Holder<'a> {
    pub(super) fn named(name: &'a str) -> Self {
        Self { name, ..Self::default() }
    }
}

/// Makes an account without a password.
pub(super) fn account(app: &App, login: &str, role: Role, holder: Holder<'_>) -> Outcome<AccountId> {
    let id = app.fresh(AccountId::new);
    let row = AccountRow {
        login: login.to_owned(),
        role: role.key().to_owned(),
        person: holder.person,
        employer: holder.employer,
        office: holder.office,
        display: seal_display(app, &id, holder.name)?,
        assurance: "seen".to_owned(),
        password: None,
        code_hash: None,
        code_until: None,
        code_by: None,
        disabled: false,
        created_at: app.micros(),
        id: id.clone(),
    };
    app.store.write(move |tx| rows::account_insert(tx, &row))?;
    Ok(id)
}

fn logins() -> Vec<(&'static str, Role)> {
    let mut logins: Vec<_> = PEOPLE.iter().map(|(login, ..)| (*login, Role::Person)).collect();
    logins.push((FOREIGNER.0, Role::Person));
    for ([clerk, _], [reader, _], ..) in FIRMS {
        logins.extend([(clerk, Role::EmployerClerk), (reader, Role::EmployerReader)]);
    }
    logins.extend(OFFICERS.iter().chain(&SITE_OFFICERS).map(|(login, role, _)| (*login, *role)));
    logins
}

/// Gives all demo accounts one new password.
pub(super) fn open_all(app: &App, password: &str) -> Outcome<Vec<DemoAccount>> {
    let hashed = app.passwords.hash(password, app.entropy.as_ref())?;
    let mut opened = Vec::new();
    for (login, role) in logins() {
        let (hashed, now) = (hashed.clone(), app.micros());
        app.store.write(move |tx| -> Outcome<()> {
            let row = rows::account_find_by_login(tx, login)?.ok_or_else(|| fault("a demo account is missing"))?;
            // The way every password is set: with a code that is used up.
            rows::account_set_code(tx, &row.id, (b"demo", i64::MAX), (None, now))?;
            rows::account_set_password(tx, &row.id, b"demo", &hashed)?;
            Ok(())
        })?;
        opened.push(DemoAccount { role, login: login.to_owned() });
    }
    Ok(opened)
}

/// Somebody of the demo, to act through the use cases.
///
/// # Errors
/// When there is no demo.
pub fn somebody(app: &App, login: &str) -> Outcome<Principal> {
    let login = login.to_owned();
    let row = app
        .store
        .read(move |tx| rows::account_find_by_login(tx, &login))?
        .ok_or_else(|| fault("a demo account is missing"))?;
    let standing = match (row.person, row.employer, row.office) {
        (Some(person), ..) => Standing::Person(person),
        (_, Some(employer), _) => Standing::Employer(employer),
        (_, _, Some(own)) => Standing::Offices { subtree: app.subtree(&own), own },
        _ => return Err(fault("a demo account stands for somebody")),
    };
    let role = Role::parse(&row.role).ok_or_else(|| fault("a demo account has a role"))?;
    Ok(Principal { account: row.id, role, standing })
}
