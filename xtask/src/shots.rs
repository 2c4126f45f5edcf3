//! Pictures of pages, for the README and for looking at: each path on a phone and on a desk, light, dark and large.
//! It looks at a server that runs already; it must never send anything but what a visitor's browser sends.

mod driver;

use std::{fs, path::PathBuf};

use anyhow::{Context as _, Result, anyhow, bail};

use crate::run::root;
use driver::{Driver, text};

const USAGE: &str = "\
cargo xtask shots http://127.0.0.1:PORT [--cookie NAME=VALUE]... PATH...
Takes each path at 390 and 1280 px, light, dark and elder, into target/shots.
A page behind the sign-in needs the session cookie of a browser that is signed in.";

/// Width, height and points for each pixel; a window of two points is a phone's.
const WINDOWS: [(u32, u32, u32); 2] = [(390, 844, 2), (1280, 900, 1)];
/// The look's name, and what the cookie `display` says then.
const LOOKS: [(&str, &str); 3] = [("light", "light"), ("dark", "dark"), ("elder", "light.elder")];

/// What was asked for.
struct Asked<'a> {
    site: &'a str,
    cookies: Vec<(&'a str, &'a str)>,
    paths: Vec<&'a str>,
}

/// Takes the pictures.
pub fn run(options: &[&str]) -> Result<()> {
    let asked = parse(options).map_err(|error| anyhow!("{error}\n\n{USAGE}"))?;
    let directory = root().join("target/shots");
    fs::create_dir_all(&directory)?;
    let driver = Driver::start()?;
    // Or a page taken light would be shown again from the cache when dark is asked for.
    driver.devtools("Network.enable", "{}")?;
    driver.devtools("Network.setCacheDisabled", r#"{"cacheDisabled":true}"#)?;
    for (name, value) in &asked.cookies {
        set_cookie(&driver, asked.site, name, value)?;
    }
    for (look, cookie) in LOOKS {
        set_cookie(&driver, asked.site, "display", cookie)?;
        for (width, height, ratio) in WINDOWS {
            set_window(&driver, (width, height, ratio))?;
            for path in &asked.paths {
                driver.open(&format!("{}{path}", asked.site))?;
                let file = directory.join(format!("{}-{width}-{look}.png", file_name(path)));
                take(&driver, file)?;
            }
        }
    }
    Ok(())
}

fn parse<'a>(options: &[&'a str]) -> Result<Asked<'a>> {
    let [site, rest @ ..] = options else { bail!("the server's address is missing") };
    let site = site.trim_end_matches('/');
    let mut asked = Asked { site, cookies: Vec::new(), paths: Vec::new() };
    let mut rest = rest.iter();
    while let Some(word) = rest.next() {
        if *word == "--cookie" {
            let cookie = rest.next().and_then(|cookie| cookie.split_once('='));
            asked.cookies.push(cookie.context("`--cookie` wants NAME=VALUE")?);
        } else if word.starts_with('/') {
            asked.paths.push(word);
        } else {
            bail!("`{word}` is not a path");
        }
    }
    if asked.paths.is_empty() || !site.starts_with("http") {
        bail!("an address and a path are wanted");
    }
    Ok(asked)
}

fn set_cookie(driver: &Driver, site: &str, name: &str, value: &str) -> Result<()> {
    let cookie = format!(r#"{{"name":{},"value":{},"url":{}}}"#, text(name), text(value), text(site));
    driver.devtools("Network.setCookie", &cookie)?;
    Ok(())
}

fn set_window(driver: &Driver, (width, height, ratio): (u32, u32, u32)) -> Result<()> {
    let mobile = ratio > 1;
    let metrics = format!(r#"{{"width":{width},"height":{height},"deviceScaleFactor":{ratio},"mobile":{mobile}}}"#);
    driver.devtools("Emulation.setDeviceMetricsOverride", &metrics)?;
    Ok(())
}

fn take(driver: &Driver, file: PathBuf) -> Result<()> {
    let answer = driver.devtools("Page.captureScreenshot", r#"{"captureBeyondViewport":true}"#)?;
    let encoded = answer.split_once(r#""data":""#).and_then(|(_, rest)| rest.split_once('"'));
    let (encoded, _) = encoded.context("the browser sent no picture")?;
    let picture = from_base64(encoded).context("the picture is not base64")?;
    fs::write(&file, picture).with_context(|| format!("cannot write `{}`", file.display()))?;
    println!("{}", file.display());
    Ok(())
}

/// `/progress?no=26` becomes `progress-no-26`, `/` becomes `home`.
fn file_name(path: &str) -> String {
    let words: Vec<&str> = path.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    if words.is_empty() { "home".to_owned() } else { words.join("-") }
}

fn from_base64(encoded: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(encoded.len() / 4 * 3);
    let (mut bits, mut held) = (0_u32, 0);
    for letter in encoded.trim_end_matches('=').bytes() {
        let value = match letter {
            b'A'..=b'Z' => letter - b'A',
            b'a'..=b'z' => letter - b'a' + 26,
            b'0'..=b'9' => letter - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => return None,
        };
        bits = (bits << 6) | u32::from(value);
        held += 6;
        if held >= 8 {
            held -= 8;
            bytes.push((bits >> held).to_be_bytes()[3]);
            bits &= (1 << held) - 1;
        }
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_of_every_length_is_read() {
        assert_eq!(from_base64("").unwrap(), b"");
        assert_eq!(from_base64("TQ==").unwrap(), b"M");
        assert_eq!(from_base64("TWE=").unwrap(), b"Ma");
        assert_eq!(from_base64("TWFu/+8A").unwrap(), b"Man\xff\xef\0");
        assert_eq!(from_base64("T\n"), None);
    }

    #[test]
    fn a_picture_is_named_after_its_path() {
        assert_eq!(file_name("/"), "home");
        assert_eq!(file_name("/progress?no=26-4831"), "progress-no-26-4831");
    }

    #[test]
    fn paths_and_cookies_are_told_apart() {
        let asked = parse(&["http://127.0.0.1:80/", "--cookie", "session=a=b", "/", "/cases"]).unwrap();
        assert_eq!((asked.site, asked.paths), ("http://127.0.0.1:80", vec!["/", "/cases"]));
        assert_eq!(asked.cookies, [("session", "a=b")]);
        assert!(parse(&["http://127.0.0.1:80/", "cases"]).is_err());
        assert!(parse(&[]).is_err());
    }
}
