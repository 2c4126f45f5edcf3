//! What an officer sees, on a real case over a real store.

use std::sync::Arc;

use axum::http::StatusCode;
use axum::response::Response;
use banjie_app::app::App;
use banjie_app::testing::{self, TestFolder};
use banjie_app::usecase::ask::{self, Choice};
use banjie_app::usecase::desk::{Said, Step, act, open_case};
use banjie_app::usecase::draft::{self, Upload};
use banjie_app::usecase::form_key::{FormKey, new_form_key};
use banjie_app::usecase::register;
use banjie_domain::actor::{Principal, Role};
use banjie_domain::case::Verdict;
use banjie_domain::id::CaseId;
use banjie_domain::refusal::Refusal;
use banjie_domain::registration_type::Answers;

use super::case::{Look, page};
use super::{form, refusal_note};
use crate::cookies::Transport;
use crate::form::Fields;
use crate::prefs::Prefs;
use crate::shell::{OfficeCard, Shell, Site};
use crate::texts::Texts;

const PDF: &[u8] = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n\
2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]>>endobj\n\
trailer<</Root 1 0 R>>\n%%EOF\n";

struct Bench {
    app: App,
    _folder: TestFolder,
    intake: Principal,
    case: CaseId,
    shell: Shell,
}

fn bench() -> Bench {
    let (app, folder) = testing::app();
    let clerk = testing::employer(&app, "杭州青禾家政有限公司", "91330106MA2BANJX98");
    let key = || FormKey::of(&new_form_key(&app), b"body");
    let worker: Answers = [
        ("document_kind", "citizen-id"),
        ("document_number", "110101199003070011"),
        ("name", "王秀英"),
        ("phone", "13800000000"),
        ("post", "家政服务员"),
        ("employment_form", "full-time"),
        ("hired_on", "2026-01-05"),
        ("work_region", "330106"),
        ("contract_type", "open"),
        ("contract_from", "2026-01-05"),
    ]
    .into_iter()
    .collect();
    let draft = draft::start_registration(&app, &clerk, "employer").unwrap();
    draft::save_answers(&app, &clerk, &draft, 1, worker).unwrap();
    let registration = register::submit_registration(&app, &clerk, &draft, &key()).unwrap().registration;
    let draft = ask::start(&app, &clerk, &registration).unwrap();
    let answers: Answers = [("effective_on", "2026-03-06"), ("note", "")].into_iter().collect();
    ask::choose(&app, &clerk, (&draft, 1), Choice { situation: "agreed", reason: "3601" }, &answers).unwrap();
    let upload = Upload { material: "release-certificate", name: "证明.pdf", bytes: PDF };
    draft::add_file(&app, &clerk, &draft, &upload).unwrap();
    let case = ask::submit_ask(&app, &clerk, &draft, &key()).unwrap();
    let intake = testing::staff(&app, Role::Intake);
    Bench { intake, case, shell: shell(), app, _folder: folder }
}

fn shell() -> Shell {
    let site = Arc::new(Site {
        texts: Texts::load().unwrap(),
        office: OfficeCard::default(),
        base_url: None,
        transport: Transport::Plain,
        demo: false,
    });
    site.shell(&Prefs::default(), "/desk/cases/x")
}

async fn html(response: Response) -> (StatusCode, String) {
    let status = response.status();
    let bytes = axum::body::to_bytes(response.into_body(), usize::MAX).await.unwrap();
    (status, String::from_utf8(bytes.to_vec()).unwrap())
}

fn no_text_is_missing(html: &str) {
    for key in ["[desk.", "[fault.", "[ground.", "[problem.", "[common."] {
        assert!(!html.contains(key), "a text is missing: {}", &html[html.find(key).unwrap()..][..60]);
    }
}

#[tokio::test]
async fn a_case_page_shows_the_papers_and_the_form_and_masks_the_person() {
    let bench = bench();
    let view = open_case(&bench.app, &bench.intake, &bench.case).unwrap();
    let empty = Fields::default();
    let (status, html) = html(page(StatusCode::OK, &Look::of(&bench.shell, &view, &empty))).await;
    assert_eq!(status, StatusCode::OK);
    no_text_is_missing(&html);
    assert!(html.contains("王＊＊") && !html.contains("王秀英") && !html.contains("110101199003070011"));
    assert!(html.contains("打开 PDF") && html.contains("href=\"/files/"));
    assert!(html.contains("name=\"gap.material:release-certificate\"") && html.contains("value=\"accept\""));
    assert!(html.contains(&format!("name=\"seen\" value=\"{}\"", view.version)));
}

#[tokio::test]
async fn a_form_with_problems_comes_back_as_it_was_filled_in() {
    let bench = bench();
    let view = open_case(&bench.app, &bench.intake, &bench.case).unwrap();
    let fields = Fields::from_pairs([("verdict", "decline"), ("note", "请补一份盖章的"), ("k1", "y")]);
    let problems = form::read(&view, &fields).unwrap_err();
    let look = Look { problems: &problems, ..Look::of(&bench.shell, &view, &fields) };
    let (status, html) = html(page(StatusCode::UNPROCESSABLE_ENTITY, &look)).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    no_text_is_missing(&html);
    assert!(html.contains("请补一份盖章的") && html.contains("value=\"decline\" checked"));
    assert!(html.contains("href=\"#f-grounds\"") && html.contains("id=\"f-grounds\""));
}

#[tokio::test]
async fn an_officer_reads_what_the_applicant_will_read() {
    let bench = bench();
    let view = open_case(&bench.app, &bench.intake, &bench.case).unwrap();
    let fields = Fields::from_pairs([
        ("verdict", "supplement"),
        ("gap.material:release-certificate", "no-seal"),
        ("gap.field:effective_on", "date-differs"),
        ("note", ""),
    ]);
    let step = form::read(&view, &fields).unwrap();
    let lines = form::preview(&bench.shell, &view, &step);
    assert_eq!(lines.len(), 4, "{lines:?}");
    assert!(lines[1].contains("没有盖章") && lines[3].contains("不计时"), "{lines:?}");
    let decline = Fields::from_pairs([("verdict", "decline"), ("ground", "not-competent")]);
    let lines = form::preview(&bench.shell, &view, &form::read(&view, &decline).unwrap());
    assert!(lines.iter().any(|line| line.contains("行政复议")), "{lines:?}");
    assert!(lines.iter().all(|line| !line.contains('[') && !line.contains('{')), "{lines:?}");
}

#[test]
fn a_check_that_says_no_stands_against_a_yes() {
    let bench = bench();
    let view = open_case(&bench.app, &bench.intake, &bench.case).unwrap();
    let fields = Fields::from_pairs([("verdict", "accept"), ("k2", "n")]);
    let problems = form::read(&view, &fields).unwrap_err();
    assert_eq!(problems[0].problem.code, "desk.check-contradicts");
    let decided_nothing = form::read(&view, &Fields::from_pairs([("verdict", "grant")])).unwrap_err();
    assert_eq!(decided_nothing[0].field, "verdict");
}

#[tokio::test]
async fn the_second_reviewer_sees_the_facts_and_no_form_until_he_begins() {
    let bench = bench();
    let (first, second) = (testing::staff(&bench.app, Role::First), testing::staff(&bench.app, Role::Second));
    let version = |who: &Principal| open_case(&bench.app, who, &bench.case).unwrap().version;
    act(&bench.app, &bench.intake, &bench.case, version(&bench.intake), &Step::Accept).unwrap();
    let opinion = Step::Opinion(Verdict::Grant, Said { note: "材料齐".to_owned(), ..Said::default() });
    act(&bench.app, &first, &bench.case, version(&first), &opinion).unwrap();
    let view = open_case(&bench.app, &second, &bench.case).unwrap();
    let typed = Fields::from_pairs([("note", "写到一半")]);
    let notes = vec![refusal_note(&bench.shell, &Refusal::MovedMeanwhile)];
    let look = Look { notes, ..Look::of(&bench.shell, &view, &typed) };
    let (_, html) = html(page(StatusCode::CONFLICT, &look)).await;
    no_text_is_missing(&html);
    assert!(html.contains("/open-second\"") && !html.contains("/verdict\""));
    assert!(html.contains("写到一半"), "what was typed is not lost");
    assert!(html.contains("材料齐") && html.contains("承诺 "));
}
