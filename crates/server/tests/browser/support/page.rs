//! What a person does on a page, in the words that stand on it: fill, choose, press, follow, upload, read.
//! It must never reach past the page: no ids, no class names, no scripts, except where a keyboard cannot type.

use std::{path::Path, time::Duration};

use anyhow::{Context as _, Result, bail, ensure};
use fantoccini::{
    Client, Locator,
    elements::{Element, ElementRef},
};
use serde_json::{Value, json};

use super::words::Dictionary;

/// A page of a debug build that hashes a password on a busy machine takes some seconds.
const PAGE_LIMIT: Duration = Duration::from_secs(60);

/// Between two looks at whether a page is still there.
const PAUSE: Duration = Duration::from_millis(10);

/// Elements that hold one thing of a list: a row, a card, a group of fields.
const GROUPS: &str =
    "self::tr or self::li or self::article or self::section or self::fieldset or self::form or self::dl";

/// The page, or the part of it that was named by [`Part::within`].
pub struct Part {
    client: Client,
    /// XPaths of where to look, the best place first.
    roots: Vec<String>,
}

impl Part {
    /// The whole page; its `main` comes before header and footer.
    pub(super) fn page(client: Client) -> Self {
        Self { client, roots: vec!["//main".to_owned(), "//body".to_owned()] }
    }

    pub(super) fn client(&self) -> &Client {
        &self.client
    }

    /// The smallest row, card or group of fields that says `text`.
    pub fn within(&self, text: &str) -> Self {
        // Which language the page speaks is not asked yet, so both are looked for.
        let texts = Dictionary::of_product().map_or_else(|_| Vec::new(), |words| words.readings(text));
        let either = texts.iter().map(String::as_str).chain([text]);
        let either: Vec<_> = either.map(|text| format!("contains(normalize-space(.), {})", quoted(text))).collect();
        let says = either.join(" or ");
        let group = format!("//*[{GROUPS}][{says}][not(.//*[{GROUPS}][{says}])]");
        Self { client: self.client.clone(), roots: self.roots.iter().map(|root| format!("{root}{group}")).collect() }
    }

    /// How this page says a text that is written in Chinese in the journey.
    pub async fn readings(&self, text: &str) -> Result<Vec<String>> {
        if self.is_english().await? { Ok(Dictionary::of_product()?.readings(text)) } else { Ok(vec![text.to_owned()]) }
    }

    /// Whether the page says that it is in English.
    pub async fn is_english(&self) -> Result<bool> {
        let page = self.client.find(Locator::Css("html")).await?;
        Ok(page.attr("lang").await?.as_deref() == Some("en"))
    }

    /// Fills the field with this label: types into it, or picks the option of a list.
    /// A date field takes `2026-03-06`.
    pub async fn fill(&self, label: &str, value: &str) -> Result<()> {
        let field = self.field(label).await?;
        if field.tag_name().await? == "select" {
            for value in self.readings(value).await? {
                if field.select_by_label(&value).await.is_ok() {
                    return Ok(());
                }
            }
            bail!("`{label}` has no option `{value}`");
        }
        field.clear().await?;
        match typed(field.prop("type").await?.as_deref(), value) {
            Some(keys) => field.send_keys(&keys).await?,
            None => self.paste(&field, value).await?,
        }
        let held = field.prop("value").await?.unwrap_or_default();
        ensure!(held == value, "`{label}` was given `{value}` and holds `{held}`");
        Ok(())
    }

    /// What the field with this label holds.
    pub async fn value(&self, label: &str) -> Result<String> {
        Ok(self.field(label).await?.prop("value").await?.unwrap_or_default())
    }

    /// Chooses the radio button or ticks the box with this label.
    pub async fn choose(&self, label: &str) -> Result<()> {
        let choice = self.field(label).await?;
        if !choice.is_selected().await? {
            self.click(&self.saying("label", label).await?).await?;
        }
        ensure!(choice.is_selected().await?, "`{label}` was clicked and is not chosen");
        Ok(())
    }

    /// Whether the radio button or box with this label is on.
    pub async fn chosen(&self, label: &str) -> Result<bool> {
        Ok(self.field(label).await?.is_selected().await?)
    }

    /// Presses a button and waits for the page that follows.
    pub async fn press(&self, button: &str) -> Result<()> {
        let button = self.saying("button", button).await?;
        self.leave_by(&button).await
    }

    /// Follows a link and waits for its page.
    pub async fn follow(&self, link: &str) -> Result<()> {
        let link = self.saying("a[@href]", link).await?;
        if link.attr("href").await?.is_some_and(|address| address.starts_with('#')) {
            return self.click(&link).await;
        }
        self.leave_by(&link).await
    }

    /// Opens what is folded under this line.
    pub async fn unfold(&self, line: &str) -> Result<()> {
        self.click(&self.saying("summary", line).await?).await
    }

    /// Hands a file to the field with this label.
    pub async fn upload(&self, label: &str, file: &Path) -> Result<()> {
        let field = self.field(label).await?;
        Ok(field.send_keys(&file.display().to_string()).await?)
    }

    /// Whether a person can see `text` here.
    pub async fn says(&self, text: &str) -> Result<bool> {
        let shown = self.text().await?;
        if !self.is_english().await? {
            return Ok(shown.contains(text));
        }
        Ok(Dictionary::of_product()?.pieces(text).iter().any(|piece| shown.contains(piece.as_str())))
    }

    /// All text a person sees here.
    pub async fn text(&self) -> Result<String> {
        for root in &self.roots {
            if let [part, ..] = self.shown(root).await?.as_slice() {
                return Ok(part.text().await?);
            }
        }
        bail!("nothing is shown at {:?}", self.roots)
    }

    /// The page's one heading.
    pub async fn heading(&self) -> Result<String> {
        match self.client.find_all(Locator::Css("h1")).await?.as_slice() {
            [heading] => Ok(heading.text().await?),
            all => bail!("{} has {} first headings, not one", self.client.current_url().await?, all.len()),
        }
    }

    /// Scrolls the element clear of what sticks to the edges, as a person does, and clicks it.
    async fn click(&self, element: &Element) -> Result<()> {
        self.run("arguments[0].scrollIntoView({ block: 'center' })", element, json!(null)).await?;
        Ok(element.click().await?)
    }

    /// Clicks, and waits until the page that was there is gone: a click answers before the new page begins.
    async fn leave_by(&self, element: &Element) -> Result<()> {
        let page = self.client.find(Locator::Css("html")).await?;
        self.click(element).await?;
        let gone = async {
            while page.tag_name().await.is_ok() {
                tokio::time::sleep(PAUSE).await;
            }
        };
        tokio::time::timeout(PAGE_LIMIT, gone).await.context("no other page followed the click")
    }

    /// The field that belongs to the label.
    async fn field(&self, label: &str) -> Result<Element> {
        let element = self.saying("label", label).await?;
        let found = match element.attr("for").await? {
            Some(id) => self.client.find(Locator::Id(&id)).await,
            None => element.find(Locator::Css("input, select, textarea")).await,
        };
        found.with_context(|| format!("the label `{label}` has no field"))
    }

    /// The one visible `kind` of element whose text is, has as one whole piece, or begins with `text`.
    async fn saying(&self, kind: &str, text: &str) -> Result<Element> {
        let readings = self.readings(text).await?;
        let ways = |way: fn(&str) -> String| readings.iter().map(move |text| way(&quoted(text)));
        let ways: Vec<_> = ways(|text| format!("[normalize-space(.) = {text}]"))
            .chain(ways(|text| format!("[.//text()[normalize-space(.) = {text}]]")))
            .chain(ways(|text| format!("[starts-with(normalize-space(.), {text})]")))
            .collect();
        for root in &self.roots {
            for way in &ways {
                let mut found = self.shown(&format!("{root}//{kind}{way}")).await?;
                match (found.pop(), found.len()) {
                    (Some(element), 0) => return Ok(element),
                    (Some(_), more) => bail!("{} of `{kind}` say `{text}`; name the part with `within`", more + 1),
                    (None, _) => {}
                }
            }
        }
        self.not_found(kind, text).await
    }

    async fn not_found<T>(&self, kind: &str, text: &str) -> Result<T> {
        let mut said = Vec::new();
        for element in self.shown(&format!("//{kind}")).await? {
            said.push(element.text().await?);
        }
        let address = self.client.current_url().await?;
        bail!("no `{kind}` says `{text}` in {:?} of {address}; the page has {said:?}", self.roots)
    }

    async fn shown(&self, path: &str) -> Result<Vec<Element>> {
        let mut shown = Vec::new();
        for element in self.client.find_all(Locator::XPath(path)).await? {
            if element.is_displayed().await? {
                shown.push(element);
            }
        }
        Ok(shown)
    }

    /// Sets a value that no key makes.
    async fn paste(&self, field: &Element, value: &str) -> Result<()> {
        self.run("arguments[0].value = arguments[1]", field, json!(value)).await
    }

    /// Runs a line of script on an element; the driver can where the page cannot.
    async fn run(&self, script: &str, element: &Element, value: Value) -> Result<()> {
        let element: ElementRef = element.element_id();
        let reference = json!({ "element-6066-11e4-a52e-4f735466cecf": element.as_ref() });
        self.client.execute(script, vec![reference, value]).await?;
        Ok(())
    }
}

/// The keys that make `value`; none when the driver cannot type it.
fn typed(kind: Option<&str>, value: &str) -> Option<String> {
    if kind == Some("date") {
        // The driver's language is American English: month, day, year.
        let (year, day) = value.split_once('-')?;
        return Some(format!("{}{year}", day.replace('-', "")));
    }
    // The driver types the basic plane only, and takes this private area for keys such as Enter.
    let plain = |c: char| c <= '\u{FFFF}' && !('\u{E000}'..='\u{E05D}').contains(&c) && c != '\t';
    value.chars().all(plain).then(|| value.to_owned())
}

/// `text` as an XPath string; XPath 1.0 has no escape character.
fn quoted(text: &str) -> String {
    if text.contains('"') {
        let parts: Vec<String> = text.split('"').map(|part| format!("\"{part}\"")).collect();
        return format!("concat({})", parts.join(", '\"', "));
    }
    format!("\"{text}\"")
}
