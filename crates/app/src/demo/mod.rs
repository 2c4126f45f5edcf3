//! Demo data: made-up people and firms, through the real use cases, in an empty or demo-marked database.
//!
//! Every citizen number here has a serial of 9xx and a valid check digit; every 统一社会信用代码 has the organisation
//! part `MA2DEM0?`. Nobody real is meant.

mod bulk;
mod cast;
mod copies;
mod days;
mod site;
mod story;

use banjie_domain::actor::Role;
use banjie_store::ledger;

use crate::accounts;
use crate::app::App;
use crate::entropy;
use crate::error::{Outcome, fault};
use crate::time::HeldClock;
use crate::tokens;

use days::Days;

pub use bulk::{Bulk, grow, worker};
pub use cast::somebody;
pub use copies::Copies;

const MARK: &str = "demo";
/// What keys of the demo are called.
const KEY: &str = "演示";

/// One account to look around with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DemoAccount {
    /// Its role.
    pub role: Role,
    /// What to type to sign in.
    pub login: String,
}

/// What a demo start made: the accounts, and the password that opens them all until the next start.
pub struct Demo {
    /// One for each role, and some more.
    pub accounts: Vec<DemoAccount>,
    /// Made afresh at every start; never in the program.
    pub password: String,
}

impl Demo {
    /// A key for programs for each account that may have one, with its login; those of the last start are taken back.
    ///
    /// # Errors
    /// When the database cannot be used.
    pub fn keys(&self, app: &App) -> Outcome<Vec<(String, String)>> {
        let mut made = Vec::new();
        for account in self.accounts.iter().filter(|account| tokens::may_have(account.role)) {
            let who = somebody(app, &account.login)?;
            for old in tokens::list(app, &who)?.into_iter().filter(|old| old.name == KEY && old.revoked_at.is_none()) {
                tokens::revoke(app, &who, &old.id)?;
            }
            made.push((account.login.clone(), tokens::make(app, &who, KEY, "30")?.secret));
        }
        Ok(made)
    }
}

/// Whether the database holds demo data.
///
/// # Errors
/// When it cannot be read.
pub fn is_demo(app: &App) -> Outcome<bool> {
    Ok(app.store.read(|tx| ledger::setting(tx, MARK))?.is_some())
}

/// Fills an empty database with what happened on the last working days, or takes a demo database up again; both get a new password.
///
/// # Errors
/// When the database holds something that is no demo.
pub fn fill(app: &App, clock: &HeldClock) -> Outcome<Demo> {
    let password = password(app);
    let fresh = accounts::set_up_needed(app)?;
    if !fresh && !is_demo(app)? {
        return Err(fault("the database holds data that is no demo; start without `--demo`, or with another `--data`"));
    }
    if fresh {
        app.store.write(|tx| ledger::setting_set(tx, MARK, "1"))?;
        cast::make(app)?;
    }
    let accounts = cast::open_all(app, &password)?;
    if fresh {
        let days = Days::new(app, clock);
        story::tell(app, &days)?;
        site::tell(app, &days)?;
        clock.release();
    }
    Ok(Demo { accounts, password })
}

/// Four groups of four digits: easy to read off a console, 53 bits.
fn password(app: &App) -> String {
    let digits = format!("{:016}", entropy::digits::<16>(app.entropy.as_ref()));
    let groups: Vec<_> = digits.as_bytes().chunks(4).map(|group| String::from_utf8_lossy(group).into_owned()).collect();
    groups.join("-")
}
