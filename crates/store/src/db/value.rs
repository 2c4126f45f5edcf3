//! What goes into a statement and what comes out of it.
//!
//! Five kinds, and no conversion between them: what one database would let pass, the other may refuse.

use crate::error::StoreError;

/// A parameter, or a column of a row.
#[derive(Clone, PartialEq, Eq)]
pub enum Value {
    /// Not known, or none.
    Null,
    /// `bigint` on PostgreSQL, `integer` on SQLite.
    Int(i64),
    /// `boolean` on PostgreSQL, `integer` 0 or 1 on SQLite.
    Bool(bool),
    /// `text`.
    Text(String),
    /// `bytea` on PostgreSQL, `blob` on SQLite.
    Bytes(Vec<u8>),
}

impl Value {
    /// The kind, for messages; never the content.
    pub(super) const fn kind(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Int(_) => "an integer",
            Self::Bool(_) => "a boolean",
            Self::Text(_) => "text",
            Self::Bytes(_) => "bytes",
        }
    }
}

// Rows hold personal data, so a debug print shows the kind and not the content.
impl std::fmt::Debug for Value {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.kind())
    }
}

impl From<i64> for Value {
    fn from(value: i64) -> Self {
        Self::Int(value)
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<&str> for Value {
    fn from(value: &str) -> Self {
        Self::Text(value.to_owned())
    }
}

impl From<String> for Value {
    fn from(value: String) -> Self {
        Self::Text(value)
    }
}

impl From<Vec<u8>> for Value {
    fn from(value: Vec<u8>) -> Self {
        Self::Bytes(value)
    }
}

impl From<&[u8]> for Value {
    fn from(value: &[u8]) -> Self {
        Self::Bytes(value.to_vec())
    }
}

impl<T: Into<Self>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

/// One row, read by the position of its column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row(Vec<Value>);

impl Row {
    pub(super) const fn new(columns: Vec<Value>) -> Self {
        Self(columns)
    }

    /// Text that is never null.
    ///
    /// # Errors
    /// [`StoreError::Mismatch`] when the column is missing, null or not text; likewise for the functions below.
    pub fn text(&self, column: usize) -> Result<String, StoreError> {
        self.opt_text(column)?.ok_or_else(|| unexpected_null(column))
    }

    /// Text or null.
    ///
    /// # Errors
    /// As [`Row::text`].
    pub fn opt_text(&self, column: usize) -> Result<Option<String>, StoreError> {
        match self.column(column)? {
            Value::Null => Ok(None),
            Value::Text(text) => Ok(Some(text.clone())),
            other => Err(wrong_kind(column, other, "text")),
        }
    }

    /// An integer that is never null.
    ///
    /// # Errors
    /// As [`Row::text`].
    pub fn int(&self, column: usize) -> Result<i64, StoreError> {
        self.opt_int(column)?.ok_or_else(|| unexpected_null(column))
    }

    /// An integer or null.
    ///
    /// # Errors
    /// As [`Row::text`].
    pub fn opt_int(&self, column: usize) -> Result<Option<i64>, StoreError> {
        match self.column(column)? {
            Value::Null => Ok(None),
            Value::Int(number) => Ok(Some(*number)),
            other => Err(wrong_kind(column, other, "an integer")),
        }
    }

    /// A flag that is never null.
    ///
    /// # Errors
    /// As [`Row::text`].
    pub fn bool(&self, column: usize) -> Result<bool, StoreError> {
        self.opt_bool(column)?.ok_or_else(|| unexpected_null(column))
    }

    /// A flag or null. SQLite keeps flags as 0 and 1.
    ///
    /// # Errors
    /// As [`Row::text`].
    pub fn opt_bool(&self, column: usize) -> Result<Option<bool>, StoreError> {
        match self.column(column)? {
            Value::Null => Ok(None),
            Value::Bool(flag) => Ok(Some(*flag)),
            Value::Int(0) => Ok(Some(false)),
            Value::Int(1) => Ok(Some(true)),
            other => Err(wrong_kind(column, other, "a boolean")),
        }
    }

    /// Bytes that are never null.
    ///
    /// # Errors
    /// As [`Row::text`].
    pub fn bytes(&self, column: usize) -> Result<Vec<u8>, StoreError> {
        self.opt_bytes(column)?.ok_or_else(|| unexpected_null(column))
    }

    /// Bytes or null.
    ///
    /// # Errors
    /// As [`Row::text`].
    pub fn opt_bytes(&self, column: usize) -> Result<Option<Vec<u8>>, StoreError> {
        match self.column(column)? {
            Value::Null => Ok(None),
            Value::Bytes(bytes) => Ok(Some(bytes.clone())),
            other => Err(wrong_kind(column, other, "bytes")),
        }
    }

    fn column(&self, column: usize) -> Result<&Value, StoreError> {
        self.0.get(column).ok_or_else(|| StoreError::Mismatch(format!("column {column} of a row of {}", self.0.len())))
    }
}

fn unexpected_null(column: usize) -> StoreError {
    StoreError::Mismatch(format!("column {column} is null"))
}

fn wrong_kind(column: usize, found: &Value, needed: &str) -> StoreError {
    StoreError::Mismatch(format!("column {column} is {}, not {needed}", found.kind()))
}
