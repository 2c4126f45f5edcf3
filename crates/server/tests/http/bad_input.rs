//! What people, browsers and strangers send that should not be sent: it is told beside its field, what was typed stays,
//! and nothing is half done.

use axum::body::Body;
use axum::http::StatusCode;
use banjie_domain::actor::Role;
use banjie_domain::authorize::Relation;
use futures_util::stream;

use super::markup::hidden;
use super::wire::Answer;
use super::world::{Actor, PAPER, PDF, Stage, World};

/// A registration that is right, on the world's day, 10 March 2026; the number belongs to nobody.
const RIGHT: [(&str, &str); 10] = [
    ("document_kind", "citizen-id"),
    ("document_number", "330106197707079018"),
    ("name", "林䶮"),
    ("phone", "13800000001"),
    ("employment_form", "full-time"),
    ("hired_on", "2026-03-02"),
    ("post", "装配工"),
    ("work_region", "330106"),
    ("contract_type", "fixed"),
    ("contract_from", "2026-03-02"),
];
const LAST: (&str, &str) = ("contract_to", "2027-03-01");

/// A field, what was typed into it, what is said, and beside which field.
const WRONG: [(&str, &str, &str, &str); 8] = [
    ("document_number", "330106197707079017", "身份证号最后一位对不上", "document_number"),
    ("document_number", "33010619770707901", "现在是 17 位", "document_number"),
    ("document_number", "330106201003119017", "还不满 16 周岁", "hired_on"),
    ("name", "林\u{202E}䶮", "看不见的方向符号", "name"),
    ("name", "林\u{200B}䶮", "看不见的符号", "name"),
    ("hired_on", "2026-03-11", "用工之日还没到", "hired_on"),
    ("hired_on", "2026-02-30", "2 月只有 1 日到 28 日", "hired_on"),
    ("contract_to", "2026-03-01", "合同结束日期在开始日期之前", "contract_to"),
];

struct Scene {
    world: World,
    clerk: Actor,
}

impl Scene {
    fn new() -> Self {
        let world = World::at(Stage::Intake);
        let clerk = world.actor(Some(Role::EmployerClerk), Relation::Own).unwrap();
        Self { world, clerk }
    }

    async fn send(&self, path: &str, pairs: &[(&str, &str)]) -> Answer {
        self.world.post(path, &self.clerk, pairs).await
    }

    /// Begins a registration; the address of its draft.
    async fn begun(&self) -> String {
        let begun = self.send("/registrations/new", &[("kind", "employer")]).await;
        begun.to.unwrap().trim_end_matches("/form").to_owned()
    }

    /// A registration that only waits to be handed in; the address of its check page, and what its form sends.
    async fn checked(&self) -> (String, [(&'static str, String); 3]) {
        let draft = self.begun().await;
        let sent = self.send(&format!("{draft}/form"), &typed(None)).await;
        assert_eq!(sent.status, StatusCode::SEE_OTHER, "{}", sent.body);
        let check = format!("{draft}/check");
        let key = hidden(&self.world.page(&check, &self.clerk).await.body, "form_key");
        let fields = [("form_key", key), ("purpose", "register".to_owned()), ("truth", "yes".to_owned())];
        (check, fields)
    }
}

/// The right form, with one field typed otherwise.
fn typed(wrong: Option<(&'static str, &'static str)>) -> Vec<(&'static str, &'static str)> {
    let right = RIGHT.into_iter().chain([LAST, ("seen", "1")]);
    right.map(|(field, value)| wrong.filter(|(name, _)| *name == field).unwrap_or((field, value))).collect()
}

fn borrowed<'a>(fields: &'a [(&'static str, String); 3]) -> Vec<(&'static str, &'a str)> {
    fields.iter().map(|(name, value)| (*name, value.as_str())).collect()
}

#[tokio::test]
async fn what_is_wrong_is_said_beside_its_field_and_what_was_typed_stays() {
    let scene = Scene::new();
    let before = scene.world.rows();
    for (field, value, said, beside) in WRONG {
        let draft = scene.begun().await;
        let form = format!("{draft}/form");
        let answer = scene.send(&form, &typed(Some((field, value)))).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{field} {value:?}");
        // Once in the summary above, once beside the field.
        assert_eq!(answer.body.matches(said).count(), 2, "{field} {value:?}");
        assert!(answer.body.contains(&format!("href=\"#f-{beside}\"")), "the summary does not lead to {beside}");
        let again = scene.world.page(&form, &scene.clerk).await;
        for (name, kept) in typed(Some((field, value))).into_iter().filter(|(name, _)| *name != "seen") {
            for page in [&answer.body, &again.body] {
                let shown = page.contains(&format!("value=\"{kept}\"")) || page.contains(&format!(">{kept}<"));
                assert!(shown, "what was typed into {name} is gone after a wrong {field}");
            }
        }
    }
    assert_eq!(scene.world.rows(), before, "something was stored");
}

#[tokio::test]
async fn everything_that_is_wrong_is_said_at_once() {
    let scene = Scene::new();
    let draft = scene.begun().await;
    let mut form = typed(Some(("hired_on", "2026-03-11")));
    form.iter_mut().filter(|(name, _)| *name == "phone").for_each(|field| field.1 = "123");
    form.iter_mut().filter(|(name, _)| *name == "name").for_each(|field| field.1 = "");
    let answer = scene.send(&format!("{draft}/form"), &form).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    for said in ["3 处要改", "用工之日还没到", "请填写姓名", "手机号应有 11 位"] {
        assert!(answer.body.contains(said), "it does not say {said}");
    }
}

#[tokio::test]
async fn a_number_of_a_county_that_is_no_more_is_accepted() {
    // 110103 was 崇文区 until 2010.
    let scene = Scene::new();
    let draft = scene.begun().await;
    let answer = scene.send(&format!("{draft}/form"), &typed(Some(("document_number", "11010319800102903X")))).await;
    assert_eq!((answer.status, answer.to), (StatusCode::SEE_OTHER, Some(format!("{draft}/check"))));
}

#[tokio::test]
async fn a_record_does_not_end_before_it_began_nor_far_in_the_future() {
    let scene = Scene::new();
    let (_, draft) = scene.world.drafted();
    for (day, said) in [("2026-01-04", "在登记的开始日期"), ("2026-09-01", "最多提前 30 天申报")] {
        let seen = hidden(&scene.world.page(&format!("{draft}/reason"), &scene.clerk).await.body, "seen");
        let form = [("reason", "agreed/3601"), ("effective_on", day), ("seen", seen.as_str())];
        let answer = scene.send(&format!("{draft}/reason"), &form).await;
        assert_eq!((answer.status, answer.body.matches(said).count()), (StatusCode::UNPROCESSABLE_ENTITY, 2), "{day}");
        assert!(answer.body.contains(day), "what was typed is gone");
    }
}

#[tokio::test]
async fn a_second_request_about_a_record_names_the_first() {
    let scene = Scene::new();
    let before = scene.world.rows();
    let (record, case) = scene.world.asked();
    let answer = scene.send(&format!("/registrations/{record}/ask"), &[]).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(answer.body.contains("没办完的申请"), "{}", answer.body);
    assert!(answer.body.contains(&format!("/cases/{case}")), "no way to the case that is open");
    assert_eq!(scene.world.rows(), before);
}

#[tokio::test]
async fn a_double_click_and_the_back_button_make_one_record() {
    let scene = Scene::new();
    let (check, fields) = scene.checked().await;
    let before = scene.world.rows();
    let form = borrowed(&fields);
    let (first, second) = tokio::join!(scene.send(&check, &form), scene.send(&check, &form));
    let third = scene.send(&check, &form).await;
    for answer in [&first, &second, &third] {
        assert_eq!((answer.status, &answer.to), (StatusCode::SEE_OTHER, &first.to), "{}", answer.body);
    }
    let after = scene.world.rows();
    assert_eq!((after.registrations, after.cases), (before.registrations + 1, before.cases + 1));
}

#[tokio::test]
async fn the_form_of_another_moment_with_the_same_key_is_refused() {
    let scene = Scene::new();
    let (check, mut fields) = scene.checked().await;
    assert_eq!(scene.send(&check, &borrowed(&fields)).await.status, StatusCode::SEE_OTHER);
    fields[1].1 = "ask".to_owned();
    let other = scene.send(&check, &borrowed(&fields)).await;
    assert!(other.status.is_client_error(), "{}", other.status);
}

#[tokio::test]
async fn two_tabs_do_not_overwrite_each_other() {
    let scene = Scene::new();
    let form = format!("{}/form", scene.begun().await);
    let first = scene.send(&form, &typed(Some(("post", "仓库管理员")))).await;
    assert_eq!(first.status, StatusCode::SEE_OTHER);
    let second = scene.send(&form, &typed(Some(("post", "叉车司机")))).await;
    assert_eq!(second.status, StatusCode::CONFLICT);
    assert!(second.body.contains("叉车司机"), "what was typed in the second tab is gone");
    let kept = scene.world.page(&form, &scene.clerk).await.body;
    assert!(kept.contains("仓库管理员") && !kept.contains("叉车司机"), "the second tab overwrote the first");
}

#[tokio::test]
async fn a_form_from_before_signing_in_again_is_explained_and_not_obeyed() {
    let scene = Scene::new();
    let old = Actor { csrf: "0".repeat(scene.clerk.csrf.len()), ..scene.clerk.clone() };
    let before = scene.world.rows();
    let answer = scene.world.post("/registrations/new", &old, &[("kind", "employer")]).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    assert!(answer.body.contains("<h1"), "no page");
    assert_eq!(scene.world.rows(), before);
}

#[tokio::test]
async fn a_verdict_on_a_case_that_moved_is_not_taken() {
    let scene = Scene::new();
    let officer = scene.world.actor(Some(Role::Intake), Relation::Office).unwrap();
    let (_, case) = scene.world.asked();
    let verdict = [("verdict", "accept"), ("seen", "99")];
    let answer = scene.world.post(&format!("/desk/cases/{case}/verdict"), &officer, &verdict).await;
    assert_eq!(answer.status, StatusCode::CONFLICT, "{}", answer.body);
}

/// A Windows program's first bytes.
fn program() -> Vec<u8> {
    [b"MZ\x90\0\x03\0\0\0\x04\0\0\0\xff\xff\0\0".as_slice(), &[0; 4000]].concat()
}

/// A file of this many bytes that is never whole in memory.
fn long(bytes: usize) -> Body {
    const PIECE: usize = 1 << 20;
    Body::from_stream(stream::iter((0..bytes / PIECE).map(|_| Ok::<_, std::io::Error>(vec![b' '; PIECE]))))
}

#[tokio::test]
async fn a_bad_file_is_named_beside_its_material_and_the_good_one_stays() {
    let scene = Scene::new();
    let (actor, draft) = scene.world.drafted();
    let path = format!("{draft}/files/{PAPER}");
    let field = format!("material:{PAPER}");
    let before = scene.world.rows();
    let bad: [(&str, Body, &str); 4] = [
        ("工资表.pdf", Body::from(program()), "里面其实是一个程序"),
        ("空的.pdf", Body::empty(), "“空的.pdf”是空文件"),
        ("太大.pdf", long(200 << 20), "有 200 MB，单个不能超过 10 MB"),
        ("..\\..\\网页.pdf", Body::from("<!doctype html><script>alert(1)</script>"), "里面是网页"),
    ];
    for (name, body, said) in bad {
        let answer = scene.world.upload(&path, &actor, (&field, name), body).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{name}");
        assert_eq!(answer.body.matches(said).count(), 2, "{name}");
        assert!(answer.body.contains("证明.pdf"), "the file that was good is gone");
    }
    assert_eq!(scene.world.rows(), before);
    let good = scene.world.upload(&path, &actor, (&field, "证明二.pdf"), Body::from(PDF)).await;
    assert_eq!(good.status, StatusCode::SEE_OTHER, "{}", good.body);
}
