//! Values and rows, the same for both databases.

use std::fmt::Display;
use std::sync::Arc;

use jiff::Timestamp;
use rusqlite::ToSql;
use rusqlite::types::{ToSqlOutput, Value as SqliteValue, ValueRef};
use serde::Serialize;
use serde::de::DeserializeOwned;
use sqlx::postgres::{PgArguments, PgRow};
use sqlx::query::Query;
use sqlx::{Postgres, Row as _};

use crate::store::StoreError;

/// A value of a statement. A null has a type too, because PostgreSQL needs one.
#[derive(Debug, Clone)]
pub(in crate::store) enum Value {
    Number(Option<i64>),
    Text(Option<String>),
    Bytes(Option<Vec<u8>>),
}

macro_rules! value_from {
    ($($type:ty => $variant:ident: $convert:expr;)+) => {$(
        impl From<$type> for Value {
            fn from(value: $type) -> Self {
                Some(value).into()
            }
        }

        impl From<Option<$type>> for Value {
            fn from(value: Option<$type>) -> Self {
                Self::$variant(value.map($convert))
            }
        }
    )+};
}

value_from! {
    i64 => Number: std::convert::identity;
    u32 => Number: i64::from;
    Timestamp => Number: Timestamp::as_millisecond;
    &str => Text: str::to_owned;
    String => Text: std::convert::identity;
    &[u8] => Bytes: <[u8]>::to_vec;
}

/// The values of a statement, in the order of `$1`, `$2` …
macro_rules! values {
    ($($value:expr),* $(,)?) => { vec![$($crate::store::database::Value::from($value)),*] };
}
pub(in crate::store) use values;

/// A value as the JSON text of a column.
pub(in crate::store) fn json(row: &str, id: &str, value: &impl Serialize) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|error| StoreError::corrupt(row, id, &error))
}

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

/// A row of a result.
#[derive(Debug)]
pub(in crate::store) enum Row {
    Sqlite(SqliteRow),
    Postgres(PgRow),
}

/// A row from SQLite, with the names of its columns.
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
    ($($name:ident -> $type:ty = $($pattern:pat => $found:expr),+;)+) => {$(
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
        number -> i64 = SqliteValue::Integer(number) => *number;
        optional_number -> Option<i64> =
            SqliteValue::Integer(number) => Some(*number), SqliteValue::Null => None;
        text -> String = SqliteValue::Text(text) => text.clone();
        optional_text -> Option<String> =
            SqliteValue::Text(text) => Some(text.clone()), SqliteValue::Null => None;
        optional_bytes -> Option<Vec<u8>> =
            SqliteValue::Blob(bytes) => Some(bytes.clone()), SqliteValue::Null => None;
    }

    pub(in crate::store) fn timestamp(&self, column: &str) -> Result<Timestamp, StoreError> {
        self.number(column).map(timestamp)
    }

    pub(in crate::store) fn optional_timestamp(&self, column: &str) -> Result<Option<Timestamp>, StoreError> {
        Ok(self.optional_number(column)?.map(timestamp))
    }

    pub(in crate::store) fn json<T: DeserializeOwned>(&self, column: &str) -> Result<T, StoreError> {
        self.parsed(column, |text| serde_json::from_str(text))
    }

    pub(in crate::store) fn optional_json<T: DeserializeOwned>(
        &self,
        column: &str,
    ) -> Result<Option<T>, StoreError> {
        self.optional_parsed(column, |text| serde_json::from_str(text))
    }

    pub(in crate::store) fn parsed<T, E: Display>(
        &self,
        column: &str,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Result<T, StoreError> {
        parse(&self.text(column)?).map_err(|error| StoreError::corrupt("column", column, &error))
    }

    pub(in crate::store) fn optional_parsed<T, E: Display>(
        &self,
        column: &str,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Result<Option<T>, StoreError> {
        let text = self.optional_text(column)?;
        let parsed = text.as_deref().map(parse).transpose();
        parsed.map_err(|error| StoreError::corrupt("column", column, &error))
    }
}

fn timestamp(milliseconds: i64) -> Timestamp {
    Timestamp::from_millisecond(milliseconds).unwrap_or_default()
}
