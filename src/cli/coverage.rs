//! `zalog coverage`: which services have examples, and which fields were seen.

use std::borrow::Cow;
use std::io::{self, Write as _};

use anyhow::{Context as _, Result};
use clap::ValueEnum;
use clap::builder::PossibleValue;
use serde_json::{Value, json};

use super::choice::ChoiceArgs;
use super::output::{Messages, NOT_WRITTEN, Output, one_line};
use super::table::{Column, Rows, write_csv};
use super::{Status, gathered, logs};
use crate::export::indented_json;
use crate::usage::{
    Catalogue, CoverageState, DeclaredField, Gathering, Presentation, ServiceCoverage, Wanted,
    ZatoVersion, coverage,
};

/// Show which of Zato's services the logs hold examples of, and which fields were never seen
///
/// A service counts as covered if one of its calls can serve as an example. Of those that were
/// called, the fields are named that they declare and no request had, marked with ? where they may
/// be left out, and the fields that requests had and that they do not declare; JSON and CSV name all.
///
/// Example: zalog coverage logs --catalogue 4.1 --fail-under 20
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    logs: logs::LogArgs,
    #[command(flatten)]
    choice: ChoiceArgs,
    /// The version of Zato whose services are looked for
    #[arg(long, value_name = "VERSION")]
    catalogue: ZatoVersion,
    /// Leave out the services that were never called
    #[arg(long)]
    called: bool,
    /// Only services without an example
    #[arg(long)]
    missing: bool,
    /// Exit with 1 if fewer services than so many in a hundred have an example
    #[arg(long, value_name = "PERCENT", value_parser = clap::value_parser!(u8).range(0..=100))]
    fail_under: Option<u8>,
    /// How to print it
    #[arg(long, value_name = "FORMAT", default_value = "table")]
    format: Format,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people
    Table,
    /// One document
    Json,
    /// One row a service
    Csv,
}

impl ValueEnum for ZatoVersion {
    fn value_variants<'a>() -> &'a [Self] {
        &Self::ALL
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(PossibleValue::new(self.as_str()))
    }
}

pub(super) fn run(args: &Args, output: &mut Output, messages: &Messages) -> Result<Status> {
    let logs = args.logs.open(messages)?;
    let choice = args.choice.choice(args.logs.now()?, &logs.view)?;
    let wanted = Wanted {
        examples: 1,
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
    let mut status = logs.conclude(&summary, messages);
    if status == Status::Trouble && summary.records() == 0 {
        // No service would seem to have an example.
        return Ok(status);
    }
    let services = gathered::finish(gathering, &Presentation::default(), messages);
    let mut services = coverage(&Catalogue::of(args.catalogue), &services);
    services.retain(|service| {
        choice.includes(&service.service) && logs.selection.includes_service(&service.service)
    });
    let totals = Totals::of(&services);
    services.retain(|service| {
        let has_example = service.examples > 0;
        (service.calls > 0 || !args.called) && !(has_example && args.missing)
    });
    match args.format {
        Format::Table => write_table(args.catalogue, &totals, &services, output),
        Format::Json => write_json(args.catalogue, &totals, &services, output),
        Format::Csv => write_rows(&services, output),
    }
    .context(NOT_WRITTEN)?;
    if let Some(least) = args.fail_under
        && totals.percent() < f64::from(least)
        && status != Status::Trouble
    {
        messages.note(&format!("{:.1} % is under {least} %", totals.percent()));
        status = Status::NothingFound;
    }
    Ok(status)
}

/// How many services there are in each state.
struct Totals([usize; CoverageState::ALL.len()]);

impl Totals {
    fn of(services: &[ServiceCoverage]) -> Self {
        Self(CoverageState::ALL.map(|state| {
            let of_state = services.iter().filter(|service| service.state == state);
            of_state.count()
        }))
    }

    /// How many services the version has.
    fn known(&self) -> usize {
        let [example, called, never_called, _] = self.0;
        example + called + never_called
    }

    /// How many in a hundred of these have an example.
    #[expect(
        clippy::cast_precision_loss,
        reason = "there are some hundred services"
    )]
    fn percent(&self) -> f64 {
        if self.known() == 0 {
            return 0.0;
        }
        self.0[0] as f64 * 100.0 / self.known() as f64
    }
}

fn write_table(
    version: ZatoVersion,
    totals: &Totals,
    services: &[ServiceCoverage],
    output: &mut Output,
) -> io::Result<()> {
    output.page();
    let [example, called, never_called, unknown] = totals.0;
    let (all, percent) = (totals.known(), totals.percent());
    writeln!(
        output,
        "{example} of {all} services of Zato {} have an example ({percent:.1} %), {called} more were \
         called, {never_called} never",
        version.as_str(),
    )?;
    if unknown > 0 {
        writeln!(
            output,
            "{unknown} services were called that it does not have"
        )?;
    }
    if services.is_empty() {
        return Ok(());
    }
    writeln!(output)?;
    let rows = services.iter().map(|service| {
        vec![
            service.service.clone(),
            service.state.as_str().to_owned(),
            service.calls.to_string(),
        ]
    });
    let table = Rows {
        columns: vec![
            Column::text("service"),
            Column::text("state"),
            Column::number("calls"),
        ],
        rows: rows.collect(),
    };
    table.write_text_with(output, |output, nth| {
        let service = &services[nth];
        // All fields of what was never called would say nothing.
        if service.calls == 0 {
            return Ok(());
        }
        write_names("never seen", never_seen(service), output)?;
        write_names("not declared", service.not_declared.clone(), output)
    })
}

fn write_names(title: &str, names: Vec<String>, output: &mut Output) -> io::Result<()> {
    if names.is_empty() {
        return Ok(());
    }
    writeln!(output, "    {title}: {}", one_line(&few(names)))
}

/// `id`, `name?`: a field that may be left out has a question mark, and comes last.
fn never_seen(service: &ServiceCoverage) -> Vec<String> {
    let mut fields: Vec<&DeclaredField> = service.never_seen.iter().collect();
    fields.sort_by_key(|field| field.is_optional);
    let mark = |field: &DeclaredField| if field.is_optional { "?" } else { "" };
    let fields = fields.into_iter();
    fields
        .map(|field| format!("{}{}", field.name, mark(field)))
        .collect()
}

/// The names that a line has room for, and how many more there are.
fn few(mut names: Vec<String>) -> String {
    let more = names.len().saturating_sub(MOST_NAMES);
    if more > 1 {
        names.truncate(MOST_NAMES);
        names.push(format!("and {more} more"));
    }
    names.join(" ")
}

/// How many names a line holds.
const MOST_NAMES: usize = 3;

fn write_json(
    version: ZatoVersion,
    totals: &Totals,
    services: &[ServiceCoverage],
    output: &mut Output,
) -> io::Result<()> {
    let states = CoverageState::ALL.into_iter().zip(totals.0);
    let states: serde_json::Map<String, Value> = states
        .map(|(state, count)| (state.as_str().to_owned(), count.into()))
        .collect();
    let services = services.iter().map(|service| {
        let never_seen = service.never_seen.iter();
        let never_seen: Vec<Value> = never_seen
            .map(|field| json!({"name": field.name, "optional": field.is_optional}))
            .collect();
        json!({
            "service": service.service,
            "state": service.state.as_str(),
            "calls": service.calls,
            "declared_fields": service.declared,
            "never_seen": never_seen,
            "not_declared": service.not_declared,
        })
    });
    let document = json!({
        "catalogue": version.as_str(),
        "services_by_state": states,
        "percent": (totals.percent() * 10.0).round() / 10.0,
        "services": services.collect::<Vec<_>>(),
    });
    writeln!(output, "{}", indented_json(&document))
}

fn write_rows(services: &[ServiceCoverage], output: &mut Output) -> io::Result<()> {
    let header = ["service", "state", "calls", "never_seen", "not_declared"];
    let rows = services.iter().map(|service| {
        vec![
            Cow::Borrowed(&*service.service),
            Cow::Borrowed(service.state.as_str()),
            Cow::Owned(service.calls.to_string()),
            Cow::Owned(never_seen(service).join(" ")),
            Cow::Owned(service.not_declared.join(" ")),
        ]
    });
    let header = header.into_iter().map(Cow::Borrowed).collect();
    write_csv(output, std::iter::once(header).chain(rows))
}
