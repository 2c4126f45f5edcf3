//! One installation that changes its suite, on both databases: nothing it has may become unreadable.

use std::collections::BTreeSet;

use banjie_domain::actor::Principal;
use banjie_domain::id::{CaseId, DraftId, RegistrationId};
use banjie_domain::registration_type::Details;
use banjie_store::accounts::account_find;
use banjie_store::db::StoreUrl;
use banjie_store::test_support::{TestPostgres, TestSqlite};

use super::SuiteName;
use crate::app::App;
use crate::query::mine::{progress, registration};
use crate::usecase::draft::{self, DraftBody};
use crate::usecase::form_key::{FormKey, new_form_key};
use crate::usecase::register::submit_registration;
use crate::usecase::story::{Story, story_in, worker_named};
use crate::{people, testing, verify};

/// Every column that holds sealed values.
const SEALED: [&str; 10] = [
    "select profile from persons",
    "select display from accounts",
    "select wrapped_key from revisions",
    "select salt from revisions",
    "select body from revisions",
    "select name from evidence",
    "select wrapped_key from evidence",
    "select salt from evidence",
    "select body from drafts",
    "select body from answers",
];

/// What was written under one suite: a case on a registration, and a draft that nobody handed in.
struct Written {
    registration: RegistrationId,
    case: CaseId,
    draft: DraftId,
}

fn write(story: &Story, registered: (&str, &str), waiting: (&str, &str)) -> Written {
    let registration = story.registered_as(registered.0, registered.1);
    let draft = draft::start_registration(&story.app, &story.clerk, "employer").unwrap();
    draft::save_answers(&story.app, &story.clerk, &draft, 1, worker_named(waiting.0, waiting.1)).unwrap();
    Written { case: story.asked_on(&registration), registration, draft }
}

/// All that can be read of it again.
#[derive(Debug, PartialEq)]
struct Read {
    person: String,
    details: Details,
    files: Vec<(String, Vec<u8>)>,
    draft: DraftBody,
    greeting: String,
}

fn read(Story { app, clerk, .. }: &Story, written: &Written) -> Read {
    let view = registration(app, clerk, &written.registration).unwrap();
    let files = progress(app, clerk, &written.case).unwrap().files;
    let bytes = files.into_iter().map(|file| draft::read_file(app, clerk, &file.id).unwrap());
    Read {
        person: view.line.person,
        details: view.details,
        files: bytes.map(|file| (file.name, file.bytes)).collect(),
        draft: draft::find(app, clerk, &written.draft).unwrap().body,
        greeting: greeting(app, clerk),
    }
}

fn greeting(app: &App, who: &Principal) -> String {
    let account = who.account.clone();
    let row = app.store.read(move |tx| account_find(tx, &account)).unwrap().unwrap();
    people::display(app, &row).unwrap()
}

/// The same installation after a restart with another word in its configuration.
fn restarted(story: Story, suite: SuiteName) -> Story {
    let app = testing::reopen(story.app, &story.folder, suite);
    assert_whole(&app);
    Story { app, ..story }
}

fn assert_whole(app: &App) {
    let report = verify::run(app).unwrap();
    assert_eq!(report.findings, []);
    assert!(report.papers > 0);
}

/// The first bytes in one column.
fn suites_in(app: &App, column: &'static str) -> BTreeSet<u8> {
    let rows = app.store.read(move |tx| tx.query(column, &[])).unwrap();
    rows.iter().map(|row| row.bytes(0).unwrap()[0]).collect()
}

fn changes_over(database: &StoreUrl) {
    let story = story_in(testing::app_on(database));
    let by_aes = write(&story, ("王秀英", "110101199003070011"), ("李国强", "11010119900307002X"));
    let read_then = read(&story, &by_aes);
    let key = FormKey::of(&new_form_key(&story.app), b"body");
    let draft = draft::start_registration(&story.app, &story.clerk, "employer").unwrap();
    draft::save_answers(&story.app, &story.clerk, &draft, 1, worker_named("赵敏", "110101199003070038")).unwrap();
    let answer = submit_registration(&story.app, &story.clerk, &draft, &key).unwrap();

    let story = restarted(story, SuiteName::Sm);
    assert_eq!(read(&story, &by_aes), read_then);
    let again = submit_registration(&story.app, &story.clerk, &draft, &key).unwrap();
    assert_eq!(again.registration, answer.registration, "the kept answer is given again");
    story.granted(&by_aes.case);
    let by_sm = write(&story, ("陈立", "110101199003070046"), ("周芳", "110101199003070054"));
    let newcomer = testing::reader(&story.app, &story.clerk);
    for column in SEALED {
        assert_eq!(suites_in(&story.app, column), BTreeSet::from([1, 2]), "{column}");
    }
    let blobs = story.app.files.names().unwrap().into_iter().map(|name| story.app.files.get(&name).unwrap()[0]);
    assert_eq!(blobs.collect::<BTreeSet<_>>(), BTreeSet::from([1, 2]));
    let read_last = read(&story, &by_sm);

    let story = restarted(story, SuiteName::Aes);
    assert_eq!(read(&story, &by_aes), read_then);
    assert_eq!(read(&story, &by_sm), read_last);
    assert_eq!(greeting(&story.app, &newcomer), greeting(&story.app, &story.clerk));
    story.granted(&by_sm.case);
    // A draft is written anew as a whole, and comes under the suite of the day.
    let corrected = worker_named("周芬", "110101199003070054");
    draft::save_answers(&story.app, &story.clerk, &by_sm.draft, 2, corrected).unwrap();
    assert_eq!(suites_in(&story.app, "select body from drafts"), BTreeSet::from([1]));
    assert_whole(&story.app);
}

#[test]
fn an_installation_changes_its_suite_and_back_and_everything_stays_readable() {
    changes_over(&TestSqlite::create().unwrap().url());
    changes_over(&StoreUrl::parse(&TestPostgres::start().unwrap().url()).unwrap());
}
