//! The pages on which rules are changed.

use axum::http::StatusCode;
use banjie_app::testing;
use banjie_domain::actor::Role;
use banjie_domain::authorize::Relation;
use jiff::civil::date;

use super::world::{Actor, Stage, World};

/// The pages of one draft, opened by its author.
struct Draft {
    world: World,
    author: Actor,
    at: String,
}

impl Draft {
    async fn begun() -> Self {
        let world = World::at(Stage::Intake);
        let author = world.actor(Some(Role::RegionalAdmin), Relation::Office).unwrap();
        let begun = world.post("/admin/rules", &author, &[("region", "330106"), ("from", "2026-04-01")]).await;
        let at = begun.to.unwrap().trim_end_matches("/edit").to_owned();
        Self { world, author, at }
    }

    async fn saved(&self, version: &str, spot: (&str, &str)) -> (StatusCode, String) {
        let form = [("how", "values"), ("version", version), ("from", "2026-04-01"), ("why", "窗口换了电话"), spot];
        let answer = self.world.post(&format!("{}/edit", self.at), &self.author, &form).await;
        (answer.status, answer.body)
    }
}

#[tokio::test]
async fn a_bad_number_stays_in_its_field_and_an_unsound_one_is_told_in_words() {
    let draft = Draft::begun().await;
    let (status, page) = draft.saved("1", ("rule.0", "三天")).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.contains("value=\"三天\"") && page.contains("窗口换了电话"), "what was typed is lost");
    assert_eq!(draft.saved("1", ("rule.0", "90")).await.0, StatusCode::SEE_OTHER);
    let page = draft.world.page(&draft.at, &draft.author).await.body;
    assert!(page.contains("比上级（330100）定的"), "{page}");
    let (status, page) = draft.saved("1", ("rule.0", "2")).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "it was changed in another window");
    assert!(page.contains("value=\"2\""), "what was typed is lost");
}

#[tokio::test]
async fn who_signs_has_seen_the_trial_and_from_the_day_on_the_guide_says_it() {
    let draft = Draft::begun().await;
    let colleague = {
        let principal = testing::staff(&draft.world.app, Role::RegionalAdmin);
        super::world::signed_in(&draft.world.app, principal)
    };
    draft.saved("1", ("office.0.phone", "0571-88880000")).await;
    let sign = format!("action=\"{}/sign\"", draft.at);
    let tried = format!("{}?try=yes", draft.at);
    for (path, who, offered) in
        [(&draft.at, &colleague, false), (&tried, &draft.author, false), (&tried, &colleague, true)]
    {
        let page = draft.world.page(path, who).await.body;
        assert_eq!(page.contains(&sign), offered, "{path}");
        assert!(page.contains("0571-88880000"));
    }
    let signed = draft.world.post(&format!("{}/sign", draft.at), &colleague, &[("version", "2")]).await;
    assert_eq!(signed.status, StatusCode::SEE_OTHER);
    let phone = |on| draft.world.app.rules.policy("330106", on).unwrap().office().phone.clone();
    assert_eq!([phone(date(2026, 3, 31)), phone(date(2026, 4, 1))], ["0571-12333", "0571-88880000"]);
    let guide = "/guides/330106/employer/end";
    assert!(!draft.world.get(guide).await.body.contains("0571-88880000"));
    draft.world.folder.clock.set("2026-04-01T02:00:00Z".parse().unwrap());
    assert!(draft.world.get(guide).await.body.contains("0571-88880000"));
}
