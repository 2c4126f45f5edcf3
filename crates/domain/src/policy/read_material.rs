//! Reading `[[material]]` and `[[group]]`, and the refusal of open-ended text.

use toml_span::Span;
use toml_span::value::Value;

use crate::local_text::LocalText;

use super::material::{Group, Material, Need};
use super::pack::{Context, Placed, terms};
use super::read::{Complaint, Reading};
use super::schema::FileKind;

/// Words that let an office ask for anything. A guide sampling found them in 13 % of guides; here they do not load.
const OPEN_ENDED: [&str; 10] = [
    "其他材料",
    "其它材料",
    "其他相关材料",
    "其它相关材料",
    "其他有关材料",
    "其他证明材料",
    "其他需要的材料",
    "需要的其他",
    "other materials",
    "other documents",
];

const MATERIAL_FIELDS: [&str; 14] = [
    "key",
    "label",
    "why",
    "where",
    "need",
    "for",
    "accepts",
    "max-bytes",
    "substitute",
    "waived",
    "signs",
    "basis",
    "from",
    "until",
];

pub(super) fn material<'a>(
    reading: &mut Reading<'a>,
    value: &Value<'a>,
    context: &Context<'_>,
) -> Option<Placed<Material>> {
    let fields = reading.table(value, &MATERIAL_FIELDS)?;
    let key = fields.need(reading, "key", plain_key)?;
    let terms = terms(reading, &fields, format!("material.{key}"), context);
    let label = fields.need(reading, "label", closed_text);
    let why = fields.need(reading, "why", closed_text);
    let source = fields.need(reading, "where", closed_text);
    let need = fields.need(reading, "need", need);
    let accepts =
        fields.maybe(reading, "accepts", |reading, value| reading.words(value, &FileKind::ALL, FileKind::key));
    let max_bytes = fields.maybe(reading, "max-bytes", |reading, value| reading.number(value, 1 << 30));
    let substitute = fields.maybe(reading, "substitute", closed_text);
    let waived = fields.maybe(reading, "waived", closed_text);
    let signs = fields.maybe(reading, "signs", |reading, value| {
        let list = reading.list(value)?;
        Some(list.iter().filter_map(|item| closed_text(reading, item)).collect::<Vec<_>>())
    });
    Some(terms?.with(Material {
        key,
        label: label?,
        why: why?,
        source: source?,
        need: need?,
        accepts: accepts.unwrap_or_default().into_iter().collect(),
        max_bytes,
        substitute,
        waived,
        signs: signs.unwrap_or_default(),
    }))
}

pub(super) fn group<'a>(reading: &mut Reading<'a>, value: &Value<'a>, context: &Context<'_>) -> Option<Placed<Group>> {
    let fields = reading.table(value, &["key", "label", "why", "basis", "from", "until"])?;
    let key = fields.need(reading, "key", plain_key)?;
    let terms = terms(reading, &fields, format!("group.{key}"), context);
    let label = fields.need(reading, "label", closed_text);
    let why = fields.need(reading, "why", closed_text);
    Some(terms?.with(Group { key, label: label?, why: why? }))
}

/// A key that can stand in a URL and in a table: lower-case letters, digits and hyphens.
fn plain_key(reading: &mut Reading<'_>, value: &Value<'_>) -> Option<String> {
    let key = reading.text(value)?;
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    if !key.bytes().all(plain) {
        reading.complain(value.span, format!("`{key}` cannot be a key"), "use lower-case letters, digits and hyphens");
        return None;
    }
    Some(key.to_owned())
}

fn need(reading: &mut Reading<'_>, value: &Value<'_>) -> Option<Need> {
    let text = reading.text(value)?;
    let need = Need::parse(text);
    if need.is_none() {
        let what = format!("`{text}` does not say whether it is needed");
        let complaint = Complaint::new(what, "use required, optional or one-of:<group>");
        reading.complain_of(value.span, complaint.coded("need-unclear", &[]));
    }
    need
}

fn closed_text<'a>(reading: &mut Reading<'a>, value: &Value<'a>) -> Option<LocalText> {
    let text = reading.local_text(value)?;
    let places = [Some(&text.zh), text.en.as_ref()];
    let open = places.into_iter().flatten().find_map(|text| open_ended(text));
    if let Some(words) = open {
        refuse_open_ended(reading, value.span, words);
        return None;
    }
    Some(text)
}

fn open_ended(text: &str) -> Option<&'static str> {
    let lower = text.to_ascii_lowercase();
    let tight: String = lower.chars().filter(|letter| !letter.is_whitespace()).collect();
    OPEN_ENDED.into_iter().find(|words| lower.contains(words) || tight.contains(words))
}

fn refuse_open_ended(reading: &mut Reading<'_>, span: Span, words: &str) {
    let what = format!("\"{words}\" lets an office ask for anything");
    let complaint = Complaint::new(what, "name each material; what nobody can name, nobody may ask for");
    reading.complain_of(span, complaint.coded("anything", &[("words", words)]));
}
