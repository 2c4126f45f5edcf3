//! The receipt: a document in red and black that stays paper-white in the dark and prints on one sheet.

use askama::Template;
use fast_qr::{ECL, QRBuilder};

use super::{KeyValues, is_markup};

/// A receipt.
#[derive(Debug, Clone, Template)]
#[template(path = "parts/slip.html")]
pub struct Slip {
    /// The office, in red at the top.
    pub office: String,
    /// What the paper is, such as 收件回执.
    pub title: String,
    /// What the number is, such as 申请编号.
    pub number_label: String,
    /// The number in groups.
    pub number: String,
    /// How to read it aloud.
    pub reading: String,
    /// What is stated.
    pub rows: KeyValues,
    /// The code to scan, and the words under it.
    pub code: Option<(QrCode, String)>,
    /// The stamp over the signature.
    pub stamp: Option<Stamp>,
    /// The date of signing, as written on paper.
    pub signed_on: String,
    /// What it does not prove, and how it can be checked.
    pub foot: String,
}

/// The stamp: two lines of two characters and a date.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stamp {
    /// The first line, such as 业务.
    pub upper: String,
    /// The second line, such as 收讫.
    pub lower: String,
    /// The date, such as 2026.03.10.
    pub date: String,
    /// Whether it is just being put on; it then lands once.
    pub fresh: bool,
}

/// A code to scan.
#[derive(Debug, Clone, PartialEq, Eq, Template)]
#[template(path = "parts/qr.html")]
pub struct QrCode {
    size: usize,
    path: String,
    label: String,
}

impl QrCode {
    /// The code of this text; `label` is read aloud. `None` when the text is too long for any code.
    pub fn new(text: &str, label: impl Into<String>) -> Option<Self> {
        const QUIET: usize = 4;
        let code = QRBuilder::new(text).ecl(ECL::M).build().ok()?;
        let mut path = String::new();
        for (y, row) in code.data.chunks(code.size).take(code.size).enumerate() {
            for (x, _) in row.iter().enumerate().filter(|(_, module)| module.value()) {
                path.push_str(&format!("M{} {}h1v1h-1z", x + QUIET, y + QUIET));
            }
        }
        Some(Self { size: code.size + 2 * QUIET, path, label: label.into() })
    }
}

is_markup!(Slip, QrCode);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_has_its_three_corners_and_a_quiet_edge() {
        let code = QrCode::new("26-4831-0527-9164-28", "二维码").unwrap();
        assert_eq!(code.size, 29);
        assert!(code.path.starts_with("M4 4h1v1h-1z"));
        assert!(code.path.contains("M24 4h1v1h-1z") && code.path.contains("M4 24h1v1h-1z"));
        assert!(!code.render().unwrap().contains("style="));
    }
}
