//! The chromedriver of one browser, and the two calls that the WebDriver client does not make.

use std::{
    io::{Read as _, Write as _},
    net::TcpStream,
    path::Path,
    process::Command,
    time::Duration,
};

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};

use super::guard::{Guarded, new_directory};

const START_LIMIT: Duration = Duration::from_secs(30);
const CALL_LIMIT: Duration = Duration::from_secs(15);

/// A running chromedriver on a free port.
pub struct Driver {
    process: Guarded,
    port: u16,
}

impl Driver {
    /// Starts a driver; everything it and its browser write stays in its directory.
    pub fn start() -> Result<Self> {
        let directory = new_directory("chrome")?;
        let mut command = Command::new("chromedriver");
        // The language decides in which order a date field takes its digits; see `Part::fill`.
        command.arg("--port=0").env("TMPDIR", &directory).env("LC_ALL", "C.UTF-8").env("LANGUAGE", "en_US");
        let process = Guarded::start(&command, directory)?;
        let port =
            |line: &str| line.split_once("started successfully on port ")?.1.trim_end_matches('.').parse::<u16>().ok();
        let (port, _) =
            process.wait_for(START_LIMIT, port).context("no chromedriver; `cargo xtask setup` installs it")?;
        Ok(Self { process, port })
    }

    /// Where the WebDriver client finds it.
    pub fn address(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// The directory that goes with the driver.
    pub fn directory(&self) -> &Path {
        self.process.directory()
    }

    /// Gives the browser one command of its developer tools.
    pub fn devtools(&self, session: &str, command: &str, parameters: &Value) -> Result<()> {
        let body = json!({ "cmd": command, "params": parameters }).to_string();
        let answer = self.call("POST", &format!("/session/{session}/goog/cdp/execute"), &body)?;
        ensure!(answer.starts_with("HTTP/1.1 200"), "`{command}` was answered {answer}");
        Ok(())
    }

    /// Closes the browser in good order.
    pub fn quit(&self, session: &str) -> Result<()> {
        self.call("DELETE", &format!("/session/{session}"), "").map(|_| ())
    }

    /// The first bytes of the answer: enough to see whether it worked.
    fn call(&self, method: &str, path: &str, body: &str) -> Result<String> {
        let (port, length) = (self.port, body.len());
        let mut driver = TcpStream::connect(("127.0.0.1", port))?;
        driver.set_read_timeout(Some(CALL_LIMIT))?;
        let head = format!("{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Length: {length}\r\n\r\n");
        driver.write_all(format!("{head}{body}").as_bytes())?;
        let mut answer = [0; 512];
        let read = driver.read(&mut answer)?;
        Ok(String::from_utf8_lossy(answer.get(..read).unwrap_or_default()).into_owned())
    }
}
