//! `zalog drift`: what differs between two sets of logs.

use std::ffi::OsString;
use std::io::{self, Write as _};

use anyhow::{Context as _, Result, bail};
use clap::ValueEnum;
use serde_json::{Value, json};

use super::choice::ChoiceArgs;
use super::logs::ReadingArgs;
use super::output::{Messages, NOT_WRITTEN, Output};
use super::table::{Column, Rows};
use super::{Status, gathered};
use crate::entry::Direction;
use crate::export::{drift_in_markdown, indented_json};
use crate::usage::{
    Difference, Drift, Gathering, Presentation, Service, ServiceDrift, Wanted, drift,
};

/// Show which services and fields came, went or changed their type between two sets of logs
///
/// The sets are of two versions of Zato, say, or of a server before and after a change. A field
/// went if no call of the new set has it: the counts tell how many calls were compared. What was
/// only null or empty on a side is not compared.
///
/// Example: zalog drift old/logs new/logs --format markdown
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The old logs: a file, a directory, a glob, or - for standard input
    #[arg(value_name = "OLD")]
    old: OsString,
    /// The new logs
    #[arg(value_name = "NEW")]
    new: OsString,
    #[command(flatten)]
    reading: ReadingArgs,
    #[command(flatten)]
    choice: ChoiceArgs,
    /// How to print it
    #[arg(long, value_name = "FORMAT", default_value = "table")]
    format: Format,
    /// Exit with 1 if anything differs
    #[arg(long)]
    exit_code: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people
    Table,
    /// One document
    Json,
    /// For a page or a pull request
    Markdown,
}

pub(super) fn run(args: &Args, output: &mut Output, messages: &Messages) -> Result<Status> {
    if args.old == "-" && args.new == "-" {
        bail!("OLD and NEW are both standard input, which can be read once");
    }
    let (old, old_status) = args.services(&args.old, messages)?;
    let (new, new_status) = args.services(&args.new, messages)?;
    let is_unread = |services: &[Service], status| status == Status::Trouble && services.is_empty();
    if is_unread(&old, old_status) || is_unread(&new, new_status) {
        // All that the other set has would seem to have come or gone.
        return Ok(Status::Trouble);
    }
    let drift = drift(old, new);
    match args.format {
        Format::Table => write_table(&drift, output),
        Format::Json => writeln!(output, "{}", indented_json(&document(&drift))),
        Format::Markdown => output.write_all(drift_in_markdown(&drift).as_bytes()),
    }
    .context(NOT_WRITTEN)?;
    let differs = args.exit_code && !drift.is_empty();
    Ok(old_status.max(new_status).max(if differs {
        Status::NothingFound
    } else {
        Status::Done
    }))
}

impl Args {
    /// The services that these logs hold.
    fn services(&self, log: &OsString, messages: &Messages) -> Result<(Vec<Service>, Status)> {
        let logs = self.reading.open(std::slice::from_ref(log), messages)?;
        let choice = self.choice.choice(self.reading.now()?, &logs.view)?;
        let wanted = Wanted {
            examples: 0,
            failures: 0,
            schemas: true,
            stable_values: false,
        };
        let gathering = Gathering::new(wanted, &logs.view);
        let mut chosen = 0;
        let mut summary = logs.read(messages, |batch| {
            let calls = choice.of(&batch.invocations);
            chosen += calls.len();
            gathering.take(&calls);
            Ok(())
        })?;
        summary.selected = chosen;
        let status = logs.conclude(&summary, messages);
        Ok((
            gathered::finish(gathering, &Presentation::WHOLE, messages),
            status,
        ))
    }
}

fn write_table(drift: &Drift, output: &mut Output) -> io::Result<()> {
    output.page();
    writeln!(
        output,
        "{} services came, {} went, {} changed",
        drift.came.len(),
        drift.went.len(),
        drift.changed.len()
    )?;
    if drift.is_empty() {
        return Ok(());
    }
    writeln!(output)?;
    let whole = |(service, calls): &(String, u64), change: &str| {
        let calls = calls.to_string();
        let (old, new) = if change == "came" {
            (String::new(), calls)
        } else {
            (calls, String::new())
        };
        vec![service.clone(), change.to_owned(), old, new]
    };
    let came = drift.came.iter().map(|service| whole(service, "came"));
    let went = drift.went.iter().map(|service| whole(service, "went"));
    let changed = drift.changed.iter().flat_map(|service| {
        let of_field = |(side, difference): &(Direction, Difference)| {
            let (old, new) = counts(service, *side);
            let types = |types: Option<&[&str]>, count: u64| match types {
                Some(types) => format!("{} ({count})", types.join(" or ")),
                None => format!("- ({count})"),
            };
            vec![
                format!("  {}", difference.place(*side)),
                difference.change.as_str().to_owned(),
                types(difference.change.old_types(), old),
                types(difference.change.new_types(), new),
            ]
        };
        let title = [service.service.clone()].into_iter();
        let title = title.chain(std::iter::repeat_n(String::new(), 3)).collect();
        std::iter::once(title).chain(service.differences.iter().map(of_field))
    });
    Rows {
        columns: vec![
            Column::text("service and field").cut(),
            Column::text("change"),
            Column::text("old (calls)"),
            Column::text("new (calls)"),
        ],
        rows: came.chain(went).chain(changed).collect(),
    }
    .write_text(output)
}

/// How many old and new payloads were compared.
fn counts(service: &ServiceDrift, side: Direction) -> (u64, u64) {
    match side {
        Direction::Request => service.compared[0],
        Direction::Response => service.compared[1],
    }
}

fn document(drift: &Drift) -> Value {
    let services = |services: &[(String, u64)]| {
        let services = services.iter();
        let services = services.map(|(name, calls)| json!({"service": name, "calls": calls}));
        services.collect::<Vec<Value>>()
    };
    let changed = drift.changed.iter().map(|service| {
        let differences = service.differences.iter().map(|(side, difference)| {
            let (old, new) = counts(service, *side);
            let mut object = json!({
                "path": difference.place(*side),
                "change": difference.change.as_str(),
            });
            for (key, types) in [
                ("old_types", difference.change.old_types()),
                ("new_types", difference.change.new_types()),
            ] {
                if let Some(types) = types {
                    object[key] = types.into();
                }
            }
            object["old_calls"] = old.into();
            object["new_calls"] = new.into();
            object
        });
        json!({"service": service.service, "differences": differences.collect::<Vec<_>>()})
    });
    json!({
        "came": services(&drift.came),
        "went": services(&drift.went),
        "changed": changed.collect::<Vec<_>>(),
    })
}
