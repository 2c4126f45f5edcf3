//! As much of WebDriver as pictures need: start a browser, open a page, use its developer tools.
//! It must stay too small for tests; those have a real client.

use std::{
    env, fs,
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::TcpStream,
    path::PathBuf,
    process::{Child, Command, Stdio, id},
    time::Duration,
};

use anyhow::{Context as _, Result, ensure};

const FLAGS: &str = concat!(
    r#""--headless","--no-sandbox","--disable-gpu","--disable-quic","--no-first-run","#,
    r#""--disable-background-networking","--disable-component-update","--disable-sync","--hide-scrollbars""#
);

/// A browser with its driver; both end with this value.
pub struct Driver {
    process: Child,
    port: u16,
    session: String,
    directory: PathBuf,
}

impl Driver {
    /// Starts a browser with an empty profile.
    pub fn start() -> Result<Self> {
        let directory = env::temp_dir().join(format!("banjie-shots-{}", id()));
        fs::create_dir_all(&directory)?;
        let mut command = Command::new("chromedriver");
        command.arg("--port=0").env("TMPDIR", &directory).stdout(Stdio::piped());
        let mut process = command.spawn().context("no chromedriver; `cargo xtask setup` installs it")?;
        let output = process.stdout.take().context("the driver's output is piped")?;
        let mut driver = Self { process, port: 0, session: String::new(), directory };
        let mut lines = BufReader::new(output).lines().map_while(Result::ok);
        driver.port = lines.find_map(|line| port_in(&line)).context("the driver did not start")?;

        let profile = text(&format!("--user-data-dir={}", driver.directory.join("profile").display()));
        let answer = driver.post(
            "/session",
            &format!(
                r#"{{"capabilities":{{"alwaysMatch":{{"browserName":"chrome","goog:chromeOptions":{{
                "args":[{FLAGS},{profile}],"prefs":{{"intl.accept_languages":"zh-CN"}}}}}}}}}}"#
            ),
        )?;
        let session = answer.split_once(r#""sessionId":""#).and_then(|(_, rest)| rest.split_once('"'));
        driver.session = session.context("the driver names no session")?.0.to_owned();
        Ok(driver)
    }

    /// Opens a page and waits until it is loaded.
    pub fn open(&self, address: &str) -> Result<()> {
        let body = format!(r#"{{"url":{}}}"#, text(address));
        self.post(&format!("/session/{}/url", self.session), &body)
            .with_context(|| format!("cannot open {address}"))?;
        Ok(())
    }

    /// One command of the developer tools with its parameters in JSON; the whole answer.
    pub fn devtools(&self, command: &str, parameters: &str) -> Result<String> {
        let body = format!(r#"{{"cmd":{},"params":{parameters}}}"#, text(command));
        self.post(&format!("/session/{}/goog/cdp/execute", self.session), &body)
    }

    fn post(&self, path: &str, body: &str) -> Result<String> {
        self.call("POST", path, body)
    }

    fn call(&self, method: &str, path: &str, body: &str) -> Result<String> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port))?;
        stream.set_read_timeout(Some(Duration::from_secs(60)))?;
        let (port, length) = (self.port, body.len());
        write!(stream, "{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Length: {length}\r\n\r\n{body}")?;
        let mut reader = BufReader::new(stream);
        let (mut head, mut length) = (String::new(), 0);
        while !head.ends_with("\r\n\r\n") {
            let start = head.len();
            ensure!(reader.read_line(&mut head)? > 0, "the driver hung up");
            let line = head.get(start..).unwrap_or_default().to_ascii_lowercase();
            if let Some(told) = line.strip_prefix("content-length:") {
                length = told.trim().parse().context("an odd length")?;
            }
        }
        let mut answer = String::new();
        reader.take(length).read_to_string(&mut answer)?;
        ensure!(head.starts_with("HTTP/1.1 200"), "{method} {path}: {answer}");
        Ok(answer)
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        // Best effort: without a session there is nothing to close, and the driver is ended either way.
        let _ = self.call("DELETE", &format!("/session/{}", self.session), "");
        let _ = self.process.kill();
        let _ = self.process.wait();
        let _ = fs::remove_dir_all(&self.directory);
    }
}

fn port_in(line: &str) -> Option<u16> {
    line.split_once("started successfully on port ")?.1.trim_end_matches('.').parse().ok()
}

/// `value` as a JSON string.
pub fn text(value: &str) -> String {
    let mut json = String::from('"');
    for c in value.chars() {
        match c {
            '"' | '\\' => json.extend(['\\', c]),
            c if c.is_control() => json.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => json.push(c),
        }
    }
    json.push('"');
    json
}
