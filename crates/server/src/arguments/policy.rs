//! What was typed after `banjie policy`.

use std::collections::BTreeSet;
use std::path::PathBuf;

use banjie_domain::act::{Act, ApplicantKind};
use banjie_domain::policy::{Fact, RegionCode};
use jiff::civil::Date;

use super::{Options, options};

/// What to do with rules.
#[derive(Debug, PartialEq, Eq)]
pub enum PolicyCommand {
    /// Check a folder of rule files and its examples.
    Check(PathBuf),
    /// Say what the rules come to for one kind of case, and why.
    Explain(Box<Question>, Options),
    /// Compare a folder with the rules in force.
    Diff(PathBuf, Option<Date>, Options),
    /// Try a folder on the cases that are recorded.
    Simulate(PathBuf, Option<Date>, Options),
}

/// One kind of case that is asked about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// The region.
    pub region: RegionCode,
    /// Key of the registration type.
    pub type_key: String,
    /// What is asked.
    pub act: Act,
    /// Code of the reason.
    pub reason: Option<String>,
    /// Who asks.
    pub applicant: ApplicantKind,
    /// What else is true.
    pub facts: BTreeSet<Fact>,
    /// The day; today when none is given.
    pub on: Option<Date>,
}

/// Reads the words after `policy`.
pub(super) fn parse(mut words: impl Iterator<Item = String>) -> Result<PolicyCommand, String> {
    let verb = words.next();
    let words: Vec<String> = words.collect();
    match verb.as_deref() {
        Some("check") => match words.as_slice() {
            [folder] if !folder.starts_with("--") => Ok(PolicyCommand::Check(folder.into())),
            _ => Err("`policy check` takes a folder".to_owned()),
        },
        Some("explain") => {
            let (taken, rest) =
                take(words, &["--region", "--type", "--act", "--reason", "--applicant", "--facts", "--on"])?;
            Ok(PolicyCommand::Explain(Box::new(question(&taken)?), options(rest.into_iter())?))
        }
        Some(verb @ ("diff" | "simulate")) => {
            let (taken, mut rest) = take(words, &["--on"])?;
            if rest.first().is_none_or(|word| word.starts_with("--")) {
                return Err(format!("`policy {verb}` takes the folder with the changed rules"));
            }
            let folder = PathBuf::from(rest.remove(0));
            let (on, options) = (day(&taken)?, options(rest.into_iter())?);
            Ok(if verb == "diff" {
                PolicyCommand::Diff(folder, on, options)
            } else {
                PolicyCommand::Simulate(folder, on, options)
            })
        }
        _ => Err("`policy` takes `check`, `explain`, `diff` or `simulate`".to_owned()),
    }
}

type Taken = Vec<(String, String)>;

/// Splits off the options named, each with its value.
fn take(words: Vec<String>, named: &[&str]) -> Result<(Taken, Vec<String>), String> {
    let (mut taken, mut rest, mut words) = (Vec::new(), Vec::new(), words.into_iter());
    while let Some(word) = words.next() {
        if named.contains(&word.as_str()) {
            let value = words.next().ok_or_else(|| format!("`{word}` needs a value"))?;
            taken.push((word, value));
        } else {
            rest.push(word);
        }
    }
    Ok((taken, rest))
}

fn value<'a>(taken: &'a Taken, name: &str) -> Option<&'a str> {
    taken.iter().rev().find(|(word, _)| word == name).map(|(_, value)| value.as_str())
}

fn day(taken: &Taken) -> Result<Option<Date>, String> {
    value(taken, "--on")
        .map(|typed| typed.parse().map_err(|_| format!("`{typed}` is no day like 2026-03-10")))
        .transpose()
}

fn question(taken: &Taken) -> Result<Question, String> {
    let need = |name: &str| value(taken, name).ok_or_else(|| format!("`policy explain` needs `{name}`"));
    let region = need("--region")?;
    let act = need("--act")?;
    let applicant = value(taken, "--applicant").unwrap_or("employer");
    let words = |list: &[&'static str]| list.join(", ");
    let facts = value(taken, "--facts").unwrap_or_default();
    let fact = |typed: &str| {
        let all = Fact::ALL.map(Fact::key);
        Fact::parse(typed).ok_or_else(|| format!("`{typed}` is no fact; give some of: {}", words(&all)))
    };
    Ok(Question {
        region: RegionCode::parse(region).map_err(|problem| format!("`{region}`: {problem}"))?,
        type_key: need("--type")?.to_owned(),
        act: Act::parse(act)
            .ok_or_else(|| format!("`{act}` is no act; give one of: {}", words(&Act::ALL.map(Act::key))))?,
        reason: value(taken, "--reason").map(str::to_owned),
        applicant: ApplicantKind::ALL.into_iter().find(|kind| kind.key() == applicant).ok_or_else(|| {
            format!(
                "`{applicant}` is no applicant; give one of: {}",
                words(&ApplicantKind::ALL.map(ApplicantKind::key))
            )
        })?,
        facts: facts.split(',').filter(|word| !word.is_empty()).map(fact).collect::<Result<_, _>>()?,
        on: day(taken)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> Result<PolicyCommand, String> {
        parse(line.split(' ').map(str::to_owned))
    }

    #[test]
    fn a_question_is_read_and_what_is_wrong_with_it_named() {
        let Ok(PolicyCommand::Explain(question, _)) =
            read("explain --region 330106 --type employer --act end --facts agent,filed-late --on 2026-03-10")
        else {
            panic!("this is a question")
        };
        assert_eq!((question.act, question.applicant), (Act::End, ApplicantKind::Employer));
        assert_eq!(question.facts, BTreeSet::from([Fact::Agent, Fact::FiledLate]));
        for (typed, said) in [
            ("explain --type employer --act end", "`policy explain` needs `--region`"),
            ("explain --region 3301 --type employer --act end", "`3301`: a region code has 6, 9 or 12 digits"),
            ("explain --region 330106 --type employer --act", "`--act` needs a value"),
            ("diff", "`policy diff` takes the folder with the changed rules"),
            ("simulate --on 2026-01-01", "`policy simulate` takes the folder with the changed rules"),
            ("diff new --on someday", "`someday` is no day like 2026-03-10"),
            ("check", "`policy check` takes a folder"),
            ("guess", "`policy` takes `check`, `explain`, `diff` or `simulate`"),
        ] {
            assert_eq!(read(typed), Err(said.to_owned()), "{typed}");
        }
    }
}
