//! What every page needs around its own content: language, display, navigation, who is signed in, where to get help.
//!
//! It never loads anything: the route hands in what it knows.

use std::sync::Arc;

use askama::Template;
use axum::{
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};

use crate::{
    cookies::Transport,
    csrf,
    fail::Fail,
    prefs::{Prefs, Theme},
    texts::{Texts, Tongue},
};

/// The office that runs this installation, as printed on every page.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OfficeCard {
    /// Its full name.
    pub name: String,
    /// The number to call.
    pub phone: String,
    /// Where its window is.
    pub address: String,
    /// When its window and phone are open.
    pub hours: String,
}

/// What is the same for all pages of this installation.
#[derive(Debug, Clone)]
pub struct Site {
    /// All languages.
    pub texts: Texts,
    /// Who runs it, as it was at the start; for pages that know nothing more.
    pub office: OfficeCard,
    /// The address people use, such as `https://banjie.example.gov.cn`; without a path.
    pub base_url: Option<String>,
    /// Whether it is reached over https.
    pub transport: Transport,
    /// Whether all data is made up.
    pub demo: bool,
}

/// Which set of links stands at the top.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Side {
    /// Nobody is signed in.
    #[default]
    Public,
    /// A person or an employer.
    Applicant,
    /// Someone of the office.
    Staff,
    /// Someone of the office who also manages accounts.
    Admin,
}

/// A page the navigation leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// 办事大厅
    Hall,
    /// 办事指南
    Guides,
    /// 查进度
    Track,
    /// 我的登记, for staff 查登记
    Registrations,
    /// 工地
    Sites,
    /// 我的办件
    Cases,
    /// 消息
    Messages,
    /// 登录
    SignIn,
    /// 审核
    Desk,
    /// 账号
    Accounts,
}

/// The navigation and where in it this page is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Nav {
    /// Whose links.
    pub side: Side,
    /// The current one, if the page belongs to one.
    pub here: Option<Place>,
}

/// One link of the navigation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NavLink<'a> {
    /// Where to.
    pub href: &'static str,
    /// The words.
    pub label: &'a str,
    /// Whether this page is it.
    pub current: bool,
    /// A count beside the words; 0 shows none.
    pub count: usize,
}

/// The signed-in account, as shown at the top.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Who {
    /// The name to show.
    pub display: String,
    /// What they are here as, in the page's language.
    pub role_label: String,
    /// Whether they act or read for an employer, which may be on building sites.
    pub employer: bool,
}

/// Everything around a page's own content. Every page template has it as the field `shell`.
#[derive(Debug, Clone)]
pub struct Shell {
    /// The language of the page.
    pub tongue: Tongue,
    /// Light or dark, when chosen; else the system's.
    pub theme: Option<Theme>,
    /// Large text.
    pub elder: bool,
    /// The path and query to come back to when a display setting changes. A GET address.
    pub path: String,
    /// The navigation.
    pub nav: Nav,
    /// Who is signed in.
    pub who: Option<Who>,
    /// Unread messages.
    pub unread: usize,
    /// The form token of this session, or of the guest.
    pub csrf: String,
    /// The office.
    pub office: Arc<OfficeCard>,
    /// Whether all data is made up.
    pub demo: bool,
}

impl Site {
    /// The shell of a page for someone who is not signed in; builders on [`Shell`] add the rest.
    #[must_use]
    pub fn shell(&self, prefs: &Prefs, path: impl Into<String>) -> Shell {
        Shell {
            tongue: self.texts.lang(prefs.lang.as_deref().unwrap_or_default()),
            theme: prefs.theme,
            elder: prefs.elder,
            path: path.into(),
            nav: Nav::default(),
            who: None,
            unread: 0,
            csrf: String::new(),
            office: Arc::new(self.office.clone()),
            demo: self.demo,
        }
    }
}

impl Shell {
    /// With these links at the top and this one current.
    #[must_use]
    pub fn at(mut self, side: Side, here: Place) -> Self {
        self.nav = Nav { side, here: Some(here) };
        self
    }

    /// With this office on it.
    #[must_use]
    pub fn of_office(mut self, office: Arc<OfficeCard>) -> Self {
        self.office = office;
        self
    }

    /// With somebody signed in.
    #[must_use]
    pub fn signed_in(mut self, who: Who, unread: usize) -> Self {
        self.who = Some(who);
        self.unread = unread;
        self
    }

    /// With the form token of this session.
    #[must_use]
    pub fn with_csrf(mut self, token: impl Into<String>) -> Self {
        self.csrf = token.into();
        self
    }

    /// The text of a key.
    #[must_use]
    pub fn t(&self, key: &str) -> &str {
        self.tongue.t(key)
    }

    /// The text of a key with its placeholders filled.
    #[must_use]
    pub fn fill(&self, key: &str, values: &[(&str, &str)]) -> String {
        self.tongue.fill(key, values)
    }

    /// The language tag for `<html lang>`.
    #[must_use]
    pub fn lang(&self) -> &'static str {
        self.tongue.tag()
    }

    /// Whether the page can be read in another language: those of the office cannot.
    #[must_use]
    pub fn has_other_language(&self) -> bool {
        !matches!(self.nav.side, Side::Staff | Side::Admin)
    }

    /// The hidden field every form that posts must hold.
    #[must_use]
    pub fn csrf_field(&self) -> csrf::HiddenField<'_> {
        csrf::HiddenField { token: &self.csrf }
    }

    /// The links at the top.
    #[must_use]
    pub fn links(&self) -> Vec<NavLink<'_>> {
        use Place::{Accounts, Cases, Desk, Guides, Hall, Messages, Registrations, SignIn, Sites, Track};
        let places: &[Place] = match self.nav.side {
            Side::Public => &[Hall, Guides, Track, SignIn],
            Side::Applicant if self.who.as_ref().is_some_and(|who| who.employer) => {
                &[Hall, Registrations, Sites, Cases, Messages]
            }
            Side::Applicant => &[Hall, Registrations, Cases, Messages],
            Side::Staff => &[Desk, Registrations, Sites, Messages],
            Side::Admin => &[Accounts],
        };
        places.iter().map(|place| self.link(*place)).collect()
    }

    fn link(&self, place: Place) -> NavLink<'_> {
        let office = matches!(self.nav.side, Side::Staff | Side::Admin);
        let (href, label) = match place {
            Place::Hall => ("/", self.t("shell.nav.hall")),
            Place::Guides => ("/guides", self.t("shell.nav.guides")),
            Place::Track => ("/track", self.t("shell.nav.track")),
            Place::Registrations if office => ("/registrations", self.t("shell.nav.find")),
            Place::Registrations => ("/registrations", self.t("shell.nav.registrations")),
            Place::Sites => ("/sites", self.t("shell.nav.sites")),
            Place::Cases => ("/cases", self.t("shell.nav.cases")),
            Place::Messages => ("/messages", self.t("shell.nav.messages")),
            Place::SignIn => ("/sign-in", self.t("shell.nav.sign-in")),
            Place::Desk => ("/desk", self.t("shell.nav.desk")),
            Place::Accounts => ("/admin/accounts", self.t("shell.nav.accounts")),
        };
        NavLink {
            href,
            label,
            current: self.nav.here == Some(place),
            count: if place == Place::Messages { self.unread } else { 0 },
        }
    }
}

/// A page with status 200.
pub fn page(template: &impl Template) -> Response {
    page_as(StatusCode::OK, template)
}

/// A page with a status of its own, such as 422 for a form that has to be corrected.
pub fn page_as(status: StatusCode, template: &impl Template) -> Response {
    match template.render() {
        Ok(html) => (status, [(header::CONTENT_TYPE, "text/html; charset=utf-8")], html).into_response(),
        Err(error) => Fail::from(anyhow::Error::new(error).context("render a page")).into_response(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn site() -> Site {
        Site {
            texts: Texts::load().unwrap(),
            office: OfficeCard::default(),
            base_url: None,
            transport: Transport::Plain,
            demo: false,
        }
    }

    #[test]
    fn an_applicant_sees_their_own_links_and_the_unread_count() {
        let who = Who { display: "甲".into(), role_label: "个人".into(), employer: false };
        let shell = site().shell(&Prefs::default(), "/cases").at(Side::Applicant, Place::Cases).signed_in(who, 3);
        let links = shell.links();
        assert_eq!(
            links.iter().map(|link| link.href).collect::<Vec<_>>(),
            ["/", "/registrations", "/cases", "/messages"]
        );
        assert_eq!(links.iter().filter(|link| link.current).map(|link| link.href).collect::<Vec<_>>(), ["/cases"]);
        assert_eq!(links.last().map(|link| link.count), Some(3));
    }

    #[test]
    fn only_an_administrator_sees_the_accounts() {
        let shell = site().shell(&Prefs::default(), "/desk");
        let has = |shell: &Shell| shell.links().iter().any(|link| link.href == "/admin/accounts");
        assert!(!has(&shell.clone().at(Side::Staff, Place::Desk)));
        assert!(has(&shell.at(Side::Admin, Place::Desk)));
    }

    #[derive(Template)]
    #[template(source = "{% extends \"desk_layout.html\" %}{% block title %}审核{% endblock %}", ext = "html")]
    struct DeskPage<'a> {
        shell: &'a Shell,
    }

    #[test]
    fn the_desk_shows_who_works_there_and_a_way_out() {
        let who = Who { display: "周敏".into(), role_label: "初审".into(), employer: false };
        let token = "0123456789abcdef0123456789abcdef";
        let prefs = Prefs { theme: Some(Theme::Dark), elder: true, lang: None };
        let shell = site().shell(&prefs, "/desk").at(Side::Staff, Place::Desk).signed_in(who, 2).with_csrf(token);
        let html = DeskPage { shell: &shell }.render().unwrap();
        assert!(html.contains("<html lang=\"zh-CN\" data-theme=\"dark\" data-mode=\"elder\">"), "{html}");
        assert!(html.contains("周敏") && html.contains("action=\"/sign-out\""));
        assert!(html.contains(&format!("name=\"csrf\" value=\"{token}\"")));
        assert!(html.contains("<a href=\"/desk\" aria-current=\"page\">"));
    }
}
