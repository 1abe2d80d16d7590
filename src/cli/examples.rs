//! `zalog examples`: usage examples of each service.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use clap::ValueEnum;

use super::output::{Messages, NOT_WRITTEN, Output};
use super::{Status, base_url, logs};
use crate::export::{self, FileNames};
use crate::usage::{Example, Examples};

/// Write a usage example of each service: the request that shows best how to call it, with its
/// response
///
/// Of all calls that were answered, the shortest one is chosen that says something. The same calls
/// give the same examples, so the files can be kept in git. Passwords, keys and tokens are masked
/// unless --show-secrets is given.
///
/// Example: zalog examples logs --format curl -o examples --service 'zato.http-soap.*'
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    logs: logs::LogArgs,
    /// What the examples are written as
    #[arg(long, value_name = "FORMAT", default_value = "json")]
    format: Format,
    /// Write a file a service into this folder, which is made if it is not there
    #[arg(long, short, value_name = "DIR")]
    output: Option<PathBuf>,
    /// The server that curl snippets call
    #[arg(long, value_name = "URL", default_value = base_url::DEFAULT)]
    base_url: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// One document, or SERVICE.json each
    Json,
    /// Shell snippets, or SERVICE.sh each
    Curl,
}

pub(super) fn run(args: &Args, output: &mut Output, messages: &Messages) -> Result<Status> {
    base_url::check(&args.base_url)?;
    let folder = args
        .output
        .as_deref()
        .filter(|folder| *folder != Path::new("-"));
    if let Some(file) = folder.filter(|folder| folder.is_file()) {
        anyhow::bail!("-o `{}`: a file, where a folder is needed", file.display());
    }
    let logs = args.logs.open(messages)?;
    let mut examples = Examples::default();
    let summary = logs.read(messages, |batch| {
        batch
            .invocations
            .iter()
            .for_each(|invocation| examples.add(&logs.view, invocation));
        Ok(())
    })?;
    let mut status = logs.conclude(&summary, messages);
    let without_example: Vec<&str> = examples.without_example().collect();
    if let [first, more @ ..] = without_example.as_slice() {
        let others = match more.len() {
            _ if messages.is_verbose => {
                more.iter().fold(String::new(), |all, one| all + ", " + one)
            }
            0 => String::new(),
            count => format!(" and {count} more (-v names them)"),
        };
        messages.note(&format!(
            "no example, for want of an answered call that can be read whole: {first}{others}"
        ));
    }
    let examples: Vec<Example<'_>> = examples.iter(&logs.view).collect();
    if examples.is_empty() && status == Status::Done {
        status = Status::NothingFound;
    }
    match folder {
        Some(folder) => {
            write_files(args, &examples, folder)?;
            messages.note(&format!(
                "wrote {} examples to {}",
                examples.len(),
                folder.display()
            ));
        }
        None if status == Status::NothingFound => {}
        None => {
            let text = match args.format {
                Format::Json => export::document(&examples),
                Format::Curl => examples
                    .iter()
                    .map(|example| export::curl(example, &args.base_url, None).script)
                    .collect::<Vec<_>>()
                    .join("\n"),
            };
            output.write_all(text.as_bytes()).context(NOT_WRITTEN)?;
        }
    }
    Ok(status)
}

fn write_files(args: &Args, examples: &[Example<'_>], folder: &Path) -> Result<()> {
    fs::create_dir_all(folder).with_context(|| format!("failed to make {}", folder.display()))?;
    let mut names = FileNames::default();
    for example in examples {
        let stem = names.stem(example.service);
        match args.format {
            Format::Json => {
                write_file(
                    folder,
                    &format!("{stem}.json"),
                    &export::example_object(example),
                )?;
            }
            Format::Curl => {
                let body_name = format!("{stem}.body.json");
                let snippet = export::curl(example, &args.base_url, Some(&body_name));
                write_file(folder, &format!("{stem}.sh"), &snippet.script)?;
                if let Some(body) = snippet.body {
                    write_file(folder, &body_name, &body)?;
                }
            }
        }
    }
    Ok(())
}

/// Writes beside the file and renames, so that a full disk leaves the old file as it was.
fn write_file(folder: &Path, name: &str, content: &str) -> Result<()> {
    let (path, beside) = (folder.join(name), folder.join(format!(".{name}.tmp")));
    let written = fs::write(&beside, content).and_then(|()| fs::rename(&beside, &path));
    written
        .inspect_err(|_| drop(fs::remove_file(&beside)))
        .with_context(|| format!("failed to write {}", path.display()))
}
