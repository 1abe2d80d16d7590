//! What calls show, merged into any document: all that stands in it stays, and once is enough.
#![no_main]

use libfuzzer_sys::fuzz_target;
use serde_json::Value;
use zalog::export::openapi::{Notation, NoteKind, merge, read_document};
use zalog_fuzz::SERVICES;

fuzz_target!(|text: &str| {
    // What editors put before all text is none of it.
    let Ok(before) = read_document(text.trim_start_matches('\u{feff}')) else {
        assert!(merge(text, &SERVICES).is_err());
        return;
    };
    // All services take a while, and one in two of them is enough to have both old and new ones.
    let nth = text.len() % 7;
    let services = &SERVICES[nth..SERVICES.len().min(nth + 4)];
    let Ok(merged) = merge(text, services) else {
        return;
    };
    let after = read_document(merged.text.trim_start_matches('\u{feff}'))
        .expect("what is written can be read");
    assert!(is_part(&before, &after), "{}", merged.text);
    assert!(keeps_lines(&merged.text, text), "{}", merged.text);
    let again = merge(&merged.text, services).expect("it is still such a document");
    assert_eq!(again.text, merged.text);
    let is_added = |kind: &NoteKind| *kind == NoteKind::Added;
    assert!(!again.notes.iter().any(|note| is_added(&note.kind)));
    if merged.notation == Notation::Json {
        assert!(serde_json::from_str::<Value>(merged.text.trim_start_matches('\u{feff}')).is_ok());
    }
});

/// Whether all that one value says is said by the other.
fn is_part(one: &Value, whole: &Value) -> bool {
    match (one, whole) {
        (Value::Object(one), Value::Object(whole)) => one
            .iter()
            .all(|(key, value)| whole.get(key).is_some_and(|whole| is_part(value, whole))),
        (Value::Array(one), Value::Array(whole)) => {
            one.len() == whole.len()
                && one
                    .iter()
                    .zip(whole)
                    .all(|(one, whole)| is_part(one, whole))
        }
        // A mapping in which nothing stands is null in YAML, and is filled.
        (Value::Null, Value::Object(_)) => true,
        (one, whole) => one == whole,
    }
}

/// Whether all lines of a text stand in another one in their order. A line in which a mapping in
/// braces is filled is more than one, each of which is a part of it.
fn keeps_lines(text: &str, of: &str) -> bool {
    let mut lines = text.lines();
    of.lines().all(|line| {
        if line.contains('{') || line.contains('}') || line.is_empty() {
            return true;
        }
        let bare = |line: &str| line.trim_end_matches([' ', ',', '\r']).to_owned();
        // What is added may stand behind it.
        lines.any(|found| bare(found).starts_with(&bare(line)))
    })
}
