//! Colours for JSON.

use maud::{Markup, html};

/// Returns JSON text with its keys, texts and other values marked. The text itself stays as it is.
pub(super) fn json(text: &str) -> Markup {
    let pieces = pieces(text);
    html! {
        @for (class, piece) in &pieces {
            @if let Some(class) = class {
                span class=(class) { (piece) }
            } @else {
                (piece)
            }
        }
    }
}

/// Cuts JSON at the ends of its texts, numbers and words, each with its class.
fn pieces(text: &str) -> Vec<(Option<&'static str>, &str)> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let (class, length) = match first {
            '"' => {
                let length = text_length(rest);
                let is_key = rest[length..].starts_with(':');
                (Some(if is_key { "k" } else { "s" }), length)
            }
            '-' | '0'..='9' | 'a'..='z' => {
                let ends = |c: char| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '+' | '.'));
                (Some("v"), rest.find(ends).unwrap_or(rest.len()))
            }
            _ => {
                let starts = |c: char| matches!(c, '"' | '-' | '0'..='9' | 'a'..='z');
                (None, rest.find(starts).unwrap_or(rest.len()))
            }
        };
        let (piece, after) = rest.split_at(length);
        pieces.push((class, piece));
        rest = after;
    }
    pieces
}

/// The length of the text that stands at the start, with its quotes.
fn text_length(json: &str) -> usize {
    let mut is_escaped = false;
    for (at, byte) in json.bytes().enumerate().skip(1) {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' => is_escaped = true,
            b'"' => return at + 1,
            _ => {}
        }
    }
    json.len()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn json_keeps_its_text() {
        let value = json!({"a\"\\": ["\\\"<ż", -1.5e300, true, null, {}], "": ""});
        for text in [format!("{value:#}\n"), value.to_string(), "\"\\".to_owned()] {
            let whole: String = pieces(&text).into_iter().map(|(_, piece)| piece).collect();
            assert_eq!(whole, text);
        }
        let text = value.to_string();
        let marked: Vec<_> = pieces(&text)
            .into_iter()
            .filter_map(|(class, piece)| Some((class?, piece)))
            .collect();
        assert_eq!(
            marked,
            [
                ("k", r#""a\"\\""#),
                ("s", r#""\\\"<ż""#),
                ("v", "-1.5e+300"),
                ("v", "true"),
                ("v", "null"),
                ("k", "\"\""),
                ("s", "\"\"")
            ]
        );
    }
}
