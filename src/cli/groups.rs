//! Prints how many calls there are of each group.

use std::io::{self, Write as _};

use clap::ValueEnum;
use serde_json::json;

use super::output::Output;
use super::search::Format;
use super::table::{Column, Rows, write_csv};
use crate::query::{Group, GroupBy};

/// By what calls are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Grouping {
    /// The name of the service
    Service,
    /// Its last part
    Verb,
    /// What such services do: read, write or other
    Kind,
    /// The server
    Server,
    /// What became of the call
    Outcome,
    /// The hour in which it started
    Hour,
    /// The day on which it started
    Day,
}

impl Grouping {
    pub(super) fn group_by(self) -> GroupBy {
        match self {
            Self::Service => GroupBy::Service,
            Self::Verb => GroupBy::Verb,
            Self::Kind => GroupBy::Kind,
            Self::Server => GroupBy::Server,
            Self::Outcome => GroupBy::Outcome,
            Self::Hour => GroupBy::Hour,
            Self::Day => GroupBy::Day,
        }
    }

    fn title(self) -> &'static str {
        match self {
            Self::Service => "service",
            Self::Verb => "verb",
            Self::Kind => "kind",
            Self::Server => "server",
            Self::Outcome => "outcome",
            Self::Hour => "hour",
            Self::Day => "day",
        }
    }
}

/// The longest bar, in characters.
const LONGEST_BAR: u64 = 30;

/// Writes groups, for a person with bars beside them.
pub(super) fn write_groups(
    by: Grouping,
    format: Format,
    groups: &[Group],
    output: &mut Output,
) -> io::Result<()> {
    let title = by.title();
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
