//! What a reader may see, as a condition in SQL: the second net under `authorize`.

use banjie_domain::actor::Standing;

use crate::db::Value;

/// Rows about the reader's own person or employer, or held by his offices.
pub(crate) fn of_record(standing: &Standing, table: &str, params: &mut Vec<Value>) -> String {
    match standing {
        Standing::Person(id) => equal(table, "person_id", id.as_str(), params),
        Standing::Employer(id) => equal(table, "employer_id", id.as_str(), params),
        Standing::Offices { subtree, .. } => offices(subtree.iter().map(|id| id.as_str()), table, params),
    }
}

/// Cases the reader asked for himself, or that his offices decide.
pub(crate) fn of_case(standing: &Standing, table: &str, params: &mut Vec<Value>) -> String {
    match standing {
        Standing::Person(id) => equal(table, "applicant_person", id.as_str(), params),
        Standing::Employer(id) => equal(table, "applicant_employer", id.as_str(), params),
        Standing::Offices { subtree, .. } => offices(subtree.iter().map(|id| id.as_str()), table, params),
    }
}

fn equal(table: &str, column: &str, value: &str, params: &mut Vec<Value>) -> String {
    params.push(Value::from(value));
    format!("{table}.{column} = ${}", params.len())
}

fn offices<'a>(ids: impl Iterator<Item = &'a str>, table: &str, params: &mut Vec<Value>) -> String {
    let places: Vec<_> = ids
        .map(|id| {
            params.push(Value::from(id));
            format!("${}", params.len())
        })
        .collect();
    // An account without an office sees nothing; `in ()` is not portable.
    if places.is_empty() { "1 = 0".to_owned() } else { format!("{table}.office_id in ({})", places.join(", ")) }
}
