//! What happened on the demo's building site: a project, two units, three teams, and workers who came and went.

use banjie_domain::actor::Principal;
use banjie_domain::id::{RegistrationId, TeamId};
use banjie_domain::registration_type::Answers;

use super::cast::somebody;
use super::days::Days;
use super::story::key;
use crate::app::App;
use crate::error::Outcome;
use crate::usecase::site::{self, Coming, Leaving, NewProject};
use crate::usecase::{draft, register};

/// Name, citizen number with a serial of 9xx, trade.
const WORKERS: [(&str, &str, &str); 8] = [
    ("罗长贵", "51132219780603905X", "020"),
    ("向大山", "421022198509179036", "020"),
    ("梅永兰", "341221199202259073", "020"),
    ("普建华", "530424198808089099", "240"),
    ("蓝小军", "330106200104199015", "240"),
    ("阿依古丽·买买提", "522425199001019023", "130"),
    ("熊四海", "411528198307129018", "130"),
    ("骆文斌", "330106198603209046", "900"),
];

/// Tells the story.
pub(super) fn tell(app: &App, days: &Days<'_>) -> Outcome<()> {
    let (contractor, labour) = (somebody(app, "zongbao")?, somebody(app, "fenbao")?);
    days.at(40, 9)?;
    let project = NewProject {
        code: "330106-2026-0901".to_owned(),
        name: "西溪云谷二期工程（演示）".to_owned(),
        region: "330106".to_owned(),
        started_on: days.ago(120),
    };
    let project = site::open_project(app, &contractor, &project)?;
    site::add_unit(app, &contractor, &project, "91330106MA2DEM0D52", "006")?;
    let managers = site::add_team(app, &contractor, &project, "项目部")?;
    let steel = site::add_team(app, &labour, &project, "钢筋一班")?;
    let wood = site::add_team(app, &labour, &project, "木工班")?;
    days.at(30, 8)?;
    let came = days.back(30).to_string();
    let mut steel_workers = Vec::new();
    for (name, number, trade) in WORKERS {
        let (who, team) = match trade {
            "900" => (&contractor, &managers),
            "020" => (&labour, &steel),
            _ => (&labour, &wood),
        };
        let worker =
            let_in(app, who, team, &[("document_number", number), ("name", name), ("work_type", trade)], &came)?;
        if trade == "020" {
            steel_workers.push(worker);
        }
    }
    came_and_went(app, &labour, days, (&steel, steel_workers))
}

fn let_in(app: &App, who: &Principal, team: &TeamId, worker: &[(&str, &str)], came: &str) -> Outcome<RegistrationId> {
    let usual = [
        ("document_kind", "citizen-id"),
        ("phone", "13800000000"),
        ("work_role", "20"),
        ("team_leader", "no"),
        ("entered_on", came),
        ("agreement_type", "contract"),
        ("agreement_from", came),
    ];
    let answers: Answers = usual.into_iter().chain(worker.iter().copied()).collect();
    let draft = draft::start_worker(app, who, team)?;
    draft::save_answers(app, who, &draft, 1, answers)?;
    Ok(register::submit_registration(app, who, &draft, &key(app))?.registration)
}

/// The steel workers leave when their work is done; one of them comes again.
fn came_and_went(
    app: &App,
    who: &Principal,
    days: &Days<'_>,
    (team, workers): (&TeamId, Vec<RegistrationId>),
) -> Outcome<()> {
    days.at(12, 17)?;
    let two: Vec<_> = workers.into_iter().take(2).collect();
    let again = two.first().cloned();
    let leaving = Leaving { team: team.clone(), on: days.back(12).to_string(), reason: "X1".to_owned(), workers: two };
    for gone in site::leave_site(app, who, &leaving, &key(app))? {
        gone.result?;
    }
    if let Some(worker) = again {
        days.at(5, 8)?;
        let coming = Coming { team: team.clone(), on: days.back(5).to_string(), worker };
        site::come_back(app, who, &coming, &key(app))?;
    }
    Ok(())
}
