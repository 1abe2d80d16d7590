//! Tables that fit a phone: there each row is a block, and each cell tells what it is.

use maud::{Markup, html};

/// A column: its heading, and whether it holds quantities.
#[derive(Clone, Copy, Debug)]
pub(super) struct Column {
    pub(super) heading: &'static str,
    pub(super) is_number: bool,
}

/// A cell. Its value is what the script sorts by.
#[derive(Clone, Debug)]
pub(super) struct Cell {
    pub(super) shown: Markup,
    pub(super) value: Option<u64>,
}

impl Column {
    pub(super) const fn text(heading: &'static str) -> Self {
        Self {
            heading,
            is_number: false,
        }
    }

    pub(super) const fn number(heading: &'static str) -> Self {
        Self {
            heading,
            is_number: true,
        }
    }
}

impl From<Markup> for Cell {
    fn from(shown: Markup) -> Self {
        Self { shown, value: None }
    }
}

impl From<&str> for Cell {
    /// The text is one line.
    fn from(text: &str) -> Self {
        html! { (text) }.into()
    }
}

impl From<u64> for Cell {
    fn from(count: u64) -> Self {
        Self {
            shown: html! { (count) },
            value: Some(count),
        }
    }
}

/// Returns a table. The first cell of each row is its heading. `class` is `sorts` where the script
/// lets a reader sort it.
pub(super) fn table(class: &str, columns: &[Column], rows: &[Vec<Cell>]) -> Markup {
    let number = |column: &Column| column.is_number.then_some("number");
    html! {
        table class={"cells " (class)} {
            thead { tr {
                @for column in columns {
                    th scope="col" class=[number(column)] { (column.heading) }
                }
            } }
            tbody {
                @for row in rows {
                    tr {
                        @for (nth, (column, cell)) in columns.iter().zip(row).enumerate() {
                            @if nth == 0 {
                                th scope="row" data-value=[cell.value] { (cell.shown) }
                            } @else {
                                td class=[number(column)] data-label=(column.heading) data-value=[cell.value] {
                                    (cell.shown)
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}
