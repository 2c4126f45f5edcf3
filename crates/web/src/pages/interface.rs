//! `/api`: the interface for programs, written out from its own description. It needs no other host and no script.

use std::sync::LazyLock;

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::get;
use serde_json::Value;

use crate::api;
use crate::session::Guest;
use crate::shell::{Shell, page};
use crate::state::Web;

/// The description never changes while the program runs.
static MANUAL: LazyLock<Manual> = LazyLock::new(|| Manual::of(&api::describe()));

/// The routes of the manual.
pub fn routes() -> Router<Web> {
    Router::new().route("/api", get(show))
}

/// What a program may do, and what it reads and writes.
struct Manual {
    tags: Vec<Tag>,
    webhook: Webhook,
    schemas: Vec<Schema>,
}

/// What the service sends by itself.
#[derive(Default)]
struct Webhook {
    say: String,
    headers: Vec<Part>,
    parts: Vec<Part>,
}

/// Operations that belong together.
struct Tag {
    name: String,
    say: String,
    operations: Vec<Operation>,
}

struct Operation {
    method: String,
    path: String,
    say: String,
    parameters: Vec<Part>,
    body: Option<String>,
    answers: Vec<Answer>,
}

/// A parameter, or a property of a schema.
struct Part {
    name: String,
    kind: String,
    required: bool,
    say: String,
}

struct Answer {
    status: String,
    say: String,
    schema: Option<String>,
}

struct Schema {
    name: String,
    say: String,
    parts: Vec<Part>,
    words: Vec<String>,
}

#[derive(Template)]
#[template(path = "pages/interface.html")]
struct ManualPage<'a> {
    shell: &'a Shell,
    manual: &'a Manual,
}

fn text(value: &Value, key: &str) -> String {
    value[key].as_str().unwrap_or_default().to_owned()
}

/// The name of the schema that is referred to, however deep.
fn schema_name(value: &Value) -> Option<String> {
    let here = value["$ref"].as_str().and_then(|path| path.rsplit('/').next()).map(str::to_owned);
    here.or_else(|| {
        let inside = ["oneOf", "anyOf", "allOf"].into_iter().filter_map(|key| value[key].as_array());
        inside.flatten().chain(value.get("items")).find_map(schema_name)
    })
}

/// What a value is, in a word.
fn kind(value: &Value) -> String {
    if let Some(name) = schema_name(value) {
        return if value["type"] == "array" { format!("{name}[]") } else { name };
    }
    let of = |value: &Value| match value {
        Value::String(word) => word.clone(),
        Value::Array(words) => words.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(" | "),
        _ => String::new(),
    };
    match (of(&value["type"]), value["format"].as_str()) {
        (word, _) if word == "array" => format!("{}[]", kind(&value["items"])),
        (word, Some(format)) => format!("{word} ({format})"),
        (word, None) => word,
    }
}

fn parameters(operation: &Value) -> Vec<Part> {
    let all = operation["parameters"].as_array().map(Vec::as_slice).unwrap_or_default();
    let one = |value: &Value| Part {
        name: text(value, "name"),
        kind: format!("{}, {}", text(value, "in"), kind(&value["schema"])),
        required: value["required"] == true,
        say: text(value, "description"),
    };
    all.iter().map(one).collect()
}

fn answers(operation: &Value) -> Vec<Answer> {
    let all = operation["responses"].as_object().into_iter().flatten();
    let schema = |value: &Value| {
        value["content"].as_object().and_then(|all| all.values().next()).map(|one| kind(&one["schema"]))
    };
    let one = |(status, value): (&String, &Value)| Answer {
        status: status.clone(),
        say: text(value, "description"),
        schema: schema(value).filter(|name| !name.is_empty()),
    };
    all.map(one).collect()
}

fn operation(method: &str, path: &str, value: &Value) -> Operation {
    let body = value.pointer("/requestBody/content").and_then(Value::as_object).and_then(|all| all.values().next());
    Operation {
        method: method.to_uppercase(),
        path: path.to_owned(),
        say: text(value, "summary"),
        parameters: parameters(value),
        body: body.and_then(|body| schema_name(&body["schema"])),
        answers: answers(value),
    }
}

fn schema(name: &str, value: &Value) -> Schema {
    let mut from = vec![value];
    from.extend(value["allOf"].as_array().into_iter().flatten());
    let mut parts = Vec::new();
    for one in &from {
        let required: Vec<_> = one["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        parts.extend(schema_name(one).filter(|_| one.get("$ref").is_some()).map(|name| Part {
            say: String::new(),
            kind: name,
            name: "…".to_owned(),
            required: true,
        }));
        let properties = one["properties"].as_object().into_iter().flatten();
        parts.extend(properties.map(|(name, value)| Part {
            name: name.clone(),
            kind: kind(value),
            required: required.contains(&name.as_str()),
            say: text(value, "description"),
        }));
    }
    let words = value["enum"].as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect();
    Schema { name: name.to_owned(), say: text(value, "description"), parts, words }
}

impl Manual {
    fn of(document: &Value) -> Self {
        let tags = document["tags"].as_array().map(Vec::as_slice).unwrap_or_default();
        let paths = || document["paths"].as_object().into_iter().flatten();
        let operations_of = |tag: &str| {
            let all = paths().flat_map(|(path, item)| {
                let item = item.as_object().into_iter().flatten();
                item.map(move |(method, value)| (method, path, value))
            });
            let mine = all
                .filter(|(.., value)| value["tags"].as_array().is_some_and(|tags| tags.iter().any(|one| one == tag)));
            mine.map(|(method, path, value)| operation(method, path, value)).collect()
        };
        let schemas = document.pointer("/components/schemas").and_then(Value::as_object).into_iter().flatten();
        Self {
            tags: tags
                .iter()
                .map(|tag| Tag {
                    operations: operations_of(&text(tag, "name")),
                    name: text(tag, "name"),
                    say: text(tag, "description"),
                })
                .collect(),
            webhook: document.pointer("/webhooks/message/post").map_or_else(Webhook::default, webhook),
            schemas: schemas.map(|(name, value)| schema(name, value)).collect(),
        }
    }
}

fn webhook(value: &Value) -> Webhook {
    let body = value.pointer("/requestBody/content/application~1json/schema").unwrap_or(&Value::Null);
    let data = body.pointer("/properties/data").unwrap_or(&Value::Null);
    let parts = schema("", body).parts.into_iter().chain(schema("", data).parts);
    Webhook { say: text(value, "summary"), headers: parameters(value), parts: parts.collect() }
}

/// GET /api
async fn show(State(_): State<Web>, guest: Guest) -> Response {
    let shell = &guest.shell;
    guest.with_cookie(page(&ManualPage { shell, manual: &MANUAL }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_manual_has_every_operation_and_every_schema_it_speaks_of() {
        let manual = Manual::of(&api::describe());
        let operations: Vec<_> = manual.tags.iter().flat_map(|tag| &tag.operations).collect();
        assert_eq!(operations.len(), 15);
        let known: Vec<_> = manual.schemas.iter().map(|schema| schema.name.as_str()).collect();
        for body in operations.iter().filter_map(|operation| operation.body.as_deref()) {
            assert!(known.contains(&body), "{body}");
        }
        let case = manual.schemas.iter().find(|schema| schema.name == "Case").unwrap();
        assert!(case.parts.iter().any(|part| part.kind == "CaseLine"));
        assert!(case.parts.iter().any(|part| part.name == "clocks" && part.kind == "Clock[]"));
        assert!(operations.iter().all(|operation| !operation.say.is_empty()));
        assert_eq!((manual.webhook.headers.len(), manual.webhook.parts.len()), (3, 5));
    }
}
