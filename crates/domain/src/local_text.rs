//! Text for people that comes from data: Chinese always, English where somebody wrote it.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The tag of the language every text is in.
const CHINESE: &str = "zh-CN";
const ENGLISH: &str = "en";

/// A text of a pack or a type file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LocalText {
    /// Chinese.
    #[serde(rename = "zh-CN")]
    pub zh: String,
    /// English, where somebody wrote it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub en: Option<String>,
}

impl LocalText {
    /// The text in the language of the tag (`zh-CN`, `en`); Chinese where there is no other.
    #[must_use]
    pub fn get(&self, tag: &str) -> &str {
        match &self.en {
            Some(english) if tag == ENGLISH => english,
            _ => &self.zh,
        }
    }

    /// Whether the text exists in that language, so that a page can mark the rest with `lang="zh-CN"`.
    #[must_use]
    pub fn has(&self, tag: &str) -> bool {
        tag == CHINESE || (tag == ENGLISH && self.en.is_some())
    }
}

/// A word that is the same in every language: a number, a name, a day.
impl<S: Into<String>> From<S> for LocalText {
    fn from(word: S) -> Self {
        Self { zh: word.into(), en: None }
    }
}

impl fmt::Display for LocalText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.zh)
    }
}
