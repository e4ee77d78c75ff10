//! The SQLite file: private, held by one process, and missed when it is gone.

use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::PathBuf;

use jiff::SignedDuration;
use steward::store::Store;
use tempfile::TempDir;

use crate::world::{SECRET, World};

/// Longer than `GET /readyz` reuses a database check.
const CHECK_LIFETIME: SignedDuration = SignedDuration::from_secs(3);
/// The files of a database.
const FILES: [&str; 4] = ["", "-wal", "-shm", ".lock"];

/// A world on SQLite, and the path of its database.
async fn world_on_a_file() -> Option<(World, PathBuf)> {
    let world = World::new().await;
    let path = world.database_url().strip_prefix("sqlite://").map(PathBuf::from)?;
    Some((world, path))
}

fn beside(path: &std::path::Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

fn mode(path: &std::path::Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[tokio::test]
async fn a_database_whose_file_was_deleted_acknowledges_nothing() {
    for suffix in ["", "-wal", "-shm"] {
        let Some((world, path)) = world_on_a_file().await else { return };
        world.ask(&world.cast.ana, "about").await;
        assert_eq!(world.get("/readyz").await.status, 200);
        let (_, request) = world.say_undelivered(&world.cast.ana, "about");
        fs::remove_file(beside(&path, suffix)).unwrap();
        assert_eq!(world.deliver(&request.signed_with(SECRET)).await.status, 503, "{suffix}");
        world.clock.advance(CHECK_LIFETIME);
        let ready = world.get("/readyz").await;
        assert_eq!(ready.status, 503, "{suffix}");
        assert!(ready.body.contains(r#""database":"not ok""#), "{}", ready.body);
        assert_eq!(world.get("/healthz").await.status, 200, "the process lives");
        let error = world.run_jobs().await.unwrap_err();
        let cause = std::error::Error::source(&error).unwrap().to_string();
        assert!(cause.contains("it was deleted") && cause.ends_with("restart Steward"), "{cause}");
    }
}

#[tokio::test]
async fn a_database_that_was_replaced_by_another_file_acknowledges_nothing() {
    let Some((world, path)) = world_on_a_file().await else { return };
    let copy = beside(&path, ".copy");
    fs::copy(&path, &copy).unwrap();
    fs::rename(&copy, &path).unwrap();
    let (_, request) = world.say_undelivered(&world.cast.ana, "about");
    assert_eq!(world.deliver(&request.signed_with(SECRET)).await.status, 503);
    let error = world.run_jobs().await.unwrap_err();
    assert!(std::error::Error::source(&error).unwrap().to_string().contains("it was replaced"));
}

#[tokio::test]
async fn the_files_are_readable_by_their_user_only() {
    let Some((world, path)) = world_on_a_file().await else { return };
    world.ask(&world.cast.ana, "about").await;
    for suffix in FILES {
        assert_eq!(mode(&beside(&path, suffix)), 0o600, "{suffix}");
    }
}

#[tokio::test]
async fn the_files_of_an_older_version_become_private() {
    let directory = TempDir::new().unwrap();
    let path = directory.path().join("steward.db");
    let address = format!("sqlite://{}", path.display());
    Store::open(&address).await.unwrap().close().await;
    for suffix in ["", ".lock"] {
        fs::set_permissions(beside(&path, suffix), Permissions::from_mode(0o664)).unwrap();
    }
    let store = Store::open(&address).await.unwrap();
    store.is_writable("2026-04-02T08:15:30Z".parse().unwrap()).await.unwrap();
    for suffix in FILES {
        assert_eq!(mode(&beside(&path, suffix)), 0o600, "{suffix}");
    }
    store.close().await;
}

#[tokio::test]
async fn a_path_with_memory_in_it_is_a_path() {
    let directory = TempDir::new().unwrap();
    fs::create_dir(directory.path().join("memory")).unwrap();
    for file in ["memory/steward.db", "memory.db", "in-memory?mode=rwc"] {
        let address = format!("sqlite://{}/{file}", directory.path().display());
        assert!(Store::supports(&address), "{address}");
        Store::open(&address).await.unwrap().close().await;
        let file = file.split('?').next().unwrap();
        assert!(directory.path().join(file).is_file(), "{file}");
    }
    for address in
        ["sqlite::memory:", "sqlite://:memory:", "sqlite://steward.db?mode=memory", "sqlite:", "sqlite://"]
    {
        assert!(!Store::supports(address), "{address}");
        assert!(Store::open(address).await.is_err(), "{address}");
    }
}

#[tokio::test]
async fn a_file_is_opened_once_whatever_its_path_is() {
    let directory = TempDir::new().unwrap();
    let at = |name: &str| format!("sqlite://{}", directory.path().join(name).display());
    let store = Store::open(&at("steward.db")).await.unwrap();
    symlink(directory.path().join("steward.db"), directory.path().join("link.db")).unwrap();
    fs::remove_file(directory.path().join("steward.db.lock")).unwrap();
    for name in ["steward.db", "link.db"] {
        let error = Store::open(&at(name)).await.unwrap_err().to_string();
        assert!(error.contains("another Steward has this database open"), "{error}");
    }
    store.close().await;

    // Once it is closed, any of its paths will do.
    let store = Store::open(&at("link.db")).await.unwrap();
    assert!(directory.path().join("steward.db-wal").exists(), "beside the file, not beside the link");
    assert!(!directory.path().join("link.db-wal").exists());
    assert!(Store::open(&at("steward.db")).await.is_err());
    let _beside = Store::open_beside(&at("link.db")).await.unwrap();
    store.close().await;
}

#[tokio::test]
async fn a_file_with_two_names_is_refused() {
    let directory = TempDir::new().unwrap();
    let at = |name: &str| format!("sqlite://{}", directory.path().join(name).display());
    Store::open(&at("steward.db")).await.unwrap().close().await;
    fs::hard_link(directory.path().join("steward.db"), directory.path().join("other.db")).unwrap();
    for name in ["steward.db", "other.db"] {
        for error in
            [Store::open(&at(name)).await.unwrap_err(), Store::open_beside(&at(name)).await.unwrap_err()]
        {
            assert!(error.is_the_settings_fault(), "{error}");
            assert!(error.to_string().contains("the file has several names (hard links)"), "{error}");
        }
    }
    fs::remove_file(directory.path().join("other.db")).unwrap();
    Store::open(&at("steward.db")).await.unwrap().close().await;
}
