//! Words for a state, with a seal and a colour after the word; short tags; notes.

use askama::Template;

use super::is_markup;
use crate::texts::Tongue;

/// A state: a word, and the seal beside it.
#[derive(Debug, Clone, Template)]
#[template(path = "parts/status.html")]
pub struct Status {
    /// The word.
    pub word: String,
    /// Its seal; a registration in force has none.
    pub seal: Option<Seal>,
    tongue: Tongue,
}

/// The seals: four sides that close as the case moves, and what can happen on the way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Seal {
    /// 收: received.
    Received,
    /// 受: accepted.
    Accepted,
    /// 审: in review.
    Review,
    /// 补: something has to be supplied.
    Fix,
    /// 结: closed.
    Done,
    /// 否: refused.
    No,
    /// 回: taken back or lapsed.
    Off,
}

impl Seal {
    /// All of them.
    pub const ALL: [Self; 7] =
        [Self::Received, Self::Accepted, Self::Review, Self::Fix, Self::Done, Self::No, Self::Off];

    /// The end of its class name and of its text key.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Received => "1",
            Self::Accepted => "2",
            Self::Review => "3",
            Self::Fix => "fix",
            Self::Done => "done",
            Self::No => "no",
            Self::Off => "off",
        }
    }

    const fn status_class(self) -> &'static str {
        match self {
            Self::Fix => " status--fix",
            Self::Off => " status--off",
            _ => "",
        }
    }

    /// The one character in it. It stays Chinese in every language.
    #[must_use]
    pub fn glyph(self, tongue: &Tongue) -> &str {
        tongue.t(match self {
            Self::Received => "common.seal.1",
            Self::Accepted => "common.seal.2",
            Self::Review => "common.seal.3",
            Self::Fix => "common.seal.fix",
            Self::Done => "common.seal.done",
            Self::No => "common.seal.no",
            Self::Off => "common.seal.off",
        })
    }
}

impl Status {
    /// A word with a seal.
    pub fn sealed(tongue: &Tongue, seal: Seal, word: impl Into<String>) -> Self {
        Self { word: word.into(), seal: Some(seal), tongue: tongue.clone() }
    }

    /// A word alone.
    pub fn plain(tongue: &Tongue, word: impl Into<String>) -> Self {
        Self { word: word.into(), seal: None, tongue: tongue.clone() }
    }
}

/// The job of a colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Tone {
    /// None.
    #[default]
    Plain,
    /// 黛: the person, what comes next.
    Dai,
    /// 栌: time.
    Lu,
    /// 朱: the authority asks for a change.
    Zhu,
}

impl Tone {
    const fn suffix(self, part: TonedPart) -> &'static str {
        match (part, self) {
            (_, Self::Plain) | (TonedPart::Note, Self::Dai) => "",
            (TonedPart::Tag, Self::Dai) => " tag--dai",
            (TonedPart::Tag, Self::Lu) => " tag--lu",
            (TonedPart::Tag, Self::Zhu) => " tag--zhu",
            (TonedPart::Note, Self::Lu) => " note--lu",
            (TonedPart::Note, Self::Zhu) => " note--zhu",
        }
    }
}

#[derive(Clone, Copy)]
enum TonedPart {
    Tag,
    Note,
}

/// A short tag such as 可免交.
#[derive(Debug, Clone, PartialEq, Eq, Template)]
#[template(source = r#"<span class="tag{{ self.class() }}">{{ label }}</span>"#, ext = "html")]
pub struct Tag {
    /// The word.
    pub label: String,
    /// Its colour.
    pub tone: Tone,
}

impl Tag {
    /// A tag of this colour.
    pub fn new(tone: Tone, label: impl Into<String>) -> Self {
        Self { label: label.into(), tone }
    }

    const fn class(&self) -> &'static str {
        self.tone.suffix(TonedPart::Tag)
    }
}

/// A box that says something beside the text.
#[derive(Debug, Clone, PartialEq, Eq, Template)]
#[template(path = "parts/note.html")]
pub struct Note {
    /// Its colour; plain and 黛 are the same here.
    pub tone: Tone,
    /// Its heading.
    pub heading: String,
    /// Its sentences, one paragraph each.
    pub lines: Vec<String>,
}

impl Note {
    /// A note with these paragraphs.
    pub fn new<L: Into<String>>(tone: Tone, heading: impl Into<String>, lines: impl IntoIterator<Item = L>) -> Self {
        Self { tone, heading: heading.into(), lines: lines.into_iter().map(Into::into).collect() }
    }

    const fn class(&self) -> &'static str {
        self.tone.suffix(TonedPart::Note)
    }
}

is_markup!(Status, Tag, Note);
