//! Checking a 更正: which answers of a record are to read otherwise, and whether the record may stand as it would then be.
//!
//! Only what was changed is read anew. An old answer that today's tables or rules would refuse stays as it is, unless a
//! rule says that it cannot stand beside the new one.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::problem::{FieldProblem, Problem};

use super::RegistrationType;
use super::answers::{Answers, Details};
use super::check::{CheckFacts, Checked, Checking};
use super::schema::Field;

/// One answer that was written wrongly, and how it should have read. Both in stored form; `None` is no answer.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// Key of the field.
    pub field: String,
    /// What the record says.
    pub from: Option<String>,
    /// What it should say.
    pub to: Option<String>,
}

impl fmt::Debug for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Change").field(&self.field).finish()
    }
}

/// A correction that may be handed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Correction {
    /// What changes, in the order of the form; never empty.
    pub changes: Vec<Change>,
    /// The record as it would read, with what the person should know and the agency has to do.
    pub checked: Checked,
}

impl RegistrationType {
    /// The fields a 更正 may change, in the order of the form.
    pub fn correctable(&self) -> impl Iterator<Item = &Field> {
        self.fields().iter().filter(|field| field.correctable)
    }

    /// Checks a correction of a record. A field that was not answered at all is left as it is; an empty answer takes
    /// the old one away.
    ///
    /// # Errors
    /// Everything that is wrong, at most one problem for each field, in the order of the form; also that nothing changes.
    pub fn check_correction(
        &self,
        record: &Details,
        answers: &Answers,
        facts: &CheckFacts<'_>,
    ) -> Result<Correction, Vec<FieldProblem>> {
        let mut checking = Checking::new(self, answers, facts);
        for field in self.fields() {
            let kept = record.get(&field.key);
            let typed = answers.find(&field.key).filter(|_| field.correctable);
            match typed {
                Some(typed) if typed.trim() != kept.unwrap_or("") => checking.read(field),
                _ => checking.keep(field, kept),
            }
        }
        for field in self.correctable() {
            checking.require(field);
            checking.look(field);
        }
        let mut checked = checking.finish()?;
        let changes = self.changes(record, &checked.details);
        // What the rules find at an answer that nobody touched was told when it was declared. Told again here it would
        // show an employer, whenever he asks, whether the person has other work.
        checked.warnings.retain(|found| changes.iter().any(|change| change.field == found.field));
        if checked.warnings.is_empty() {
            checked.flags.clear();
        }
        if changes.is_empty() {
            let first = self.correctable().map(|field| field.key.as_str()).next().unwrap_or_default();
            return Err(vec![Problem::new("registration.nothing-changed").at(first)]);
        }
        Ok(Correction { changes, checked })
    }

    fn changes(&self, record: &Details, corrected: &Details) -> Vec<Change> {
        self.correctable()
            .filter(|field| record.get(&field.key) != corrected.get(&field.key))
            .map(|field| Change {
                field: field.key.clone(),
                from: record.get(&field.key).map(str::to_owned),
                to: corrected.get(&field.key).map(str::to_owned),
            })
            .collect()
    }
}

impl Details {
    /// The details as these changes leave them; `None` when they do not say what the changes start from.
    #[must_use]
    pub fn corrected(&self, changes: &[Change]) -> Option<Self> {
        let mut corrected = self.clone();
        for change in changes {
            if self.get(&change.field) != change.from.as_deref() {
                return None;
            }
            corrected.set(&change.field, change.to.clone());
        }
        Some(corrected)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::registration_type::tests::{book, employer, facts};

    fn typed(pairs: &[(&str, &str)]) -> Answers {
        pairs.iter().copied().collect()
    }

    fn employer_details() -> Details {
        let book = book();
        book.get("employer").unwrap().check(&employer(&[]), &facts(&book)).unwrap().details
    }

    fn correct(record: &Details, pairs: &[(&str, &str)]) -> Result<Correction, Vec<(String, String)>> {
        let book = book();
        let kind = book.get("employer").unwrap();
        kind.check_correction(record, &typed(pairs), &facts(&book))
            .map_err(|found| found.into_iter().map(|one| (one.field, one.problem.code.to_owned())).collect())
    }

    #[test]
    fn only_what_reads_otherwise_is_a_change() {
        let record = employer_details();
        let correction =
            correct(&record, &[("post", " 钳工 "), ("hired_on", record.get("hired_on").unwrap())]).unwrap();
        let change = Change {
            field: "post".to_owned(),
            from: record.get("post").map(str::to_owned),
            to: Some("钳工".to_owned()),
        };
        assert_eq!(correction.changes, vec![change]);
        let after = record.corrected(&correction.changes).unwrap();
        assert_eq!(after, correction.checked.details);
        assert!(after.corrected(&correction.changes).is_none(), "it no longer says what the change starts from");
    }

    #[test]
    fn who_the_person_is_cannot_be_corrected_here() {
        let record = employer_details();
        let changed = correct(&record, &[("name", "别人"), ("sex", "2"), ("post", "钳工")]).unwrap();
        assert_eq!(changed.checked.details.get("name"), record.get("name"));
        assert_eq!(changed.changes.len(), 1);
        assert_eq!(correct(&record, &[("name", "别人")]).unwrap_err()[0].1, "registration.nothing-changed");
    }

    #[test]
    fn the_rules_look_at_the_record_as_it_would_read() {
        let record = employer_details();
        let later = correct(&record, &[("hired_on", "2027-1-1")]).unwrap_err();
        assert_eq!(later, vec![("hired_on".to_owned(), "registration.hired-later".to_owned())]);
        let emptied = correct(&record, &[("post", "")]).unwrap_err();
        assert_eq!(emptied, vec![("post".to_owned(), "registration.not-filled".to_owned())]);
        // The term that was not touched cannot stand beside the new kind of contract.
        let open = correct(&record, &[("contract_type", "open")]).unwrap_err();
        assert_eq!(open, vec![("contract_to".to_owned(), "registration.open-term-with-end".to_owned())]);
    }

    #[test]
    fn an_optional_answer_can_be_taken_away_and_an_old_code_stays() {
        let mut record = employer_details();
        record.set("monthly_wage", Some("8500".to_owned()));
        record.set("education", Some("a-code-of-long-ago".to_owned()));
        let answers = [("monthly_wage", ""), ("education", "a-code-of-long-ago")];
        let correction = correct(&record, &answers).unwrap();
        assert_eq!(correction.changes.len(), 1);
        assert_eq!(correction.checked.details.get("monthly_wage"), None);
        assert_eq!(correction.checked.details.get("education"), Some("a-code-of-long-ago"));
    }

    #[test]
    fn what_a_rule_finds_at_an_untouched_answer_is_not_told_again() {
        let (book, record) = (book(), employer_details());
        let facts = CheckFacts { has_other_full_time: true, ..facts(&book) };
        let kind = book.get("employer").unwrap();
        let post = kind.check_correction(&record, &typed(&[("post", "钳工")]), &facts).unwrap();
        assert!(post.checked.warnings.is_empty() && post.checked.flags.is_empty(), "{:?}", post.checked.warnings);
        let mut part_time = record;
        part_time.set("employment_form", Some("part-time".to_owned()));
        let form = kind.check_correction(&part_time, &typed(&[("employment_form", "full-time")]), &facts).unwrap();
        assert_eq!(form.checked.warnings.len(), 1);
    }

    #[test]
    fn a_change_prints_no_value() {
        let change = Change { field: "phone".to_owned(), from: None, to: Some("13800000000".to_owned()) };
        assert_eq!(format!("{change:?}"), r#"Change("phone")"#);
    }
}
