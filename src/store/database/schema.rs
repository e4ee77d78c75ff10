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

/// Refuses a database that a newer Steward has migrated.
pub(super) fn must_not_be_newer(found: i64, migrations: &Migrator) -> Result<(), StoreError> {
    let known = newest(migrations);
    if found > known { Err(StoreError::NewerSchema { found, known }) } else { Ok(()) }
}

/// Whether this Steward can use a database whose schema it must not change.
pub(super) fn judge(found: Option<i64>, known: i64) -> Result<(), StoreError> {
    let start = "start \"steward serve\" of this version on it once";
    match found {
        Some(found) if found == known => Ok(()),
        Some(found) if found > known => Err(StoreError::NewerSchema { found, known }),
        Some(found) => Err(StoreError::OutOfReach {
            what: format!("expected schema version {known}, found version {found}; {start}"),
        }),
        None => Err(StoreError::Unusable {
            what: format!("expected schema version {known}, found no Steward schema; {start}"),
        }),
    }
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
