//! Persons as the service keeps them: a sealed profile, found by the blind index of a document only.
//!
//! What is known of a person is never overwritten by what somebody else typed; that is the registration's own snapshot.

use std::fmt;

use banjie_domain::id::{AccountId, PersonId};
use banjie_domain::identity::{IdentityDocument, PersonName, Phone};
use banjie_store::accounts::AccountRow;
use banjie_store::people::PersonRow;
use serde::{Deserialize, Serialize};

use crate::app::App;
use crate::error::Outcome;
use crate::seal::{IndexKind, Place};

/// The standing of an employer that exists as far as anybody knows.
pub const ACTIVE: &str = "active";

/// Who a person is.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Profile {
    /// Key of the kind of identity document.
    pub document_kind: String,
    /// Its number in the stored form.
    pub document_number: String,
    /// The country that issued a passport.
    pub country: Option<String>,
    /// The name as first typed.
    pub name: String,
    /// A telephone, when one is known.
    pub phone: Option<String>,
}

impl fmt::Debug for Profile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Profile(..)")
    }
}

/// Reads who a person is.
///
/// # Errors
/// When the row was changed, or sealed under another key.
pub fn open_profile(app: &App, row: &PersonRow) -> Outcome<Profile> {
    app.unseal(profile_place(&row.id), &row.profile)
}

/// What a person is searched by: the kind of document, its country and its number, wherever it was seen.
#[must_use]
pub fn document_index(app: &App, document: &IdentityDocument) -> [u8; 32] {
    let value = format!("{} {} {}", document.kind_key(), document.country().unwrap_or_default(), document.number());
    app.keys.blind_index(IndexKind::IdentityDocument, "", &value)
}

/// The row of a person not known yet. Writes nothing.
///
/// # Errors
/// When the profile cannot be sealed.
pub fn new_person(
    app: &App,
    document: &IdentityDocument,
    name: &PersonName,
    phone: Option<&Phone>,
) -> Outcome<PersonRow> {
    let id = app.fresh(PersonId::new);
    let profile = Profile {
        document_kind: document.kind_key().to_owned(),
        document_number: document.number().to_owned(),
        country: document.country().map(str::to_owned),
        name: name.as_str().to_owned(),
        phone: phone.map(|phone| phone.as_str().to_owned()),
    };
    Ok(PersonRow {
        document_index: document_index(app, document).to_vec(),
        profile: app.seal(profile_place(&id), &profile)?,
        created_at: app.micros(),
        id,
    })
}

/// The name an account is greeted by.
///
/// # Errors
/// When the row was changed, or sealed under another key.
pub fn display(app: &App, row: &AccountRow) -> Outcome<String> {
    app.unseal(display_place(&row.id), &row.display)
}

/// Seals the name an account is greeted by.
///
/// # Errors
/// When it is too long.
pub fn seal_display(app: &App, account: &AccountId, name: &str) -> Outcome<Vec<u8>> {
    app.seal(display_place(account), &name)
}

fn profile_place(id: &PersonId) -> Place<'_> {
    Place { table: "persons", row: id.as_str(), column: "profile" }
}

fn display_place(id: &AccountId) -> Place<'_> {
    Place { table: "accounts", row: id.as_str(), column: "display" }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing;

    fn document(kind: &str, number: &str, country: Option<&str>) -> IdentityDocument {
        IdentityDocument::parse(kind, number, country, "2026-03-10".parse().unwrap()).unwrap()
    }

    #[test]
    fn a_person_is_found_again_by_his_document_and_by_no_other() {
        let (app, _folder) = testing::app();
        let citizen = document("citizen-id", "11010519491231002X", None);
        let person = new_person(&app, &citizen, &PersonName::parse("买买提·吐尔逊").unwrap(), None).unwrap();
        let (row, index) = (person.clone(), document_index(&app, &citizen));
        let found = app
            .store
            .write(move |tx| {
                banjie_store::people::person_add(tx, &row)?;
                banjie_store::people::person_find_by_document(tx, &index)
            })
            .unwrap();
        assert_eq!(found.map(|row| row.id), Some(person.id));
        let passport = |country| document("passport", "E12345678", Some(country));
        assert_ne!(document_index(&app, &passport("USA")), document_index(&app, &passport("FRA")));
    }

    #[test]
    fn a_profile_opens_in_its_own_row_only_and_never_prints() {
        let (app, _folder) = testing::app();
        let citizen = document("citizen-id", "11010519491231002X", None);
        let phone = Phone::parse("13800000000").unwrap();
        let row = new_person(&app, &citizen, &PersonName::parse("张伟").unwrap(), Some(&phone)).unwrap();
        let profile = open_profile(&app, &row).unwrap();
        assert_eq!((profile.name.as_str(), profile.phone.as_deref()), ("张伟", Some("13800000000")));
        assert_eq!(format!("{profile:?}"), "Profile(..)");
        let moved = PersonRow { id: app.fresh(PersonId::new), ..row };
        assert!(open_profile(&app, &moved).is_err());
    }
}
