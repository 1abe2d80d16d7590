//! When there were calls: the place of the chart, the same as a table, and a heatmap.

use jiff::Timestamp;
use jiff::tz::Offset;
use maud::{Markup, html};

use super::table::{Cell, Column, table};
use crate::invocation::Kind;
use crate::usage::Traffic;

/// How many rows the table has at most.
const MOST_ROWS: i64 = 48;

const WEEKDAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

/// How many shades the heatmap has.
const SHADES: u64 = 5;

pub(super) fn section(traffic: &Traffic) -> Markup {
    let Some(bars) = traffic.bars(MOST_ROWS) else {
        return html! { p { "No call with a time is in these logs." } };
    };
    let rows: Vec<Vec<Cell>> = (0..)
        .zip(&bars.counts)
        .filter(|(_, counts)| counts.iter().any(|count| *count > 0))
        .map(|(nth, counts)| {
            let time = time(bars.start_ms + nth * bars.width_ms);
            let counts = counts.iter().map(|count| Cell::from(*count));
            std::iter::once(Cell::from(&*time)).chain(counts).collect()
        })
        .collect();
    let columns = [
        Column::text("From"),
        Column::number(Kind::ALL[0].as_str()),
        Column::number(Kind::ALL[1].as_str()),
        Column::number(Kind::ALL[2].as_str()),
    ];
    html! {
        figure {
            figcaption {
                p .legend #legend {
                    @for kind in Kind::ALL {
                        span { span class={"swatch " (kind.as_str())} {} (kind.as_str()) b data-kind=(kind.as_str()) {} } " "
                    }
                    span #moment {}
                }
            }
            div #chart role="img" aria-label="Calls over time by what they do; the table below has the same" {}
            p .hint #chart-hint {
                span .scriptless { "The chart needs JavaScript; the table has the same." }
            }
        }
        details {
            summary { "The same as a table" }
            (table("", &columns, &rows))
        }
        h3 { "By weekday and hour" }
        (heatmap(traffic.hours()))
    }
}

/// `2018-11-11 22:00:00`
fn time(millis: i64) -> String {
    match Timestamp::from_millisecond(millis) {
        Ok(time) => Offset::UTC.to_datetime(time).to_string().replace('T', " "),
        Err(_) => millis.to_string(),
    }
}

fn heatmap(hours: &[[u64; 24]; 7]) -> Markup {
    let most = hours.iter().flatten().copied().max().unwrap_or_default();
    html! {
        table .heat {
            thead { tr {
                th scope="col" { span .unseen { "Weekday" } }
                @for hour in 0..24 { th scope="col" { (format!("{hour:02}")) } }
            } }
            tbody {
                @for (weekday, counts) in WEEKDAYS.iter().zip(hours) {
                    tr {
                        th scope="row" { (weekday) }
                        @for (hour, count) in counts.iter().enumerate() {
                            td class={"heat-" (shade(*count, most))}
                                title={(weekday) " " (format!("{hour:02}")) ":00: " (count)} { (short(*count)) }
                        }
                    }
                }
            }
        }
        p .hint { "Calls in each hour of the week, all weeks together, by the clocks of the servers." }
    }
}

/// 0 of no call, and up to [`SHADES`] of the most.
fn shade(count: u64, most: u64) -> u64 {
    (count * SHADES).div_ceil(most.max(1))
}

/// A count in at most four characters.
fn short(count: u64) -> String {
    match count {
        0 => String::new(),
        1..1_000 => count.to_string(),
        1_000..1_000_000 => format!("{}k", count / 1_000),
        _ => format!("{}M", count / 1_000_000),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shades_tell_none_from_some() {
        let shades = [0, 1, 100, 101, 499, 500].map(|count| shade(count, 500));
        assert_eq!(shades, [0, 1, 1, 2, 5, 5]);
        assert_eq!(shade(0, 0), 0);
    }

    #[test]
    fn times_are_those_of_the_clock() {
        assert_eq!(time(1_795_457_779_000), "2026-11-23 18:16:19");
    }
}
