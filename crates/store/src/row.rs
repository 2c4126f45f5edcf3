//! Reading typed values out of rows. A value that cannot be read means a damaged database, and says which column.

use banjie_domain::history::Hash;
use jiff::civil::Date;

use crate::db::Row;
use crate::error::StoreError;

/// The error for a value that no version of this program wrote.
pub(crate) fn corrupt(what: &str) -> StoreError {
    StoreError::Mismatch(format!("a stored `{what}` cannot be read"))
}

/// A value that knows how to be read from its stored text.
pub(crate) trait FromStored: Sized {
    fn from_stored(text: &str) -> Option<Self>;
}

macro_rules! stored_ids {
    ($($name:ident),+ $(,)?) => {
        $(impl FromStored for banjie_domain::id::$name {
            fn from_stored(text: &str) -> Option<Self> {
                Self::parse(text).ok()
            }
        })+
    };
}

stored_ids!(
    AccountId,
    CaseId,
    DraftId,
    EmployerId,
    EvidenceId,
    JobId,
    NoticeId,
    OfficeId,
    PersonId,
    PolicyRevisionId,
    ProjectId,
    RegistrationId,
    RevisionId,
    RuleChangeId,
    TeamId,
    TokenId,
    WebhookId,
);

impl FromStored for Date {
    fn from_stored(text: &str) -> Option<Self> {
        text.parse().ok()
    }
}

fn read<T: FromStored>(text: &str) -> Result<T, StoreError> {
    T::from_stored(text).ok_or_else(|| corrupt(std::any::type_name::<T>()))
}

pub(crate) fn id<T: FromStored>(row: &Row, at: usize) -> Result<T, StoreError> {
    read(&row.text(at)?)
}

pub(crate) fn opt_id<T: FromStored>(row: &Row, at: usize) -> Result<Option<T>, StoreError> {
    row.opt_text(at)?.as_deref().map(read).transpose()
}

pub(crate) fn date(row: &Row, at: usize) -> Result<Date, StoreError> {
    id(row, at)
}

pub(crate) fn opt_date(row: &Row, at: usize) -> Result<Option<Date>, StoreError> {
    opt_id(row, at)
}

pub(crate) fn hash(row: &Row, at: usize) -> Result<Hash, StoreError> {
    Hash::from_slice(&row.bytes(at)?).ok_or_else(|| corrupt("hash"))
}

pub(crate) fn head(row: &Row, at: usize) -> Result<Hash, StoreError> {
    hash(row, at)
}

pub(crate) fn version(row: &Row, at: usize) -> Result<u64, StoreError> {
    row.int(at)?.try_into().map_err(|_| corrupt("version"))
}
