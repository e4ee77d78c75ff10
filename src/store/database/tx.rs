//! A transaction under way on either database.

use std::pin::Pin;

use sqlx::{Postgres, Transaction};

use super::sqlite_connection::SqliteTx;
use super::value::{self, Row, Value};
use crate::store::StoreError;

/// The PostgreSQL channels that notify other processes of new jobs and of pauses.
pub(in crate::store) const JOBS: &str = "steward_jobs";
pub(in crate::store) const PAUSES: &str = "steward_pauses";

/// A statement that has to be written differently for the two databases.
#[derive(Debug, Clone, Copy)]
pub(in crate::store) struct Sql {
    pub(in crate::store) sqlite: &'static str,
    pub(in crate::store) postgres: &'static str,
}

impl From<&'static str> for Sql {
    fn from(both: &'static str) -> Self {
        Self { sqlite: both, postgres: both }
    }
}

#[derive(Debug)]
pub(in crate::store) enum Tx {
    Sqlite(SqliteTx),
    Postgres(Transaction<'static, Postgres>),
}

/// The future that a write returns.
pub(in crate::store) type Boxed<'t, T> = Pin<Box<dyn Future<Output = T> + Send + 't>>;

impl Tx {
    /// Runs a change and returns the number of changed rows.
    pub(in crate::store) async fn execute(
        &mut self,
        sql: impl Into<Sql>,
        values: Vec<Value>,
    ) -> Result<u64, StoreError> {
        let sql = sql.into();
        match self {
            Self::Sqlite(tx) => tx.execute(sql.sqlite, &values),
            Self::Postgres(tx) => {
                Ok(value::postgres(sql.postgres, values).execute(&mut **tx).await?.rows_affected())
            }
        }
    }

    /// Adds a row to a table with generated ids and returns the id, or none if the row already exists.
    ///
    /// The PostgreSQL statement returns the `id`. SQLite reports the id without a RETURNING clause, which would first
    /// copy the rows to a temporary table and take longer than the insert itself.
    pub(in crate::store) async fn insert(
        &mut self,
        sql: Sql,
        values: Vec<Value>,
    ) -> Result<Option<i64>, StoreError> {
        match self {
            Self::Sqlite(tx) => tx.insert(sql.sqlite, &values),
            Self::Postgres(tx) => {
                let row = value::postgres(sql.postgres, values).fetch_optional(&mut **tx).await?;
                row.map(|row| Row::Postgres(row).number("id")).transpose()
            }
        }
    }

    /// The rows of a query, or of a change with a RETURNING clause.
    pub(in crate::store) async fn rows(
        &mut self,
        sql: impl Into<Sql>,
        values: Vec<Value>,
    ) -> Result<Vec<Row>, StoreError> {
        let sql = sql.into();
        match self {
            Self::Sqlite(tx) => tx.rows(sql.sqlite, &values),
            Self::Postgres(tx) => {
                let rows = value::postgres(sql.postgres, values).fetch_all(&mut **tx).await?;
                Ok(rows.into_iter().map(Row::Postgres).collect())
            }
        }
    }

    /// Wakes the processes that listen on this channel once the transaction is committed.
    pub(in crate::store) async fn notify(&mut self, channel: &'static str) -> Result<(), StoreError> {
        if let Self::Postgres(tx) = self {
            sqlx::query("SELECT pg_notify($1, '')").bind(channel).execute(&mut **tx).await?;
        }
        Ok(())
    }
}
