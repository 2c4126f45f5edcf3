//! placeholder

pub mod assets;
pub mod components;
pub mod cookies;
pub mod csrf;
pub mod dates;
pub mod fail;
pub mod form;
pub mod headers;
pub mod icons;
pub mod layers;
pub mod parts;
pub mod prefs;
pub mod serve;
pub mod shell;
pub mod texts;
