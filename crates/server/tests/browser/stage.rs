//! A running demo and one browser before it, and what everybody does there: sign in, fill a form of a type, hand in.

use std::{ops::Deref, path::PathBuf};

use anyhow::{Context as _, Result, ensure};
use tokio::runtime::Builder;

use crate::support::{Chrome, Database, Options, Server, files};

/// How a journey is walked: in the three looks in both languages, at a phone's and a desk's width on both databases.
macro_rules! walked_everywhere {
    ($($journey:ident => $told:ident;)+) => {$(
        mod $told {
            use anyhow::Result;

            use crate::stage::Stage;
            use crate::support::{Database, Options};

            #[test]
            fn on_a_phone_with_sqlite() -> Result<()> {
                Stage::play(Database::Sqlite, Options::PHONE, super::$journey)
            }

            #[test]
            fn on_a_dark_desk_with_postgresql() -> Result<()> {
                Stage::play(Database::Postgres, Options::DESK.looking("dark"), super::$journey)
            }

            #[test]
            fn in_large_text_on_a_phone_with_postgresql() -> Result<()> {
                Stage::play(Database::Postgres, Options::PHONE.looking("light.elder"), super::$journey)
            }

            #[test]
            fn in_english_on_a_desk_with_sqlite() -> Result<()> {
                Stage::play(Database::Sqlite, Options::DESK.looking("light.lang:en"), super::$journey)
            }

            #[test]
            fn in_english_on_a_dark_phone_with_postgresql() -> Result<()> {
                Stage::play(Database::Postgres, Options::PHONE.looking("dark.lang:en"), super::$journey)
            }

            #[test]
            fn in_english_in_large_text_on_a_phone_with_sqlite() -> Result<()> {
                Stage::play(Database::Sqlite, Options::PHONE.looking("light.elder.lang:en"), super::$journey)
            }
        }
    )+};
}
pub(crate) use walked_everywhere;

/// How much of the page a failed journey shows: its top says what is wrong.
const SHOWN: usize = 500;

/// A browser at the demo.
pub struct Stage {
    chrome: Chrome,
    password: String,
}

impl Stage {
    /// Starts the demo and a browser, and walks the journey.
    pub fn play(database: Database, options: Options, journey: impl AsyncFnOnce(&Stage) -> Result<()>) -> Result<()> {
        let server = Server::start(database)?;
        let printed = server.printed();
        let line = printed.iter().find(|line| line.contains("密码")).context("no password is printed")?;
        let password = line.chars().filter(|sign| sign.is_ascii_digit() || *sign == '-').collect();
        let runtime = Builder::new_current_thread().enable_all().build()?;
        runtime.block_on(async {
            let stage = Self { chrome: Chrome::start(options, server.address()).await?, password };
            stage.forget_cookies().await?;
            let end = journey(&stage).await;
            if end.is_err() {
                let shown: String = stage.text().await?.chars().take(SHOWN).collect();
                eprintln!("the journey ended at {}:\n{shown}", stage.path().await?);
            }
            end
        })
    }

    /// Signs in as one of the demo's people, in a browser that knows nobody.
    pub async fn sign_in(&self, login: &str) -> Result<()> {
        self.forget_cookies().await?;
        self.open("/sign-in").await?;
        self.fill("登录名", login).await?;
        self.fill("密码", &self.password).await?;
        self.press("登录").await?;
        ensure!(!self.path().await?.starts_with("/sign-in"), "`{login}` cannot sign in");
        Ok(())
    }

    /// Fails unless this page has this heading, reads well for everybody, and fits the window.
    pub async fn stands_at(&self, heading: &str) -> Result<()> {
        let shown = self.heading().await?;
        // The office works in Chinese; everybody else reads the language he chose.
        let chosen = self.options().look.contains("lang:en") && !self.path().await?.starts_with("/desk");
        ensure!(self.is_english().await? == chosen, "{} is not in the language that was chosen", self.path().await?);
        let readings = self.readings(heading).await?;
        ensure!(readings.contains(&shown), "the page says `{shown}`, not {readings:?}");
        self.is_sound().await
    }

    /// Fails unless the page says all of it.
    pub async fn reads(&self, texts: &[&str]) -> Result<()> {
        for text in texts {
            ensure!(self.says(text).await?, "the page does not say `{text}`");
        }
        Ok(())
    }

    /// A small PDF to hand in.
    pub fn paper(&self, name: &str) -> Result<PathBuf> {
        files::write(self.directory(), name, &files::pdf())
    }

    /// Uploads a paper for the material whose heading is given.
    pub async fn hand_in(&self, material: &str, name: &str) -> Result<()> {
        let paper = self.paper(name)?;
        let part = self.within(material);
        part.upload("选照片或文件", &paper).await?;
        part.press("上传这一份").await?;
        self.reads(&[name]).await
    }

    /// Confirms what was filled in, and hands in with this button; another page follows.
    pub async fn submit(&self, button: &str) -> Result<()> {
        self.stands_at("核对一遍再交").await?;
        self.press(button).await?;
        self.stands_at("核对一遍再交").await?;
        self.reads(&["请勾选真实性承诺，才能提交。"]).await?;
        self.choose("以上内容和材料都是真实的").await?;
        self.press(button).await
    }

    /// Opens a case at the desk as this officer, and says one verdict.
    pub async fn judge(&self, login: &str, case: &str, verdict: &str) -> Result<()> {
        self.sign_in(login).await?;
        self.open(&format!("/desk/cases/{case}")).await?;
        ensure!(!self.is_english().await?, "the desk is not in Chinese");
        self.is_sound().await?;
        self.choose(verdict).await
    }
}

impl Deref for Stage {
    type Target = Chrome;

    fn deref(&self) -> &Chrome {
        &self.chrome
    }
}
