//! Why a database cannot be opened, in words that name the place and the remedy.
//!
//! A cause that somebody has to remove with a setting, a right or another place is [`StoreError::Unusable`]. One that
//! can end by itself, or by stopping another program, is [`StoreError::OutOfReach`].

use std::io;
use std::path::Path;
use std::time::Duration;

use rusqlite::ffi;
use sqlx::postgres::PgConnectOptions;

use super::sqlite_connection::BUSY_TIMEOUT;
use crate::store::StoreError;

/// Error codes of PostgreSQL (appendix A, *Error Codes*).
const UNDEFINED_TABLE: &str = "42P01";
const INVALID_AUTHORIZATION: &str = "28";
const UNKNOWN_DATABASE: &str = "3D000";
const NO_PRIVILEGE: &str = "42501";
const READ_ONLY: &str = "25006";

/// Error numbers of file systems without locks: `ENOLCK`, `ENOSYS` and `EOPNOTSUPP` on Linux.
const NO_LOCKS: [i32; 3] = [37, 38, 95];

/// Checks the place of a SQLite file: SQLite itself would only say that it cannot open the file.
pub(super) fn check_place(path: &Path) -> Result<(), StoreError> {
    if path.is_dir() {
        return Err(unusable(path, "this is a directory; name a file in it"));
    }
    let directory = directory_of(path);
    if directory.is_dir() {
        return Ok(());
    }
    let problem =
        if directory.exists() { "this is not a directory" } else { "there is no such directory; create it" };
    Err(unusable(directory, problem))
}

/// The error for a file that another Steward has open.
pub(super) fn held_by_steward(path: &Path) -> StoreError {
    out_of_reach(path, "another Steward has this database open; stop it first")
}

/// An error of creating a file beside the database.
pub(super) fn of_file(path: &Path, error: &io::Error) -> StoreError {
    let directory = directory_of(path).display();
    match error.kind() {
        io::ErrorKind::PermissionDenied => {
            unusable(path, format_args!("{error}; Steward must be able to create files in {directory}"))
        }
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => out_of_reach(path, error),
        _ => unusable(path, error),
    }
}

/// An error of locking a file.
pub(super) fn of_lock(path: &Path, error: &io::Error) -> StoreError {
    match error.raw_os_error() {
        Some(number) if NO_LOCKS.contains(&number) => without_locks(path, error),
        _ => of_file(path, error),
    }
}

/// An error of SQLite, with the place and the remedy if its code tells the cause.
pub(super) fn of_sqlite(path: &Path, error: StoreError) -> StoreError {
    let Some(code) = sqlite_code(&error) else { return error };
    let directory = directory_of(path).display();
    match code {
        ffi::SQLITE_IOERR_LOCK
        | ffi::SQLITE_IOERR_RDLOCK
        | ffi::SQLITE_IOERR_UNLOCK
        | ffi::SQLITE_IOERR_SHMOPEN
        | ffi::SQLITE_IOERR_SHMLOCK
        | ffi::SQLITE_IOERR_SHMMAP => return without_locks(path, "SQLite could not lock the file"),
        _ => {}
    }
    // The lower byte of an extended code is the primary one (SQLite, *Result and Error Codes*).
    match code & 0xff {
        ffi::SQLITE_READONLY | ffi::SQLITE_PERM => unusable(
            path,
            format_args!(
                "it is read-only; Steward must be able to write this file, and to create files in {directory}"
            ),
        ),
        ffi::SQLITE_CANTOPEN => unusable(
            path,
            format_args!(
                "it cannot be opened; Steward must be able to read and write this file, and to create files in {directory}"
            ),
        ),
        ffi::SQLITE_PROTOCOL => without_locks(path, "SQLite could not lock the file"),
        ffi::SQLITE_NOTADB => unusable(path, "this is not a SQLite database; name another file"),
        ffi::SQLITE_CORRUPT => out_of_reach(path, "the file is damaged; restore a backup"),
        ffi::SQLITE_FULL => out_of_reach(path, "the disk is full"),
        ffi::SQLITE_BUSY | ffi::SQLITE_LOCKED => out_of_reach(
            path,
            format_args!(
                "another program has held this file for {} seconds; end it first",
                BUSY_TIMEOUT.as_secs()
            ),
        ),
        _ => error,
    }
}

/// An error of PostgreSQL while the database is opened.
pub(super) fn of_postgres(options: &PgConnectOptions, error: sqlx::Error) -> StoreError {
    let server = server(options);
    match &error {
        sqlx::Error::Io(cause) => {
            StoreError::OutOfReach { what: format!("{server} cannot be reached: {cause}") }
        }
        sqlx::Error::Tls(cause) => {
            StoreError::Unusable { what: format!("{server} offers no usable TLS: {cause}") }
        }
        sqlx::Error::Database(answer) => {
            let what = format!("{server} answered: {}", answer.message());
            let code = answer.code().unwrap_or_default();
            let is_a_setting = [INVALID_AUTHORIZATION, UNKNOWN_DATABASE, NO_PRIVILEGE, READ_ONLY];
            if is_a_setting.iter().any(|class| code.starts_with(class)) {
                StoreError::Unusable { what }
            } else {
                StoreError::OutOfReach { what }
            }
        }
        _ => error.into(),
    }
}

/// The error for a PostgreSQL server that did not answer.
pub(super) fn unanswered(options: &PgConnectOptions, after: Duration) -> StoreError {
    let what = format!("{} did not answer within {} seconds", server(options), after.as_secs());
    StoreError::OutOfReach { what }
}

/// Whether a statement failed because its table does not exist.
pub(super) fn is_missing_table(error: &StoreError) -> bool {
    let StoreError::Unavailable(cause) = error else { return false };
    match cause.downcast_ref() {
        Some(sqlx::Error::Database(answer)) => answer.code().as_deref() == Some(UNDEFINED_TABLE),
        _ => cause.to_string().starts_with("no such table"),
    }
}

/// The server without user and password.
pub(super) fn server(options: &PgConnectOptions) -> String {
    match options.get_socket() {
        Some(socket) => format!("PostgreSQL at {}", socket.display()),
        None => format!("PostgreSQL at {}:{}", options.get_host(), options.get_port()),
    }
}

fn sqlite_code(error: &StoreError) -> Option<i32> {
    let StoreError::Unavailable(cause) = error else { return None };
    if let Some(cause) = cause.downcast_ref::<rusqlite::Error>() {
        return cause.sqlite_error().map(|cause| cause.extended_code);
    }
    let cause = cause.downcast_ref::<sqlx::Error>()?.as_database_error()?;
    cause.code()?.parse().ok()
}

pub(super) fn directory_of(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

fn without_locks(path: &Path, why: impl std::fmt::Display) -> StoreError {
    unusable(
        path,
        format_args!(
            "{why}; a network file system may have no usable locks: put the file on a local disk, or use PostgreSQL"
        ),
    )
}

fn unusable(path: &Path, why: impl std::fmt::Display) -> StoreError {
    StoreError::Unusable { what: format!("{}: {why}", path.display()) }
}

fn out_of_reach(path: &Path, why: impl std::fmt::Display) -> StoreError {
    StoreError::OutOfReach { what: format!("{}: {why}", path.display()) }
}

#[cfg(test)]
mod tests {
    use tempfile::TempDir;

    use super::*;

    const DATABASE: &str = "/data/steward.db";

    fn sqlite(extended_code: i32) -> StoreError {
        let error = rusqlite::Error::SqliteFailure(ffi::Error::new(extended_code), None);
        of_sqlite(Path::new(DATABASE), error.into())
    }

    #[test]
    fn each_code_of_sqlite_names_the_file_the_cause_and_whether_a_setting_helps() {
        for (code, is_a_setting, says) in [
            (ffi::SQLITE_READONLY, true, "it is read-only"),
            (ffi::SQLITE_READONLY_DIRECTORY, true, "to create files in /data"),
            (ffi::SQLITE_CANTOPEN, true, "to create files in /data"),
            (ffi::SQLITE_NOTADB, true, "this is not a SQLite database"),
            (ffi::SQLITE_IOERR_LOCK, true, "network file system"),
            (ffi::SQLITE_IOERR_SHMMAP, true, "network file system"),
            (ffi::SQLITE_PROTOCOL, true, "network file system"),
            (ffi::SQLITE_BUSY, false, "another program has held this file for 3 seconds"),
            (ffi::SQLITE_BUSY_RECOVERY, false, "another program"),
            (ffi::SQLITE_CORRUPT, false, "restore a backup"),
            (ffi::SQLITE_FULL, false, "the disk is full"),
        ] {
            let error = sqlite(code);
            let text = error.to_string();
            assert!(text.starts_with("/data/steward.db: ") && text.contains(says), "{code}: {text}");
            assert_eq!(error.is_the_settings_fault(), is_a_setting, "{code}: {text}");
        }
        assert!(matches!(sqlite(ffi::SQLITE_NOMEM), StoreError::Unavailable(_)));
    }

    #[test]
    fn file_errors_name_the_file_and_the_cause() {
        let of = |number| of_lock(Path::new(DATABASE), &io::Error::from_raw_os_error(number));
        for (number, is_a_setting, says) in [
            (13, true, "Permission denied (os error 13); Steward must be able to create files in /data"),
            (30, true, "Read-only file system"),
            (28, false, "No space left on device"),
            (37, true, "put the file on a local disk"),
            (95, true, "put the file on a local disk"),
        ] {
            let error = of(number);
            assert!(error.to_string().contains(says), "{error}");
            assert_eq!(error.is_the_settings_fault(), is_a_setting, "{error}");
        }
        assert!(!held_by_steward(Path::new(DATABASE)).is_the_settings_fault());
    }

    #[test]
    fn a_place_that_cannot_hold_a_file_is_named() {
        let home = TempDir::new().unwrap();
        let file = home.path().join("file");
        std::fs::write(&file, "").unwrap();
        let problem = |path: &Path| check_place(path).unwrap_err().to_string();
        let missing = home.path().join("missing");
        let expected = format!("{}: there is no such directory; create it", missing.display());
        assert_eq!(problem(&missing.join("steward.db")), expected);
        assert!(problem(&file.join("steward.db")).ends_with("this is not a directory"));
        assert!(problem(home.path()).ends_with("this is a directory; name a file in it"));
        assert!(check_place(&file).is_ok() && check_place(Path::new("steward.db")).is_ok());
    }

    #[test]
    fn an_unreachable_server_is_named_without_user_and_password() {
        let options: PgConnectOptions =
            "postgres://steward:hush@db.example.com:5433/steward".parse().unwrap();
        let refused = io::Error::from(io::ErrorKind::ConnectionRefused);
        let error = of_postgres(&options, sqlx::Error::Io(refused));
        assert_eq!(
            error.to_string(),
            "PostgreSQL at db.example.com:5433 cannot be reached: connection refused"
        );
        assert!(!error.is_the_settings_fault());
        let silent = unanswered(&options, Duration::from_secs(5)).to_string();
        assert_eq!(silent, "PostgreSQL at db.example.com:5433 did not answer within 5 seconds");
    }
}
