//! Parameters and columns in PostgreSQL's binary form.
//!
//! No value is ever converted to fit: a parameter of the wrong kind is refused, as SQLite's strict tables do.

use std::error::Error;

use ::postgres::types::{FromSql, IsNull, ToSql, Type, to_sql_checked};
use bytes::{BufMut, BytesMut};

use super::Value;

type Fault = Box<dyn Error + Sync + Send>;

/// The version byte in front of a `jsonb` in binary form.
const JSONB_VERSION: u8 = 1;

impl ToSql for Value {
    fn to_sql(&self, column: &Type, out: &mut BytesMut) -> Result<IsNull, Fault> {
        match (self, column) {
            (Self::Null, _) => Ok(IsNull::Yes),
            (Self::Int(number), &Type::INT8) => number.to_sql(column, out),
            (Self::Int(number), &Type::INT4) => i32::try_from(*number)?.to_sql(column, out),
            (Self::Int(number), &Type::INT2) => i16::try_from(*number)?.to_sql(column, out),
            (Self::Bool(flag), &Type::BOOL) => flag.to_sql(column, out),
            (Self::Text(text), &Type::TEXT | &Type::VARCHAR | &Type::BPCHAR | &Type::NAME | &Type::UNKNOWN) => {
                text.to_sql(column, out)
            }
            (Self::Text(text), &Type::JSON) => text.to_sql(&Type::TEXT, out),
            (Self::Text(text), &Type::JSONB) => {
                out.put_u8(JSONB_VERSION);
                text.to_sql(&Type::TEXT, out)
            }
            (Self::Bytes(bytes), &Type::BYTEA) => bytes.to_sql(column, out),
            (value, column) => Err(format!("a parameter is {} but the statement wants {column}", value.kind()).into()),
        }
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

impl<'a> FromSql<'a> for Value {
    fn from_sql(column: &Type, raw: &'a [u8]) -> Result<Self, Fault> {
        match *column {
            Type::BOOL => bool::from_sql(column, raw).map(Self::Bool),
            Type::INT2 => i16::from_sql(column, raw).map(|number| Self::Int(number.into())),
            Type::INT4 => i32::from_sql(column, raw).map(|number| Self::Int(number.into())),
            Type::INT8 => i64::from_sql(column, raw).map(Self::Int),
            Type::TEXT | Type::VARCHAR | Type::BPCHAR | Type::NAME | Type::UNKNOWN | Type::JSON => {
                Ok(Self::Text(std::str::from_utf8(raw)?.to_owned()))
            }
            Type::JSONB => match raw {
                [JSONB_VERSION, text @ ..] => Ok(Self::Text(std::str::from_utf8(text)?.to_owned())),
                _ => Err("a jsonb of an unknown version".into()),
            },
            Type::BYTEA => Ok(Self::Bytes(raw.to_vec())),
            _ => Err(format!("a column is {column}, which the store does not read; cast it").into()),
        }
    }

    fn from_sql_null(_: &Type) -> Result<Self, Fault> {
        Ok(Self::Null)
    }

    fn accepts(_: &Type) -> bool {
        true
    }
}
