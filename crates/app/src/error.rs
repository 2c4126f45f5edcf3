//! How a use case can end other than well. Three kinds that are never mixed: refusal, conflict, fault.

use banjie_domain::authorize::Denied;
use banjie_domain::refusal::Refusal;
use banjie_store::error::StoreError;

use crate::password::PasswordError;
use crate::seal::SealError;

/// Why a use case did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// The rules say no; the person sees which one, and what to do.
    #[error("refused: {}", .0.code())]
    Refused(Refusal),
    /// It does not exist, or not for this person: the same answer for both.
    #[error("not found")]
    NotFound,
    /// Somebody was faster; read again.
    #[error("somebody was faster")]
    Conflict,
    /// Too much at once; come back later.
    #[error("busy")]
    Busy,
    /// It may have been stored; asking again with the same key tells.
    #[error("outcome unknown")]
    Unknown,
    /// Our bug or a broken machine. Logged once where it is handled.
    #[error("fault: {0:#}")]
    Fault(anyhow::Error),
}

/// The result of a use case.
pub type Outcome<T> = Result<T, AppError>;

impl From<Refusal> for AppError {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<Denied> for AppError {
    fn from(_: Denied) -> Self {
        Self::NotFound
    }
}

impl From<StoreError> for AppError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Conflict => Self::Conflict,
            StoreError::Busy => Self::Busy,
            StoreError::Unknown => Self::Unknown,
            other => Self::Fault(other.into()),
        }
    }
}

impl From<PasswordError> for AppError {
    fn from(error: PasswordError) -> Self {
        match error {
            PasswordError::Busy => Self::Busy,
            PasswordError::Fault => Self::Fault(anyhow::anyhow!("password hashing failed")),
        }
    }
}

impl From<SealError> for AppError {
    fn from(error: SealError) -> Self {
        Self::Fault(error.into())
    }
}

impl From<anyhow::Error> for AppError {
    fn from(error: anyhow::Error) -> Self {
        Self::Fault(error)
    }
}

/// A fault with a cause in words, for states that cannot be.
pub(crate) fn fault(words: &'static str) -> AppError {
    AppError::Fault(anyhow::anyhow!(words))
}
