//! The routes of the site, who may use each, and what is sent to try it.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use banjie_domain::actor::Role;
use banjie_domain::authorize::{Action as A, Relation, allowed};

use super::world::Stage;

/// Who may use a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Guard {
    /// Anybody, signed in or not.
    Everybody,
    /// Anybody who is signed in.
    SignedIn,
    /// Whoever the table of roles and actions allows to have such a list at all.
    List(A),
    /// Whoever the table of roles and actions allows to do this to a record he stands to in this way.
    Record(A),
    /// Only this role, at the stage that is its own, if that table allows it.
    Desk(Role, A),
    /// Anybody who is signed in and manages neither accounts nor rules.
    KeyHolder,
    /// Persons and employers, who are told things.
    Notified,
    /// Only the account that made the draft; others of the same employer neither.
    Draft,
}

/// What the id in an address names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Names {
    Nothing,
    Registration,
    Case,
    Draft,
    File,
    Account,
    Project,
    Team,
    /// A draft of another administrator, or the asker's own for what only its author may do.
    RuleChange,
}

/// One way of using one route.
pub struct Route {
    pub method: &'static str,
    pub path: &'static str,
    /// Tells apart what one address can do.
    pub what: &'static str,
    pub guard: Guard,
    pub names: Names,
    /// Where the case must stand for the way to be open.
    pub stage: Stage,
    /// What is sent, besides the form token.
    pub form: &'static [(&'static str, &'static str)],
}

impl Guard {
    pub fn allows(self, role: Option<Role>, at: Relation) -> bool {
        let own = match role {
            Some(role) if role.is_staff() => at == Relation::Office,
            _ => at == Relation::Own,
        };
        match (self, role) {
            (Self::Everybody, _) => own,
            (_, None) => false,
            (Self::SignedIn, Some(_)) => own,
            (Self::KeyHolder, Some(role)) => own && !role.is_admin(),
            (Self::Notified, Some(role)) => own && !role.is_staff(),
            (Self::List(action) | Self::Record(action), Some(role)) => allowed(role, action, at),
            (Self::Desk(only, action), Some(role)) => role == only && allowed(role, action, at),
            (Self::Draft, Some(role)) => matches!(role, Role::Person | Role::EmployerClerk) && at == Relation::Own,
        }
    }
}

impl Route {
    /// Whether trying it may change what the next try finds.
    pub fn changes(&self) -> bool {
        self.method == "POST" && (self.guard != Guard::Everybody || self.path == "/sign-out")
    }
}

impl Guard {
    /// Whether the relation means anything here: a list has no record, and a registration has no other side.
    pub fn tells_apart(self, names: Names, role: Option<Role>, at: Relation) -> bool {
        let staff = role.is_some_and(Role::is_staff);
        match names {
            Names::Nothing => at == if staff { Relation::Office } else { Relation::Own },
            // A registration has no other side; a project has the units on it and those that are not.
            Names::Registration | Names::Project | Names::Team => at != Relation::OtherSide,
            _ => true,
        }
    }
}

const fn page(path: &'static str, guard: Guard, names: Names) -> Route {
    Route { method: "GET", path, what: "", guard, names, stage: Stage::Intake, form: &[] }
}

const fn form(path: &'static str, guard: Guard, names: Names) -> Route {
    Route { method: "POST", ..page(path, guard, names) }
}

const fn desk(
    what: &'static str,
    (only, action): (Role, A),
    stage: Stage,
    form: &'static [(&'static str, &'static str)],
) -> Route {
    let (path, names) = ("/desk/cases/{id}/verdict", Names::Case);
    Route { method: "POST", path, what, guard: Guard::Desk(only, action), names, stage, form }
}

const GAP: (&str, &str) = ("gap.material:release-certificate", "no-seal");

const AGAIN: [(&str, &str); 3] = [("verdict", "supplement"), GAP, ("note", "再补一次")];

/// Every route, in the order of the site.
pub const ROUTES: [Route; 99] = [
    page("/livez", Guard::Everybody, Names::Nothing),
    page("/readyz", Guard::Everybody, Names::Nothing),
    page("/components", Guard::Everybody, Names::Nothing),
    page("/assets/{prefix}/{*name}", Guard::Everybody, Names::Nothing),
    form("/prefs", Guard::Everybody, Names::Nothing),
    page("/", Guard::Everybody, Names::Nothing),
    page("/guides", Guard::Everybody, Names::Nothing),
    page("/guides/{region}/{kind}/{act}", Guard::Everybody, Names::Nothing),
    page("/rules", Guard::Everybody, Names::Nothing),
    page("/track", Guard::Everybody, Names::Nothing),
    form("/track", Guard::Everybody, Names::Nothing),
    page("/track/case", Guard::Everybody, Names::Nothing),
    page("/sign-in", Guard::Everybody, Names::Nothing),
    form("/sign-in", Guard::Everybody, Names::Nothing),
    page("/activate", Guard::Everybody, Names::Nothing),
    form("/activate", Guard::Everybody, Names::Nothing),
    page("/set-up", Guard::Everybody, Names::Nothing),
    form("/set-up", Guard::Everybody, Names::Nothing),
    form("/sign-out", Guard::Everybody, Names::Nothing),
    page("/messages", Guard::SignedIn, Names::Nothing),
    form("/messages/read", Guard::SignedIn, Names::Nothing),
    page("/keys", Guard::KeyHolder, Names::Nothing),
    Route { form: &[("name", "人事系统"), ("days", "30")], ..form("/keys", Guard::KeyHolder, Names::Nothing) },
    form("/keys/revoke", Guard::KeyHolder, Names::Nothing),
    page("/webhooks", Guard::Notified, Names::Nothing),
    Route {
        form: &[("address", "https://hr.example.com/banjie")],
        ..form("/webhooks", Guard::Notified, Names::Nothing)
    },
    form("/webhooks/try", Guard::Notified, Names::Nothing),
    form("/webhooks/stop", Guard::Notified, Names::Nothing),
    page("/api", Guard::Everybody, Names::Nothing),
    page("/admin/accounts", Guard::List(A::AccountManage), Names::Nothing),
    page("/admin/offices", Guard::List(A::AccountManage), Names::Nothing),
    form("/admin/offices", Guard::List(A::AccountManage), Names::Nothing),
    page("/admin/accounts/new", Guard::List(A::AccountManage), Names::Nothing),
    form("/admin/accounts/new", Guard::List(A::AccountManage), Names::Nothing),
    form("/admin/accounts/{id}/code", Guard::Record(A::AccountManage), Names::Account),
    form("/admin/accounts/{id}/access", Guard::Record(A::AccountManage), Names::Account),
    page("/admin/rules", Guard::List(A::RulesChange), Names::Nothing),
    Route {
        form: &[("region", "330106"), ("from", "2026-04-01")],
        ..form("/admin/rules", Guard::List(A::RulesChange), Names::Nothing)
    },
    page("/admin/rules/{id}", Guard::Record(A::RulesChange), Names::RuleChange),
    page("/admin/rules/{id}/edit", Guard::Record(A::RulesChange), Names::RuleChange),
    Route {
        form: &[("how", "values"), ("from", "2026-04-01"), ("why", "试"), ("version", "1")],
        ..form("/admin/rules/{id}/edit", Guard::Record(A::RulesChange), Names::RuleChange)
    },
    Route {
        form: &[("version", "2")],
        ..form("/admin/rules/{id}/sign", Guard::Record(A::RulesChange), Names::RuleChange)
    },
    form("/admin/rules/{id}/withdraw", Guard::Record(A::RulesChange), Names::RuleChange),
    page("/registrations", Guard::List(A::RegistrationList), Names::Nothing),
    form("/registrations/search", Guard::List(A::RegistrationList), Names::Nothing),
    form("/registrations/export.csv", Guard::List(A::RegistrationExport), Names::Nothing),
    page("/registrations/found/{handle}", Guard::List(A::RegistrationFindByName), Names::Nothing),
    page("/registrations/{id}", Guard::Record(A::RegistrationView), Names::Registration),
    page("/registrations/new", Guard::List(A::RegistrationMake), Names::Nothing),
    form("/registrations/new", Guard::List(A::RegistrationMake), Names::Nothing),
    form("/registrations/{id}/ask", Guard::Record(A::CaseAsk), Names::Registration),
    page("/cases", Guard::List(A::CaseView), Names::Nothing),
    page("/deadlines", Guard::List(A::CaseAsk), Names::Nothing),
    page("/cases/{id}", Guard::Record(A::CaseView), Names::Case),
    page("/cases/{id}/receipt", Guard::Record(A::CaseView), Names::Case),
    page("/cases/{id}/withdraw", Guard::Record(A::CaseAnswer), Names::Case),
    form("/cases/{id}/withdraw", Guard::Record(A::CaseAnswer), Names::Case),
    form("/cases/{id}/supplement", Guard::Record(A::CaseAnswer), Names::Case),
    form("/cases/{id}/again", Guard::Record(A::CaseAnswer), Names::Case),
    page("/files/{id}", Guard::Record(A::CaseView), Names::File),
    page("/drafts/{id}/form", Guard::Draft, Names::Draft),
    form("/drafts/{id}/form", Guard::Draft, Names::Draft),
    page("/drafts/{id}/reason", Guard::Draft, Names::Draft),
    form("/drafts/{id}/reason", Guard::Draft, Names::Draft),
    Route { stage: Stage::Correcting, ..page("/drafts/{id}/correct", Guard::Draft, Names::Draft) },
    Route {
        stage: Stage::Correcting,
        form: &[("post", "育婴员")],
        ..form("/drafts/{id}/correct", Guard::Draft, Names::Draft)
    },
    page("/drafts/{id}/materials", Guard::Draft, Names::Draft),
    form("/drafts/{id}/materials", Guard::Draft, Names::Draft),
    page("/drafts/{id}/files/{material}", Guard::Draft, Names::Draft),
    form("/drafts/{id}/files/{material}", Guard::Draft, Names::Draft),
    form("/drafts/{id}/remove/{file}", Guard::Draft, Names::Draft),
    page("/drafts/{id}/check", Guard::Draft, Names::Draft),
    form("/drafts/{id}/check", Guard::Draft, Names::Draft),
    page("/drafts/{id}/discard", Guard::Draft, Names::Draft),
    form("/drafts/{id}/discard", Guard::Draft, Names::Draft),
    page("/sites", Guard::List(A::SiteView), Names::Nothing),
    page("/sites/new", Guard::List(A::SiteManage), Names::Nothing),
    form("/sites/new", Guard::List(A::SiteManage), Names::Nothing),
    page("/sites/{id}", Guard::Record(A::SiteView), Names::Project),
    form("/sites/{id}/units", Guard::Record(A::SiteManage), Names::Project),
    form("/sites/{id}/teams", Guard::Record(A::SiteManage), Names::Project),
    page("/teams/{id}", Guard::Record(A::SiteView), Names::Team),
    form("/teams/{id}/enter", Guard::Record(A::SiteManage), Names::Team),
    form("/teams/{id}/exit", Guard::Record(A::SiteManage), Names::Team),
    Route {
        form: &[("who", "reg_00000000000000000000000000")],
        ..form("/teams/{id}/back", Guard::Record(A::SiteManage), Names::Team)
    },
    page("/desk", Guard::List(A::CaseQueue), Names::Nothing),
    page("/desk/cases/{id}", Guard::Record(A::CaseQueue), Names::Case),
    Route {
        stage: Stage::First,
        form: &[("special", "hearing"), ("until", "2026-03-31"), ("special_note", "听证")],
        ..form("/desk/cases/{id}/suspend", Guard::Record(A::CaseClock), Names::Case)
    },
    Route { stage: Stage::Suspended, ..form("/desk/cases/{id}/resume", Guard::Record(A::CaseClock), Names::Case) },
    Route {
        stage: Stage::First,
        form: &[("extension", "other-office"), ("extension_note", "等回函")],
        ..form("/desk/cases/{id}/extend", Guard::Record(A::CaseClock), Names::Case)
    },
    form("/desk/cases/{id}/unmask", Guard::Record(A::CaseQueue), Names::Case),
    desk("accept", (Role::Intake, A::CaseIntake), Stage::Intake, &[("verdict", "accept")]),
    desk("supplement", (Role::Intake, A::CaseSupplement), Stage::Intake, &[("verdict", "supplement"), GAP]),
    desk(
        "supplement at first review",
        (Role::First, A::CaseSupplement),
        Stage::First,
        &[("verdict", "supplement"), GAP],
    ),
    desk("supplement again", (Role::Supervisor, A::CaseSupplementAgain), Stage::Answered, &AGAIN),
    desk("first opinion", (Role::First, A::CaseFirst), Stage::First, &[("verdict", "grant")]),
    desk("decision", (Role::Second, A::CaseSecond), Stage::SecondOpened, &[("verdict", "grant")]),
    Route { path: "/desk/cases/{id}/retract", ..desk("retract", (Role::First, A::CaseFirst), Stage::Second, &[]) },
    Route { path: "/desk/cases/{id}/open-second", ..desk("open", (Role::Second, A::CaseSecond), Stage::Second, &[]) },
];

/// Every method and path that the router's source names, outside its tests.
pub fn in_source(folder: &Path) -> BTreeSet<(String, String)> {
    let mut found = BTreeSet::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|kind| kind == "rs") {
                let text = fs::read_to_string(&path).unwrap();
                let code = text.split("mod tests {").next().unwrap_or_default();
                found.extend(code.lines().flat_map(routes_of));
            }
        }
    }
    found
}

/// `.route("/a", get(..).post(..))` as (GET, /a) and (POST, /a), however many stand on the line.
fn routes_of(line: &str) -> Vec<(String, String)> {
    let calls = line.split(".route(\"").skip(1).filter_map(|call| call.split_once('"'));
    let methods = [("get(", "GET"), ("post(", "POST")];
    calls
        .flat_map(|(path, handlers)| {
            let named = methods.into_iter().filter(|(call, _)| handlers.contains(call));
            named.map(|(_, method)| (method.to_owned(), path.to_owned()))
        })
        .collect()
}
