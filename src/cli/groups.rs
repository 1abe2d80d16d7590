//! Prints how many calls there are of each group.

use std::io::{self, Write as _};

use clap::ValueEnum;
use clap::builder::PossibleValue;
use serde_json::json;

use super::output::Output;
use super::search::Format;
use super::table::{Column, Rows, write_csv};
use crate::query::{Group, GroupBy};

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

/// The longest bar, in characters.
const LONGEST_BAR: u64 = 30;

/// Writes groups, for a person with bars beside them.
pub(super) fn write_groups(
    by: GroupBy,
    format: Format,
    groups: &[Group],
    output: &mut Output,
) -> io::Result<()> {
    let title = by.as_str();
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
                    Column::text(title),
                    Column::number("calls"),
                    Column::text("").optional(true),
                ],
                rows: rows.collect(),
            };
            rows.write_text(output)
        }
        Format::Json => groups.iter().try_for_each(|(key, count)| {
            writeln!(output, "{}", json!({title: key, "calls": count}))
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
