//! Counting tries at passwords and codes, so that nobody can try them through.
//!
//! A try is counted before it is judged: many tries at once cannot outrun the count. A right one is forgotten again.
//! Keys are keyed hashes; the table tells nobody who tried to be whom.

use banjie_domain::problem::Problem;
use banjie_domain::refusal::Refusal;
use banjie_store::accounts::{self, AttemptRule};
use banjie_store::db::Tx;

use crate::error::{AppError, Outcome};

const MINUTE: i64 = 60_000_000;

/// Wrong passwords for one account from one network: ten in a quarter of an hour.
pub(crate) const PASSWORD: AttemptRule = AttemptRule { tries: 10, window: 15 * MINUTE, lock: 15 * MINUTE };

/// Wrong passwords from one network, whatever the account: a whole office may sit behind one address.
pub(crate) const NETWORK: AttemptRule = AttemptRule { tries: 100, window: 15 * MINUTE, lock: 15 * MINUTE };

/// Wrong one-time codes for one account: ten, then a day of rest.
pub(crate) const ONE_TIME_CODE: AttemptRule =
    AttemptRule { tries: 10, window: 24 * 60 * MINUTE, lock: 24 * 60 * MINUTE };

/// Lets a try begin and counts it, unless the key is locked.
pub(crate) fn begin(tx: &mut dyn Tx, key: &[u8; 32], rule: AttemptRule, now: i64) -> Outcome<()> {
    refuse_locked(tx, key, now)?;
    Ok(accounts::attempt_failed(tx, key, rule, now)?)
}

/// Refuses when there were too many wrong tries before.
pub(crate) fn refuse_locked(tx: &mut dyn Tx, key: &[u8; 32], now: i64) -> Outcome<()> {
    match accounts::attempt_locked_until(tx, key, now)? {
        None => Ok(()),
        Some(until) => {
            // Rounded up: whoever waits as long as the text says is let in.
            let minutes = (until - now).div_euclid(MINUTE) + 1;
            Err(refused("account.locked", "login", &[("minutes", minutes.to_string())]))
        }
    }
}

/// The refusal of a form with one problem at one field.
pub(crate) fn refused(code: &'static str, field: &str, args: &[(&'static str, String)]) -> AppError {
    let problem = args.iter().fold(Problem::new(code), |problem, (name, value)| problem.with(name, value.clone()));
    Refusal::Answers(vec![problem.at(field)]).into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing;

    const KEY: [u8; 32] = [7; 32];

    #[test]
    fn ten_tries_begin_and_the_eleventh_waits_until_the_lock_ends() {
        let (app, _folder) = testing::app();
        let begin_at = |now| app.store.write(move |tx| begin(tx, &KEY, PASSWORD, now));
        for second in 0..10 {
            begin_at(second * 1_000_000).unwrap();
        }
        let Err(AppError::Refused(Refusal::Answers(problems))) = begin_at(MINUTE) else { panic!("not locked") };
        assert_eq!(problems[0].problem, Problem::new("account.locked").with("minutes", "15"));
        begin_at(9_000_000 + 15 * MINUTE).unwrap();
    }

    #[test]
    fn old_tries_and_forgotten_ones_do_not_count() {
        let (app, _folder) = testing::app();
        let begin_at = |now| app.store.write(move |tx| begin(tx, &KEY, PASSWORD, now));
        for round in 0..3 {
            for second in 0..9 {
                begin_at(round * 16 * MINUTE + second * 1_000_000).unwrap();
            }
        }
        app.store.write(|tx| accounts::attempt_forget(tx, &KEY)).unwrap();
        for second in 0..10 {
            begin_at(33 * MINUTE + second).unwrap();
        }
    }
}
