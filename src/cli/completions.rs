//! `zalog completions`: what a shell needs to complete commands and flags.

use std::io::Write as _;

use anyhow::{Context as _, Result};
use clap::CommandFactory as _;
use clap_complete::Shell;

use super::output::{NOT_WRITTEN, Output};
use super::{Cli, Status};

/// Print a script that makes a shell complete zalog's commands and flags
///
/// For example, in ~/.bashrc: source <(zalog completions bash)
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The shell
    shell: Shell,
}

pub(super) fn run(args: &Args, output: &mut Output) -> Result<Status> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "zalog", &mut script);
    output.write_all(&script).context(NOT_WRITTEN)?;
    Ok(Status::Done)
}
