//! A real application for tests: a temporary SQLite file, a clock that stands still, seeded randomness, the built-in
//! rules, one office.
//!
//! Only tests of this and other crates may use it; a failure here ends the test with its cause.

#![allow(clippy::unwrap_used, reason = "compiled for tests only, where a broken fixture must end the test")]

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use banjie_domain::actor::{Principal, Role, Standing};
use banjie_domain::id::{AccountId, EmployerId, OfficeId};
use banjie_domain::identity::{IdentityDocument, PersonName};
use banjie_store::accounts::{self, AccountRow};
use banjie_store::db::{Options, StoreUrl};
use banjie_store::error::StoreError;
use banjie_store::people::{self as rows, EmployerRow, OfficeRow};

use crate::app::{App, Parts, Places};
use crate::entropy::SeededEntropy;
use crate::people;
use crate::rules::Rules;
use crate::seal::SuiteName;
use crate::time::FixedClock;
use crate::webhooks::{Caller, Reach};

/// Tells folders of one process apart.
static COUNT: AtomicU32 = AtomicU32::new(0);

/// The folder of a test's application, removed with everything in it at the end, and its clock.
pub struct TestFolder {
    /// The folder.
    pub path: PathBuf,
    /// The database, in the folder or elsewhere.
    pub database: StoreUrl,
    /// The application's clock: 2026-03-10 10:00 in Asia/Shanghai, a Tuesday, until moved.
    pub clock: Arc<FixedClock>,
}

impl Drop for TestFolder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.path);
    }
}

/// A fresh application with one office, 330106, and no account.
#[must_use]
pub fn app() -> (App, TestFolder) {
    with_office(empty_app())
}

/// The same over a database that is there already, and empty.
#[must_use]
pub fn app_on(database: &StoreUrl) -> (App, TestFolder) {
    with_office(empty_app_on(Some(database)))
}

fn with_office((app, folder): (App, TestFolder)) -> (App, TestFolder) {
    let office = OfficeRow {
        id: app.fresh(OfficeId::new),
        parent: None,
        region: "330106".to_owned(),
        authority: "rs".to_owned(),
        name: "西湖区人力资源和社会保障局".to_owned(),
    };
    app.store.write(move |tx| rows::office_insert(tx, &office)).unwrap();
    app.reload_offices().unwrap();
    (app, folder)
}

/// A fresh application without office and account, as on the first start.
#[must_use]
pub fn empty_app() -> (App, TestFolder) {
    empty_app_on(None)
}

fn empty_app_on(database: Option<&StoreUrl>) -> (App, TestFolder) {
    let name = format!("banjie-app-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
    let path = std::env::temp_dir().join(name);
    let clock = Arc::new(FixedClock::new("2026-03-10T02:00:00Z".parse().unwrap()));
    let database = database.cloned().unwrap_or_else(|| StoreUrl::sqlite(&path.join("banjie.db")));
    let folder = TestFolder { path, database, clock };
    (open(&folder, 1, SuiteName::Aes), folder)
}

/// Opens the same installation again, with another suite to seal by, as after a restart.
#[must_use]
pub fn reopen(app: App, folder: &TestFolder, suite: SuiteName) -> App {
    app.store.stop();
    drop(app);
    // The same seed would give ids that are taken already.
    open(folder, 2 + u64::from(COUNT.fetch_add(1, Ordering::Relaxed)), suite)
}

fn open(folder: &TestFolder, seed: u64, suite: SuiteName) -> App {
    let places = Places { database: folder.database.clone(), data: folder.path.clone() };
    let parts = Parts {
        clock: Arc::clone(&folder.clock) as Arc<dyn crate::time::Clock>,
        entropy: Arc::new(SeededEntropy::new(seed)),
        rules: Rules::built_in().unwrap(),
        options: Options { readers: 1, ..Options::default() },
        suite,
        caller: Caller::new(Reach::default(), None).unwrap(),
    };
    App::open(&places, parts).unwrap()
}

/// Opens an installation that was made otherwise, such as one that was brought back.
#[must_use]
pub fn open_again(folder: &TestFolder) -> App {
    open(folder, 2 + u64::from(COUNT.fetch_add(1, Ordering::Relaxed)), SuiteName::Aes)
}

/// The first office.
#[must_use]
pub fn office(app: &App) -> OfficeId {
    app.offices().first().unwrap().id.clone()
}

/// A person with a citizen number, and an account to act with; it has no password.
#[must_use]
pub fn person(app: &App, name: &str, citizen_id: &str) -> Principal {
    let document = IdentityDocument::parse("citizen-id", citizen_id, None, app.today()).unwrap();
    let person = people::new_person(app, &document, &PersonName::parse(name).unwrap(), None).unwrap();
    let index = person.document_index.clone();
    let id = app
        .store
        .write(move |tx| {
            rows::person_add(tx, &person)?;
            Ok::<_, StoreError>(rows::person_find_by_document(tx, &index)?.unwrap().id)
        })
        .unwrap();
    account(app, Role::Person, Standing::Person(id))
}

/// An employer, and a clerk's account to act with; it has no password.
#[must_use]
pub fn employer(app: &App, name: &str, unit_number: &str) -> Principal {
    let row = EmployerRow {
        id: app.fresh(EmployerId::new),
        unit_number: unit_number.to_owned(),
        name: name.to_owned(),
        region: "330106".to_owned(),
        standing: people::ACTIVE.to_owned(),
        created_at: app.micros(),
    };
    let id = row.id.clone();
    app.store.write(move |tx| rows::employer_insert(tx, &row)).unwrap();
    account(app, Role::EmployerClerk, Standing::Employer(id))
}

/// Somebody who reads for an employer that is there; the account has no password.
#[must_use]
pub fn reader(app: &App, clerk: &Principal) -> Principal {
    account(app, Role::EmployerReader, clerk.standing.clone())
}

/// Another clerk of an employer that is there; the account has no password.
#[must_use]
pub fn clerk(app: &App, colleague: &Principal) -> Principal {
    account(app, Role::EmployerClerk, colleague.standing.clone())
}

/// Another office, that is neither above nor below the first.
#[must_use]
pub fn other_office(app: &App) -> OfficeId {
    let office = OfficeRow {
        id: app.fresh(OfficeId::new),
        parent: None,
        region: "330108".to_owned(),
        authority: "rs".to_owned(),
        name: "滨江区人力资源和社会保障局".to_owned(),
    };
    let id = office.id.clone();
    app.store.write(move |tx| rows::office_insert(tx, &office)).unwrap();
    app.reload_offices().unwrap();
    id
}

/// Opens an office of the housing authority in the same district as the first.
#[must_use]
pub fn site_office(app: &App) -> OfficeId {
    let office = OfficeRow {
        id: app.fresh(OfficeId::new),
        parent: Some(office(app)),
        region: "330106".to_owned(),
        authority: "zj".to_owned(),
        name: "西湖区住房和城乡建设局".to_owned(),
    };
    let id = office.id.clone();
    app.store.write(move |tx| rows::office_insert(tx, &office)).unwrap();
    app.reload_offices().unwrap();
    id
}

/// A session of an account, as after signing in.
#[must_use]
pub fn session(app: &App, who: &Principal) -> String {
    crate::session::begin(app, &who.account).unwrap()
}

/// Somebody of the first office; the account has no password.
#[must_use]
pub fn staff(app: &App, role: Role) -> Principal {
    staff_of(app, role, office(app))
}

/// Somebody of an office; the account has no password.
#[must_use]
pub fn staff_of(app: &App, role: Role, own: OfficeId) -> Principal {
    let subtree = app.subtree(&own);
    account(app, role, Standing::Offices { own, subtree })
}

fn account(app: &App, role: Role, standing: Standing) -> Principal {
    let id = app.fresh(AccountId::new);
    let principal = Principal { account: id.clone(), role, standing };
    let own_office = match &principal.standing {
        Standing::Offices { own, .. } => Some(own.clone()),
        Standing::Person(_) | Standing::Employer(_) => None,
    };
    let row = AccountRow {
        login: id.as_str().to_owned(),
        role: role.key().to_owned(),
        person: principal.person().cloned(),
        employer: principal.employer().cloned(),
        office: own_office,
        display: people::seal_display(app, &id, "试用").unwrap(),
        assurance: "seen".to_owned(),
        password: None,
        code_hash: None,
        code_until: None,
        code_by: None,
        disabled: false,
        created_at: app.micros(),
        id,
    };
    app.store.write(move |tx| accounts::account_insert(tx, &row)).unwrap();
    principal
}
