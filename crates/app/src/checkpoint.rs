//! Checkpoints: where every history stood on a day, signed, to be kept where nobody who runs the database can reach.
//!
//! `verify` alone finds what does not fit together. Who rewrites or removes histories with everything that follows from
//! them leaves nothing that does not fit; only somebody who wrote down where they stood can tell.
//!
//! The file is text: a first line with the format, one line for each history (`stream version leaf`), the statement as
//! one line of JSON, and the signature over exactly the bytes of that line in hexadecimal. It names nobody.

use std::io::{BufRead, Write};

use banjie_domain::history::Hash;
use banjie_store::events::{self, TipRow};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sm3::{Digest as _, Sm3};

use crate::app::App;
use crate::error::{AppError, Outcome, fault};
use crate::seal::{Signer, SuiteName};

const FORMAT: &str = "banjie-checkpoint-1";

/// Histories looked up in one transaction.
const BATCH: usize = 500;

/// What is signed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Statement {
    /// When it was made.
    pub at: Timestamp,
    /// The suite that signed.
    pub suite: String,
    /// The public key to check it with, in PEM.
    pub public_key: String,
    /// How many histories there were.
    pub streams: u64,
    /// How many events they had together.
    pub events: u64,
    /// SM3 over the lines of the histories, line ends included.
    pub tips: Hash,
}

impl Statement {
    /// SM3 of the public key as it stands here, by which a person compares two keys.
    #[must_use]
    pub fn key_hash(&self) -> Hash {
        Hash::of(self.public_key.as_bytes())
    }
}

/// What stands against a checkpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Flaw {
    /// It is no checkpoint, or a piece of one; the line, from 1.
    Unreadable(usize),
    /// Its histories or its statement are not what was signed.
    Changed,
    /// It was signed with another key than this installation's.
    AnotherKey,
    /// This history, or its end, is gone.
    Lost(String),
    /// This history says something else than it said.
    Rewritten(String),
}

/// What is being written.
struct Writing<W> {
    out: W,
    hash: Sm3,
    streams: u64,
    events: u64,
}

impl<W: Write> Writing<W> {
    fn add(&mut self, tip: &TipRow) -> std::io::Result<()> {
        let line = line_of(tip);
        self.hash.update(line.as_bytes());
        (self.streams, self.events) = (self.streams + 1, self.events + tip.version);
        self.out.write_all(line.as_bytes())
    }
}

/// Writes down where every history stands; gives `out` back with what was signed.
///
/// # Errors
/// When the database cannot be read or `out` not be written.
pub fn write<W: Write + Send + 'static>(app: &App, signer: &Signer, mut out: W) -> Outcome<(Statement, W)> {
    let io = |error: std::io::Error| AppError::Fault(error.into());
    writeln!(out, "{FORMAT}").map_err(io)?;
    let mut writing = Writing { out, hash: Sm3::new(), streams: 0, events: 0 };
    let mut writing = app.store.read(move |tx| -> Outcome<_> {
        let mut written = Ok(());
        events::tip_each(tx, &mut |tip| {
            if written.is_ok() {
                written = writing.add(&tip);
            }
            Ok(())
        })?;
        written.map(|()| writing).map_err(io)
    })?;
    let statement = Statement {
        at: app.now(),
        suite: signer.suite().key().to_owned(),
        public_key: signer.public_key().map_err(|_| fault("the public key"))?,
        streams: writing.streams,
        events: writing.events,
        tips: Hash::from_slice(&writing.hash.finalize()).ok_or_else(|| fault("an SM3 digest"))?,
    };
    let signed = serde_json::to_string(&statement).map_err(|_| fault("a statement cannot be written"))?;
    let signature = signer.sign(signed.as_bytes()).map_err(|_| fault("the signature"))?;
    let signature: String = signature.iter().map(|byte| format!("{byte:02x}")).collect();
    writeln!(writing.out, "{signed}\n{signature}").and_then(|()| writing.out.flush()).map_err(io)?;
    Ok((statement, writing.out))
}

fn line_of(tip: &TipRow) -> String {
    format!("{} {} {}\n", tip.stream, tip.version, tip.leaf.hex())
}

/// Compares the database with a checkpoint: every history it names must still begin with what was written down.
///
/// # Errors
/// When the database or `file` cannot be read. What does not fit is a flaw, not an error.
pub fn compare(app: &App, file: impl BufRead) -> Outcome<Vec<Flaw>> {
    let mut lines = (1..).zip(file.lines());
    let mut next = || -> Outcome<Option<(usize, String)>> {
        let Some((number, line)) = lines.next() else { return Ok(None) };
        Ok(Some((number, line.map_err(|error| AppError::Fault(error.into()))?)))
    };
    if next()?.is_none_or(|(_, line)| line != FORMAT) {
        return Ok(vec![Flaw::Unreadable(1)]);
    }
    let mut reading = Reading { app, hash: Sm3::new(), streams: 0, events: 0, batch: Vec::new(), flaws: Vec::new() };
    while let Some((number, line)) = next()? {
        if line.starts_with('{') {
            let signature = next()?.map(|(_, line)| line).unwrap_or_default();
            reading.look_up()?;
            return Ok(reading.end(number, &line, &signature));
        }
        let Some(tip) = tip_of(&line) else { return Ok(vec![Flaw::Unreadable(number)]) };
        reading.add(tip)?;
    }
    Ok(vec![Flaw::Unreadable(reading.streams + 2)])
}

fn tip_of(line: &str) -> Option<TipRow> {
    let mut words = line.split(' ');
    let (stream, version, leaf) = (words.next()?, words.next()?, words.next()?);
    let tip = TipRow { stream: stream.to_owned(), version: version.parse().ok()?, leaf: Hash::parse_hex(leaf)? };
    words.next().is_none().then_some(tip)
}

struct Reading<'a> {
    app: &'a App,
    hash: Sm3,
    streams: usize,
    events: u64,
    batch: Vec<TipRow>,
    flaws: Vec<Flaw>,
}

impl Reading<'_> {
    fn add(&mut self, tip: TipRow) -> Outcome<()> {
        self.hash.update(line_of(&tip).as_bytes());
        (self.streams, self.events) = (self.streams + 1, self.events.saturating_add(tip.version));
        self.batch.push(tip);
        if self.batch.len() == BATCH { self.look_up() } else { Ok(()) }
    }

    fn look_up(&mut self) -> Outcome<()> {
        let batch = std::mem::take(&mut self.batch);
        let found = self.app.store.read(move |tx| -> Outcome<Vec<Flaw>> {
            let mut flaws = Vec::new();
            for tip in batch {
                match events::leaf_at(tx, &tip.stream, tip.version)? {
                    None => flaws.push(Flaw::Lost(tip.stream)),
                    Some(leaf) if leaf != tip.leaf => flaws.push(Flaw::Rewritten(tip.stream)),
                    Some(_) => {}
                }
            }
            Ok(flaws)
        })?;
        self.flaws.extend(found);
        Ok(())
    }

    /// Who signed, and whether it is what was read.
    fn end(mut self, number: usize, signed: &str, signature: &str) -> Vec<Flaw> {
        let read = serde_json::from_str::<Statement>(signed).ok();
        let read = read.and_then(|statement| Some((SuiteName::parse(&statement.suite)?, statement)));
        let (Some((suite, statement)), Some(signature)) = (read, bytes_of(signature)) else {
            return vec![Flaw::Unreadable(number)];
        };
        let counted = (u64::try_from(self.streams).unwrap_or(u64::MAX), self.events);
        let same = Hash::from_slice(&self.hash.finalize()) == Some(statement.tips)
            && counted == (statement.streams, statement.events);
        if !same || !suite.suite().verifies(&statement.public_key, signed.as_bytes(), &signature) {
            return vec![Flaw::Changed];
        }
        if self.app.keys.signer(suite).public_key().ok().as_ref() != Some(&statement.public_key) {
            self.flaws.push(Flaw::AnotherKey);
        }
        self.flaws
    }
}

fn bytes_of(hex: &str) -> Option<Vec<u8>> {
    let pairs = (0..hex.len()).step_by(2);
    pairs.map(|at| u8::from_str_radix(hex.get(at..at + 2)?, 16).ok()).collect()
}

#[cfg(test)]
mod tests {
    use banjie_domain::id::RegistrationId;
    use banjie_store::error::StoreError;

    use super::*;
    use crate::entropy::SeededEntropy;
    use crate::seal::Keyring;
    use crate::usecase::story::{Story, story};
    use crate::verify;

    fn taken(story: &Story, suite: SuiteName) -> Vec<u8> {
        write(&story.app, &story.app.keys.signer(suite), Vec::new()).unwrap().1
    }

    fn flaws(story: &Story, file: &[u8]) -> Vec<Flaw> {
        compare(&story.app, file).unwrap()
    }

    /// Takes a registration away with everything that speaks of it, as the owner of a database can.
    fn erase(story: &Story, id: &RegistrationId) {
        let id = id.clone();
        story
            .app
            .store
            .write(move |tx| {
                tx.execute("drop trigger events_are_never_deleted", &[])?;
                let case = "select id from cases where registration_id = $1";
                for sql in [
                    format!("delete from events where stream in ({case}) or stream = $1"),
                    "delete from notices where registration_id = $1".to_owned(),
                    "delete from registration_names where registration_id = $1".to_owned(),
                    "delete from cases where registration_id = $1".to_owned(),
                    "delete from registrations where id = $1".to_owned(),
                ] {
                    tx.execute(&sql, &[id.as_str().into()])?;
                }
                Ok::<_, StoreError>(())
            })
            .unwrap();
    }

    #[test]
    fn what_verify_cannot_see_a_checkpoint_finds() {
        for suite in [SuiteName::Aes, SuiteName::Sm] {
            let story = story();
            let gone = story.registered();
            let file = taken(&story, suite);
            assert_eq!(flaws(&story, &file), []);
            // What is added later is no flaw.
            story.registered_as("李国强", "11010119900307002X");
            assert_eq!(flaws(&story, &file), []);
            erase(&story, &gone);
            assert_eq!(verify::run(&story.app).unwrap().findings, [], "nothing is left that does not fit");
            assert_eq!(flaws(&story, &file).len(), 2, "the record's and its case's history");
            assert!(flaws(&story, &file).contains(&Flaw::Lost(gone.to_string())));
        }
    }

    #[test]
    fn a_checkpoint_that_was_touched_says_so() {
        let story = story();
        story.registered();
        let file = String::from_utf8(taken(&story, SuiteName::Sm)).unwrap();
        let mut lines: Vec<_> = file.lines().map(str::to_owned).collect();
        let history = lines.remove(1);
        let without = lines.join("\n");
        assert_eq!(flaws(&story, without.as_bytes()), [Flaw::Changed]);
        let counted = without.replacen("\"streams\":2", "\"streams\":1", 1);
        assert_eq!(flaws(&story, counted.as_bytes()), [Flaw::Changed]);
        assert_eq!(flaws(&story, b""), [Flaw::Unreadable(1)]);
        assert_eq!(flaws(&story, format!("{FORMAT}\n{history}\n").as_bytes()), [Flaw::Unreadable(3)]);
        assert_eq!(flaws(&story, format!("{FORMAT}\nhistory\n").as_bytes()), [Flaw::Unreadable(2)]);
    }

    /// Somebody takes a history out of the file and reckons the statement anew, but cannot sign it.
    #[test]
    fn a_statement_that_fits_and_was_not_signed_is_refused() {
        let story = story();
        story.registered();
        let file = String::from_utf8(taken(&story, SuiteName::Sm)).unwrap();
        let mut lines: Vec<_> = file.lines().map(str::to_owned).collect();
        lines.remove(1);
        let mut statement: Statement = serde_json::from_str(&lines[2]).unwrap();
        let kept = format!("{}\n", lines[1]);
        statement.tips = Hash::of(kept.as_bytes());
        statement.streams -= 1;
        statement.events = tip_of(&lines[1]).unwrap().version;
        lines[2] = serde_json::to_string(&statement).unwrap();
        assert_eq!(flaws(&story, lines.join("\n").as_bytes()), [Flaw::Changed]);
    }

    #[test]
    fn a_history_that_was_written_anew_is_found() {
        let story = story();
        let registration = story.registered();
        let file = taken(&story, SuiteName::Aes);
        let id = registration.clone();
        let forge = move |tx: &mut dyn banjie_store::db::Tx| {
            tx.execute("drop trigger events_are_never_updated", &[])?;
            let sql = "update events set leaf = (select leaf from events where stream = $1 and version = 1) \
                       where stream = $1 and version = (select max(version) from events where stream = $1)";
            tx.execute(sql, &[id.as_str().into()])
        };
        story.app.store.write(move |tx| forge(tx)).unwrap_or_else(|error: StoreError| panic!("{error}"));
        assert_eq!(flaws(&story, &file), [Flaw::Rewritten(registration.to_string())]);
    }

    #[test]
    fn who_signs_with_a_key_of_his_own_is_not_believed() {
        let story = story();
        story.registered();
        let other = Keyring::create(&story.folder.path.join("other.key"), &SeededEntropy::new(77)).unwrap();
        let (_, file) = write(&story.app, &other.signer(SuiteName::Aes), Vec::new()).unwrap();
        assert_eq!(flaws(&story, &file), [Flaw::AnotherKey]);
    }
}
