//! Writes JSON for a person: indented, and in colours where they are on.

use std::io::{self, Write as _};

use serde_json::Value;

use super::output::{Output, Paint};
use crate::pyrepr::write_json_string;

/// Writes a value over as many lines as it takes, the first one where the output is, the others
/// behind `indent`. There is no newline at the end.
pub(super) fn write_json(value: &Value, indent: &str, output: &mut Output) -> io::Result<()> {
    match value {
        Value::Null => output.paint(Paint::Word, "null"),
        Value::Bool(true) => output.paint(Paint::Word, "true"),
        Value::Bool(false) => output.paint(Paint::Word, "false"),
        Value::Number(number) => output.paint(Paint::Number, &number.to_string()),
        Value::String(text) => output.paint(Paint::Text, &quoted(text)),
        Value::Array(list) => {
            write_items(('[', ']'), indent, output, list, |item, deeper, output| {
                write_json(item, deeper, output)
            })
        }
        Value::Object(dict) => write_items(
            ('{', '}'),
            indent,
            output,
            dict,
            |(key, value), deeper, output| {
                output.paint(Paint::Key, &quoted(key))?;
                output.paint(Paint::Faint, ":")?;
                output.write_all(b" ")?;
                write_json(value, deeper, output)
            },
        ),
    }
}

fn write_items<T>(
    (start, end): (char, char),
    indent: &str,
    output: &mut Output,
    items: impl IntoIterator<Item = T, IntoIter: ExactSizeIterator>,
    write: impl Fn(T, &str, &mut Output) -> io::Result<()>,
) -> io::Result<()> {
    let items = items.into_iter();
    let count = items.len();
    if count == 0 {
        return output.paint(Paint::Faint, &format!("{start}{end}"));
    }
    output.paint(Paint::Faint, &start.to_string())?;
    let deeper = format!("{indent}  ");
    for (nth, item) in items.enumerate() {
        write!(output, "\n{deeper}")?;
        write(item, &deeper, output)?;
        if nth + 1 < count {
            output.paint(Paint::Faint, ",")?;
        }
    }
    write!(output, "\n{indent}")?;
    output.paint(Paint::Faint, &end.to_string())
}

/// The text as a JSON string in which every character is visible or escaped.
fn quoted(text: &str) -> String {
    let mut json = Vec::with_capacity(text.len() + 2);
    write_json_string(text, &mut json);
    String::from_utf8(json).expect("JSON is UTF-8")
}
