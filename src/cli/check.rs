//! `steward check`: checks everything that Steward needs, and says what to do about each problem. With `--running` it
//! checks whether the Steward at the address in the settings is alive: the health check of the container image.

use std::process::ExitCode;
use std::sync::Arc;

use clap::Args;

use super::process::SettingsFile;
use super::table::printable;
use crate::app::{self, Finding, Report, Verdict};
use crate::domain::clock::SystemClock;

#[derive(Debug, Args)]
pub(super) struct Check {
    #[command(flatten)]
    file: SettingsFile,
    /// Only check whether the Steward at the configured address is running and alive. Needs no other setting.
    #[arg(long)]
    running: bool,
    /// Print the report as JSON.
    #[arg(long, conflicts_with = "running")]
    json: bool,
}

pub(super) async fn run(check: &Check) -> anyhow::Result<ExitCode> {
    if check.running {
        app::must_be_running(check.file.listen_address()?).await?;
        return Ok(ExitCode::SUCCESS);
    }
    let report = match check.file.load() {
        Ok(settings) => app::check(settings, Arc::new(SystemClock)).await,
        Err(error) if check.json => Report::of_unreadable_settings(&error),
        Err(error) => return Err(error.into()),
    };
    if check.json {
        anstream::println!("{}", serde_json::to_string_pretty(&report)?);
    } else {
        anstream::print!("{}", in_words(&report));
    }
    Ok(ExitCode::from(report.exit_code))
}

/// The verdicts in the order of the summary, each with its words.
const VERDICTS: [(Verdict, &str); 5] = [
    (Verdict::Good, "good"),
    (Verdict::NotChecked, "not checked"),
    (Verdict::Warning, "WARNING"),
    (Verdict::Failed, "FAILED"),
    (Verdict::Misconfigured, "WRONG SETTING"),
];

fn in_words(report: &Report) -> String {
    let lines: String = report.checks.iter().map(line).collect();
    let counted = VERDICTS.iter().map(|(verdict, words)| (report.count(*verdict), words.to_lowercase()));
    let counts: Vec<String> =
        counted.filter(|(count, _)| *count > 0).map(|(count, words)| format!("{count} {words}")).collect();
    format!("{lines}\n{}\n", counts.join(", "))
}

fn line(finding: &Finding) -> String {
    let words =
        VERDICTS.iter().find(|(verdict, _)| *verdict == finding.verdict).map_or("", |(_, words)| words);
    let found = printable(&finding.found);
    let found = if finding.verdict <= Verdict::NotChecked {
        found
    } else {
        format!("expected {}, found {found}", printable(&finding.expected))
    };
    let to_do =
        finding.to_do.as_ref().map_or_else(String::new, |to_do| format!("{:34}{}\n", "", printable(to_do)));
    format!("{words:<14}{:<20}{found}\n{to_do}", finding.check)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_reads_line_by_line() {
        let finding = |check, verdict, found: &str, to_do: Option<&str>| Finding {
            check,
            verdict,
            expected: "the token of a bot".to_owned(),
            found: found.to_owned(),
            to_do: to_do.map(str::to_owned),
        };
        let report = Report::of(vec![
            finding("settings", Verdict::Good, "all in order", None),
            finding("clock", Verdict::NotChecked, "Webex's answer has no date", None),
            finding("bot_token", Verdict::Misconfigured, "the token of a person\u{1b}", Some("Set another.")),
        ]);
        assert_eq!(
            in_words(&report),
            "good          settings            all in order\n\
             not checked   clock               Webex's answer has no date\n\
             WRONG SETTING bot_token           expected the token of a bot, found the token of a person\\u{1b}\n\
             \x20                                 Set another.\n\n\
             1 good, 1 not checked, 1 wrong setting\n"
        );
    }
}
