//! The schema: its migrations, and the check that this version of Steward can use it.

use std::ops::Deref;
use std::sync::Arc;

use sqlx::Acquire;
use sqlx::migrate::{Migrate, MigrateError, Migrator};

use crate::store::StoreError;

pub(super) static SQLITE: Migrator = sqlx::migrate!("src/store/migrations/sqlite");
pub(super) static POSTGRES: Migrator = sqlx::migrate!("src/store/migrations/postgres");

/// The newest schema version that this Steward knows.
pub(super) fn newest(migrations: &Migrator) -> i64 {
    migrations.iter().map(|migration| migration.version).max().unwrap_or_default()
}

/// Brings the schema up to date, unless a newer Steward has migrated it further.
pub(super) async fn update<'c, C>(migrations: &Migrator, connection: C) -> Result<(), StoreError>
where
    C: Acquire<'c>,
    <C::Connection as Deref>::Target: Migrate,
{
    let known = newest(migrations);
    migrations.run(connection).await.map_err(|error| match error {
        MigrateError::VersionMissing(found) if found > known => StoreError::NewerSchema { found, known },
        error => StoreError::Migration(Arc::new(error)),
    })
}
