//! One browser for one test: its own driver, port and profile, at a phone's or a desk's width.
//! It must never share a profile, and never reach anything but this machine.

use std::{ops::Deref, path::Path};

use anyhow::{Context as _, Result};
use fantoccini::{Client, ClientBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Map, Value, json};

use super::{driver::Driver, page::Part};

const FLAGS: [&str; 9] = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-crash-reporter",
];

/// A window wider than this is a desk's, without touch.
const WIDEST_PHONE_PX: u32 = 600;

/// How the pages are shown.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    pub width: u32,
    pub height: u32,
    /// Whether pages may run scripts. The harness works either way.
    pub script: bool,
    /// How somebody set the pages to look, as the cookie of the settings keeps it; empty for how they come.
    pub look: &'static str,
}

impl Options {
    /// A common phone, 390 px wide, without script.
    pub const PHONE: Self = Self { width: 390, height: 844, script: false, look: "" };
    /// A desk, 1280 px wide, without script.
    pub const DESK: Self = Self { width: 1280, height: 900, script: false, look: "" };

    /// The narrowest phone that is still in use.
    pub const NARROW: Self = Self { width: 320, height: 640, ..Self::PHONE };
    /// A wide screen at a desk.
    pub const WIDE: Self = Self { width: 1680, height: 1050, ..Self::DESK };

    /// The same window with pages set to look like this: `dark`, `light.elder`.
    pub const fn looking(self, look: &'static str) -> Self {
        Self { look, ..self }
    }

    /// The same window with scripts allowed.
    pub const fn with_script(self) -> Self {
        Self { script: true, ..self }
    }

    fn is_phone(self) -> bool {
        self.width <= WIDEST_PHONE_PX
    }

    fn pixel_ratio(self) -> u32 {
        if self.is_phone() { 2 } else { 1 }
    }

    fn capabilities(self, profile: &str) -> Map<String, Value> {
        let mut arguments = FLAGS.map(str::to_owned).to_vec();
        arguments.push(format!("--user-data-dir={profile}"));
        let scripts = if self.script { 1 } else { 2 }; // allowed, blocked
        let capabilities = json!({
            "browserName": "chrome",
            "timeouts": { "pageLoad": 60_000, "script": 60_000 },
            "goog:chromeOptions": {
                "args": arguments,
                "prefs": {
                    "intl.accept_languages": "zh-CN",
                    "profile.managed_default_content_settings.javascript": scripts,
                },
                // A headless window is never narrower than 500 px, so the width is told to the page itself.
                "mobileEmulation": { "deviceMetrics": {
                    "width": self.width,
                    "height": self.height,
                    "pixelRatio": self.pixel_ratio(),
                    "mobile": self.is_phone(),
                    // Before a tap the driver waits for a timer of the page, which never rings without script.
                    "touch": self.is_phone() && self.script,
                } },
            },
        });
        capabilities.as_object().cloned().unwrap_or_default()
    }
}

/// A running browser. What can be done on the page it shows is on [`Part`].
pub struct Chrome {
    page: Part,
    options: Options,
    site: String,
    session: String,
    driver: Driver,
}

impl Chrome {
    /// Starts a browser for the server at `site`, for example `http://127.0.0.1:8080`.
    pub async fn start(options: Options, site: &str) -> Result<Self> {
        let driver = Driver::start()?;
        let profile = driver.directory().join("profile").display().to_string();
        let client = ClientBuilder::new(HttpConnector::new())
            .capabilities(options.capabilities(&profile))
            .connect(&driver.address())
            .await
            .context("cannot start the browser")?;
        let session = client.session_id().await?.context("the driver names the session")?;
        let site = site.trim_end_matches('/').to_owned();
        Ok(Self { page: Part::page(client), options, site, session, driver })
    }

    /// Opens a path of the server, or a whole address.
    pub async fn open(&self, path: &str) -> Result<()> {
        let address = if path.starts_with('/') { format!("{}{path}", self.site) } else { path.to_owned() };
        self.client().goto(&address).await.with_context(|| format!("cannot open `{address}`"))
    }

    /// The path and query of the page that is shown.
    pub async fn path(&self) -> Result<String> {
        let address = self.client().current_url().await?.to_string();
        Ok(address.strip_prefix(&self.site).map(str::to_owned).unwrap_or(address))
    }

    /// Sets a cookie of the site; it counts from the next page on.
    pub fn set_cookie(&self, name: &str, value: &str) -> Result<()> {
        let cookie = json!({ "name": name, "value": value, "url": self.site });
        self.driver.devtools(&self.session, "Network.setCookie", &cookie)
    }

    /// Forgets who was signed in and how pages were shown, as another person's browser would.
    /// The settings of this test's look are made again.
    pub async fn forget_cookies(&self) -> Result<()> {
        self.client().delete_all_cookies().await?;
        if self.options.look.is_empty() { Ok(()) } else { self.set_cookie("display", self.options.look) }
    }

    /// The browser as WebDriver knows it, for what no verb here covers.
    pub fn client(&self) -> &Client {
        self.page.client()
    }

    /// The options it was started with.
    pub fn options(&self) -> Options {
        self.options
    }

    /// A directory for the files of this test; it goes with the browser.
    pub fn directory(&self) -> &Path {
        self.driver.directory()
    }

    /// A picture of the whole page as PNG, not only of what fits the window.
    pub async fn picture(&self) -> Result<Vec<u8>> {
        let height = self.client().execute("return document.documentElement.scrollHeight", vec![]).await?;
        let window = |height: Value| {
            json!({
                "width": self.options.width,
                "height": height,
                "deviceScaleFactor": self.options.pixel_ratio(),
                "mobile": self.options.is_phone(),
            })
        };
        self.set_window(&window(height))?;
        let picture = self.client().screenshot().await;
        self.set_window(&window(json!(self.options.height)))?;
        Ok(picture?)
    }

    fn set_window(&self, metrics: &Value) -> Result<()> {
        self.driver.devtools(&self.session, "Emulation.setDeviceMetricsOverride", metrics)
    }
}

impl Deref for Chrome {
    type Target = Part;

    fn deref(&self) -> &Part {
        &self.page
    }
}

impl Drop for Chrome {
    fn drop(&mut self) {
        // Best effort: the driver's guard ends what is left.
        let _ = self.driver.quit(&self.session);
    }
}
