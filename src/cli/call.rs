//! A call as `zalog show` has it, from the logs or from the index: what its JSON line says.

use anyhow::{Context as _, Result};
use serde_json::Value;

use crate::pyrepr::{Notation, Tokens};

/// A call, taken from its JSON line.
#[derive(Debug)]
pub(super) struct Call {
    /// The line as a value.
    pub(super) value: Value,
}

/// Where a record stands.
#[derive(Clone, Copy, Debug)]
pub(super) struct At<'c> {
    pub(super) file: &'c str,
    pub(super) line: u64,
}

impl Call {
    /// Reads what [`write_json_line`](crate::view::write_json_line) has written.
    pub(super) fn from_line(line: &[u8]) -> Result<Self> {
        let value = Tokens::new(line.trim_ascii_end(), Notation::Json)
            .into_value()
            .context("the JSON line of a call can't be read")?;
        Ok(Self { value })
    }

    pub(super) fn text(&self, key: &str) -> Option<&str> {
        self.value.get(key)?.as_str()
    }

    pub(super) fn number(&self, key: &str) -> Option<u64> {
        self.value.get(key)?.as_u64()
    }

    pub(super) fn id(&self) -> &str {
        self.text("id").unwrap_or_default()
    }

    pub(super) fn service(&self) -> &str {
        self.text("service").unwrap_or_default()
    }

    /// The first time that is known of it.
    pub(super) fn seen_at(&self) -> Option<&str> {
        self.text("started_at").or_else(|| self.text("finished_at"))
    }

    /// Its `request` or `response`; `None` where that is not in the logs.
    pub(super) fn payload(&self, key: &str) -> Option<&Value> {
        self.value.get(key)
    }

    /// Where its `request_at` or `response_at` is.
    pub(super) fn at(&self, key: &str) -> Option<At<'_>> {
        let place = self.value.get(key)?;
        Some(At {
            file: place.get("file")?.as_str()?,
            line: place.get("line")?.as_u64()?,
        })
    }

    /// Where in its file its first record starts.
    pub(super) fn offset(&self) -> Option<u64> {
        let place = self
            .value
            .get("request_at")
            .or_else(|| self.value.get("response_at"))?;
        place.get("offset")?.as_u64()
    }

    pub(super) fn diagnostics(&self) -> impl Iterator<Item = &str> {
        let diagnostics = self.value.get("diagnostics").and_then(Value::as_array);
        diagnostics.into_iter().flatten().filter_map(Value::as_str)
    }
}
