//! The binary: arguments in, exit code out.

use clap::Parser as _;

fn main() -> std::process::ExitCode {
    steward::cli::Cli::parse().run()
}
