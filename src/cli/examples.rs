//! `zalog examples`: usage examples of each service.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use clap::ValueEnum;
use clap::builder::PossibleValue;

use super::choice::ChoiceArgs;
use super::openapi::{Merging, is_document, write_document};
use super::output::{Messages, NOT_WRITTEN, Output};
use super::written::write_files;
use super::{Status, base_url, gathered, logs};
use crate::export::{Format, SCHEMA, Settings};
use crate::usage::{Gathering, LONGEST_PAYLOAD, Presentation, Service, Wanted};

/// Write usage examples of each service: requests that show how to call it, with their responses
///
/// The first example of a service is the shortest of its calls that says something, the second the
/// one with the most fields, and each after it shows fields or types that those before it have not.
/// The same calls give the same examples, so the files can be kept in git. Passwords, keys and
/// tokens are masked unless --show-secrets is given, and of long responses a part is shown.
///
/// Example: zalog examples logs --format curl -o examples --service 'zato.http-soap.*'
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    logs: logs::LogArgs,
    #[command(flatten)]
    choice: ChoiceArgs,
    /// What the examples are written as (can be repeated) [default: json, or openapi with --merge]
    #[arg(long, value_name = "FORMAT")]
    format: Vec<Format>,
    /// Write files into this folder, which is made if it is not there; several formats get a folder
    /// each. A document of OpenAPI is also written into a file that ends with .yaml or .json
    #[arg(long, short, value_name = "DIR")]
    output: Option<PathBuf>,
    /// Fill the gaps of this OpenAPI document, YAML or JSON, and print it or write it into -o FILE;
    /// nothing that stands in it is changed, and what differs from the calls is told. With --format
    /// overlay, print what is added to it
    #[arg(long, value_name = "FILE")]
    merge: Option<PathBuf>,
    /// The server that snippets call
    #[arg(long, value_name = "URL", default_value = base_url::DEFAULT)]
    base_url: String,
    /// The most examples of each service; fewer where no more show anything new
    #[arg(long, value_name = "N", default_value_t = 3, help_heading = "Examples", value_parser = clap::value_parser!(u8).range(1..))]
    per_service: u8,
    /// As many examples more of calls that were not answered
    #[arg(long, help_heading = "Examples")]
    failures: bool,
    /// Give ids, dates, CIDs and hosts stand-ins, so that the same kind of traffic gives the same
    /// files on any server and any day; the same value has the same stand-in in all of an example
    #[arg(long, help_heading = "Examples")]
    stable_values: bool,
    #[command(flatten)]
    presentation: PresentationArgs,
    /// Print the JSON Schema of what --format json writes, and do nothing else
    #[arg(long, exclusive = true)]
    schema: bool,
}

/// How examples are shown.
#[derive(Debug, clap::Args)]
struct PresentationArgs {
    /// Show so many items of each list in a response; 0 for all
    #[arg(long, value_name = "N", default_value_t = 2, help_heading = "Examples")]
    max_items: usize,
    /// Show so many characters of each text in a response; 0 for all
    #[arg(
        long,
        value_name = "N",
        default_value_t = 500,
        help_heading = "Examples"
    )]
    max_text: usize,
    /// Leave what Zato up to 3.3 logs around a response, which no client receives
    #[arg(long, help_heading = "Examples")]
    envelope: bool,
}

impl ValueEnum for Format {
    fn value_variants<'a>() -> &'a [Self] {
        &Self::ALL
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(PossibleValue::new(self.as_str()).help(self.description()))
    }
}

pub(super) fn run(args: &Args, output: &mut Output, messages: &Messages) -> Result<Status> {
    if args.schema {
        output.write_all(SCHEMA.as_bytes()).context(NOT_WRITTEN)?;
        return Ok(Status::Done);
    }
    base_url::check(&args.base_url)?;
    let folder = args
        .output
        .as_deref()
        .filter(|folder| *folder != Path::new("-"));
    let formats = args.formats();
    if args.presentation.envelope && formats.iter().any(|format| format.is_openapi()) {
        anyhow::bail!("--envelope: OpenAPI tells what a client receives, which is without it");
    }
    let merging = args
        .merge
        .as_deref()
        .map(|file| Merging::read(file, &formats, folder));
    let merging = merging.transpose()?;
    let file = folder.filter(|path| merging.is_some() || is_document(path, &formats));
    let folder = folder.filter(|_| file.is_none());
    if let Some(file) = folder.filter(|folder| folder.exists() && !folder.is_dir()) {
        anyhow::bail!("-o `{}`: a file, where a folder is needed", file.display());
    }
    if folder.is_none() && formats.len() > 1 {
        anyhow::bail!("several formats need a folder each: add -o DIR");
    }
    let logs = args.logs.open(messages)?;
    if let Some(file) = file {
        logs.spare(file, "-o")?;
    }
    let choice = args.choice.choice(args.logs.now()?, &logs.view)?;
    let gathering = Gathering::new(args.wanted(&formats), &logs.view);
    let mut chosen = 0;
    let mut summary = logs.read(messages, |batch| {
        let calls = choice.of(&batch.invocations);
        chosen += calls.len();
        gathering.take(&calls);
        Ok(())
    })?;
    summary.selected = chosen;
    let mut status = logs.conclude(&summary, messages);
    let services = gathered::finish(gathering, &args.presentation.presentation(), messages);
    say_without_example(&services, messages);
    let examples: usize = services.iter().map(|service| service.examples.len()).sum();
    let is_needed = |format: &Format| examples > 0 || format.is_openapi();
    let has_content = !services.is_empty() && formats.iter().any(is_needed);
    if !has_content && status == Status::Done {
        status = Status::NothingFound;
    }
    let settings = Settings {
        base_url: args.base_url.clone(),
    };
    if let Some(merging) = merging.filter(|_| status != Status::NothingFound) {
        return Ok(match merging.write(&services, file, output, messages)? {
            Status::Done => status,
            other => other,
        });
    }
    match (folder, formats.as_slice()) {
        (None, [format]) if status != Status::NothingFound && file.is_some() => {
            let document = format.openapi_document(&services, &settings);
            for (file, document) in file.into_iter().zip(document) {
                write_document(file, &document)?;
            }
        }
        (Some(folder), formats) if !services.is_empty() => {
            for format in formats {
                let files = format.files(&services, &settings);
                if formats.len() == 1 {
                    write_files(folder, &files, &logs)?;
                } else {
                    write_files(&folder.join(format.as_str()), &files, &logs)?;
                }
            }
            messages.note(&format!(
                "wrote {examples} examples of {} services to {}",
                services
                    .iter()
                    .filter(|service| !service.examples.is_empty())
                    .count(),
                folder.display()
            ));
        }
        (None, [format]) if status != Status::NothingFound => {
            let text = format.text(&services, &settings);
            output.write_all(text.as_bytes()).context(NOT_WRITTEN)?;
        }
        (Some(_) | None, _) => {}
    }
    Ok(status)
}

impl Args {
    /// The formats, each once.
    fn formats(&self) -> Vec<Format> {
        let mut formats = self.format.clone();
        if formats.is_empty() {
            formats.push(match self.merge {
                Some(_) => Format::Openapi,
                None => Format::Json,
            });
        }
        formats.sort_unstable();
        formats.dedup();
        formats
    }

    fn wanted(&self, formats: &[Format]) -> Wanted {
        let examples = usize::from(self.per_service);
        Wanted {
            examples,
            failures: if self.failures { examples } else { 0 },
            stable_values: self.stable_values,
            schemas: formats.iter().any(|format| format.needs_schemas()),
        }
    }
}

impl PresentationArgs {
    fn presentation(&self) -> Presentation {
        let unless_zero = |count| if count == 0 { usize::MAX } else { count };
        Presentation {
            max_items: unless_zero(self.max_items),
            max_text: unless_zero(self.max_text),
            keeps_envelope: self.envelope,
        }
    }
}

fn say_without_example(services: &[Service], messages: &Messages) {
    let without = services
        .iter()
        .filter(|service| service.examples.is_empty());
    let names: Vec<&str> = without.map(|service| service.name.as_str()).collect();
    let [first, more @ ..] = names.as_slice() else {
        return;
    };
    let others = match more.len() {
        _ if messages.is_verbose => more.iter().fold(String::new(), |all, one| all + ", " + one),
        0 => String::new(),
        count => format!(" and {count} more (-v names them)"),
    };
    messages.note(&format!(
        "no example, for want of an answered call with its request that can be read whole and is \
         not over {} MB: {first}{others}",
        LONGEST_PAYLOAD / 1_000_000
    ));
}
