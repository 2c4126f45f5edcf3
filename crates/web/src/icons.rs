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

/// The roofs of the front page: eaves within eaves, thinner with the distance.
pub const EAVES: Markup = Markup(
    r##"<svg viewBox="0 0 880 460" preserveAspectRatio="xMaxYMax slice" fill="none" stroke="currentColor" stroke-width="1.6" aria-hidden="true" focusable="false">
<path d="M460 460V408H520V278H540V200H560V226H600V174H640V122H680V96H720V122H760V200H800V174H860V226H880" opacity="1.00"/>
<path d="M473 460V421H533V291H553V239H613V187H653V135H693V109H707V135H747V213H813V187H847V239H880" opacity="0.97"/>
<path d="M486 460V434H546V304H566V252H626V200H666V148H734V226H826V200H834V252H880" opacity="0.94"/>
<path d="M499 460V447H559V317H579V265H639V213H679V161H721V239H821V265H880" opacity="0.91"/>
<path d="M572 460V330H592V278H652V226H692V174H708V252H808V278H880" opacity="0.88"/>
<path d="M585 460V343H605V291H665V239H695V265H795V291H880" opacity="0.85"/>
<path d="M598 460V356H618V304H678V252H682V278H782V304H880" opacity="0.82"/>
<path d="M611 460V369H631V317H691V291H769V317H880" opacity="0.79"/>
<path d="M624 460V382H644V330H704V304H756V330H880" opacity="0.76"/>
<path d="M637 460V395H657V343H717V317H743V343H880" opacity="0.73"/>
<path d="M650 460V408H670V356H880" opacity="0.70"/>
<path d="M663 460V421H683V369H880" opacity="0.67"/>
<path d="M676 460V434H696V382H880" opacity="0.64"/>
<path d="M689 460V447H709V395H880" opacity="0.61"/>
<path d="M722 460V408H880" opacity="0.58"/>
<path d="M735 460V421H880" opacity="0.55"/>
<path d="M748 460V434H880" opacity="0.52"/>
<path d="M761 460V447H880" opacity="0.49"/></svg>"##,
);

/// The seal of the front page.
pub const CHOP: Markup = Markup(
    r##"<svg class="chop" viewBox="0 0 44 76" aria-hidden="true" focusable="false"><rect width="44" height="76" rx="4" fill="#c23a22"/><rect x="3.5" y="3.5" width="37" height="69" rx="1.5" fill="none" stroke="#fff" stroke-width="1.4"/><g lang="zh-CN" class="chop-text" fill="#fff" font-size="26" text-anchor="middle"><text x="22" y="33">办</text><text x="22" y="64">结</text></g></svg>"##,
);
