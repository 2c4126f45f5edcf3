//! Installs what the tests need and this machine lacks. What is there already is left alone.
//! It must never be needed to start the product: that takes Rust and a C compiler only.

use std::{
    fs,
    path::Path,
    process::{Command, Stdio},
};

use anyhow::{Context as _, Result, bail, ensure};

use crate::run;

/// A package of Debian's, what it is for, and whether this machine has what it brings.
struct Package {
    name: &'static str,
    purpose: &'static str,
    is_there: fn() -> bool,
}

const PACKAGES: [Package; 7] = [
    Package { name: "chromium", purpose: "the browser of the browser tests", is_there: || run::on_path("chromium") },
    Package { name: "chromium-driver", purpose: "steers the browser", is_there: || run::on_path("chromedriver") },
    Package {
        name: "fonts-noto-cjk",
        purpose: "shows Chinese in the browser and on pictures",
        is_there: has_chinese_font,
    },
    Package { name: "postgresql", purpose: "the second database; each test starts its own", is_there: has_postgresql },
    Package {
        name: "npm",
        purpose: "brings axe-core, which checks pages for accessibility",
        is_there: || run::on_path("npm"),
    },
    Package {
        name: "openssl",
        purpose: "a second opinion on SM2, SM3 and SM4 in the tests",
        is_there: || run::on_path("openssl"),
    },
    Package {
        name: "python3",
        purpose: "a second opinion on deadlines in the tests",
        is_there: || run::on_path("python3"),
    },
];

/// Installs what is missing.
pub fn run() -> Result<()> {
    install_packages()?;
    rust_component("rustfmt", "fmt")?;
    rust_component("clippy", "clippy")?;
    nextest()?;
    axe_core()
}

fn install_packages() -> Result<()> {
    let missing: Vec<&Package> = PACKAGES.iter().filter(|package| !is_there(package)).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let names: Vec<&str> = missing.iter().map(|package| package.name).collect();
    if !run::on_path("apt-get") {
        let list: Vec<String> =
            missing.iter().map(|package| format!("  {} ({})", package.name, package.purpose)).collect();
        bail!("this is not Debian; please install by hand what these packages bring:\n{}", list.join("\n"));
    }
    apt_get(&["update"])?;
    apt_get(&[&["install", "--yes", "--no-install-recommends"], names.as_slice()].concat())?;
    let still: Vec<&str> = missing.iter().filter(|package| !(package.is_there)()).map(|package| package.name).collect();
    ensure!(still.is_empty(), "installed, and yet not found: {}", still.join(", "));
    Ok(())
}

fn is_there(package: &Package) -> bool {
    let found = (package.is_there)();
    say(package.name, found);
    found
}

fn say(name: &str, found: bool) {
    println!("         {name}: {}", if found { "already there" } else { "missing" });
}

fn apt_get(arguments: &[&str]) -> Result<()> {
    let id = Command::new("id").arg("-u").stderr(Stdio::inherit()).output().context("cannot ask who I am")?;
    let mut command = if id.stdout.trim_ascii() == b"0" {
        Command::new("apt-get")
    } else {
        let mut sudo = Command::new("sudo");
        sudo.arg("apt-get");
        sudo
    };
    run::finish(command.arg("--quiet=2").args(arguments).env("DEBIAN_FRONTEND", "noninteractive"))
}

/// Debian keeps `initdb` and `postgres` off the PATH, in a directory for each version.
fn has_postgresql() -> bool {
    let both = |directory: &Path| directory.join("initdb").is_file() && directory.join("postgres").is_file();
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    (run::on_path("initdb") && run::on_path("postgres")) || versions.map(|v| v.path().join("bin")).any(|bin| both(&bin))
}

fn has_chinese_font() -> bool {
    let told = Command::new("fc-list").args([":lang=zh-cn", "family"]).output();
    told.is_ok_and(|told| !told.stdout.is_empty())
        || fs::read_dir("/usr/share/fonts/opentype/noto")
            .into_iter()
            .flatten()
            .flatten()
            .any(|file| file.file_name().to_string_lossy().contains("CJK"))
}

fn rust_component(component: &str, command: &str) -> Result<()> {
    let found = run::succeeds(&run::cargo(), &[command, "--version"]);
    say(component, found);
    if found { Ok(()) } else { run::program("rustup", &["component", "add", component]) }
}

fn nextest() -> Result<()> {
    let found = run::succeeds(&run::cargo(), &["nextest", "--version"]);
    say("cargo-nextest", found);
    if found { Ok(()) } else { run::program(&run::cargo(), &["install", "cargo-nextest", "--locked"]) }
}

fn axe_core() -> Result<()> {
    let directory = run::root().join("tests-web");
    let wanted = quoted_after(&directory.join("package.json"), "\"axe-core\":");
    let found = quoted_after(&directory.join("node_modules/axe-core/package.json"), "\"version\":");
    let is_there = wanted.is_some() && wanted == found;
    say("axe-core", is_there);
    if is_there {
        return Ok(());
    }
    let mut npm = Command::new("npm");
    run::finish(npm.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"]).current_dir(directory))
}

/// The quoted word that follows `key` in a JSON file.
fn quoted_after(file: &Path, key: &str) -> Option<String> {
    let text = fs::read_to_string(file).ok()?;
    let (_, rest) = text.split_once(key)?;
    rest.split('"').nth(1).map(str::to_owned)
}
