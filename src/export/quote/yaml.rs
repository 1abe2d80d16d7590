//! Quotes text and numbers for YAML.

use serde_json::{Number, Value};

use super::visible::visible_json;

/// Returns `text` as a scalar of YAML in one line, for a block: as it is where no version of YAML
/// can take it for something else, and otherwise as JSON, whose strings are YAML's between double
/// quotes.
pub(in crate::export) fn yaml_string(text: &str) -> String {
    let is_bare = |byte: u8| byte.is_ascii_alphanumeric() || b"_-./$ ,".contains(&byte);
    let is_plain = text.starts_with(|c: char| c.is_ascii_alphabetic() || "/_$".contains(c))
        && text.bytes().all(is_bare)
        && !text.ends_with(' ')
        && !YAML_WORDS.contains(&&*text.to_ascii_lowercase());
    if is_plain {
        return text.to_owned();
    }
    // These two are no characters to YAML.
    visible_json(Value::from(text).to_string())
        .replace('\u{fffe}', "\\ufffe")
        .replace('\u{ffff}', "\\uffff")
}

/// Returns a number as all versions of YAML read it: with an exponent, 1.1 wants a dot and a sign.
pub(in crate::export) fn yaml_number(number: &Number) -> String {
    let number = number.to_string();
    let Some((mantissa, exponent)) = number.split_once(['e', 'E']) else {
        return number;
    };
    let dot = if mantissa.contains('.') { "" } else { ".0" };
    let sign = if exponent.starts_with(['-', '+']) {
        ""
    } else {
        "+"
    };
    format!("{mantissa}{dot}e{sign}{exponent}")
}

/// Words that a version of YAML takes for something else than text, in lower case.
const YAML_WORDS: [&str; 9] = ["null", "true", "false", "yes", "no", "on", "off", "y", "n"];
