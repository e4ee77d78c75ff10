//! Two real processes never work on one SQLite file, whatever path leads them to it.

use std::fs;
use std::os::unix::fs::symlink;

use super::Deployment;
use super::process::Process;
use crate::loopback::free_address;

const HELD: &str = "another Steward has this database open; stop it first";

#[tokio::test]
async fn a_second_process_is_refused_by_whatever_path() {
    let deployment = Deployment::new().await;
    let first = deployment.serve().await;
    let file = deployment.home.path().join("steward.db");
    symlink(&file, deployment.home.path().join("link.db")).unwrap();
    let start_at = async |name: &str, code: i32, says: &str| {
        let mut variables = deployment.variables.clone();
        variables
            .retain(|(variable, _)| *variable != "STEWARD_DATABASE_URL" && *variable != "STEWARD_LISTEN");
        variables
            .push(("STEWARD_DATABASE_URL", format!("sqlite://{}/{name}", deployment.home.path().display())));
        variables.push(("STEWARD_LISTEN", free_address().to_string()));
        let ended = Process::start(&deployment.home, &["serve"], &variables).finished().await;
        assert_eq!(ended.code, Some(code), "{name}: {}", ended.stderr);
        assert!(ended.stderr.starts_with("steward: cannot open the database"), "{name}: {}", ended.stderr);
        assert!(ended.stderr.contains(says), "{name}: {}", ended.stderr);
    };
    for name in ["steward.db", "link.db", "./steward.db"] {
        start_at(name, 1, HELD).await;
    }
    fs::remove_file(deployment.home.path().join("steward.db.lock")).unwrap();
    for name in ["steward.db", "link.db"] {
        start_at(name, 1, HELD).await;
    }
    fs::hard_link(&file, deployment.home.path().join("hard.db")).unwrap();
    start_at("hard.db", 1, HELD).await;
    deployment.wait_for_a_later_answer().await;
    first.terminate();
    assert_eq!(first.finished().await.code, Some(0));
}
