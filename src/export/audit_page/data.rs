//! What the script shows: the chart and all changes, as JSON.
//!
//! A change is a list of cells. A cell is a text, `null`, or a number, which stands for one of
//! `texts`: what many changes have in common is written once. The script can count on this order:
//! time, server, action, outcome, type of the object, object, who, fields (lists of name, before,
//! after, and `true` of a secret), what was asked for (lists of name and value), and then the facts
//! that `facts` names.

use std::collections::HashMap;
use std::io::{self, Write};

use serde_json::{Value, json};

use super::page::{AuditPage, CHANGES_A_PAGE};
use super::shown_change::{FACTS, ShownChange, ShownField};
use crate::export::quote::script_json;
use crate::invocation::Kind;

/// How many bars the chart has at most.
const MOST_BARS: i64 = 300;

/// A longer text is hardly the same in many changes.
const LONGEST_SHARED: usize = 200;

/// How many texts are written once.
const MOST_SHARED: usize = 50_000;

/// Texts that many changes have in common.
#[derive(Debug, Default)]
struct Texts {
    numbers: HashMap<String, usize, foldhash::fast::RandomState>,
    texts: Vec<String>,
}

pub(super) fn write(page: &AuditPage<'_>, out: &mut dyn Write) -> io::Result<()> {
    write!(
        out,
        "{{\"chart\":{},\n\"facts\":{},\n\"page\":{CHANGES_A_PAGE},\n\"changes\":[",
        script_json(&chart(page)),
        script_json(&json!(FACTS)),
    )?;
    let mut texts = Texts::default();
    for (nth, change) in page.report.changes.iter().enumerate() {
        out.write_all(if nth == 0 { b"\n" } else { b",\n" })?;
        let row = row(&ShownChange::from(&change), &mut texts);
        out.write_all(script_json(&row).as_bytes())?;
    }
    write!(out, "],\n\"texts\":{}}}", script_json(&json!(texts.texts)))
}

fn chart(page: &AuditPage<'_>) -> Value {
    let Some(bars) = page.traffic.bars(MOST_BARS) else {
        return Value::Null;
    };
    let counts = |kind: Kind| -> Vec<u64> {
        let counts = bars.counts.iter();
        counts.map(|counts| counts[kind as usize]).collect()
    };
    json!({
        "start": bars.start_ms / 1_000,
        "width": bars.width_ms / 1_000,
        "counts": Kind::ALL.map(counts),
    })
}

fn row(change: &ShownChange, texts: &mut Texts) -> Value {
    let fields: Vec<Value> = change
        .fields
        .iter()
        .map(|field| field_row(field, texts))
        .collect();
    let requested: Vec<Value> = change
        .requested
        .iter()
        .map(|(name, value)| json!([texts.shared(name), value]))
        .collect();
    let mut cells = vec![
        json!(change.time),
        texts.optional(change.server.as_ref()),
        texts.shared(&change.action),
        texts.shared(change.outcome),
        texts.shared(&change.object_type),
        json!(change.object),
        texts.shared(&change.who),
        Value::Array(fields),
        Value::Array(requested),
    ];
    for (name, fact) in FACTS.iter().zip(&change.facts) {
        let differs = ["ID of the object", "CID", "Call", "Record", "Took"].contains(name);
        cells.push(if differs {
            json!(fact)
        } else {
            texts.optional(fact.as_ref())
        });
    }
    Value::Array(cells)
}

fn field_row(field: &ShownField, texts: &mut Texts) -> Value {
    let name = texts.shared(&field.name);
    let (before, after) = (texts.short(&field.before), texts.short(&field.after));
    if field.is_secret {
        json!([name, before, after, true])
    } else {
        json!([name, before, after])
    }
}

impl Texts {
    /// A cell for a text that other changes are likely to have too.
    fn shared(&mut self, text: &str) -> Value {
        if let Some(number) = self.numbers.get(text) {
            return json!(number);
        }
        if text.len() > LONGEST_SHARED || self.texts.len() >= MOST_SHARED {
            return json!(text);
        }
        let number = self.texts.len();
        self.numbers.insert(text.to_owned(), number);
        self.texts.push(text.to_owned());
        json!(number)
    }

    fn optional(&mut self, text: Option<&String>) -> Value {
        text.map_or(Value::Null, |text| self.shared(text))
    }

    /// A cell for a value: `true`, `null` and the like are in many changes.
    fn short(&mut self, value: &str) -> Value {
        let is_word = value.len() <= 9
            && value
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte == b' ');
        if is_word {
            self.shared(value)
        } else {
            json!(value)
        }
    }
}
