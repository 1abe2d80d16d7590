//! Calls that were found, in whatever order: there may be as many as a log has. What puts them in order
//! is in memory, all else may leave it.

use anyhow::Result;

use super::call::Call;
use crate::source::Kept;

/// Calls, each with a head.
#[derive(Debug, Default)]
pub(super) struct KeptCalls {
    pub(super) heads: Vec<Head>,
    texts: Kept,
}

/// What puts a call in its place, and where the rest of it is.
#[derive(Debug)]
pub(super) struct Head {
    pub(super) id: Box<str>,
    pub(super) parent: Option<Box<str>>,
    pub(super) cid: Option<Box<str>>,
    pub(super) seen_at: Option<Box<str>>,
    pub(super) offset: Option<u64>,
    line: Text,
    records: Vec<Text>,
}

/// The place and the length of a text.
type Text = (usize, usize);

impl KeptCalls {
    /// Adds what [`write_json_line`](crate::view::write_json_line) has written, with the records of the
    /// call if they were asked for.
    pub(super) fn add<'r>(
        &mut self,
        line: &[u8],
        records: impl IntoIterator<Item = &'r [u8]>,
    ) -> Result<()> {
        let call = Call::from_line(line)?;
        let owned = |text: Option<&str>| text.map(Box::from);
        let keep = |text: &[u8]| (self.texts.put(text), text.len());
        self.heads.push(Head {
            id: call.id().into(),
            parent: owned(call.text("parent")),
            cid: owned(call.text("cid")),
            seen_at: owned(call.seen_at()),
            offset: call.offset(),
            line: keep(line),
            records: records.into_iter().map(keep).collect(),
        });
        Ok(())
    }

    /// The whole of a call.
    pub(super) fn call(&self, head: &Head) -> Result<Call> {
        Call::from_line(self.text(head.line))
    }

    /// Its request and its response as logged.
    pub(super) fn records(&self, head: &Head) -> impl Iterator<Item = &[u8]> {
        head.records.iter().map(|record| self.text(*record))
    }

    fn text(&self, (place, length): Text) -> &[u8] {
        self.texts.text(place, length)
    }
}
