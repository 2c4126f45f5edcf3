//! The lifecycle of a case as a table, made by trying every command at every stage.
//!
//! `docs/lifecycle.md` is this table; a test fails when they differ.

use std::fmt::Write as _;

use super::command::{Command, Facts};
use super::decide::decide;
use super::event::{CaseEvent, Gap, Ground, Opinion, Submitted, Suspension, Verdict};
use super::state::{Case, Stage, evolve};
use crate::actor::Actor;

/// The table in Markdown: one row per stage, one column per command; a cell names the stage that follows, or why not.
#[must_use]
pub fn table(sample: &Submitted, officers: [&Actor; 3], facts: &Facts<'_>) -> String {
    let commands = commands(sample);
    let mut text = String::from("| 阶段 |");
    for command in &commands {
        let _ = write!(text, " {} |", command.key());
    }
    text.push_str("\n| --- |");
    text.push_str(&" --- |".repeat(commands.len()));
    text.push('\n');
    for case in cases(sample, officers) {
        let _ = write!(text, "| {} |", case.as_ref().map_or("draft", |case| stage_name(case)));
        for command in &commands {
            let _ = write!(text, " {} |", cell(case.as_ref(), command, facts));
        }
        text.push('\n');
    }
    text
}

fn stage_name(case: &Case) -> &'static str {
    match case.stage() {
        Stage::Second { opened: Some(_), .. } => "second (opened)",
        stage => stage.key(),
    }
}

fn cell(case: Option<&Case>, command: &Command, facts: &Facts<'_>) -> String {
    match decide(case, command.clone(), facts) {
        Ok(events) => {
            let mut state = case.cloned();
            for event in &events {
                state = evolve(state, event, facts.actor);
            }
            state.map_or_else(|| "?".to_owned(), |case| format!("→ {}", stage_name(&case)))
        }
        Err(refusal) => match refusal.code() {
            "not-at-this-stage" => "·".to_owned(),
            code => code.to_owned(),
        },
    }
}

fn opinion(verdict: Verdict) -> Opinion {
    let grounds = match verdict {
        Verdict::Grant => Vec::new(),
        Verdict::Refuse => vec![Ground { rule: "material-insufficient".to_owned(), target: "case".to_owned() }],
    };
    Opinion { verdict, grounds, note: None }
}

fn commands(sample: &Submitted) -> Vec<Command> {
    let gaps = vec![Gap { target: "field:note".to_owned(), fault: "unclear".to_owned() }];
    vec![
        Command::Submit(Box::new(sample.clone())),
        Command::Accept,
        Command::AcceptBySilence,
        Command::Decline(opinion(Verdict::Refuse)),
        Command::RequestSupplement { gaps, note: None, supervisor: false },
        Command::AnswerSupplement { details: sample.details.clone(), evidence: sample.evidence.clone() },
        Command::Lapse,
        Command::Suspend { reason: "hearing".to_owned(), until: sample.received_on, note: None },
        Command::Resume,
        Command::Extend { days: 10, reason: "complex-facts".to_owned(), note: None },
        Command::Recalculate { told: sample.received_on },
        Command::GiveOpinion(opinion(Verdict::Grant)),
        Command::RetractOpinion,
        Command::OpenSecond,
        Command::Decide(opinion(Verdict::Grant)),
        Command::Decide(opinion(Verdict::Refuse)),
        Command::Withdraw,
    ]
}

/// One case at every stage. The officers are three different people; the command comes from a fourth.
fn cases(sample: &Submitted, [intake, first, second]: [&Actor; 3]) -> Vec<Option<Case>> {
    let on = sample.received_on;
    let fold = |events: Vec<(CaseEvent, &Actor)>| {
        events.into_iter().fold(None, |state, (event, actor)| evolve(state, &event, actor))
    };
    let submitted = || (CaseEvent::Submitted(Box::new(sample.clone())), intake);
    let accepted = || (CaseEvent::Accepted { on }, intake);
    let given = || (CaseEvent::OpinionGiven(opinion(Verdict::Grant)), first);
    let ask = || {
        let gaps = vec![Gap { target: "field:note".to_owned(), fault: "unclear".to_owned() }];
        let ask = super::event::Supplement { on, gaps, answer_by: on, note: None };
        (CaseEvent::SupplementRequested(ask), intake)
    };
    let suspended = || {
        let why = Suspension { on, reason: "hearing".to_owned(), until: on, note: None };
        (CaseEvent::Suspended(why), first)
    };
    let decided = |verdict| (CaseEvent::Decided { opinion: opinion(verdict), on }, second);
    vec![
        None,
        fold(vec![submitted()]),
        fold(vec![submitted(), ask()]),
        fold(vec![submitted(), accepted()]),
        fold(vec![submitted(), accepted(), given()]),
        fold(vec![submitted(), accepted(), given(), (CaseEvent::SecondOpened {}, second)]),
        fold(vec![submitted(), accepted(), suspended()]),
        fold(vec![submitted(), accepted(), given(), decided(Verdict::Grant)]),
        fold(vec![submitted(), accepted(), given(), decided(Verdict::Refuse)]),
        fold(vec![
            submitted(),
            (CaseEvent::Declined { grounds: opinion(Verdict::Refuse).grounds, note: None }, intake),
        ]),
        fold(vec![submitted(), (CaseEvent::Withdrawn {}, intake)]),
        fold(vec![submitted(), ask(), (CaseEvent::Lapsed {}, intake)]),
    ]
}
