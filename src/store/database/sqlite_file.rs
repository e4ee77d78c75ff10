//! The identity of a SQLite file: held by one process under whatever path, and watched while it is open.
//!
//! A path does not identify a file. Symbolic links and bind mounts lead to the same one, and a lock file beside it can
//! be removed. So the lock is on the database file itself. It is an `flock`, which Linux keeps apart from the POSIX
//! locks that SQLite takes on the same file. There is one trap: a process that closes *any* descriptor of a file loses
//! all its POSIX locks on it. So the descriptor of the lock is opened before SQLite's and closed after them, and a file
//! that this process has open already is never opened again here.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs::{self, File, Metadata, OpenOptions, Permissions, TryLockError};
use std::io::{self, ErrorKind};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::open_error::{self, unusable};
use crate::store::StoreError;

/// Readable and writable by the user that Steward runs as, and by nobody else.
const PRIVATE: u32 = 0o600;
/// The permissions of everybody else.
const OTHERS: u32 = 0o077;
/// The files that SQLite keeps beside a database, under the database's own path.
const BESIDE: [&str; 2] = ["-wal", "-shm"];
/// The lock file beside a database. Versions up to 0.1.0 lock only this one.
const LOCK_FILE: &str = ".lock";

/// The files that this process has locked.
static HELD: Mutex<BTreeSet<FileId>> = Mutex::new(BTreeSet::new());

fn held() -> MutexGuard<'static, BTreeSet<FileId>> {
    HELD.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A file, whatever its path is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct FileId {
    device: u64,
    inode: u64,
}

impl From<&Metadata> for FileId {
    fn from(metadata: &Metadata) -> Self {
        Self { device: metadata.dev(), inode: metadata.ino() }
    }
}

/// A database file that only this process has open.
#[derive(Debug)]
pub(super) struct HeldFile {
    path: PathBuf,
    id: FileId,
    /// Unlocked when they are closed: after all of SQLite's descriptors.
    locked: Option<[File; 2]>,
}

impl HeldFile {
    /// Locks a database file, which is created if it is missing. Only its user may read it and the files beside it.
    pub(super) fn hold(path: &Path) -> Result<Self, StoreError> {
        if fs::metadata(path).is_ok_and(|metadata| held().contains(&FileId::from(&metadata))) {
            return Err(open_error::held_by_steward(path));
        }
        let file = open(path).map_err(|error| open_error::of_opening(path, &error))?;
        lock(path, &file)?;
        let canonical = canonical(path)?;
        let id = FileId::from(&file.metadata().map_err(|error| unusable(path, error))?);
        if file_at(&canonical).map_err(|error| unusable(path, error))? != Some(id) {
            return Err(unusable(path, "the file was replaced while it was opened; start again"));
        }
        let lock_path = with_suffix(&canonical, LOCK_FILE);
        let lock_file = open(&lock_path).map_err(|error| open_error::of_file(&lock_path, &error))?;
        lock(path, &lock_file)?;
        for suffix in ["", LOCK_FILE].into_iter().chain(BESIDE) {
            make_private(&with_suffix(&canonical, suffix));
        }
        held().insert(id);
        Ok(Self { path: canonical, id, locked: Some([file, lock_file]) })
    }

    /// The path without symbolic links, by which SQLite names the files beside it.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Watches the file and those beside it.
    pub(super) fn watch(&self) -> FileWatch {
        let beside = BESIDE.map(|suffix| (with_suffix(&self.path, suffix), None));
        FileWatch { database: self.path.clone(), id: self.id, beside }
    }
}

impl Drop for HeldFile {
    fn drop(&mut self) {
        self.locked.take();
        held().remove(&self.id);
    }
}

/// Notices that the files of an open database were deleted or replaced: SQLite would go on writing to files that no
/// longer have a name.
#[derive(Debug)]
pub(super) struct FileWatch {
    database: PathBuf,
    id: FileId,
    /// Each with the file that was found there first. SQLite creates them when it needs them, and keeps them for as
    /// long as the database is open.
    beside: [(PathBuf, Option<FileId>); 2],
}

impl FileWatch {
    /// Whether all files are still those that were opened.
    pub(super) fn check(&mut self) -> Result<(), StoreError> {
        Self::must_be(&self.database, self.id)?;
        for (path, known) in &mut self.beside {
            match known {
                Some(id) => Self::must_be(path, *id)?,
                None => *known = file_at(path).map_err(|error| lost(path, error.to_string()))?,
            }
        }
        Ok(())
    }

    fn must_be(path: &Path, id: FileId) -> Result<(), StoreError> {
        match file_at(path) {
            Ok(Some(found)) if found == id => Ok(()),
            Ok(Some(_)) => Err(lost(path, "it was replaced".to_owned())),
            Ok(None) => Err(lost(path, "it was deleted".to_owned())),
            Err(error) => Err(lost(path, error.to_string())),
        }
    }
}

/// A file of the open database is no longer there.
#[derive(Debug, thiserror::Error)]
#[error("{path} is no longer the file that Steward opened ({reason}); restart Steward")]
struct FileLost {
    path: String,
    reason: String,
}

fn lost(path: &Path, reason: String) -> StoreError {
    StoreError::unavailable(FileLost { path: path.display().to_string(), reason })
}

/// The path of an existing database without symbolic links. A file with several names is refused: SQLite keeps the
/// latest changes in a file beside one of the names, and under another name they would be lost.
pub(super) fn canonical(path: &Path) -> Result<PathBuf, StoreError> {
    let canonical = fs::canonicalize(path).map_err(|error| unusable(path, error))?;
    let metadata = fs::metadata(&canonical).map_err(|error| unusable(path, error))?;
    if metadata.nlink() > 1 {
        let what = "the file has several names (hard links), and SQLite would lose changes under one of them; \
                    remove all names but one";
        return Err(unusable(path, what));
    }
    Ok(canonical)
}

/// The file at this path, if there is one.
fn file_at(path: &Path) -> io::Result<Option<FileId>> {
    match fs::metadata(path) {
        Ok(metadata) => Ok(Some(FileId::from(&metadata))),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

fn open(path: &Path) -> io::Result<File> {
    OpenOptions::new().read(true).write(true).create(true).truncate(false).mode(PRIVATE).open(path)
}

fn lock(database: &Path, file: &File) -> Result<(), StoreError> {
    match file.try_lock() {
        Ok(()) => Ok(()),
        Err(TryLockError::WouldBlock) => Err(open_error::held_by_steward(database)),
        Err(TryLockError::Error(error)) => Err(open_error::of_lock(database, &error)),
    }
}

/// Takes the permissions of everybody else away. Only the owner of a file can.
fn make_private(path: &Path) {
    let Ok(metadata) = fs::metadata(path) else { return };
    let mode = metadata.permissions().mode();
    if mode & OTHERS == 0 {
        return;
    }
    let private = mode & !OTHERS & 0o777;
    let changed = fs::set_permissions(path, Permissions::from_mode(private));
    let path = path.display();
    match changed {
        Ok(()) => {
            let mode = format!("{private:04o}");
            tracing::warn!(%path, mode, "other users could open this file, and no longer can");
        }
        Err(error) => {
            tracing::warn!(%path, %error, "other users can open this file; set its permissions to 0600");
        }
    }
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(suffix);
    name.into()
}
