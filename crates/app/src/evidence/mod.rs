//! What may be handed in as evidence, and the clean copy that is kept of it.
//!
//! [`inspect`] goes by the content, never by the name; it parses structure and decodes no picture. It is the first
//! net, not the only one: what is hidden in compressed parts of a PDF is for the scanner and the renderer behind it.
//! Nothing here touches a disk, and a file name is only ever text to show.

mod cursor;
mod jpeg;
mod kind;
mod orientation;
mod pdf;
mod picture;
mod png;
mod report;

use banjie_domain::problem::Problem;

pub use kind::FileKind;
pub use report::{human_size, shown_name};

use kind::Content;

/// What a rule allows for one material.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UploadRule {
    /// The most bytes of one file.
    pub max_bytes: u64,
    /// The kinds that are accepted.
    pub kinds: Vec<FileKind>,
}

impl Default for UploadRule {
    /// 10 MB and all kinds.
    fn default() -> Self {
        Self { max_bytes: 10 * 1024 * 1024, kinds: FileKind::ALL.to_vec() }
    }
}

/// A file that may be kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inspected {
    /// What it really is.
    pub kind: FileKind,
    /// How many pages, where that can be told without unpacking.
    pub pages: Option<u32>,
    /// Width and height of a picture as stored.
    pub pixels: Option<(u32, u32)>,
    /// What the person should look at again; nothing of it refuses the file.
    pub advice: Vec<Problem>,
    /// The bytes to keep: the same picture or document without the data nobody asked for. Keep these, not the upload.
    pub clean: Vec<u8>,
}

/// Looks at an uploaded file.
///
/// # Errors
/// Why the file is not accepted, as an `evidence.…` problem with the file's `name`.
pub fn inspect(name: &str, bytes: &[u8], rule: &UploadRule) -> Result<Inspected, Problem> {
    look(bytes, rule).map_err(|problem| problem.with("name", shown_name(name)))
}

fn look(bytes: &[u8], rule: &UploadRule) -> Result<Inspected, Problem> {
    if bytes.is_empty() {
        return Err(Problem::new("evidence.empty"));
    }
    if bytes.len() as u64 > rule.max_bytes {
        return Err(Problem::new("evidence.too-large")
            .with("size", human_size(bytes.len() as u64))
            .with("max", human_size(rule.max_bytes)));
    }
    let kind = match kind::content_of(bytes) {
        Content::Kind(kind) => kind,
        Content::Other(code) => return Err(Problem::new(code)),
    };
    if !rule.kinds.contains(&kind) {
        let accepted: Vec<_> = rule.kinds.iter().map(|kind| kind.label()).collect();
        return Err(Problem::new("evidence.kind-not-accepted")
            .with("kind", kind.label())
            .with("accepted", accepted.join(" / ")));
    }
    match kind {
        FileKind::Pdf => pdf::inspect(bytes),
        FileKind::Jpeg => jpeg::inspect(bytes),
        FileKind::Png => png::inspect(bytes),
    }
}

#[cfg(test)]
mod tests;
