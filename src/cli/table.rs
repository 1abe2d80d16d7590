//! Tables for people and for programs.

use std::borrow::Cow;
use std::io::{self, Write as _};

use comfy_table::{CellAlignment, Table, presets};

use super::output::{Output, one_line, printable};
use super::width;
pub(super) use crate::view::{human_bytes, human_duration};

/// The columns of a table, and its rows as text.
#[derive(Debug)]
pub(super) struct Rows {
    pub(super) columns: Vec<Column>,
    pub(super) rows: Vec<Vec<String>>,
}

/// One column of a table.
#[derive(Clone, Debug)]
pub(super) struct Column {
    pub(super) title: Cow<'static, str>,
    pub(super) is_number: bool,
    /// A column that is left out, the last one first, where the terminal is too narrow.
    pub(super) is_optional: bool,
    /// A column that is cut, from its start, where the terminal is too narrow without those.
    pub(super) is_cut: bool,
}

impl Column {
    pub(super) fn text(title: impl Into<Cow<'static, str>>) -> Self {
        Self {
            title: title.into(),
            is_number: false,
            is_optional: false,
            is_cut: false,
        }
    }

    pub(super) const fn number(title: &'static str) -> Self {
        Self {
            title: Cow::Borrowed(title),
            is_number: true,
            is_optional: false,
            is_cut: false,
        }
    }

    /// This column is cut where the terminal is too narrow.
    pub(super) fn cut(self) -> Self {
        Self {
            is_cut: true,
            ..self
        }
    }

    pub(super) fn optional(self, is_optional: bool) -> Self {
        Self {
            is_optional,
            ..self
        }
    }
}

/// What is left at the least of a cell that is cut, in columns of the terminal.
const SHORTEST: usize = 8;

impl Rows {
    /// Writes the table for a person, no wider than the terminal if that can be.
    pub(super) fn write_text(self, output: &mut Output) -> io::Result<()> {
        self.write_text_with(output, |_, _| Ok(()))
    }

    /// Writes the table for a person, and calls `below` behind each row, with its number from 0.
    pub(super) fn write_text_with(
        mut self,
        output: &mut Output,
        mut below: impl FnMut(&mut Output, usize) -> io::Result<()>,
    ) -> io::Result<()> {
        let mut text = self.render();
        while let Some(columns) = output.width()
            && text.lines().any(|line| width::width(line) > columns)
            && let Some(optional) = self.columns.iter().rposition(|column| column.is_optional)
        {
            self.columns.remove(optional);
            for row in &mut self.rows {
                row.remove(optional);
            }
            text = self.render();
        }
        let widest = text.lines().map(width::width).max();
        if let Some(surplus) = output.width().and_then(|width| widest?.checked_sub(width))
            && surplus > 0
            && let Some(nth) = self.columns.iter().position(|column| column.is_cut)
        {
            self.cut(nth, surplus);
            text = self.render();
        }
        for (nth, line) in text.lines().enumerate() {
            if nth == 0 {
                output.bold_line(line)?;
            } else {
                writeln!(output, "{line}")?;
                below(output, nth - 1)?;
            }
        }
        Ok(())
    }

    /// Makes a column of cells narrower by so many columns of the terminal. The end of a cell tells more than its start.
    fn cut(&mut self, column: usize, surplus: usize) {
        let cells = self.rows.iter_mut().map(|row| &mut row[column]);
        let mut cells: Vec<&mut String> = cells.collect();
        let widths = cells.iter().map(|cell| width::width(cell));
        let widest = widths.max().unwrap_or_default();
        let most = widest.saturating_sub(surplus).max(SHORTEST);
        for cell in &mut cells {
            if width::width(cell) > most {
                **cell = format!("…{}", width::end(cell, most - 1));
            }
        }
    }

    fn render(&self) -> String {
        let mut table = Table::new();
        table.load_style(presets::NOTHING);
        table.set_header(self.columns.iter().map(|column| printable(&column.title)));
        for row in &self.rows {
            table.add_row(row.iter().map(|cell| one_line(cell)));
        }
        for (nth, column) in self.columns.iter().enumerate() {
            if let Some(in_table) = table.column_mut(nth) {
                let padding = if nth == 0 { (0, 1) } else { (1, 1) };
                in_table.set_padding(padding);
                if column.is_number {
                    in_table.set_cell_alignment(CellAlignment::Right);
                }
            }
        }
        table
            .lines()
            .map(|line| line.trim_end().to_owned() + "\n")
            .collect()
    }
}

/// Writes rows as CSV. A cell that a spreadsheet would take for a formula gets an apostrophe.
pub(super) fn write_csv<'r>(
    output: &mut Output,
    rows: impl IntoIterator<Item = Vec<Cow<'r, str>>>,
) -> io::Result<()> {
    let is_terminal = output.is_terminal();
    let mut writer = csv::Writer::from_writer(output);
    for row in rows {
        let cells = row.iter().map(|cell| {
            let cell = if is_terminal {
                Cow::Owned(printable(cell))
            } else {
                Cow::Borrowed(&**cell)
            };
            if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) {
                format!("'{cell}")
            } else {
                cell.into_owned()
            }
        });
        writer.write_record(cells)?;
    }
    writer.flush()
}
