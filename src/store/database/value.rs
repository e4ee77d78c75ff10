//! Values and rows, the same for both databases.

use std::sync::Arc;

use rusqlite::ToSql;
use rusqlite::types::{ToSqlOutput, Value as SqliteValue, ValueRef};
use sqlx::postgres::{PgArguments, PgRow};
use sqlx::query::Query;
use sqlx::{Postgres, Row as _};

use crate::store::StoreError;

/// A value that goes into a statement. An empty one still has its type: PostgreSQL wants to know.
#[derive(Debug, Clone)]
pub(in crate::store) enum Value {
    Number(Option<i64>),
    Text(Option<String>),
    Bytes(Option<Vec<u8>>),
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Number(Some(number))
    }
}

impl From<u32> for Value {
    fn from(number: u32) -> Self {
        Self::Number(Some(number.into()))
    }
}

impl From<Option<i64>> for Value {
    fn from(number: Option<i64>) -> Self {
        Self::Number(number)
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(Some(text.to_owned()))
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(Some(text))
    }
}

impl From<Option<String>> for Value {
    fn from(text: Option<String>) -> Self {
        Self::Text(text)
    }
}

impl From<Option<&str>> for Value {
    fn from(text: Option<&str>) -> Self {
        Self::Text(text.map(str::to_owned))
    }
}

impl From<&[u8]> for Value {
    fn from(bytes: &[u8]) -> Self {
        Some(bytes).into()
    }
}

impl From<Option<&[u8]>> for Value {
    fn from(bytes: Option<&[u8]>) -> Self {
        Self::Bytes(bytes.map(<[u8]>::to_vec))
    }
}

/// The values of a statement, in the order of `$1`, `$2` …
macro_rules! values {
    ($($value:expr),* $(,)?) => { vec![$($crate::store::database::Value::from($value)),*] };
}
pub(in crate::store) use values;

impl ToSql for Value {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        let value = match self {
            Self::Number(number) => number.map_or(ValueRef::Null, ValueRef::Integer),
            Self::Text(text) => text.as_ref().map_or(ValueRef::Null, |text| ValueRef::Text(text.as_bytes())),
            Self::Bytes(bytes) => bytes.as_deref().map_or(ValueRef::Null, ValueRef::Blob),
        };
        Ok(ToSqlOutput::Borrowed(value))
    }
}

pub(super) fn postgres(sql: &'static str, values: Vec<Value>) -> Query<'static, Postgres, PgArguments> {
    values.into_iter().fold(sqlx::query(sql), |query, value| match value {
        Value::Number(number) => query.bind(number),
        Value::Text(text) => query.bind(text),
        Value::Bytes(bytes) => query.bind(bytes),
    })
}

/// A row that came back.
#[derive(Debug)]
pub(in crate::store) enum Row {
    Sqlite(SqliteRow),
    Postgres(PgRow),
}

/// A row of SQLite's, with the names of its columns.
#[derive(Debug)]
pub(in crate::store) struct SqliteRow {
    pub(super) columns: Arc<[String]>,
    pub(super) values: Vec<SqliteValue>,
}

impl SqliteRow {
    fn value(&self, column: &str) -> &SqliteValue {
        let at = self.columns.iter().position(|name| name == column);
        at.and_then(|at| self.values.get(at)).unwrap_or(&SqliteValue::Null)
    }
}

macro_rules! columns {
    ($($(#[$doc:meta])* $name:ident -> $type:ty = $($pattern:pat => $found:expr),+;)+) => {$(
        $(#[$doc])*
        pub(in crate::store) fn $name(&self, column: &str) -> Result<$type, StoreError> {
            match self {
                Self::Postgres(row) => Ok(row.try_get(column)?),
                Self::Sqlite(row) => match row.value(column) {
                    $($pattern => Ok($found),)+
                    other => {
                        let what = format!("expected {}, found {}", stringify!($name), other.data_type());
                        Err(StoreError::corrupt("column", column, &what))
                    }
                },
            }
        }
    )+};
}

impl Row {
    columns! {
        /// A number that must be there.
        number -> i64 = SqliteValue::Integer(number) => *number;
        /// A number that may be empty.
        optional_number -> Option<i64> =
            SqliteValue::Integer(number) => Some(*number), SqliteValue::Null => None;
        /// A text that must be there.
        text -> String = SqliteValue::Text(text) => text.clone();
        /// A text that may be empty.
        optional_text -> Option<String> =
            SqliteValue::Text(text) => Some(text.clone()), SqliteValue::Null => None;
        /// Bytes that may be empty.
        optional_bytes -> Option<Vec<u8>> =
            SqliteValue::Blob(bytes) => Some(bytes.clone()), SqliteValue::Null => None;
    }
}
