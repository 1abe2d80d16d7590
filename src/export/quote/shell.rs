//! Quotes text and values for a POSIX shell.

use std::borrow::Cow;

use serde_json::Value;

use super::standing::{Standing, in_item, in_key, standing_here};
use super::visible::visible_json;

/// Returns `text` as one word of a POSIX shell: between single quotes every character stands for
/// itself, but for the single quote. The text must hold no NUL: no argument of a program can.
pub(in crate::export) fn shell_word(text: &str) -> Cow<'_, str> {
    let is_bare = |byte: u8| {
        byte.is_ascii_alphanumeric()
            || matches!(
                byte,
                b'_' | b'-' | b'.' | b'/' | b':' | b'@' | b'%' | b'+' | b','
            )
    };
    if !text.is_empty() && text.bytes().all(is_bare) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(format!("'{}'", text.replace('\'', r"'\''")))
}

/// Returns JSON in one line as what a shell feeds to the command before it. Such JSON is never equal
/// to the delimiter.
pub(in crate::export) fn here_document(json: &str) -> String {
    format!(" <<'JSON'\n{json}\nJSON")
}

/// Returns a value as compact JSON that is one word of a POSIX shell, with variables of the shell in
/// the places of what they stand for. They hold JSON.
pub(in crate::export) fn shell_json(value: &Value, variables: &[Standing<'_>]) -> String {
    let mut template = Template::default();
    template.write(value, variables);
    let mut word = template.before;
    if !template.text.is_empty() {
        word.push_str(&shell_word(&visible_json(&template.text)));
    }
    word
}

/// JSON of which the part up to its last variable is quoted.
#[derive(Default)]
struct Template {
    before: String,
    text: String,
}

impl Template {
    fn write(&mut self, value: &Value, variables: &[Standing<'_>]) {
        if let Some(name) = standing_here(variables) {
            if !self.text.is_empty() {
                self.before.push_str(&shell_word(&visible_json(&self.text)));
                self.text.clear();
            }
            self.before.extend(["\"$", name, "\""]);
            return;
        }
        match value {
            Value::Array(items) => {
                self.text.push('[');
                for (nth, item) in items.iter().enumerate() {
                    self.text.push_str(if nth == 0 { "" } else { "," });
                    self.write(item, &in_item(variables, nth));
                }
                self.text.push(']');
            }
            Value::Object(fields) => {
                self.text.push('{');
                for (nth, (key, value)) in fields.iter().enumerate() {
                    self.text.push_str(if nth == 0 { "" } else { "," });
                    self.text.push_str(&Value::from(key.as_str()).to_string());
                    self.text.push(':');
                    self.write(value, &in_key(variables, key));
                }
                self.text.push('}');
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
                self.text.push_str(&value.to_string());
            }
        }
    }
}
