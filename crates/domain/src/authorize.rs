//! Who may do what to whose record: one pure function, and the permit that proves it was asked.
//!
//! A [`Permit`] can be made only here, and every query and use case that touches somebody's record takes one. The whole
//! table (role × action × relation) is written out in `docs/authorization.csv`, which a person reviews; a test holds
//! this function to it.

use crate::actor::{Principal, Role, Standing};
use crate::id::{EmployerId, OfficeId, PersonId};

/// Something a person can ask the service to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Action {
    /// List registrations.
    RegistrationList,
    /// Find registrations by a name or a piece of one.
    RegistrationFindByName,
    /// Take a list of all of them away.
    RegistrationExport,
    /// Open one registration.
    RegistrationView,
    /// Make a new one.
    RegistrationMake,
    /// Ask for an act on one.
    CaseAsk,
    /// Follow a case, with its papers.
    CaseView,
    /// Take one's own undecided case back, answer a supplement, hand in again.
    CaseAnswer,
    /// List the cases of an office.
    CaseQueue,
    /// 受理, 不予受理.
    CaseIntake,
    /// 一次性告知, from intake or first review.
    CaseSupplement,
    /// A second supplement.
    CaseSupplementAgain,
    /// Stop and restart the clock of a decision, and give it more time.
    CaseClock,
    /// 初审.
    CaseFirst,
    /// 复审.
    CaseSecond,
    /// See a building project: its units, teams and workers.
    SiteView,
    /// Open a project, put units and teams on it, let workers come and go.
    SiteManage,
    /// Open accounts, hand out codes, close accounts.
    AccountManage,
    /// Draft a change of a region's rules, sign another's into force, withdraw one.
    RulesChange,
}

impl Action {
    /// All actions, in the order of the matrix.
    pub const ALL: [Self; 19] = [
        Self::RegistrationList,
        Self::RegistrationFindByName,
        Self::RegistrationExport,
        Self::RegistrationView,
        Self::RegistrationMake,
        Self::CaseAsk,
        Self::CaseView,
        Self::CaseAnswer,
        Self::CaseQueue,
        Self::CaseIntake,
        Self::CaseSupplement,
        Self::CaseSupplementAgain,
        Self::CaseClock,
        Self::CaseFirst,
        Self::CaseSecond,
        Self::SiteView,
        Self::SiteManage,
        Self::AccountManage,
        Self::RulesChange,
    ];

    /// The word used in the matrix.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::RegistrationList => "registration.list",
            Self::RegistrationFindByName => "registration.find-by-name",
            Self::RegistrationExport => "registration.export",
            Self::RegistrationView => "registration.view",
            Self::RegistrationMake => "registration.make",
            Self::CaseAsk => "case.ask",
            Self::CaseView => "case.view",
            Self::CaseAnswer => "case.answer",
            Self::CaseQueue => "case.queue",
            Self::CaseIntake => "case.intake",
            Self::CaseSupplement => "case.supplement",
            Self::CaseSupplementAgain => "case.supplement-again",
            Self::CaseClock => "case.clock",
            Self::CaseFirst => "case.first",
            Self::CaseSecond => "case.second",
            Self::SiteView => "site.view",
            Self::SiteManage => "site.manage",
            Self::AccountManage => "account.manage",
            Self::RulesChange => "rules.change",
        }
    }
}

/// What an action is about: whose record, and which office holds it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Resource {
    /// The person it is about.
    pub person: Option<PersonId>,
    /// The employer on the record.
    pub employer: Option<EmployerId>,
    /// The office that holds it.
    pub office: Option<OfficeId>,
    /// For a case: who asked. The other side of a record does not see the applicant's papers.
    pub applicant: Option<Applicant>,
}

/// Who asked for a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Applicant {
    /// A person, for himself.
    Person(PersonId),
    /// An employer.
    Employer(EmployerId),
}

/// How a principal stands to a resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Relation {
    /// The person or employer the record names, who also asked for the case if it is one.
    Own,
    /// Named by the record, but the other side asked.
    OtherSide,
    /// An office at or above the one that holds the record.
    Office,
    /// Nothing to do with it.
    None,
}

impl Relation {
    /// All relations, in the order of the matrix.
    pub const ALL: [Self; 4] = [Self::Own, Self::OtherSide, Self::Office, Self::None];

    /// The word used in the matrix.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Own => "own",
            Self::OtherSide => "other-side",
            Self::Office => "office",
            Self::None => "none",
        }
    }
}

/// Works out how somebody stands to a resource.
#[must_use]
pub fn relation(principal: &Principal, resource: &Resource) -> Relation {
    match &principal.standing {
        Standing::Offices { subtree, .. } => match &resource.office {
            Some(office) if subtree.contains(office) => Relation::Office,
            _ => Relation::None,
        },
        Standing::Person(person) => {
            let mine = resource.person.as_ref() == Some(person);
            side(mine, resource.applicant.as_ref().map(|who| *who == Applicant::Person(person.clone())))
        }
        Standing::Employer(employer) => {
            let mine = resource.employer.as_ref() == Some(employer);
            side(mine, resource.applicant.as_ref().map(|who| *who == Applicant::Employer(employer.clone())))
        }
    }
}

const fn side(named: bool, asked: Option<bool>) -> Relation {
    match (named, asked) {
        (_, Some(true)) | (true, None) => Relation::Own,
        (true, Some(false)) => Relation::OtherSide,
        (false, _) => Relation::None,
    }
}

/// Proof that somebody was allowed to do something to one resource. Only this module makes one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Permit {
    action: Action,
    principal: Principal,
}

impl Permit {
    /// What was allowed.
    #[must_use]
    pub const fn action(&self) -> Action {
        self.action
    }

    /// To whom.
    #[must_use]
    pub const fn principal(&self) -> &Principal {
        &self.principal
    }

    /// The bounds of what the holder may see, for lists.
    #[must_use]
    pub const fn scope(&self) -> &Standing {
        &self.principal.standing
    }
}

/// It is not allowed. A page shows the same bytes for this as for something that does not exist.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Denied {
    /// What was asked.
    pub action: Action,
    /// How the asker stands to the resource.
    pub relation: Relation,
}

/// May this principal do this to this resource?
///
/// # Errors
/// [`Denied`], with the relation that was found.
pub fn authorize(principal: &Principal, action: Action, resource: &Resource) -> Result<Permit, Denied> {
    let relation = relation(principal, resource);
    if allowed(principal.role, action, relation) {
        Ok(Permit { action, principal: principal.clone() })
    } else {
        Err(Denied { action, relation })
    }
}

/// May this principal list things of this kind at all? The permit's scope bounds what the list holds.
///
/// # Errors
/// [`Denied`], when the role has no such list.
pub fn authorize_list(principal: &Principal, action: Action) -> Result<Permit, Denied> {
    let relation = if principal.role.is_staff() { Relation::Office } else { Relation::Own };
    if allowed(principal.role, action, relation) {
        Ok(Permit { action, principal: principal.clone() })
    } else {
        Err(Denied { action, relation })
    }
}

/// The table itself: one row per role, so that a reader sees at once what a role can do.
#[must_use]
pub const fn allowed(role: Role, action: Action, relation: Relation) -> bool {
    use Action as A;
    use Relation as R;
    match (role, relation) {
        (Role::EmployerClerk, R::Own) if matches!(action, A::SiteView | A::SiteManage) => true,
        // Names are searched inside one employer and nowhere else; an officer who knows a name still needs a number.
        // Nobody takes the records of several employers away.
        (Role::EmployerClerk | Role::EmployerReader, R::Own)
            if matches!(action, A::RegistrationFindByName | A::RegistrationExport) =>
        {
            true
        }
        (Role::Person | Role::EmployerClerk, R::Own) => matches!(
            action,
            A::RegistrationList | A::RegistrationView | A::RegistrationMake | A::CaseAsk | A::CaseView | A::CaseAnswer
        ),
        (Role::EmployerReader, R::Own) => {
            matches!(action, A::RegistrationList | A::RegistrationView | A::CaseView | A::SiteView)
        }
        (Role::Counter | Role::Intake | Role::First | Role::Second | Role::Supervisor | Role::Inspector, R::Office)
            if matches!(action, A::SiteView) =>
        {
            true
        }
        (Role::Counter | Role::Inspector, R::Office) => {
            matches!(action, A::RegistrationList | A::RegistrationView | A::CaseView | A::CaseQueue)
        }
        (Role::Intake, R::Office) => matches!(
            action,
            A::RegistrationList | A::RegistrationView | A::CaseView | A::CaseQueue | A::CaseIntake | A::CaseSupplement
        ),
        (Role::First, R::Office) => matches!(
            action,
            A::RegistrationList | A::RegistrationView | A::CaseView | A::CaseQueue | A::CaseSupplement | A::CaseFirst
        ),
        (Role::Second, R::Office) => {
            matches!(action, A::RegistrationList | A::RegistrationView | A::CaseView | A::CaseQueue | A::CaseSecond)
        }
        (Role::Supervisor, R::Office) => matches!(
            action,
            A::RegistrationList
                | A::RegistrationView
                | A::CaseView
                | A::CaseQueue
                | A::CaseSupplementAgain
                | A::CaseClock
        ),
        (Role::RegionalAdmin, R::Office) => matches!(action, A::AccountManage | A::RulesChange),
        // The system administrator keeps the service and may open the first accounts; he sees no record, and what the
        // rules of a bureau are is not his to say.
        (Role::SystemAdmin, R::Office) => matches!(action, A::AccountManage),
        _ => false,
    }
}
