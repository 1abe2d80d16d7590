//! Reads the records of a log of which only a part is in memory.

use super::Record;
use super::framing::{Records, records};
use super::start::LONGEST_START;

/// A part of a log.
#[derive(Clone, Copy, Debug)]
pub struct Window<'a> {
    /// Its bytes.
    pub bytes: &'a [u8],
    /// Where in the log they start.
    pub offset: usize,
    /// Where in the log the first record starts that is to be read. Only what starts the log starts
    /// the window.
    pub at: usize,
    /// How many records have broken off in the line of that record: [`SettledRecords::torn`] of the
    /// window before.
    pub torn: usize,
    /// Whether it ends the log.
    pub is_last: bool,
}

impl<'a> Window<'a> {
    /// Returns the records of this window that are the same whatever follows it: those that
    /// [`records`] gives of the whole log.
    #[must_use]
    pub fn records(self) -> SettledRecords<'a> {
        let mut records = records(self.bytes);
        records.skip_to(self.at - self.offset);
        records.set_torn(self.torn);
        SettledRecords {
            window: self,
            records,
        }
    }
}

/// An iterator over records that nothing behind the window can change, each with its bytes.
#[derive(Clone, Debug)]
pub struct SettledRecords<'a> {
    window: Window<'a>,
    records: Records<'a>,
}

impl SettledRecords<'_> {
    /// Where in the log the first record starts that has not been given.
    #[must_use]
    pub fn at(&self) -> usize {
        self.window.at
    }

    /// How many records have broken off in its line.
    #[must_use]
    pub fn torn(&self) -> usize {
        self.window.torn
    }
}

impl<'a> Iterator for SettledRecords<'a> {
    type Item = (Record<'a>, &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        let Window {
            bytes,
            offset,
            is_last,
            ..
        } = self.window;
        let mut record = self.records.next()?;
        // Behind a line, the start of a record is looked for.
        if !is_last && self.records.reach() + LONGEST_START > bytes.len() {
            return None;
        }
        let text = &bytes[record.span.offset..record.span.end()];
        record.span.offset += offset;
        self.window.at = record.span.end();
        self.window.torn = self.records.torn();
        Some((record, text))
    }
}
