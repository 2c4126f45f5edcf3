//! Opening one account: everything typed is parsed, all problems are told at once, one transaction writes it.

use banjie_domain::actor::{Principal, Role, Standing};
use banjie_domain::authorize::{Action, Relation, Resource, allowed, authorize, authorize_list};
use banjie_domain::id::{AccountId, EmployerId, OfficeId};
use banjie_domain::identity::{IdentityDocument, PersonName, UnitNumber};
use banjie_domain::policy::Assurance;
use banjie_domain::problem::{FieldProblem, Problem};
use banjie_domain::refusal::Refusal;
use banjie_store::accounts::AccountRow;
use banjie_store::db::Tx;
use banjie_store::people::{self as rows, EmployerRow, PersonRow};

use super::{HandedOver, fresh_code, hand_over, insert, parse_login, parse_region, parse_title};
use crate::app::App;
use crate::error::{AppError, Outcome, fault};
use crate::people;

/// What is typed about a new account.
#[derive(Clone, Default)]
pub struct NewAccount {
    /// Key of its role.
    pub role: String,
    /// What its holder will type to sign in.
    pub login: String,
    /// The holder's name.
    pub name: String,
    /// The document seen, for a person.
    pub person: Option<DocumentTyped>,
    /// The unit, for an employer's clerk or reader.
    pub unit: Option<UnitTyped>,
    /// Id of the office, for its staff.
    pub office: Option<String>,
    /// Key of how sure we are who it is: `seen` or `code`.
    pub assurance: String,
}

/// An identity document as typed.
#[derive(Clone, Default)]
pub struct DocumentTyped {
    /// Key of its kind.
    pub kind: String,
    /// Its number.
    pub number: String,
    /// The country of a passport.
    pub country: String,
}

/// A unit as typed.
#[derive(Clone, Default)]
pub struct UnitTyped {
    /// 统一社会信用代码, or an old business number.
    pub number: String,
    /// Its name.
    pub name: String,
    /// Code of the region it is registered in.
    pub region: String,
}

/// Whom an account stands for, before the database was asked.
#[derive(Clone)]
enum Holder {
    Person(PersonRow),
    Employer(EmployerRow),
    Office(OfficeId),
}

/// The roles whose accounts a role opens, in the order of the form.
#[must_use]
pub fn roles_to_open(opener: Role) -> Vec<Role> {
    let opens_any = allowed(opener, Action::AccountManage, Relation::Office);
    let may = |role: &Role| opens_any && (*role != Role::SystemAdmin || opener == Role::SystemAdmin);
    Role::ALL.into_iter().filter(may).collect()
}

/// Opens an account and hands out its code. A unit that is known keeps what is known of it.
///
/// # Errors
/// With every problem at its field; `login.taken`; not found for an office that is not within one's own.
pub fn open_account(app: &App, who: &Principal, asked: &NewAccount) -> Outcome<HandedOver> {
    authorize_list(who, Action::AccountManage)?;
    let mut problems = Vec::new();
    let role = Role::parse(&asked.role).filter(|role| roles_to_open(who.role).contains(role));
    let role = take(role.ok_or_else(|| Problem::new("account.role")), "role", &mut problems);
    let login = take(parse_login(&asked.login), "login", &mut problems);
    let name = take(PersonName::parse(&asked.name), "name", &mut problems);
    let assurance = [Assurance::Seen, Assurance::Code].into_iter().find(|level| level.key() == asked.assurance);
    let assurance = take(assurance.ok_or_else(|| Problem::new("account.assurance")), "assurance", &mut problems);
    let holder = match role {
        Some(role) => holder(app, role, asked, name.as_ref(), &mut problems)?,
        None => None,
    };
    let (Some(role), Some(login), Some(name), Some(assurance), Some(holder)) = (role, login, name, assurance, holder)
    else {
        return Err(Refusal::Answers(problems).into());
    };
    let office = office_of(who, &holder)?;
    authorize(who, Action::AccountManage, &Resource { office: Some(office.clone()), ..Resource::default() })?;
    let id = app.fresh(AccountId::new);
    let (code, until) = fresh_code(app);
    let account = AccountRow {
        login,
        role: role.key().to_owned(),
        person: None,
        employer: None,
        office: Some(office),
        display: people::seal_display(app, &id, name.as_str())?,
        assurance: assurance.key().to_owned(),
        password: None,
        code_hash: Some(code.hash(&app.keys, id.as_str()).to_vec()),
        code_until: Some(until),
        code_by: Some(who.account.clone()),
        disabled: false,
        created_at: app.micros(),
        id,
    };
    app.retry(|| {
        let (account, holder) = (account.clone(), holder.clone());
        app.store.write(move |tx| write(tx, account, holder))
    })?;
    tracing::info!(account = %account.id, by = %who.account, "account {} was opened", account.id);
    hand_over(app, &account, &code)
}

/// Keeps a value, or puts its problem beside the field.
fn take<T>(parsed: Result<T, Problem>, field: &str, problems: &mut Vec<FieldProblem>) -> Option<T> {
    parsed.map_err(|problem| problems.push(problem.at(field))).ok()
}

fn holder(
    app: &App,
    role: Role,
    asked: &NewAccount,
    name: Option<&PersonName>,
    problems: &mut Vec<FieldProblem>,
) -> Outcome<Option<Holder>> {
    match role {
        Role::Person => {
            let typed = asked.person.clone().unwrap_or_default();
            let document = IdentityDocument::parse(&typed.kind, &typed.number, Some(&typed.country), app.today());
            let field = match &document {
                Err(problem) if problem.code == "document.kind" => "document_kind",
                Err(problem) if problem.code == "passport.country" => "country",
                _ => "document_number",
            };
            let (Some(document), Some(name)) = (take(document, field, problems), name) else { return Ok(None) };
            people::new_person(app, &document, name, None).map(|row| Some(Holder::Person(row)))
        }
        Role::EmployerClerk | Role::EmployerReader => {
            let typed = asked.unit.clone().unwrap_or_default();
            let number = take(UnitNumber::parse(&typed.number), "unit_number", problems);
            let title = take(parse_title(&typed.name), "unit_name", problems);
            let region = take(parse_region(app, &typed.region), "unit_region", problems);
            let (Some(number), Some(title), Some(region)) = (number, title, region) else { return Ok(None) };
            Ok(Some(Holder::Employer(EmployerRow {
                id: app.fresh(EmployerId::new),
                unit_number: number.as_str().to_owned(),
                name: title,
                region,
                standing: people::ACTIVE.to_owned(),
                created_at: app.micros(),
            })))
        }
        _ => {
            let office = OfficeId::parse(asked.office.as_deref().unwrap_or_default());
            let office = office.map_err(|_| Problem::new("account.office"));
            Ok(take(office, "office", problems).map(Holder::Office))
        }
    }
}

/// The office that manages the account: its own, or for the public the one that opened it.
fn office_of(who: &Principal, holder: &Holder) -> Outcome<OfficeId> {
    match (holder, &who.standing) {
        (Holder::Office(office), _) => Ok(office.clone()),
        (_, Standing::Offices { own, .. }) => Ok(own.clone()),
        _ => Err(fault("accounts are opened by offices only")),
    }
}

fn write(tx: &mut dyn Tx, mut account: AccountRow, holder: Holder) -> Outcome<()> {
    match holder {
        Holder::Person(row) => {
            rows::person_add(tx, &row)?;
            account.person = rows::person_find_by_document(tx, &row.document_index)?.map(|known| known.id);
        }
        Holder::Employer(row) => {
            let known = rows::employer_find_by_number(tx, &row.unit_number)?;
            if known.is_none() {
                rows::employer_insert(tx, &row).map_err(conflict_when_taken)?;
            }
            account.employer = Some(known.map_or(row.id, |known| known.id));
        }
        Holder::Office(_) => {}
    }
    insert(tx, &account)
}

/// Another administrator wrote the same unit meanwhile: looking again finds it.
fn conflict_when_taken(error: banjie_store::error::StoreError) -> AppError {
    match error {
        banjie_store::error::StoreError::Unique { .. } => AppError::Conflict,
        other => other.into(),
    }
}
