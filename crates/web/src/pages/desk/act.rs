//! The forms that move a case. What an officer typed is never lost: a form that is refused comes back as it was.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};
use banjie_app::app::App;
use banjie_app::error::{AppError, Outcome};
use banjie_app::query::desk::{CaseView, May, next_case};
use banjie_app::usecase::desk::{self, Step};
use banjie_domain::actor::Principal;
use banjie_domain::case::Case;
use banjie_domain::id::CaseId;
use banjie_domain::problem::FieldProblem;
use banjie_domain::refusal::Refusal;

use super::case::{Look, open, page};
use super::{case_id, form, refusal_note, run, shell_at};
use crate::csrf;
use crate::fail::Fail;
use crate::form::Fields;
use crate::session::{Staff, User};
use crate::shell::Shell;
use crate::state::Web;

/// One form of one officer about one case.
pub(super) struct Desk {
    web: Web,
    shell: Shell,
    who: Principal,
    id: CaseId,
    fields: Fields,
}

impl Desk {
    pub(super) fn new(web: Web, user: &User, id: &str, fields: Fields) -> Result<Self, Fail> {
        csrf::require(&user.shell.csrf, &fields)?;
        let id = case_id(id)?;
        let shell = shell_at(user, &format!("/desk/cases/{}", id.as_str()));
        Ok(Self { web, shell, who: user.signed.principal.clone(), id, fields })
    }

    async fn view(&self) -> Result<CaseView, Fail> {
        open(&self.web, &self.shell, &self.who, &self.id).await
    }

    /// The case as it now stands, with the form as it was and what is wrong with it.
    fn again(&self, view: &CaseView, problems: &[FieldProblem]) -> Response {
        let look = Look { problems, ..Look::of(&self.shell, view, &self.fields) };
        page(StatusCode::UNPROCESSABLE_ENTITY, &look)
    }

    /// The case as it now stands, with the rules' no above it.
    async fn refused(&self, refusal: &Refusal) -> Result<Response, Fail> {
        let view = self.view().await?;
        let status = match refusal {
            Refusal::MovedMeanwhile => StatusCode::CONFLICT,
            _ => StatusCode::UNPROCESSABLE_ENTITY,
        };
        let notes = vec![refusal_note(&self.shell, refusal)];
        Ok(page(status, &Look { notes, ..Look::of(&self.shell, &view, &self.fields) }))
    }

    /// Does one step and says how it ended.
    async fn step(&self, seen: u64, step: Step) -> Result<(), AppError> {
        let (who, id) = (self.who.clone(), self.id.clone());
        run(&self.web, move |app| desk::act(app, &who, &id, seen, &step)).await.map(|_| ())
    }

    /// Says how a step ended that did not end well.
    async fn failed(&self, error: AppError) -> Result<Response, Fail> {
        match error {
            AppError::Refused(Refusal::Answers(problems)) => Ok(self.again(&self.view().await?, &problems)),
            AppError::Refused(refusal) => self.refused(&refusal).await,
            AppError::Conflict => self.refused(&Refusal::MovedMeanwhile).await,
            other => Err(Fail::from(other).within(&self.shell)),
        }
    }

    /// The version the officer saw; an unreadable one is none.
    fn seen(&self) -> u64 {
        self.fields.text("seen").parse().unwrap_or_default()
    }

    /// After one case comes the next; when there is none, the queue.
    async fn next(&self) -> Response {
        let (who, id) = (self.who.clone(), self.id.clone());
        let done = self.id.as_str();
        // The step is done; a queue that cannot be read now is only an inconvenience.
        let to = match run(&self.web, move |app| next_case(app, &who, &id)).await {
            Ok(Some(next)) => format!("/desk/cases/{}?done={done}", next.as_str()),
            Ok(None) | Err(_) => format!("/desk?done={done}"),
        };
        Redirect::to(&to).into_response()
    }

    /// A step after which the officer stays with the case.
    pub(super) async fn press(
        self,
        step: impl FnOnce(&App, &Principal, &CaseId, u64) -> Outcome<Case> + Send + 'static,
    ) -> Result<Response, Fail> {
        let (who, id, seen) = (self.who.clone(), self.id.clone(), self.seen());
        match run(&self.web, move |app| step(app, &who, &id, seen)).await {
            Ok(_) => Ok(Redirect::to(&self.shell.path).into_response()),
            Err(error) => self.failed(error).await,
        }
    }
}

pub(super) async fn verdict(
    State(web): State<Web>,
    Staff(user): Staff,
    Path(id): Path<String>,
    fields: Fields,
) -> Result<Response, Fail> {
    let desk = Desk::new(web, &user, &id, fields)?;
    let view = desk.view().await?;
    if desk.seen() != view.version {
        return desk.refused(&Refusal::MovedMeanwhile).await;
    }
    if view.may == May::default() {
        return Err(Fail::not_found().within(&desk.shell));
    }
    let step = match form::read(&view, &desk.fields) {
        Ok(step) => step,
        Err(problems) => return Ok(desk.again(&view, &problems)),
    };
    if desk.fields.text("go") == "preview" {
        let preview = form::preview(&desk.shell, &view, &step);
        return Ok(page(StatusCode::OK, &Look { preview, ..Look::of(&desk.shell, &view, &desk.fields) }));
    }
    match desk.step(view.version, step).await {
        Ok(()) => Ok(desk.next().await),
        Err(error) => desk.failed(error).await,
    }
}

pub(super) async fn open_second(
    State(web): State<Web>,
    Staff(user): Staff,
    Path(id): Path<String>,
    fields: Fields,
) -> Result<Response, Fail> {
    let open = |app: &App, who: &Principal, id: &CaseId, seen| desk::act(app, who, id, seen, &Step::OpenSecond);
    Desk::new(web, &user, &id, fields)?.press(open).await
}

pub(super) async fn retract(
    State(web): State<Web>,
    Staff(user): Staff,
    Path(id): Path<String>,
    fields: Fields,
) -> Result<Response, Fail> {
    let retract = |app: &App, who: &Principal, id: &CaseId, seen| desk::act(app, who, id, seen, &Step::Retract);
    Desk::new(web, &user, &id, fields)?.press(retract).await
}

pub(super) async fn unmask(
    State(web): State<Web>,
    Staff(user): Staff,
    Path(id): Path<String>,
    fields: Fields,
) -> Result<Response, Fail> {
    let desk = Desk::new(web, &user, &id, fields)?;
    let (who, id, purpose) = (desk.who.clone(), desk.id.clone(), desk.fields.text("purpose").to_owned());
    let shown = run(&desk.web, move |app| desk::unmask(app, &who, &id, &purpose)).await;
    match shown {
        Ok(person) => {
            let view = desk.view().await?;
            Ok(page(StatusCode::OK, &Look { person: Some(person), ..Look::of(&desk.shell, &view, &desk.fields) }))
        }
        Err(error) => desk.failed(error).await,
    }
}
