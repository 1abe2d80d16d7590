//! Tables for people and for programs.

use std::borrow::Cow;
use std::io::{self, Write as _};

use super::output::{Output, one_line};
use super::width;
use crate::export::visible_json;
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
    /// A column that gets narrower, down to so many columns of the terminal, before any other is left
    /// out: it loses its end, or its start if it is one to be cut.
    pub(super) shortest: Option<usize>,
}

impl Column {
    pub(super) fn text(title: impl Into<Cow<'static, str>>) -> Self {
        Self {
            title: title.into(),
            is_number: false,
            is_optional: false,
            is_cut: false,
            shortest: None,
        }
    }

    pub(super) const fn number(title: &'static str) -> Self {
        Self {
            title: Cow::Borrowed(title),
            is_number: true,
            is_optional: false,
            is_cut: false,
            shortest: None,
        }
    }

    /// This column is cut where the terminal is too narrow.
    pub(super) fn cut(self) -> Self {
        Self {
            is_cut: true,
            ..self
        }
    }

    /// This column gets narrower before others are left out.
    pub(super) fn shortened_to(self, shortest: usize) -> Self {
        Self {
            shortest: Some(shortest),
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

/// How many spaces stand between two columns.
const BETWEEN: usize = 2;

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
        while let surplus = surplus(&text, output)
            && surplus > 0
            && surplus > self.room()
            && let Some(optional) = self.columns.iter().rposition(|column| column.is_optional)
        {
            self.columns.remove(optional);
            for row in &mut self.rows {
                row.remove(optional);
            }
            text = self.render();
        }
        let too_wide = surplus(&text, output);
        if too_wide > 0 && self.room() > 0 {
            self.shorten(too_wide);
            text = self.render();
        }
        let too_wide = surplus(&text, output);
        if too_wide > 0
            && let Some(nth) = self.columns.iter().position(|column| column.is_cut)
        {
            self.cut(nth, too_wide);
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

    /// How many columns of the terminal the ends of cells take that may be lost.
    fn room(&self) -> usize {
        let columns = self.columns.iter().enumerate();
        let room = columns
            .filter_map(|(nth, column)| Some(self.widest(nth).saturating_sub(column.shortest?)));
        room.sum()
    }

    fn widest(&self, column: usize) -> usize {
        let cells = self.rows.iter();
        let widths = cells.map(|row| width::width(&one_line(&row[column])));
        widths.max().unwrap_or_default()
    }

    /// Takes so many columns of the terminal from cells, of the widest columns first.
    fn shorten(&mut self, surplus: usize) {
        let columns = 0..self.columns.len();
        let mut widths: Vec<usize> = columns.map(|nth| self.widest(nth)).collect();
        for _ in 0..surplus {
            let columns = self.columns.iter().zip(&mut widths);
            let room = columns.filter(|(column, width)| {
                column.shortest.is_some_and(|shortest| **width > shortest)
            });
            let Some((_, widest)) = room.max_by_key(|(_, width)| **width) else {
                break;
            };
            *widest -= 1;
        }
        for (nth, most) in widths.into_iter().enumerate() {
            if self.columns[nth].shortest.is_some() {
                self.narrow(nth, most);
            }
        }
    }

    /// Makes a column of cells narrower by so many columns of the terminal. The end of a cell tells more than its start.
    fn cut(&mut self, column: usize, surplus: usize) {
        let most = self.widest(column).saturating_sub(surplus).max(SHORTEST);
        self.narrow(column, most);
    }

    /// Leaves so many columns of the terminal of each cell: its end, if it is one to be cut.
    fn narrow(&mut self, column: usize, most: usize) {
        for row in &mut self.rows {
            let narrow = |cell: &str| {
                if self.columns[column].is_cut {
                    format!("…{}", width::end(cell, most - 1))
                } else {
                    format!("{}…", width::start(cell, most - 1))
                }
            };
            let narrow = {
                let cell = one_line(&row[column]);
                (width::width(&cell) > most).then(|| narrow(&cell))
            };
            if let Some(narrow) = narrow {
                row[column] = narrow;
            }
        }
    }

    fn render(&self) -> String {
        let cell = |text| Cell::from(one_line(text));
        let titles = self.columns.iter().map(|column| cell(&column.title));
        let rows = self.rows.iter();
        let rows = rows.map(|row| row.iter().map(|text| cell(text)).collect());
        let lines: Vec<Vec<Cell<'_>>> = std::iter::once(titles.collect()).chain(rows).collect();
        let mut widest = vec![0; self.columns.len()];
        for line in &lines {
            for (widest, cell) in widest.iter_mut().zip(line) {
                *widest = cell.width.max(*widest);
            }
        }
        let mut text = String::new();
        for line in &lines {
            let start = text.len();
            // They are written with the next cell, so that those behind the last need not go again.
            let mut spaces = 0;
            for (nth, cell) in line.iter().enumerate() {
                let padding = widest[nth] - cell.width;
                let (before, behind) = if self.columns[nth].is_number {
                    (padding, 0)
                } else {
                    (0, padding)
                };
                let between = if nth == 0 { 0 } else { BETWEEN };
                push_spaces(&mut text, spaces + between + before);
                text.push_str(&cell.text);
                spaces = behind;
            }
            let end = text[start..].trim_end().len();
            text.truncate(start + end);
            text.push('\n');
        }
        text
    }
}

/// A cell as it is written.
struct Cell<'c> {
    text: Cow<'c, str>,
    /// How many columns of the terminal it takes.
    width: usize,
}

impl<'c> From<Cow<'c, str>> for Cell<'c> {
    fn from(text: Cow<'c, str>) -> Self {
        let width = width::width(&text);
        Self { text, width }
    }
}

/// Many at a time: a wide column has more spaces than text.
fn push_spaces(text: &mut String, count: usize) {
    const SPACES: &str = "                ";
    text.extend(std::iter::repeat_n(SPACES, count / SPACES.len()));
    text.push_str(&SPACES[..count % SPACES.len()]);
}

/// How many columns of the terminal a table is too wide.
fn surplus(text: &str, output: &Output) -> usize {
    let Some(width) = output.width() else {
        return 0;
    };
    let widest = text.lines().map(width::width).max().unwrap_or_default();
    widest.saturating_sub(width)
}

/// Writes rows as CSV. What a spreadsheet would take for a formula gets an apostrophe, and what a terminal
/// would obey is escaped as in JSON, but for newlines.
pub(super) fn write_csv<'r>(
    out: impl io::Write,
    rows: impl IntoIterator<Item = Vec<Cow<'r, str>>>,
) -> io::Result<()> {
    let mut writer = csv::Writer::from_writer(out);
    for row in rows {
        let cells = row
            .iter()
            .map(|cell| without_formulas(&visible_json(&**cell)));
        writer.write_record(cells)?;
    }
    writer.flush()
}

/// A cell in which no formula starts: neither with it, nor where spreadsheets of many countries split
/// cells, which are at semicolons, and at newlines where they see no quotes.
fn without_formulas(cell: &str) -> String {
    let mut marked = String::with_capacity(cell.len() + 1);
    let mut may_start = true;
    for (at, c) in cell.char_indices() {
        if may_start && FORMULA.contains(&c) {
            marked.push('\'');
        }
        marked.push(c);
        may_start = matches!(c, ';' | '\n') || (may_start && at > 0 && matches!(c, '"' | ' '));
    }
    marked
}

/// What spreadsheets take for the start of a formula, in any width.
const FORMULA: [char; 8] = [
    '=', '+', '-', '@', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}',
];

/// Returns rows as CSV, for a fuzz target to read them again.
#[cfg(fuzzing)]
pub fn csv_of<'r>(rows: impl IntoIterator<Item = Vec<Cow<'r, str>>>) -> Vec<u8> {
    let mut out = Vec::new();
    write_csv(&mut out, rows).expect("memory takes all that is written");
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_stand_below_each_other_and_no_space_behind_them() {
        let wide = "x".repeat(150);
        let rows = Rows {
            columns: vec![
                Column::text("one"),
                Column::number("two"),
                Column::text("three"),
            ],
            rows: vec![
                vec![wide.clone(), "1".into(), "a\nb".into()],
                vec!["漢".into(), "12345".into(), String::new()],
            ],
        };
        let expected = [
            format!("{:150}    two  three", "one"),
            format!("{wide}      1  a b"),
            format!("漢{:148}  12345", ""),
        ];
        assert_eq!(rows.render().lines().collect::<Vec<_>>(), expected);
    }

    #[test]
    fn no_formula_starts_in_a_cell() {
        for (cell, expected) in [
            ("=1", "'=1"),
            ("a=1; b", "a=1; b"),
            ("a;=1;b", "a;'=1;b"),
            ("a; \"\"=1;-b", "a; \"\"'=1;'-b"),
            ("a\n@b", "a\n'@b"),
            ("\"=1\"", "\"=1\""),
            (";\u{ff1d}1", ";'\u{ff1d}1"),
            ("", ""),
        ] {
            assert_eq!(without_formulas(cell), expected);
        }
    }

    #[test]
    fn the_widest_columns_get_narrower_first() {
        let mut rows = Rows {
            columns: vec![
                Column::text("time"),
                Column::text("object").cut().shortened_to(6),
                Column::text("changed").shortened_to(4),
            ],
            rows: vec![
                vec!["12:00".into(), "a/long/name".into(), "漢字 is long".into()],
                vec!["12:01".into(), "a/name".into(), "short".into()],
            ],
        };
        assert_eq!(rows.room(), 13);
        rows.shorten(7);
        assert_eq!(rows.rows[0], ["12:00", "…ng/name", "漢字 is…"]);
        assert_eq!(rows.rows[1], ["12:01", "a/name", "short"]);
        rows.shorten(100);
        assert_eq!(rows.rows[0], ["12:00", "…/name", "漢…"]);
        assert_eq!(rows.rows[1], ["12:01", "a/name", "sho…"]);
    }
}
