//! Tables that people read are held to the code: the lifecycle of a case, and who may do what.
//!
//! `cargo xtask tables` writes both anew; a person reads the difference before it is committed.

mod authorization;
mod lifecycle;

use std::path::{Path, PathBuf};

fn document(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs").join(name)
}

/// Compares a made text with the committed one, or writes it when asked to.
fn hold_to(name: &str, made: &str) {
    let path = document(name);
    if std::env::var_os("BANJIE_WRITE_TABLES").is_some() {
        assert!(std::fs::write(&path, made).is_ok(), "docs/{name} cannot be written");
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(committed == made, "docs/{name} differs from the code; run `cargo xtask tables` and read the difference");
}
