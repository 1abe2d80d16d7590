//! The command line: arguments, terminal, exit codes. The only module that prints.
//!
//! One file a command, each with its `Args` and a `run`. Data goes to standard output, all else to
//! standard error.

mod audit;
mod audit_csv;
mod audit_json;
mod audit_text;
mod base_url;
mod call;
mod call_text;
mod call_tree;
mod choice;
mod columns;
mod completions;
mod coverage;
mod drift;
mod examples;
mod excerpts;
mod gathered;
mod globs;
mod groups;
mod index;
mod json_text;
mod kept_calls;
mod logs;
mod lookup;
mod man;
mod open_set;
mod openapi;
mod output;
mod pager;
mod panics;
mod parse;
mod progress;
mod recipes;
mod search;
mod show;
mod snippet;
mod stats;
mod table;
mod tail;
mod verify;
mod width;
mod written;

use std::ffi::OsString;
use std::io::{self, Write as _};
use std::process::ExitCode;

use anyhow::Context as _;
use clap::{CommandFactory as _, FromArgMatches as _, Parser, Subcommand};

use output::{Messages, NOT_WRITTEN, Output};
#[cfg(fuzzing)]
pub use table::csv_of;

use crate::search::SearchError;
use crate::source::outlive_file_size_limit;

/// Find past calls, measure them and write usage examples, from Zato's admin.log
#[derive(Debug, Parser)]
#[command(
    name = "zalog",
    version,
    max_term_width = 100,
    arg_required_else_help = true
)]
#[command(
    after_help = "LOG is a file, a directory (its admin.log*, or logs/admin.log*, or those of the folders \
    below), a glob, or - for standard input; .gz and .zst are read as they are. NAME=LOG gives \
    the server a name.\n\n\
    Exit status: 0 done, 1 nothing found, 2 an error or an input that could not be read."
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
    #[command(flatten)]
    messages: output::OutputArgs,
}

#[derive(Debug, Subcommand)]
enum Command {
    Stats(stats::Args),
    Parse(parse::Args),
    Search(search::Args),
    Show(show::Args),
    Examples(examples::Args),
    Verify(verify::Args),
    Coverage(coverage::Args),
    Drift(drift::Args),
    Recipes(recipes::Args),
    Audit(audit::Args),
    Index(index::Args),
    Tail(tail::Args),
    Completions(completions::Args),
    Man(man::Args),
}

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Status {
    Done,
    NothingFound,
    Trouble,
}

impl Status {
    fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::NothingFound => 1,
            Self::Trouble => 2,
        }
    }
}

impl From<Status> for ExitCode {
    fn from(status: Status) -> Self {
        Self::from(status.code())
    }
}

/// Runs the command that `arguments` name. A closed pipe is a normal end.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    outlive_file_size_limit();
    let cli = match parse(arguments) {
        Ok(cli) => cli,
        Err(error) => {
            let status = if error.use_stderr() {
                Status::Trouble
            } else {
                Status::Done
            };
            return match error.print() {
                Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Status::Trouble,
                Ok(()) | Err(_) => status,
            }
            .into();
        }
    };
    let messages = Messages::new(&cli.messages);
    let mut output = Output::stdout(&cli.messages);
    let run = || run_command(&cli.command, &mut output, &messages);
    let Some(status) = panics::told(run) else {
        return Status::Trouble.into();
    };
    let flushed = output.flush().context(NOT_WRITTEN);
    match status.and_then(|status| flushed.map(|()| status)) {
        Ok(status) => status.into(),
        Err(error) if is_closed_pipe(&error) => Status::Done.into(),
        Err(error) => {
            messages.error(&format!("{error:#}"));
            if is_of_own_line(&error)
                && let Some(words) = panics::changed_log()
            {
                messages.error(&words);
            }
            Status::Trouble.into()
        }
    }
}

fn run_command(
    command: &Command,
    output: &mut Output,
    messages: &Messages,
) -> anyhow::Result<Status> {
    match command {
        Command::Stats(args) => stats::run(args, output, messages),
        Command::Parse(args) => parse::run(args, output, messages),
        Command::Search(args) => search::run(args, output, messages),
        Command::Show(args) => show::run(args, output, messages),
        Command::Examples(args) => examples::run(args, output, messages),
        Command::Verify(args) => verify::run(args, output, messages),
        Command::Coverage(args) => coverage::run(args, output, messages),
        Command::Drift(args) => drift::run(args, output, messages),
        Command::Recipes(args) => recipes::run(args, output, messages),
        Command::Audit(args) => audit::run(args, output, messages),
        Command::Index(args) => index::run(args, output, messages),
        Command::Tail(args) => tail::run(args, output, messages),
        Command::Completions(args) => completions::run(args, output),
        Command::Man(man::Args) => man::run(output),
    }
}

fn parse(arguments: impl IntoIterator<Item = OsString>) -> Result<Cli, clap::Error> {
    // What `zalog index` does without logs.
    let instead = ["list", "verify", "drop"];
    let command = Cli::command().mut_subcommand("index", |index| {
        index.mut_arg("logs", |logs| {
            logs.required(false).required_unless_present_any(instead)
        })
    });
    Cli::from_arg_matches(&command.try_get_matches_from(arguments)?)
}

/// Whether a line that zalog has written itself can't be read: its text may have changed meanwhile.
fn is_of_own_line(error: &anyhow::Error) -> bool {
    matches!(error.downcast_ref(), Some(SearchError::Line(_)))
        || error.downcast_ref::<serde_json::Error>().is_some()
}

fn is_closed_pipe(error: &anyhow::Error) -> bool {
    error
        .chain()
        .filter_map(|cause| cause.downcast_ref::<io::Error>())
        .any(|cause| cause.kind() == io::ErrorKind::BrokenPipe)
}
