//! The small line drawings, as ready markup. They are decoration: the words beside them carry the meaning.

use std::fmt;

/// Markup we wrote ourselves, put into a page as it is. Never made from what a person typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Markup(&'static str);

impl fmt::Display for Markup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl askama::filters::HtmlSafe for Markup {}

macro_rules! icons {
    ($($(#[$doc:meta])* $name:ident = $path:literal;)*) => {
        $($(#[$doc])* pub const $name: Markup = Markup(concat!(
            r#"<svg class="i" viewBox="0 0 24 24" aria-hidden="true" focusable="false"><path d=""#, $path, r#""/></svg>"#
        ));)*
    };
}

icons! {
    /// An arrow to what comes next.
    NEXT = "M4 12H19M13 6L19 12L13 18";
    /// An arrow back.
    BACK = "M20 12H5M11 6L5 12L11 18";
    /// A tick.
    GOOD = "M4.5 12.5L10 18L20 7";
    /// A cross.
    BAD = "M6 6L18 18M18 6L6 18";
    /// Something has to be changed.
    STOP = "M8.2 3.5H15.8L20.5 8.2V15.8L15.8 20.5H8.2L3.5 15.8V8.2zM12 7.5V13M12 16V16.5";
    /// Search.
    SEARCH = "M10.5 4a6.5 6.5 0 1 0 0 13a6.5 6.5 0 0 0 0-13zM15.5 15.5L20.5 20.5";
    /// Take a file away with you.
    DOWNLOAD = "M12 3.5V15M7 10.5L12 15.5L17 10.5M4 20H20";
    /// Print.
    PRINT = "M7 9V3.5H17V9M7 17H3.5V9H20.5V17H17M7 14H17V20.5H7z";
    /// Locked by somebody.
    LOCK = "M5 11H19V20.5H5zM8 11V7.5A4 4 0 0 1 16 7.5V11";
    /// Large text.
    LARGE_TEXT = "M3.5 6V4.5H13.5V6M8.5 4.5V19.5M6 19.5H11M14 13V12H21V13M17.5 12V19.5M16 19.5H19";
    /// Dark.
    MOON = "M19.5 14.5A8.5 8.5 0 0 1 9.5 4.5A8.5 8.5 0 1 0 19.5 14.5z";
    /// Light.
    SUN = "M12 7.5a4.5 4.5 0 1 0 0 9a4.5 4.5 0 0 0 0-9zM12 2V4.5M12 19.5V22M2 12H4.5M19.5 12H22M5 5L6.7 6.7M17.3 17.3L19 19M19 5L17.3 6.7M6.7 17.3L5 19";
}

/// The mark: one folded line whose last stroke turns into a tick. Never recoloured, outlined or rounded.
pub const MARK: Markup = Markup(
    r##"<svg viewBox="0 0 32 32" aria-hidden="true" focusable="false"><rect width="32" height="32" rx="3" fill="#c23a22"/><path d="M5 5.3H26.6V9.3H6V13.3H17.2V17.3H6V20.9L11.8 26.7L26.4 13" fill="none" stroke="#fff" stroke-width="2.1"/></svg>"##,
);
