//! `docs/authorization.csv` is the table a person reviewed; `authorize` is held to it cell by cell.

use std::collections::BTreeMap;

use banjie_domain::actor::{Principal, Role, Standing};
use banjie_domain::authorize::{Action, Applicant, Relation, Resource, allowed, authorize, relation};
use banjie_domain::id::{AccountId, EmployerId, OfficeId, PersonId};
use jiff::Timestamp;

fn made() -> String {
    let mut text = String::from("role,action,own,other-side,office,none\n");
    for role in Role::ALL {
        for action in Action::ALL {
            let cells: Vec<_> = Relation::ALL
                .into_iter()
                .map(|relation| if allowed(role, action, relation) { "allow" } else { "deny" })
                .collect();
            text.push_str(&format!("{},{},{}\n", role.key(), action.key(), cells.join(",")));
        }
    }
    text
}

#[test]
fn the_committed_table_is_what_the_code_allows() {
    super::hold_to("authorization.csv", &made());
}

fn person(seed: u8) -> PersonId {
    PersonId::new(Timestamp::UNIX_EPOCH, [seed; 10])
}

fn employer(seed: u8) -> EmployerId {
    EmployerId::new(Timestamp::UNIX_EPOCH, [seed; 10])
}

fn office(seed: u8) -> OfficeId {
    OfficeId::new(Timestamp::UNIX_EPOCH, [seed; 10])
}

fn principal(role: Role) -> Principal {
    let standing = match role {
        Role::Person => Standing::Person(person(1)),
        Role::EmployerClerk | Role::EmployerReader => Standing::Employer(employer(1)),
        _ => Standing::Offices { own: office(1), subtree: vec![office(1), office(2)] },
    };
    Principal { account: AccountId::new(Timestamp::UNIX_EPOCH, [1; 10]), role, standing }
}

/// A case that stands in each relation to the principal above.
fn resource(role: Role, wanted: Relation) -> Option<Resource> {
    let staff = role.is_staff();
    let asked_by_me = match role {
        Role::Person => Applicant::Person(person(1)),
        _ => Applicant::Employer(employer(1)),
    };
    let asked_by_other = match role {
        Role::Person => Applicant::Employer(employer(9)),
        _ => Applicant::Person(person(9)),
    };
    let mine = |applicant| Resource {
        person: Some(person(1)),
        employer: Some(employer(1)),
        office: Some(office(2)),
        applicant: Some(applicant),
    };
    match (wanted, staff) {
        (Relation::Own, false) => Some(mine(asked_by_me)),
        (Relation::OtherSide, false) => Some(mine(asked_by_other)),
        (Relation::Office, true) => Some(mine(asked_by_other)),
        (Relation::None, _) => Some(Resource {
            person: Some(person(8)),
            employer: Some(employer(8)),
            office: Some(office(8)),
            applicant: Some(Applicant::Person(person(8))),
        }),
        _ => None,
    }
}

#[test]
fn every_cell_that_can_occur_is_decided_as_the_table_says() {
    let committed = std::fs::read_to_string(super::document("authorization.csv")).unwrap();
    let rows: BTreeMap<(String, String), Vec<String>> = committed
        .lines()
        .skip(1)
        .map(|line| {
            let cells: Vec<_> = line.split(',').map(str::to_owned).collect();
            ((cells[0].clone(), cells[1].clone()), cells[2..].to_vec())
        })
        .collect();
    assert_eq!(rows.len(), Role::ALL.len() * Action::ALL.len());
    let mut tried = 0;
    for role in Role::ALL {
        for (column, wanted) in Relation::ALL.into_iter().enumerate() {
            let Some(resource) = resource(role, wanted) else { continue };
            let principal = principal(role);
            assert_eq!(relation(&principal, &resource), wanted, "{}", role.key());
            for action in Action::ALL {
                let expected = &rows[&(role.key().to_owned(), action.key().to_owned())][column];
                let found = if authorize(&principal, action, &resource).is_ok() { "allow" } else { "deny" };
                assert_eq!(found, expected, "{} {} {}", role.key(), action.key(), wanted.key());
                tried += 1;
            }
        }
    }
    assert!(tried > 250, "only {tried} cells can occur");
}

#[test]
fn nobody_may_do_anything_to_a_strangers_record() {
    for role in Role::ALL {
        for action in Action::ALL {
            assert!(!allowed(role, action, Relation::None));
        }
    }
}
