//! Prints how many calls there are of each group.

use std::ffi::OsStr;
use std::io::{self, Write as _};
use std::str::FromStr;

use clap::builder::{PossibleValue, TypedValueParser};
use clap::{Arg, Command, ValueEnum};
use serde_json::json;
use thiserror::Error;

use super::output::Output;
use super::search::Format;
use super::table::{Column, Rows, write_csv};
use crate::export::compact_json;
use crate::query::{Group, GroupBy, Grouping};

impl ValueEnum for GroupBy {
    fn value_variants<'a>() -> &'a [Self] {
        &Self::ALL
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        let help = match self {
            Self::Service => "The name of the service",
            Self::Verb => "Its last part",
            Self::Kind => "What such services do: read, write or other",
            Self::Server => "The server",
            Self::Outcome => "What became of the call",
            Self::Hour => "The hour in which it started",
            Self::Day => "The day on which it started",
        };
        Some(PossibleValue::new(self.as_str()).help(help))
    }
}

/// By what is counted, with the name that it was asked by.
#[derive(Clone, Debug)]
pub(super) struct NamedGrouping {
    name: String,
    pub(super) grouping: Grouping,
}

/// A text that names nothing by which calls are counted.
#[derive(Debug, Error)]
#[error(
    "calls are counted by service, verb, kind, server, outcome, hour, day, request.KEY or response.KEY"
)]
pub(super) struct UnknownGrouping;

impl FromStr for NamedGrouping {
    type Err = UnknownGrouping;

    fn from_str(name: &str) -> Result<Self, UnknownGrouping> {
        let fact = GroupBy::ALL.into_iter().find(|by| by.as_str() == name);
        let grouping = match fact {
            Some(by) => Grouping::Fact(by),
            None => Grouping::Value(name.parse().map_err(|_| UnknownGrouping)?),
        };
        Ok(Self {
            name: name.to_owned(),
            grouping,
        })
    }
}

/// Reads what calls are counted by, and names it in the help.
#[derive(Clone, Debug)]
pub(super) struct GroupingParser;

impl TypedValueParser for GroupingParser {
    type Value = NamedGrouping;

    fn parse_ref(
        &self,
        command: &Command,
        argument: Option<&Arg>,
        value: &OsStr,
    ) -> Result<NamedGrouping, clap::Error> {
        NamedGrouping::from_str.parse_ref(command, argument, value)
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        let facts = GroupBy::value_variants();
        let facts = facts.iter().filter_map(ValueEnum::to_possible_value);
        let value = PossibleValue::new("request.KEY")
            .help("The values there, as in a query; likewise response.KEY");
        Some(Box::new(facts.chain([value])))
    }
}

/// The longest bar, in characters.
const LONGEST_BAR: u64 = 30;

/// Writes groups, for a person with bars beside them.
pub(super) fn write_groups(
    by: &NamedGrouping,
    format: Format,
    groups: &[Group],
    output: &mut Output,
) -> io::Result<()> {
    let title = by.name.as_str();
    let most = groups.iter().map(|(_, count)| *count).max().unwrap_or(1);
    match format {
        Format::Table => {
            let rows = groups.iter().map(|(key, count)| {
                vec![
                    key.clone().unwrap_or_else(|| "-".to_owned()),
                    count.to_string(),
                    bar(*count, most),
                ]
            });
            let rows = Rows {
                columns: vec![
                    Column::text(title.to_owned()).cut(),
                    Column::number("calls"),
                    Column::text("").optional(true),
                ],
                rows: rows.collect(),
            };
            rows.write_text(output)
        }
        Format::Json => groups.iter().try_for_each(|(key, count)| {
            let group = json!({title: key, "calls": count});
            writeln!(output, "{}", compact_json(&group))
        }),
        Format::Csv => {
            let titles = vec![title.into(), "calls".into()];
            let rows = groups.iter().map(|(key, count)| {
                vec![
                    key.as_deref().unwrap_or_default().into(),
                    count.to_string().into(),
                ]
            });
            write_csv(output, std::iter::once(titles).chain(rows))
        }
    }
}

/// A bar as long as its share of the longest, in eighths of a character.
fn bar(count: u64, most: u64) -> String {
    let eighths = u128::from(count) * u128::from(LONGEST_BAR * 8) / u128::from(most.max(1));
    let eighths = usize::try_from(eighths).unwrap_or_default();
    let mut bar = "█".repeat(eighths / 8);
    bar.extend(['▏', '▎', '▍', '▌', '▋', '▊', '▉'].get((eighths % 8).wrapping_sub(1)));
    if bar.is_empty() {
        bar.push('▏');
    }
    bar
}
