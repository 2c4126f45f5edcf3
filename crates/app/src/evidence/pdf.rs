//! PDF: a first net over the raw bytes (ISO 32000-1).
//!
//! It finds what stands in the open: encryption, scripts, programs to start, attachments. Objects inside compressed
//! object streams are not seen here; the scanner and the renderer behind this module see them. The bytes up to the
//! end mark are kept as they are, because a changed byte breaks an electronic seal.

use std::collections::BTreeSet;

use banjie_domain::problem::Problem;

use super::cursor::{find, find_last};
use super::{FileKind, Inspected};

const MAX_PAGES: u32 = 50;

/// Readers look for the end mark in the last 1,024 bytes.
const END_WINDOW: usize = 1024;

/// A ZIP archive ends with a record of 22 bytes and a comment of up to 65,535.
const ARCHIVE_WINDOW: usize = 22 + 65_535;

/// The longest name the standard allows.
const MAX_NAME: usize = 127;

/// The longest object header that is read: number, generation and the spaces between.
const MAX_HEADER: usize = 32;

pub(super) fn inspect(bytes: &[u8]) -> Result<Inspected, Problem> {
    let clean = up_to_end_mark(bytes)?;
    if hides_archive(bytes) {
        return Err(Problem::new("evidence.more-behind-pdf"));
    }
    let names = Names::scan(clean)?;
    let pages = names.pages()?;
    Ok(Inspected { kind: FileKind::Pdf, pages, pixels: None, advice: Vec::new(), clean: clean.to_vec() })
}

fn broken() -> Problem {
    Problem::new("evidence.pdf-broken")
}

/// The document with its end mark and the line break after it; what follows belongs to nobody.
fn up_to_end_mark(bytes: &[u8]) -> Result<&[u8], Problem> {
    let window = bytes.len().saturating_sub(END_WINDOW);
    let at = bytes.get(window..).and_then(|end| find_last(end, b"%%EOF")).ok_or_else(broken)?;
    let mut end = window + at + b"%%EOF".len();
    for line_break in [b'\r', b'\n'] {
        if bytes.get(end) == Some(&line_break) {
            end += 1;
        }
    }
    bytes.get(..end).ok_or_else(broken)
}

/// Whether the file is a ZIP archive as well: an end record whose comment reaches exactly to the end.
fn hides_archive(bytes: &[u8]) -> bool {
    let window = bytes.get(bytes.len().saturating_sub(ARCHIVE_WINDOW)..).unwrap_or(bytes);
    let mut rest = window;
    while let Some(at) = find(rest, b"PK\x05\x06") {
        rest = rest.get(at..).unwrap_or_default();
        if let Some(&[low, high]) = rest.get(20..22)
            && rest.len() == 22 + usize::from(u16::from_le_bytes([low, high]))
        {
            return true;
        }
        rest = rest.get(1..).unwrap_or_default();
    }
    false
}

/// What the names in a document say.
#[derive(Default)]
struct Names {
    page_objects: BTreeSet<Vec<u8>>,
    has_hidden_objects: bool,
}

impl Names {
    fn scan(bytes: &[u8]) -> Result<Self, Problem> {
        let mut found = Self::default();
        let mut object = None;
        let mut after_type = false;
        let mut done = 0;
        while let Some(gap) = bytes.get(done..).and_then(|rest| rest.iter().position(|byte| *byte == b'/')) {
            let between = bytes.get(done..done + gap).unwrap_or_default();
            if let Some(at) = find_last(between, b" obj") {
                object = Some(done + at);
            }
            let rest = bytes.get(done + gap + 1..).unwrap_or_default();
            let (name, length) = name_at(rest);
            let rest = rest.get(length..).unwrap_or_default();
            if let Some(code) = refused(&name, rest) {
                return Err(Problem::new(code));
            }
            match name.as_slice() {
                b"ObjStm" => found.has_hidden_objects = true,
                b"Page" if after_type => {
                    found.page_objects.insert(object_number(bytes, object.unwrap_or(done)));
                }
                _ => {}
            }
            after_type = name == b"Type" && next_byte(rest) == Some(b'/');
            done += gap + 1 + length;
        }
        Ok(found)
    }

    /// The number of pages. A document saved twice holds a page twice under the same object number.
    fn pages(&self) -> Result<Option<u32>, Problem> {
        if self.has_hidden_objects {
            return Ok(None);
        }
        let pages = u32::try_from(self.page_objects.len()).unwrap_or(u32::MAX);
        match pages {
            0 => Err(broken()),
            1..=MAX_PAGES => Ok(Some(pages)),
            _ => Err(Problem::new("evidence.pdf-too-many-pages")
                .with("pages", pages.to_string())
                .with("max", MAX_PAGES.to_string())),
        }
    }
}

/// The name at the start of `rest` with its `#xx` escapes resolved, and how many bytes it takes.
fn name_at(rest: &[u8]) -> (Vec<u8>, usize) {
    let length = rest.iter().take(3 * MAX_NAME).take_while(|byte| is_regular(**byte)).count();
    let mut raw = rest.get(..length).unwrap_or_default();
    let mut name = Vec::with_capacity(length);
    while let Some((&byte, after)) = raw.split_first() {
        let escaped = after.get(..2).and_then(|hex| {
            let hex = std::str::from_utf8(hex).ok()?;
            u8::from_str_radix(hex, 16).ok()
        });
        match escaped {
            Some(plain) if byte == b'#' => {
                name.push(plain);
                raw = after.get(2..).unwrap_or_default();
            }
            _ => {
                name.push(byte);
                raw = after;
            }
        }
    }
    (name, length)
}

fn is_regular(byte: u8) -> bool {
    !matches!(
        byte,
        0 | b'\t' | b'\n' | 0x0c | b'\r' | b' ' | b'(' | b')' | b'<' | b'>' | b'[' | b']' | b'{' | b'}' | b'/' | b'%'
    )
}

fn next_byte(rest: &[u8]) -> Option<u8> {
    rest.iter().copied().find(|byte| !matches!(byte, 0 | b'\t' | b'\n' | 0x0c | b'\r' | b' '))
}

/// The problem a name stands for. Short names such as `/JS` are not searched for: they occur by chance in compressed
/// data, and no script runs without one of the long ones.
fn refused(name: &[u8], rest: &[u8]) -> Option<&'static str> {
    match name {
        b"Encrypt" => Some("evidence.pdf-encrypted"),
        b"EmbeddedFile" | b"EmbeddedFiles" => Some("evidence.pdf-attachment"),
        // An array says only which page to show first, as word processors write it; anything else may act.
        b"OpenAction" if next_byte(rest) == Some(b'[') => None,
        b"OpenAction" | b"JavaScript" | b"Launch" | b"Rendition" | b"RichMedia" | b"SubmitForm" | b"ImportData"
        | b"XFA" => Some("evidence.pdf-active"),
        _ => None,
    }
}

/// What stands in front of the ` obj` at `end`: an object's number and generation, such as `12 0`.
fn object_number(bytes: &[u8], end: usize) -> Vec<u8> {
    let head = bytes.get(end.saturating_sub(MAX_HEADER)..end).unwrap_or_default();
    let from = head.iter().rposition(|byte| !matches!(byte, b'0'..=b'9' | b' ')).map_or(0, |last| last + 1);
    head.get(from..).unwrap_or_default().trim_ascii().to_vec()
}
