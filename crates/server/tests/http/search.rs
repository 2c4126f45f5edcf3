//! Finding people by name, as a browser does it: what stands in addresses and on pages, and what does not.

use axum::http::StatusCode;
use banjie_domain::actor::Role;
use banjie_domain::authorize::Relation;

use super::wire::Answer;
use super::world::{Actor, Stage, World};

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

    async fn search(&self, actor: &Actor, typed: &str) -> Answer {
        self.world.post("/registrations/search", actor, &[("find", typed)]).await
    }

    /// The list a name leads to.
    async fn found(&self, typed: &str) -> Answer {
        let to = self.search(&self.clerk, typed).await.to.unwrap();
        self.world.page(&to, &self.clerk).await
    }
}

#[tokio::test]
async fn a_name_leads_to_a_list_and_stands_in_no_address_and_no_title() {
    let scene = Scene::new();
    let answer = scene.search(&scene.clerk, " 王秀英 ").await;
    let to = answer.to.unwrap();
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    assert!(to.starts_with("/registrations/found/") && to.bytes().all(|byte| byte.is_ascii_graphic()), "{to}");
    assert!(!to.contains("%E7"), "{to}");
    let page = scene.world.page(&to, &scene.clerk).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.body.contains("<h2>王秀英</h2>") && !page.body.contains("李国强"), "{}", page.body);
    let (_, title) = page.body.split_once("<title>").unwrap();
    assert!(!title.split_once("</title>").unwrap().0.contains("王秀英"));
    let pieces = scene.found("小").await;
    assert!(pieces.body.contains("<h2>赵小满</h2>") && pieces.body.contains("姓名里有“小”的"), "{}", pieces.body);
}

#[tokio::test]
async fn what_is_found_opens_for_nobody_else() {
    let scene = Scene::new();
    let to = scene.search(&scene.clerk, "王秀英").await.to.unwrap();
    let other = scene.world.actor(Some(Role::EmployerClerk), Relation::None).unwrap();
    let (turned, broken) = (scene.world.page(&to, &other).await, scene.world.page(&to[..to.len() - 2], &other).await);
    assert_eq!((turned.status, turned.to.as_deref()), (StatusCode::SEE_OTHER, Some("/registrations?over=1")));
    assert_eq!(turned.told(), broken.told());
    assert!(scene.world.page("/registrations?over=1", &other).await.body.contains("只留半小时"));
    let worker = scene.world.actor(Some(Role::Person), Relation::OtherSide).unwrap();
    assert_eq!(scene.world.page(&to, &worker).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_search_that_can_find_nothing_says_why_and_keeps_what_was_typed() {
    let scene = Scene::new();
    for (typed, said) in [
        ("", "请输入登记编号或者姓名"),
        ("王\u{200B}", "看不见的符号"),
        ("王<b>", "不是姓名用字"),
        ("DJ-0000-0000-0000-00", "没有找到这个编号"),
    ] {
        let answer = scene.search(&scene.clerk, typed).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{typed:?}");
        assert!(answer.body.contains(said), "{typed:?} is not told {said}");
        let kept = typed.replace('<', "&#60;").replace('>', "&#62;");
        assert!(answer.body.contains(&format!("value=\"{kept}\"")), "{typed:?} is gone");
    }
    let none = scene.found("张三").await;
    assert!(none.body.contains("没有找到") && none.body.contains("value=\"张三\""), "{}", none.body);
}

#[tokio::test]
async fn who_is_no_employer_is_asked_for_a_number() {
    let scene = Scene::new();
    for (role, at) in [(Role::Person, Relation::OtherSide), (Role::Intake, Relation::Office)] {
        let actor = scene.world.actor(Some(role), at).unwrap();
        assert!(!scene.world.page("/registrations", &actor).await.body.contains("或者姓名"));
        let answer = scene.search(&actor, "王秀英").await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{role:?}");
        assert!(answer.body.contains("没有找到这个编号"), "{role:?}");
    }
    assert!(scene.world.page("/registrations", &scene.clerk).await.body.contains("按登记编号或者姓名找"));
}
