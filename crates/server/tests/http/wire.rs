//! How a browser's requests reach the service, and what comes back.

use axum::body::Body;
use axum::http::request::Builder;
use axum::http::{HeaderMap, Request, StatusCode, header};
use banjie_app::query::search::{Sought, seek};
use banjie_app::usecase::desk::open_case;
use banjie_domain::id::CaseId;
use futures_util::{StreamExt as _, stream};
use tower::ServiceExt as _;

use super::routes::Route;
use super::world::{Actor, Ids, PAPER, World};

/// How the service answered.
pub struct Answer {
    pub status: StatusCode,
    pub to: Option<String>,
    pub headers: HeaderMap,
    pub body: String,
    ids: Ids,
}

impl Answer {
    /// Whether it was sent to sign in, or told that nothing is there.
    pub fn denied(&self) -> bool {
        self.status == StatusCode::NOT_FOUND || self.to.as_ref().is_some_and(|to| to.starts_with("/sign-in?next"))
    }

    /// Whether a step was done, and the next page follows.
    pub fn went_on(&self) -> bool {
        self.status == StatusCode::SEE_OTHER && !self.denied()
    }

    /// Everything the answer tells, except what the asker knew, the ids in the address, and the number of this answer,
    /// which is another one each time.
    pub fn told(&self) -> (StatusCode, String) {
        let body = self.body.replace(&self.ids.id, "ID").replace(&self.ids.file, "FILE");
        let number = body.split_once("<b class=\"num\">").and_then(|(_, rest)| rest.split_once("</b>"));
        let told = number.map_or_else(|| body.clone(), |(number, _)| body.replace(number, "NUMBER"));
        (self.status, told)
    }
}

impl World {
    /// The version an officer who opens the case now sees.
    fn seen(&self, actor: &Actor, id: &str) -> String {
        let case = CaseId::parse(id).ok();
        let view = actor.principal.as_ref().zip(case).and_then(|(who, case)| open_case(&self.app, who, &case).ok());
        view.map_or(1, |view| view.version).to_string()
    }

    /// The handle to a search that this actor made; an employer's is the only one there is.
    fn handle(&self, actor: &Actor) -> String {
        let sought = actor.principal.as_ref().map(|who| seek(&self.app, who, "王秀英"));
        if let Some(Ok(Sought::Name(handle))) = sought { handle } else { "00".to_owned() }
    }

    /// Sends what the route wants.
    pub async fn send(&self, route: &Route, actor: &Actor, ids: &Ids) -> Answer {
        let path = route.path.replace("{id}", &ids.id).replace("{material}", PAPER).replace("{file}", &ids.file);
        let path = path.replace("{region}/{kind}/{act}", "330106/employer/end");
        let path = path.replace("{handle}", &self.handle(actor));
        let path = path.replace("{prefix}/{*name}", banjie_web::assets::url("base.css").trim_start_matches("/assets/"));
        if route.method == "GET" {
            return self.get_as(&path, actor, ids).await;
        }
        let seen = self.seen(actor, &ids.id);
        let pairs = [("seen", seen.as_str())].into_iter().chain(route.form.iter().copied());
        self.post_as(&path, actor, pairs, ids).await
    }

    /// Sends a form as this actor's browser does, with the token of its page.
    pub async fn post(&self, path: &str, actor: &Actor, pairs: &[(&str, &str)]) -> Answer {
        self.post_as(path, actor, pairs.iter().copied(), &Ids::none()).await
    }

    async fn post_as<'a>(
        &self,
        path: &str,
        actor: &Actor,
        pairs: impl Iterator<Item = (&'a str, &'a str)>,
        ids: &Ids,
    ) -> Answer {
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.append_pair("csrf", &actor.csrf).extend_pairs(pairs);
        let request = Self::request(path, actor, "application/x-www-form-urlencoded");
        self.answer(request.body(Body::from(form.finish())).unwrap(), ids).await
    }

    /// Sends a body as it is, such as no browser makes.
    pub async fn post_encoded(&self, path: &str, actor: &Actor, body: String) -> Answer {
        let request = Self::request(path, actor, "application/x-www-form-urlencoded");
        self.answer(request.body(Body::from(body)).unwrap(), &Ids::none()).await
    }

    /// Sends a form with one file, as it would come through a socket: in pieces.
    pub async fn upload(&self, path: &str, actor: &Actor, (field, name): (&str, &str), file: Body) -> Answer {
        let head = format!(
            "--cut\r\nContent-Disposition: form-data; name=\"csrf\"\r\n\r\n{}\r\n--cut\r\n\
             Content-Disposition: form-data; name=\"{field}\"; filename=\"{name}\"\r\n\
             Content-Type: application/pdf\r\n\r\n",
            actor.csrf
        );
        let (before, after) = (Body::from(head), Body::from("\r\n--cut--\r\n"));
        let pieces = stream::iter([before, file, after]).flat_map(Body::into_data_stream);
        let request = Self::request(path, actor, "multipart/form-data; boundary=cut");
        self.answer(request.body(Body::from_stream(pieces)).unwrap(), &Ids::none()).await
    }

    fn request(path: &str, actor: &Actor, kind: &str) -> Builder {
        Request::post(path)
            .header("sec-fetch-site", "same-origin")
            .header(header::COOKIE, &actor.cookie)
            .header(header::CONTENT_TYPE, kind)
    }

    /// Opens a page as this actor.
    pub async fn page(&self, path: &str, actor: &Actor) -> Answer {
        self.get_as(path, actor, &Ids::none()).await
    }

    /// Opens a page without an account.
    pub async fn get(&self, path: &str) -> Answer {
        self.page(path, &self.guest).await
    }

    async fn get_as(&self, path: &str, actor: &Actor, ids: &Ids) -> Answer {
        let request = Request::get(path).header(header::COOKIE, &actor.cookie).body(Body::empty()).unwrap();
        self.answer(request, ids).await
    }

    async fn answer(&self, request: Request<Body>, ids: &Ids) -> Answer {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let to = response.headers().get(header::LOCATION).map(|to| to.to_str().unwrap().to_owned());
        let (status, headers) = (response.status(), response.headers().clone());
        let body = axum::body::to_bytes(response.into_body(), 4 << 20).await.unwrap();
        Answer { status, to, headers, body: String::from_utf8_lossy(&body).into_owned(), ids: ids.clone() }
    }
}
