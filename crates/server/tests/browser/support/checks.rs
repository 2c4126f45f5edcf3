//! What is checked on every page: accessibility by axe-core, no sideways scrolling, and a picture when one is asked for.
//! No finding is ever filtered here.

use std::{env, fmt, fs, path::PathBuf};

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;

use super::Chrome;

/// Every rule that axe switches on by itself, and the size of touch targets (WCAG 2.2 AA), which it does not.
/// Where pages run no script no timer rings either, and axe-core waits on one before it starts.
const RUN_AXE: &str = "
const [script, done] = arguments;
if (!script) window.setTimeout = ring => { Promise.resolve().then(ring); return 0; };
const options = { resultTypes: ['violations'], rules: { 'target-size': { enabled: true } } };
axe.run(document, options).then(r => done({ violations: r.violations }), e => done({ error: String(e) }));
";

/// One thing that axe-core found.
#[derive(Debug)]
pub struct Violation {
    pub rule: String,
    pub help: String,
    /// Selector, piece of HTML and what to mend, for each place.
    pub places: Vec<String>,
}

/// How wide the page is, and the last eight things that reach over the window's edge.
const STICKING_OUT: &str = "const over = [...document.querySelectorAll('body *')].filter(
    (one) => one.scrollWidth > one.clientWidth + 1 || one.getBoundingClientRect().right > arguments[0]);
  const told = over.slice(-8).map((one) => `${one.tagName} ${one.className} ${one.textContent.trim().slice(0, 40)}`);
  return [Math.max(document.documentElement.scrollWidth, document.body.scrollWidth), told];";

impl Violation {
    fn from_json(found: &Value) -> Self {
        Self { rule: text(found, "id"), help: text(found, "help"), places: list(found, "nodes").map(place).collect() }
    }
}

fn place(node: &Value) -> String {
    let target: Vec<_> = list(node, "target").map(Value::to_string).collect();
    let mend = text(node, "failureSummary").replace('\n', " ");
    format!("{} {} {mend}", target.join(" "), text(node, "html"))
}

fn text(value: &Value, name: &str) -> String {
    let text = value.get(name).and_then(Value::as_str);
    text.unwrap_or_default().to_owned()
}

fn list<'a>(value: &'a Value, name: &str) -> impl Iterator<Item = &'a Value> {
    value.get(name).and_then(Value::as_array).into_iter().flatten()
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.rule, self.help)?;
        self.places.iter().try_for_each(|place| write!(f, "\n    {place}"))
    }
}

impl Chrome {
    /// All that axe-core finds on the page.
    pub async fn axe(&self) -> Result<Vec<Violation>> {
        self.client().execute(&axe_source()?, vec![]).await.context("cannot load axe-core")?;
        let answer = self
            .client()
            .execute_async(RUN_AXE, vec![self.options().script.into()])
            .await
            .context("cannot run axe-core")?;
        ensure!(answer.get("violations").is_some(), "axe-core said {answer}");
        Ok(list(&answer, "violations").map(Violation::from_json).collect())
    }

    /// Fails unless axe-core finds nothing and the page does not scroll sideways.
    pub async fn is_sound(&self) -> Result<()> {
        self.no_sideways_scroll().await?;
        let found = self.axe().await?;
        let told: Vec<String> = found.iter().map(Violation::to_string).collect();
        ensure!(found.is_empty(), "{} at {} px:\n{}", self.path().await?, self.options().width, told.join("\n"));
        Ok(())
    }

    /// Fails when the page is wider than the window.
    pub async fn no_sideways_scroll(&self) -> Result<()> {
        let widths = self.client().execute(STICKING_OUT, vec![self.options().width.into()]).await?;
        let (widest, what): (u64, Vec<String>) = serde_json::from_value(widths)?;
        let width = self.options().width;
        ensure!(widest <= u64::from(width), "{} is {widest} px wide in {width}: {what:?}", self.path().await?);
        Ok(())
    }

    /// Keeps a picture of the whole page as `target/shots/<name>-<width>.png` when `BANJIE_SHOTS` is set.
    pub async fn screenshot(&self, name: &str) -> Result<()> {
        if env::var_os("BANJIE_SHOTS").is_none() {
            return Ok(());
        }
        let directory = project().join("target/shots");
        fs::create_dir_all(&directory)?;
        let look = if self.options().look.is_empty() { "light" } else { self.options().look };
        let file = directory.join(format!("{name}-{}-{look}.png", self.options().width));
        fs::write(&file, self.picture().await?).with_context(|| format!("cannot write `{}`", file.display()))
    }
}

/// The library's text. WebDriver runs it in spite of the page's content security policy.
fn axe_source() -> Result<String> {
    let file = project().join("tests-web/node_modules/axe-core/axe.min.js");
    fs::read_to_string(&file)
        .with_context(|| format!("`{}` is missing; `cargo xtask setup` installs it", file.display()))
}

pub fn project() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..")
}
