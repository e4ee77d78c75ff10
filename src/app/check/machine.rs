//! Judges the machine: database, address, log filter and clock. Pure.

use std::io;
use std::net::SocketAddr;

use jiff::Timestamp;

use super::finding::{Check, Finding, with_causes};
use crate::app::error::why_not_bound;
use crate::domain::clock::ClockDeviation;
use crate::store::{DatabaseState, StoreError};

const DATABASE: Check = Check { name: "database", expected: "a database that can be written" };
const ADDRESS: Check =
    Check { name: "listen_address", expected: "a free address, or a running Steward there" };
const LOG_FILTER: Check =
    Check { name: "log_filter", expected: "a filter that lets Steward's messages through" };
const CLOCK: Check = Check { name: "clock", expected: "a clock within a minute of Webex's" };

/// Free space below which the operator is warned.
const LITTLE_SPACE: u64 = 1 << 30;
/// Free space below which Steward would soon stop.
const NO_SPACE: u64 = 50 << 20;

pub(super) fn judge_database(inspected: &Result<DatabaseState, StoreError>) -> Finding {
    let state = match inspected {
        Ok(state) => state,
        Err(error) => {
            let is_a_setting = error.is_the_settings_fault();
            return DATABASE.bad(
                is_a_setting,
                with_causes(error),
                "Fix this, or set STEWARD_DATABASE_URL to another place.",
            );
        }
    };
    let place = &state.place;
    let new = if state.is_new { "; steward serve will set it up" } else { "" };
    match state.free_bytes {
        Some(free) if free < NO_SPACE => {
            DATABASE.failed(format!("{place}: only {} free", size(free)), "Free some space on its disk.")
        }
        Some(free) if free < LITTLE_SPACE => DATABASE.warning(
            format!("{place} can be written{new}, but only {} are free", size(free)),
            "Free some space on its disk.",
        ),
        Some(free) => DATABASE.good(format!("{place} can be written{new}; {} free", size(free))),
        None => DATABASE.good(format!("{place} can be written{new}")),
    }
}

fn size(bytes: u64) -> String {
    let mebibytes = bytes >> 20;
    if mebibytes < 1024 { format!("{mebibytes} MiB") } else { format!("{} GiB", mebibytes >> 10) }
}

/// The program at the address that Steward is to listen on.
#[derive(Debug)]
pub(super) enum Listener {
    /// Nothing: the address was bound and released.
    Free,
    /// A Steward: it answers `GET /healthz`.
    Steward,
    /// Another program.
    Other(io::Error),
    /// The address cannot be bound.
    Unusable(io::Error),
}

pub(super) fn judge_address(address: SocketAddr, listener: &Listener) -> Finding {
    match listener {
        Listener::Free => ADDRESS.good(format!("{address} is free; no Steward runs there")),
        Listener::Steward => ADDRESS.good(format!("Steward is running at {address}")),
        Listener::Other(error) => ADDRESS.failed(
            format!("{address}: {error}, and another program is listening there"),
            "Stop the other program, or choose another port in STEWARD_LISTEN.",
        ),
        Listener::Unusable(error) => ADDRESS.misconfigured(
            format!("{address}: {}", why_not_bound(error)),
            "Choose another address in STEWARD_LISTEN.",
        ),
    }
}

/// The modules of Steward, which a log filter may name.
const MODULES: [&str; 16] = [
    "app",
    "cards",
    "cli",
    "commands",
    "domain",
    "filter",
    "grammar",
    "http",
    "intake",
    "plan",
    "policy",
    "sim",
    "store",
    "telemetry",
    "webex",
    "worker",
];

/// A filter names modules, so a misspelled level counts as the name of a module, and nothing is logged.
pub(super) fn judge_log_filter(filter: &str) -> Finding {
    const LEVELS: [&str; 6] = ["off", "error", "warn", "info", "debug", "trace"];
    const CRATES: [&str; 12] = [
        "axum",
        "axum_server",
        "h2",
        "hyper",
        "hyper_util",
        "reqwest",
        "rusqlite",
        "rustls",
        "sqlx",
        "steward",
        "tokio",
        "tower_http",
    ];
    let is_level = |text: &str| LEVELS.iter().any(|level| text.eq_ignore_ascii_case(level));
    let parts = || filter.split(',').map(str::trim).filter(|part| !part.is_empty());
    let target = |part: &str| part.split(['=', '[']).next().unwrap_or_default().to_owned();
    let is_known = |target: &str| {
        let mut names = target.split("::");
        match names.next().unwrap_or_default() {
            "steward" => names.next().is_none_or(|module| MODULES.contains(&module)),
            name => CRATES.contains(&name),
        }
    };
    let odd = parts().map(target).find(|target| !target.is_empty() && !is_level(target) && !is_known(target));
    if let Some(odd) = odd {
        let nearest = LEVELS
            .iter()
            .max_by(|a, b| strsim::jaro_winkler(a, &odd).total_cmp(&strsim::jaro_winkler(b, &odd)));
        let hint = nearest.map_or_else(String::new, |level| format!(" Did you mean {level}?"));
        return LOG_FILTER.warning(
            format!("{odd:?}, which is neither a level nor a part of Steward"),
            format!("Correct STEWARD_LOG: info, or info,steward::webex=debug.{hint}"),
        );
    }
    let is_off = |part: &str| part.rsplit('=').next().is_some_and(|level| level.eq_ignore_ascii_case("off"));
    let hides_all = parts().any(|part| target(part) == "steward" && is_off(part));
    let shows = |part: &str| (is_level(part) || part.starts_with("steward")) && !is_off(part);
    if !hides_all && parts().any(shows) {
        LOG_FILTER.good(filter)
    } else {
        LOG_FILTER.warning(
            format!("{filter:?}, which hides Steward's own messages"),
            "Set STEWARD_LOG to info, or add a level: info,hyper=debug.",
        )
    }
}

/// Compares the clock with the `Date` header of an answer from Webex, if it has one.
pub(super) fn judge_clock(ours: Timestamp, webex: Option<Timestamp>) -> Finding {
    let Some(webex) = webex else { return CLOCK.not_checked("Webex's answer has no date") };
    let Some(deviation) = ClockDeviation::between(webex, ours, ours) else {
        let seconds = ours.duration_since(webex).as_secs().unsigned_abs();
        return CLOCK.good(format!("{seconds} s away from Webex's"));
    };
    CLOCK.failed(
        deviation.to_string(),
        "Synchronize the clock of this machine, for example with chrony or systemd-timesyncd.",
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::check::finding::Verdict;

    #[test]
    fn free_space_is_judged() {
        for (free, verdict, says) in [
            (Some(1 << 20), Verdict::Failed, "only 1 MiB free"),
            (Some(200 << 20), Verdict::Warning, "only 200 MiB are free"),
            (Some(12 << 30), Verdict::Good, "12 GiB free"),
            (None, Verdict::Good, "can be written"),
        ] {
            let place = "/data/steward.db".to_owned();
            let finding = judge_database(&Ok(DatabaseState { place, is_new: false, free_bytes: free }));
            assert_eq!(finding.verdict, verdict, "{finding:?}");
            assert!(
                finding.found.starts_with("/data/steward.db") && finding.found.contains(says),
                "{finding:?}"
            );
        }
    }

    #[test]
    fn a_log_filter_must_name_levels_and_parts_of_steward() {
        for good in ["info", "WARN", "info,steward::webex=debug", "steward=debug", "warn,hyper=trace,h2=off"]
        {
            assert_eq!(judge_log_filter(good).verdict, Verdict::Good, "{good}");
        }
        for (bad, says) in [
            ("inof", "Did you mean info?"),
            ("debgu,steward=info", "Did you mean debug?"),
            ("stewart=debug", "neither a level nor a part of Steward"),
            ("hyper=debug", "hides Steward's own messages"),
            ("off", "hides Steward's own messages"),
            ("steward=off", "hides Steward's own messages"),
            ("info,steward=OFF", "hides Steward's own messages"),
            ("off,steward::webex=off", "hides Steward's own messages"),
            ("steward::nope=debug", "neither a level nor a part of Steward"),
            ("info,steward::nope::deeper=debug", "neither a level nor a part of Steward"),
        ] {
            let finding = judge_log_filter(bad);
            assert_eq!(finding.verdict, Verdict::Warning, "{bad}");
            let text = finding.found + finding.to_do.as_deref().unwrap_or_default();
            assert!(text.contains(says), "{bad}: {text}");
        }
    }

    #[test]
    fn all_modules_of_steward_are_known_to_the_log_filter() {
        let lib = include_str!("../../lib.rs");
        let modules = lib.lines().filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';'));
        assert_eq!(modules.collect::<Vec<_>>(), MODULES);
    }

    #[test]
    fn a_clock_may_be_a_minute_off() {
        let at = |second: i64| Timestamp::from_second(1_800_000_000 + second).unwrap();
        for (ours, verdict, says) in [
            (60, Verdict::Good, "60 s away"),
            (-60, Verdict::Good, "60 s away"),
            (61, Verdict::Failed, "61 seconds ahead of Webex's"),
            (-3600, Verdict::Failed, "60 minutes behind Webex's"),
        ] {
            let finding = judge_clock(at(ours), Some(at(0)));
            assert_eq!(finding.verdict, verdict, "{finding:?}");
            assert!(finding.found.starts_with(says), "{finding:?}");
        }
        assert_eq!(judge_clock(at(0), None).verdict, Verdict::NotChecked);
    }
}
