//! The result of a check, and the report of all checks.

use serde::Serialize;

/// The result of one check, from good to bad. The words are part of `--json` and must not change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, strum::IntoStaticStr)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Verdict {
    /// As it should be.
    Good,
    /// Something else must be fixed first, or only a change would show it.
    NotChecked,
    /// Steward runs, but perhaps not as intended.
    Warning,
    /// It fails, and no setting fixes it.
    Failed,
    /// A setting, or the thing that it names, must be changed.
    Misconfigured,
}

impl Verdict {
    /// The word.
    pub fn as_str(self) -> &'static str {
        self.into()
    }

    /// The exit code: 0 good, 1 failed, 2 wrong settings.
    pub fn exit_code(self) -> u8 {
        match self {
            Self::Good | Self::NotChecked | Self::Warning => 0,
            Self::Failed => 1,
            Self::Misconfigured => 2,
        }
    }
}

/// The result of one check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// The name of the check. A part of `--json`, so it must not change.
    pub check: &'static str,
    /// The result.
    pub verdict: Verdict,
    /// A description of the good state.
    pub expected: String,
    /// The state that was found.
    pub found: String,
    /// The next step of the operator.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to_do: Option<String>,
}

/// A check: its name, and the good state.
#[derive(Debug, Clone, Copy)]
pub(super) struct Check {
    pub(super) name: &'static str,
    pub(super) expected: &'static str,
}

impl Check {
    pub(super) fn good(self, found: impl Into<String>) -> Finding {
        self.finding(Verdict::Good, found, None)
    }

    pub(super) fn not_checked(self, found: impl Into<String>) -> Finding {
        self.finding(Verdict::NotChecked, found, None)
    }

    pub(super) fn warning(self, found: impl Into<String>, to_do: impl Into<String>) -> Finding {
        self.finding(Verdict::Warning, found, Some(to_do.into()))
    }

    pub(super) fn failed(self, found: impl Into<String>, to_do: impl Into<String>) -> Finding {
        self.finding(Verdict::Failed, found, Some(to_do.into()))
    }

    pub(super) fn misconfigured(self, found: impl Into<String>, to_do: impl Into<String>) -> Finding {
        self.finding(Verdict::Misconfigured, found, Some(to_do.into()))
    }

    /// A finding that is the fault of the settings, or not.
    pub(super) fn bad(self, is_the_settings_fault: bool, found: String, to_do: impl Into<String>) -> Finding {
        if is_the_settings_fault { self.misconfigured(found, to_do) } else { self.failed(found, to_do) }
    }

    fn finding(self, verdict: Verdict, found: impl Into<String>, to_do: Option<String>) -> Finding {
        Finding { check: self.name, verdict, expected: self.expected.to_owned(), found: found.into(), to_do }
    }
}

/// The results of all checks.
#[derive(Debug, Clone, Serialize)]
pub struct Report {
    /// The worst verdict.
    pub verdict: Verdict,
    /// The exit code that follows from it.
    pub exit_code: u8,
    /// The results in the order in which problems are best fixed.
    pub checks: Vec<Finding>,
}

impl Report {
    /// The report of these results.
    pub fn of(checks: Vec<Finding>) -> Self {
        let verdict = checks.iter().map(|finding| finding.verdict).max().unwrap_or(Verdict::Good);
        Self { verdict, exit_code: verdict.exit_code(), checks }
    }

    /// The report when the settings cannot even be read.
    pub fn of_unreadable_settings(error: &impl std::fmt::Display) -> Self {
        let check = Check { name: "settings", expected: "complete and valid settings" };
        Self::of(vec![
            check.misconfigured(error.to_string(), "Correct this setting; docs/settings.md explains each."),
        ])
    }

    /// The number of results with this verdict.
    pub fn count(&self, verdict: Verdict) -> usize {
        self.checks.iter().filter(|finding| finding.verdict == verdict).count()
    }
}

/// An error with its causes, each said once.
pub(super) fn with_causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        let said = cause.to_string();
        if !text.contains(&said) {
            text = format!("{text}: {said}");
        }
        next = cause.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHECK: Check = Check { name: "x", expected: "y" };

    #[test]
    fn the_worst_verdict_decides_the_exit_code() {
        let (good, skipped) = (CHECK.good("y"), CHECK.not_checked("no"));
        let (warning, failed) = (CHECK.warning("z", "do"), CHECK.failed("z", "do"));
        let wrong = CHECK.misconfigured("z", "do");
        for (checks, exit_code) in [
            (vec![], 0),
            (vec![good.clone(), skipped, warning.clone()], 0),
            (vec![failed.clone(), warning], 1),
            (vec![failed, wrong, good], 2),
        ] {
            assert_eq!(Report::of(checks).exit_code, exit_code);
        }
    }

    #[test]
    fn the_json_has_stable_words() {
        let report = Report::of(vec![CHECK.misconfigured("z", "do")]);
        assert_eq!(
            serde_json::to_string(&report).unwrap(),
            r#"{"verdict":"misconfigured","exit_code":2,"checks":[{"check":"x","verdict":"misconfigured","expected":"y","found":"z","to_do":"do"}]}"#
        );
        assert_eq!(Verdict::NotChecked.as_str(), "not_checked");
    }
}
