//! Every page of the committed table of routes, looked at by axe-core at both widths.

use std::collections::BTreeSet;

use anyhow::{Context as _, Result, ensure};
use fantoccini::Locator;
use tokio::runtime::Builder;

use crate::stage::Stage;
use crate::support::{Chrome, Database, Options, Server, project};

/// What answers with something else than a page.
const NO_PAGES: [&str; 4] = ["/livez", "/readyz", "/assets/{prefix}/{*name}", "/files/{id}"];

const CERTIFICATE: &str = "解除或者终止劳动合同的证明";

/// The pages that the table of routes names.
fn listed() -> Result<BTreeSet<String>> {
    let table = std::fs::read_to_string(project().join("docs/routes.csv"))?;
    let routes = table.lines().filter_map(|line| line.strip_prefix("GET,")?.split(',').next());
    Ok(routes.filter(|route| !NO_PAGES.contains(route)).map(str::to_owned).collect())
}

/// A walk that notes which pages it looked at.
struct Walk<'a> {
    stage: &'a Stage,
    seen: BTreeSet<String>,
}

impl Walk<'_> {
    /// Looks at the page that is shown, under the name of its route.
    async fn look(&mut self, route: &str) -> Result<()> {
        self.stage.heading().await.with_context(|| route.to_owned())?;
        self.stage.is_sound().await?;
        let name = route.trim_matches('/').replace(['/', '{', '}'], "-");
        self.stage.screenshot(&format!("page-{name}")).await?;
        self.seen.insert(route.to_owned());
        Ok(())
    }

    async fn open(&mut self, route: &str, path: &str) -> Result<()> {
        self.stage.open(path).await?;
        self.look(route).await
    }

    /// Opens pages whose addresses hold no id.
    async fn open_all(&mut self, routes: &[&str]) -> Result<()> {
        for route in routes {
            self.open(route, route).await?;
        }
        Ok(())
    }

    /// The first link on the page that is shown to an address with this beginning.
    async fn link(&self, beginning: &str) -> Result<String> {
        let found = self.stage.client().find_all(Locator::Css("main a[href]")).await?;
        for link in found {
            if let Some(to) = link.attr("href").await?.filter(|to| to.starts_with(beginning)) {
                return Ok(to);
            }
        }
        anyhow::bail!("no link to `{beginning}…` on {}", self.stage.path().await?)
    }

    async fn guest(&mut self) -> Result<()> {
        self.open_all(&["/", "/components", "/track", "/sign-in", "/activate", "/guides", "/rules", "/api"]).await?;
        self.open("/guides/{region}/{kind}/{act}", "/guides/330106/employer/end?reason=3601").await?;
        self.stage.open("/there-is-no-such-page").await?;
        self.stage.stands_at("没有找到这一页").await
    }

    async fn applicant(&mut self) -> Result<()> {
        self.stage.sign_in("danwei").await?;
        self.open_all(&[
            "/registrations",
            "/registrations/new",
            "/cases",
            "/deadlines",
            "/messages",
            "/keys",
            "/webhooks",
        ])
        .await?;
        self.stage.open("/registrations").await?;
        let record = self.link("/registrations/reg_").await?;
        self.stage.fill("按登记编号或者姓名找", "孙").await?;
        self.stage.press("找一找").await?;
        self.look("/registrations/found/{handle}").await?;
        self.open("/registrations/{id}", &record).await?;
        self.stage.open("/cases").await?;
        let case = self.link("/cases/case_").await?;
        self.open("/cases/{id}", &case).await?;
        self.open("/cases/{id}/receipt", &format!("{case}/receipt")).await?;
        let (number, code) = self.number_and_code().await?;
        self.open("/cases/{id}/withdraw", &format!("{case}/withdraw")).await?;
        self.drafts().await?;
        self.stage.forget_cookies().await?;
        self.stage.open("/track").await?;
        self.stage.fill("申请编号", &number).await?;
        self.stage.fill("查询码", &code).await?;
        self.stage.press("查进度").await?;
        self.look("/track/case").await
    }

    /// Read from the receipt that is shown.
    async fn number_and_code(&self) -> Result<(String, String)> {
        let text = self.stage.text().await?;
        let after = |label: &str| {
            let (_, rest) = text.split_once(label)?;
            rest.lines().map(str::trim).find(|line| line.starts_with(|sign: char| sign.is_ascii_digit()))
        };
        let number = after("申请编号").context("the receipt has no number")?;
        let code = after("查询码").context("the receipt has no code")?;
        Ok((number.to_owned(), code.to_owned()))
    }

    async fn drafts(&mut self) -> Result<()> {
        let stage = self.stage;
        stage.open("/registrations/new").await?;
        stage.choose("单位用工备案").await?;
        stage.press("开始填写").await?;
        self.look("/drafts/{id}/form").await?;
        stage.open("/registrations").await?;
        stage.within("孙志远").press("终止、撤销、更正").await?;
        self.look("/drafts/{id}/reason").await?;
        stage.choose("双方商量好，不干了：员工提出不干了，双方商量好").await?;
        stage.fill("从哪一天起", "2026-11-20").await?;
        stage.press("继续，去传材料").await?;
        self.look("/drafts/{id}/materials").await?;
        stage.within(CERTIFICATE).press("上传这一份").await?;
        stage.reads(&["还没有选文件"]).await?;
        self.look("/drafts/{id}/files/{material}").await?;
        stage.hand_in(CERTIFICATE, "证明.pdf").await?;
        stage.is_sound().await?;
        stage.press("继续，去核对").await?;
        self.look("/drafts/{id}/check").await?;
        let path = stage.path().await?.replace("/check", "/discard");
        self.open("/drafts/{id}/discard", &path).await?;
        stage.open("/registrations").await?;
        stage.within("歐陽嘉欣").press("终止、撤销、更正").await?;
        stage.choose("人还在干，就是信息登错了：登记的内容写错了").await?;
        stage.press("继续，去传材料").await?;
        self.look("/drafts/{id}/correct").await
    }

    async fn site(&mut self) -> Result<()> {
        self.stage.sign_in("fenbao").await?;
        self.open_all(&["/sites", "/sites/new"]).await?;
        self.stage.open("/sites").await?;
        let project = self.link("/sites/prj_").await?;
        self.open("/sites/{id}", &project).await?;
        let team = self.link("/teams/tea_").await?;
        self.open("/teams/{id}", &team).await
    }

    /// The same pages in English, for a foreign worker and for a firm's clerk.
    async fn english(&mut self) -> Result<()> {
        self.stage.sign_in("danwei").await?;
        self.stage.press("English").await?;
        for page in
            ["/", "/track", "/registrations", "/registrations/new", "/cases", "/deadlines", "/messages", "/sites"]
        {
            self.stage.open(page).await?;
            self.reads_english().await?;
        }
        for page in ["/guides", "/guides/330106/employer/end", "/guides/330106/flexible/close", "/rules"] {
            self.stage.open(page).await?;
            self.stage.is_sound().await?;
        }
        self.stage.open("/cases").await?;
        let case = self.link("/cases/case_").await?;
        for page in [case.clone(), format!("{case}/receipt")] {
            self.stage.open(&page).await?;
            self.reads_english().await?;
        }
        Ok(())
    }

    /// A heading that was left in Chinese is a page that nobody translated.
    async fn reads_english(&self) -> Result<()> {
        let heading = self.stage.heading().await?;
        let han = |sign: char| ('\u{4E00}'..='\u{9FFF}').contains(&sign);
        ensure!(!heading.contains(han), "{} is headed `{heading}`", self.stage.path().await?);
        self.stage.is_sound().await
    }

    async fn office(&mut self) -> Result<()> {
        self.stage.sign_in("chushen").await?;
        self.open("/desk", "/desk").await?;
        let case = self.link("/desk/cases/").await?;
        self.open("/desk/cases/{id}", &case).await?;
        self.stage.sign_in("guanli").await?;
        self.open_all(&["/admin/accounts", "/admin/accounts/new", "/admin/offices", "/admin/rules"]).await?;
        self.rules().await
    }

    /// One administrator drafts; another sees the trial and signs.
    async fn rules(&mut self) -> Result<()> {
        self.stage.fill("哪里的规则", "浙江省杭州市西湖区").await?;
        self.stage.fill("哪天起生效", "2031-01-06").await?;
        self.stage.press("起草改动").await?;
        self.look("/admin/rules/{id}/edit").await?;
        self.stage.fill("为什么改", "窗口换了电话").await?;
        self.stage.fill("电话", "0571-88880000").await?;
        self.stage.press("存好，看会影响什么").await?;
        self.look("/admin/rules/{id}").await?;
        let change = self.stage.path().await?;
        self.stage.sign_in("guanli2").await?;
        self.stage.open(&change).await?;
        self.stage.follow("在已有的办件上试算").await?;
        self.stage.is_sound().await?;
        self.stage.press("看过了，签署").await?;
        ensure!(self.stage.says("已签署，等生效").await?, "the change is signed");
        self.stage.is_sound().await
    }
}

async fn every_page(stage: &Stage) -> Result<()> {
    let mut walk = Walk { stage, seen: BTreeSet::new() };
    walk.guest().await?;
    walk.applicant().await?;
    walk.site().await?;
    walk.office().await?;
    walk.english().await?;
    // Seen by the test of a new installation.
    walk.seen.insert("/set-up".to_owned());
    ensure!(walk.seen == listed()?, "not looked at: {:?}", listed()?.difference(&walk.seen).collect::<Vec<_>>());
    Ok(())
}

/// What the first administrator of a new installation meets.
async fn first_page(chrome: &Chrome) -> Result<()> {
    chrome.open("/set-up").await?;
    ensure!(chrome.heading().await? == "第一次启动：建机构和管理员", "a new installation asks to be set up");
    chrome.is_sound().await?;
    chrome.screenshot("page-set-up").await?;
    chrome.press("建好，去登录").await?;
    chrome.is_sound().await
}

#[test]
fn axe_finds_nothing_on_the_first_page_of_a_new_installation() -> Result<()> {
    let server = Server::start_new(Database::Sqlite)?;
    let runtime = Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        for options in [Options::PHONE, Options::DESK] {
            first_page(&Chrome::start(options, server.address()).await?).await?;
        }
        Ok(())
    })
}

macro_rules! looked_at {
    ($($name:ident: $options:expr;)+) => {$(
        #[test]
        fn $name() -> Result<()> {
            Stage::play(Database::Sqlite, $options, every_page)
        }
    )+};
}

looked_at! {
    axe_finds_nothing_on_any_page_at_a_phones_width: Options::PHONE;
    axe_finds_nothing_on_any_page_at_a_desks_width: Options::DESK;
    axe_finds_nothing_on_any_dark_page_at_a_phones_width: Options::PHONE.looking("dark");
    axe_finds_nothing_on_any_dark_page_at_a_desks_width: Options::DESK.looking("dark");
    axe_finds_nothing_on_any_page_in_large_text_at_a_phones_width: Options::PHONE.looking("light.elder");
    axe_finds_nothing_on_any_page_in_large_text_at_a_desks_width: Options::DESK.looking("light.elder");
    axe_finds_nothing_on_any_page_at_320_px: Options::NARROW;
    axe_finds_nothing_on_any_page_at_1680_px: Options::WIDE;
}
