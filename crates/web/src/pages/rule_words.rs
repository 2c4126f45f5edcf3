//! Rules in words: what a key is called, and what its value says.

use serde_json::Value;

use crate::form::human_size;
use crate::shell::Shell;

/// What a rule is called; `key` as [`banjie_domain::policy::Explained::key`].
pub(super) fn label(shell: &Shell, key: &str) -> String {
    let key = match key.split_once('.') {
        Some(("material", _)) => "rules.key.material".to_owned(),
        Some(("group", _)) => "rules.key.group".to_owned(),
        _ => format!("rules.key.{key}"),
    };
    shell.t(&key).to_owned()
}

/// A value in words: days with their unit, lists by their names, a material or an office by what it is called.
pub(super) fn value(shell: &Shell, key: &str, value: &Value) -> String {
    let local = |value: &Value| {
        let text = value.get(shell.lang()).or_else(|| value.get("zh-CN")).unwrap_or(value);
        text.as_str().unwrap_or_default().to_owned()
    };
    let number = value.as_u64().unwrap_or_default();
    let count = number.to_string();
    let words = |prefix: &str| {
        let list = value.as_array().map(Vec::as_slice).unwrap_or_default();
        let names: Vec<_> =
            list.iter().filter_map(Value::as_str).map(|one| shell.t(&format!("{prefix}.{one}"))).collect();
        names.join(shell.t("guide.and"))
    };
    match key {
        "upload.max-bytes" => human_size(number),
        "upload.kinds" => words("rules.kind"),
        "who-may-file" => words("guide.who"),
        "stages" => shell.t(&format!("rules.stages.{}", value.as_str().unwrap_or_default())).to_owned(),
        "assurance" => shell.t(&format!("rules.assurance.{}", value.as_str().unwrap_or_default())).to_owned(),
        "cutoff" => value.as_str().unwrap_or_default().to_owned(),
        _ if key.starts_with("limit.") => shell.fill("rules.working", &[("days", &count)]),
        _ if key.starts_with("window.") => shell.fill("rules.natural", &[("days", &count)]),
        _ if key.starts_with("remedy.") => {
            let within = |field: &str, unit: &str| {
                let count = value.get(field)?.as_u64()?.to_string();
                Some(shell.fill(unit, &[("count", &count)]))
            };
            let within = within("days", "guide.within-days").or_else(|| within("months", "guide.within-months"));
            [value.get("body").map(local), within].into_iter().flatten().collect::<Vec<_>>().join(" · ")
        }
        _ => value.get("label").or_else(|| value.get("name")).map(local).unwrap_or_default(),
    }
}
