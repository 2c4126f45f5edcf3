//! What a file is, by its first bytes.

use super::cursor::find;

/// The kinds of files that can be evidence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FileKind {
    /// A PDF document.
    Pdf,
    /// A JPEG photo.
    Jpeg,
    /// A PNG picture.
    Png,
}

impl FileKind {
    /// Every kind.
    pub const ALL: [Self; 3] = [Self::Pdf, Self::Jpeg, Self::Png];

    /// How rules and the database write it.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Pdf => "pdf",
            Self::Jpeg => "jpg",
            Self::Png => "png",
        }
    }

    /// Reads [`Self::key`].
    #[must_use]
    pub fn parse(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.key() == key)
    }

    /// The name people know it by, the same in every language.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Pdf => "PDF",
            Self::Jpeg => "JPG",
            Self::Png => "PNG",
        }
    }

    /// The type to serve it as.
    #[must_use]
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Pdf => "application/pdf",
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
        }
    }
}

/// What the first bytes say.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Content {
    /// Something that can be evidence.
    Kind(FileKind),
    /// Something else; the problem that says what.
    Other(&'static str),
}

const PROGRAM: &str = "evidence.is-program";
const ARCHIVE: &str = "evidence.is-archive";
const OFFICE: &str = "evidence.is-office";
const OTHER_PICTURE: &str = "evidence.is-other-picture";

/// First bytes that stand for themselves.
const SIGNATURES: [(&[u8], Content); 27] = [
    (b"%PDF-", Content::Kind(FileKind::Pdf)),
    (b"\xff\xd8\xff", Content::Kind(FileKind::Jpeg)),
    (b"\x89PNG\r\n\x1a\n", Content::Kind(FileKind::Png)),
    (b"MZ", Content::Other(PROGRAM)),
    (b"\x7fELF", Content::Other(PROGRAM)),
    (b"\xca\xfe\xba\xbe", Content::Other(PROGRAM)),
    (b"\xce\xfa\xed\xfe", Content::Other(PROGRAM)),
    (b"\xcf\xfa\xed\xfe", Content::Other(PROGRAM)),
    (b"dex\n", Content::Other(PROGRAM)),
    (b"\0asm", Content::Other(PROGRAM)),
    (b"#!", Content::Other(PROGRAM)),
    (b"L\0\0\0\x01\x14\x02\0", Content::Other(PROGRAM)),
    (b"Rar!\x1a\x07", Content::Other(ARCHIVE)),
    (b"7z\xbc\xaf\x27\x1c", Content::Other(ARCHIVE)),
    (b"\x1f\x8b", Content::Other(ARCHIVE)),
    (b"\xfd7zXZ\0", Content::Other(ARCHIVE)),
    (b"BZh", Content::Other(ARCHIVE)),
    (b"MSCF", Content::Other(ARCHIVE)),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", Content::Other(OFFICE)),
    (b"{\\rtf", Content::Other(OFFICE)),
    (b"GIF8", Content::Other(OTHER_PICTURE)),
    (b"II*\0", Content::Other(OTHER_PICTURE)),
    (b"MM\0*", Content::Other(OTHER_PICTURE)),
    (b"BM", Content::Other(OTHER_PICTURE)),
    (b"\0\0\x01\0", Content::Other(OTHER_PICTURE)),
    (b"8BPS", Content::Other(OTHER_PICTURE)),
    (b"\xff\x0a", Content::Other(OTHER_PICTURE)),
];

/// What the file is. A name that says otherwise changes nothing.
pub(super) fn content_of(bytes: &[u8]) -> Content {
    for (signature, content) in SIGNATURES {
        if bytes.starts_with(signature) {
            return content;
        }
    }
    Content::Other(other_content(bytes))
}

fn other_content(bytes: &[u8]) -> &'static str {
    if bytes.starts_with(b"PK") {
        return packed(bytes);
    }
    match (bytes.get(..4), bytes.get(4..8), bytes.get(8..12)) {
        (_, Some(b"ftyp"), Some(brand)) => return media_container(brand),
        (Some(b"RIFF"), _, Some(b"WEBP")) => return OTHER_PICTURE,
        (Some(b"RIFF"), _, _) => return "evidence.is-video",
        _ => {}
    }
    let head = bytes.get(..1024).unwrap_or(bytes);
    match markup(head) {
        Some(code) => code,
        // Old readers open a PDF with something in front of it; so does whoever reads that something first.
        None if find(head, b"%PDF-").is_some() => "evidence.pdf-broken",
        None => "evidence.unknown-kind",
    }
}

/// Office documents and OFD are archives inside.
fn packed(bytes: &[u8]) -> &'static str {
    let head = bytes.get(..4096).unwrap_or(bytes);
    let names = |name: &[u8]| find(head, name).is_some();
    if names(b"OFD.xml") {
        "evidence.is-ofd"
    } else if names(b"[Content_Types].xml") || names(b"opendocument") {
        OFFICE
    } else {
        ARCHIVE
    }
}

fn media_container(brand: &[u8]) -> &'static str {
    match brand {
        b"heic" | b"heix" | b"hevc" | b"hevx" | b"heim" | b"heis" | b"mif1" | b"msf1" => "evidence.is-heic",
        b"avif" | b"avis" | b"crx " => OTHER_PICTURE,
        _ => "evidence.is-video",
    }
}

fn markup(head: &[u8]) -> Option<&'static str> {
    let head = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head).trim_ascii_start();
    if !head.starts_with(b"<") {
        return None;
    }
    let svg = find(&head.to_ascii_lowercase(), b"<svg").is_some();
    Some(if svg { "evidence.is-svg" } else { "evidence.is-web-page" })
}
