//! From a handler into the service and back.
//!
//! Use cases block, so they run on a blocking thread; once started they run to their end, even when the client has
//! gone: a blocking task cannot be cancelled.

use std::sync::Arc;

use banjie_app::app::App;
use banjie_app::error::{AppError, Outcome};
use banjie_domain::refusal::Refusal;

use crate::fail::Fail;
use crate::shell::Shell;

/// How long a caller is asked to wait when too much is going on, seconds.
const COME_BACK: u32 = 5;

/// Runs a use case.
///
/// # Errors
/// The use case's own; a panic in it is a fault.
pub async fn blocking<T: Send + 'static>(
    app: &Arc<App>,
    work: impl FnOnce(&App) -> Outcome<T> + Send + 'static,
) -> Result<T, AppError> {
    let app = Arc::clone(app);
    match tokio::task::spawn_blocking(move || work(&app)).await {
        Ok(done) => done,
        Err(_) => Err(AppError::Fault(anyhow::anyhow!("a use case panicked"))),
    }
}

impl From<AppError> for Fail {
    fn from(error: AppError) -> Self {
        match error {
            AppError::Refused(refusal) => Self::unprocessable(refusal.code()),
            AppError::NotFound => Self::not_found(),
            AppError::Conflict => Self::conflict(),
            AppError::Busy | AppError::Unknown => Self::busy(COME_BACK),
            AppError::Fault(error) => Self::from(error),
        }
    }
}

/// The words of a refusal that belongs to no field: what stands in the way, and what to do.
#[must_use]
pub fn refusal_words(shell: &Shell, refusal: &Refusal) -> (String, String) {
    let code = refusal.code();
    let values: Vec<(&str, &str)> = match refusal {
        Refusal::MayNotFile { basis } => vec![("basis", basis.as_str())],
        _ => Vec::new(),
    };
    (shell.fill(&format!("refusal.{code}"), &values), shell.fill(&format!("refusal.{code}.next"), &values))
}

/// A failed use case as a page inside the visitor's navigation, in words.
#[must_use]
pub fn failed(shell: &Shell, error: AppError) -> Fail {
    if let AppError::Refused(refusal) = &error {
        let (what, next) = refusal_words(shell, refusal);
        return Fail::unprocessable(what).then(next).within(shell);
    }
    Fail::from(error).within(shell)
}
