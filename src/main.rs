//! Starts zalog.

use std::process::ExitCode;

fn main() -> ExitCode {
    zalog::cli::run(std::env::args_os())
}
