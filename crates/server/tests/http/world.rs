//! Two people, two employers and two offices with records between them, each at one stage, and requests about them.
//!
//! 王 works for employer one, who asked; 李 works there too and asked herself; 赵 works there and nobody asked yet.
//! Everything belongs to office one. Employer two, 陈 and office two have nothing to do with any of it.

use std::collections::HashMap;
use std::sync::Arc;

use axum::Router;
use banjie_app::app::App;
use banjie_app::session;
use banjie_app::testing::{self, TestFolder};
use banjie_app::usecase::ask;
use banjie_app::usecase::desk::{ClockForm, Said, Step, act, open_case, suspend};
use banjie_app::usecase::draft::{self, Upload};
use banjie_app::webhooks::{Caller, Reach};
use banjie_domain::actor::{Principal, Role};
use banjie_domain::authorize::Relation;
use banjie_domain::case::{Gap, Verdict};
use banjie_domain::id::{AccountId, CaseId, DraftId, EvidenceId, ProjectId, RegistrationId, RuleChangeId, TeamId};
use banjie_web::cookies::Transport;
use banjie_web::shell::{OfficeCard, Site};
use banjie_web::state::Web;
use banjie_web::texts::Texts;

use super::making::{ask_for, build, change_rules, hire, key, prepare, prepare_correction};
use super::routes::{Names, Route};

/// A small file that passes every check.
pub const PDF: &[u8] = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n\
2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]>>endobj\n\
trailer<</Root 1 0 R>>\n%%EOF\n";

pub const PAPER: &str = "release-certificate";

/// Where the cases stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    Intake,
    Answered,
    First,
    Second,
    SecondOpened,
    /// The clock of its decision stands still.
    Suspended,
    /// At intake as at first; what is being drafted beside them is a correction.
    Correcting,
}

impl Stage {
    pub const ALL: [Self; 7] = [
        Self::Intake,
        Self::Answered,
        Self::First,
        Self::Second,
        Self::SecondOpened,
        Self::Suspended,
        Self::Correcting,
    ];
}

/// Somebody with a session, or a browser without one.
#[derive(Clone)]
pub struct Actor {
    /// None for a guest.
    pub principal: Option<Principal>,
    pub cookie: String,
    pub csrf: String,
}

/// What one address names.
#[derive(Clone)]
pub struct Ids {
    pub id: String,
    pub file: String,
}

impl Ids {
    /// An address that names nothing.
    pub fn none() -> Self {
        Self { id: "-".to_owned(), file: "-".to_owned() }
    }
}

/// How much is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rows {
    pub registrations: i64,
    pub cases: i64,
    pub events: i64,
    pub revisions: i64,
    pub evidence: i64,
    pub jobs: i64,
}

/// Somebody who is preparing something.
struct Drafter {
    actor: Actor,
    /// About the record nobody asked about: to end it, or at [`Stage::Correcting`] to correct it.
    draft: DraftId,
    /// The paper in it.
    file: EvidenceId,
}

/// A service with its records.
pub struct World {
    pub app: Arc<App>,
    pub router: Router,
    pub web: Web,
    pub folder: TestFolder,
    pub guest: Actor,
    actors: HashMap<(Role, Relation), Actor>,
    /// 赵, and the clerk who drafts.
    drafters: HashMap<Role, Drafter>,
    /// Another clerk of employer one.
    colleague: Actor,
    /// Asked by the employer, asked by the worker.
    cases: [(RegistrationId, CaseId, EvidenceId); 2],
    /// An account of office one.
    account: AccountId,
    /// Staff of the office of the housing authority.
    builders: HashMap<Role, Actor>,
    /// A project of employer one, under an office of the housing authority below office one, and a team on it.
    site: (ProjectId, TeamId),
    /// Changes of the district's rules: the administrator's own draft, and that of a colleague.
    changes: [RuleChangeId; 2],
}

pub fn signed_in(app: &App, principal: Principal) -> Actor {
    let token = testing::session(app, &principal);
    let csrf = session::principal(app, &token).unwrap().unwrap().csrf;
    Actor { principal: Some(principal), cookie: format!("session={token}"), csrf }
}

/// A browser that was here before and is not signed in.
fn nobody() -> Actor {
    let token = "0123456789abcdef0123456789abcdef";
    Actor { principal: None, cookie: format!("guest={token}"), csrf: token.to_owned() }
}

/// What calls webhooks at one host that is not there.
fn caller() -> Caller {
    let mut reach = Reach::default();
    reach.host("hr.example.com").unwrap();
    Caller::new(reach, None).unwrap()
}

fn web(app: &Arc<App>) -> Web {
    let site = Arc::new(Site {
        texts: Texts::load().unwrap(),
        office: OfficeCard::default(),
        base_url: None,
        transport: Transport::Plain,
        demo: false,
    });
    Web { app: Arc::clone(app), site, meters: Arc::default() }
}

/// The administrator's own draft, and that of a colleague.
fn both_changes(app: &App, administrator: Option<&Principal>) -> [RuleChangeId; 2] {
    let administrator = administrator.unwrap();
    let colleague = testing::staff(app, Role::RegionalAdmin);
    [change_rules(app, administrator, false), change_rules(app, &colleague, true)]
}

impl World {
    /// A service nobody has set up.
    pub fn empty() -> Self {
        let (app, folder) = testing::empty_app();
        let app = Arc::new(app);
        let nothing = || (RegistrationId::new(app.now(), [0; 10]), CaseId::new(app.now(), [0; 10]));
        let file = EvidenceId::new(app.now(), [0; 10]);
        let cases = [nothing(), nothing()].map(|(record, case)| (record, case, file.clone()));
        let account = AccountId::new(app.now(), [0; 10]);
        let site = (ProjectId::new(app.now(), [0; 10]), TeamId::new(app.now(), [0; 10]));
        let web = web(&app);
        let changes = [0, 1].map(|seed| RuleChangeId::new(app.now(), [seed; 10]));
        Self {
            site,
            changes,
            builders: HashMap::new(),
            router: banjie_web::router(web.clone()),
            web,
            colleague: nobody(),
            guest: nobody(),
            actors: HashMap::new(),
            drafters: HashMap::new(),
            cases,
            account,
            folder,
            app,
        }
    }

    /// All records, with both cases at this stage.
    pub fn at(stage: Stage) -> Self {
        let (mut app, folder) = testing::app();
        app.caller = caller();
        let clerk = testing::employer(&app, "杭州青禾家政有限公司", "91330106MA2BANJX98");
        let other = testing::employer(&app, "杭州远山物流有限公司", "91330106MA2DEM0B9C");
        let [wang, li, zhao, chen] = [
            ("王秀英", "330106197203089028"),
            ("李国强", "330106198107219018"),
            ("赵小满", "330106199505219042"),
            ("陈桂兰", "330106196805129029"),
        ]
        .map(|(name, number)| (testing::person(&app, name, number), name, number));
        let records = [&wang, &li, &zhao].map(|(_, name, number)| hire(&app, &clerk, name, number));
        let cases = [ask_for(&app, &clerk, &records[0]), ask_for(&app, &li.0, &records[1])];
        let mut actors = HashMap::new();
        let mut put = |role, at, principal| actors.insert((role, at), signed_in(&app, principal));
        put(Role::Person, Relation::Own, li.0);
        put(Role::Person, Relation::OtherSide, wang.0);
        put(Role::Person, Relation::None, chen.0);
        for at in [Relation::Own, Relation::OtherSide] {
            put(Role::EmployerClerk, at, clerk.clone());
            put(Role::EmployerReader, at, testing::reader(&app, &clerk));
        }
        put(Role::EmployerClerk, Relation::None, other.clone());
        put(Role::EmployerReader, Relation::None, testing::reader(&app, &other));
        let far = testing::other_office(&app);
        let housing = testing::site_office(&app);
        let mut builders = HashMap::new();
        for role in Role::ALL.into_iter().filter(|role| role.is_staff()) {
            builders.insert(role, signed_in(&app, testing::staff_of(&app, role, housing.clone())));
            put(role, Relation::Office, testing::staff(&app, role));
            put(role, Relation::None, testing::staff_of(&app, role, far.clone()));
        }
        let site = build(&app, &clerk);
        let changes = both_changes(&app, actors[&(Role::RegionalAdmin, Relation::Office)].principal.as_ref());
        let begin = if stage == Stage::Correcting { prepare_correction } else { prepare };
        let drafters = [(Role::Person, zhao.0), (Role::EmployerClerk, clerk.clone())].map(|(role, who)| {
            let (draft, file) = begin(&app, &who, &records[2]);
            (role, Drafter { actor: signed_in(&app, who), draft, file })
        });
        let account = actors[&(Role::Counter, Relation::Office)].principal.clone().unwrap().account;
        let colleague = signed_in(&app, testing::clerk(&app, &clerk));
        let app = Arc::new(app);
        let web = web(&app);
        let world = Self {
            site,
            changes,
            builders,
            router: banjie_web::router(web.clone()),
            web,
            guest: nobody(),
            colleague,
            actors,
            drafters: drafters.into(),
            cases,
            account,
            folder,
            app,
        };
        (0..2).for_each(|at| world.advance(at, stage));
        world
    }

    fn officer(&self, role: Role) -> Principal {
        self.actors[&(role, Relation::Office)].principal.clone().unwrap()
    }

    fn step(&self, role: Role, at: usize, step: &Step) {
        let (who, case) = (self.officer(role), &self.cases[at].1);
        let view = open_case(&self.app, &who, case).unwrap();
        act(&self.app, &who, case, view.version, step).unwrap();
    }

    fn advance(&self, at: usize, stage: Stage) {
        let yes = || Step::Opinion(Verdict::Grant, Said::default());
        match stage {
            Stage::Intake | Stage::Correcting => {}
            Stage::Answered => self.supplement(at),
            Stage::First => self.step(Role::Intake, at, &Step::Accept),
            Stage::Second => {
                self.advance(at, Stage::First);
                self.step(Role::First, at, &yes());
            }
            Stage::SecondOpened => {
                self.advance(at, Stage::Second);
                self.step(Role::Second, at, &Step::OpenSecond);
            }
            Stage::Suspended => {
                self.advance(at, Stage::First);
                let (who, case) = (self.officer(Role::Supervisor), &self.cases[at].1);
                let words = ["hearing", "2026-03-31", "听证"].map(str::to_owned);
                let [reason, until, note] = words;
                let seen = open_case(&self.app, &who, case).unwrap().version;
                suspend(&self.app, &who, case, seen, &ClockForm { reason, until, note }).unwrap();
            }
        }
    }

    /// Asked once, and answered: from here on only a supervisor may ask again.
    fn supplement(&self, at: usize) {
        let gap = Gap { target: format!("material:{PAPER}"), fault: "no-seal".to_owned() };
        self.step(Role::Intake, at, &Step::Supplement { gaps: vec![gap], note: String::new() });
        let role = [Role::EmployerClerk, Role::Person][at];
        let who = self.actors[&(role, Relation::Own)].principal.clone().unwrap();
        let draft = ask::start_supplement(&self.app, &who, &self.cases[at].1).unwrap();
        let upload = Upload { material: PAPER, name: "盖章的证明.pdf", bytes: PDF };
        draft::add_file(&self.app, &who, &draft, &upload).unwrap();
        ask::answer_supplement(&self.app, &who, &draft, &key(&self.app)).unwrap();
    }

    /// Somebody of this role who stands in this relation; none where nobody can.
    pub fn actor(&self, role: Option<Role>, at: Relation) -> Option<Actor> {
        match role {
            None => (at == Relation::Own).then(|| self.guest.clone()),
            Some(role) => self.actors.get(&(role, at)).cloned(),
        }
    }

    /// Who asks for a project or team: for its office those of the housing authority, and to those of the labour
    /// authority above it, it is not there.
    pub fn builder(&self, role: Option<Role>, at: Relation) -> Option<Actor> {
        match (role, at) {
            (Some(role), Relation::Office) => self.builders.get(&role).cloned(),
            (Some(role), Relation::None) if role.is_staff() => self.actor(Some(role), Relation::Office),
            _ => self.actor(role, at),
        }
    }

    /// Who asks for a draft: its maker, a colleague of his, somebody else.
    pub fn drafter(&self, role: Option<Role>, at: Relation) -> Option<Actor> {
        match (role, at) {
            (Some(role), Relation::Own) => {
                let own = self.drafters.get(&role).map(|one| one.actor.clone());
                own.or_else(|| self.actor(Some(role), at))
            }
            (Some(Role::EmployerClerk), Relation::OtherSide) => Some(self.colleague.clone()),
            _ => self.actor(role, at),
        }
    }

    /// What the address names so that the actor stands to it in this relation.
    pub fn ids(&self, route: &Route, role: Option<Role>, at: Relation) -> Ids {
        // What the worker asked for is hers, and the other side's for the employer; and the other way round.
        let by_worker = (role == Some(Role::Person)) == (at == Relation::Own);
        let (record, case, file) = &self.cases[usize::from(by_worker && at != Relation::None)];
        let maker = if role == Some(Role::Person) { Role::Person } else { Role::EmployerClerk };
        let drafter = &self.drafters[&maker];
        let id = match route.names {
            Names::Nothing => String::new(),
            Names::Registration => record.to_string(),
            Names::Case => case.to_string(),
            Names::Draft => drafter.draft.to_string(),
            Names::File => file.to_string(),
            Names::Account => self.account.to_string(),
            Names::Project => self.site.0.to_string(),
            Names::Team => self.site.1.to_string(),
            Names::RuleChange => self.changes[usize::from(!route.path.ends_with("/edit"))].to_string(),
        };
        Ids { id, file: drafter.file.to_string() }
    }

    /// An address of the same form that names nothing.
    pub fn missing(&self, route: &Route) -> Ids {
        let (now, seed) = (self.app.now(), [7; 10]);
        let id = match route.names {
            Names::Nothing => String::new(),
            Names::Registration => RegistrationId::new(now, seed).to_string(),
            Names::Case => CaseId::new(now, seed).to_string(),
            Names::Draft => DraftId::new(now, seed).to_string(),
            Names::File => EvidenceId::new(now, seed).to_string(),
            Names::Account => AccountId::new(now, seed).to_string(),
            Names::Project => ProjectId::new(now, seed).to_string(),
            Names::Team => TeamId::new(now, seed).to_string(),
            Names::RuleChange => RuleChangeId::new(now, seed).to_string(),
        };
        Ids { id, file: EvidenceId::new(now, seed).to_string() }
    }

    /// The clerk's draft about the record nobody asked about: who it belongs to, and the beginning of its addresses.
    pub fn drafted(&self) -> (Actor, String) {
        let drafter = &self.drafters[&Role::EmployerClerk];
        (drafter.actor.clone(), format!("/drafts/{}", drafter.draft))
    }

    /// What the employer asked for, and about which record.
    pub fn asked(&self) -> (RegistrationId, CaseId) {
        let (record, case, _) = &self.cases[0];
        (record.clone(), case.clone())
    }

    /// What is in the tables that nothing but a finished step may fill.
    pub fn rows(&self) -> Rows {
        let count = |table: &'static str| {
            let rows = self.app.store.read(move |tx| tx.query(&format!("select count(*) from {table}"), &[]));
            rows.unwrap()[0].int(0).unwrap()
        };
        Rows {
            registrations: count("registrations"),
            cases: count("cases"),
            events: count("events"),
            revisions: count("revisions"),
            evidence: count("evidence"),
            jobs: count("jobs"),
        }
    }
}
