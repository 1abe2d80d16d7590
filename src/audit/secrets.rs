//! Finds the secrets that Zato left in clear: which fields of which services, and where first;
//! never their values.
//!
//! A payload is decoded only if something in it may name a secret, and of each service and side only
//! the first [`MOST_DECODED`] of those. Of many payloads of a service only some are looked at, so that
//! fields that few of them have may be missed.

use std::collections::{BTreeMap, HashMap};
use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, AhoCorasickKind};
use serde_json::Value;

use super::decoder::Decoder;
use super::digest::at;
use super::rules::{Engine, Evidence, Severity};
use crate::entry::Direction;
use crate::invocation::{Invocation, Side};
use crate::redact::{MASK, Redactor};
use crate::usage::LONGEST_PAYLOAD;
use crate::view::View;

/// How many payloads of a service and a side are decoded.
const MOST_DECODED: u32 = 20;

/// So many payloads of a service and a side are all looked at, and one of so many from there on, up
/// to so many.
const MOST_AT_FIRST: u32 = 200;
const STEP: u32 = 16;
const MOST_PASSED: u32 = 100_000;

/// How many services and sides are looked at.
const MOST_SERVICES: usize = 10_000;

/// How many fields are told.
const MOST_FIELDS: usize = 1_000;

/// What stands in a payload that may hold a secret, in any case of its letters.
const HINTS: [&str; 22] = [
    "passw",
    "passphrase",
    "pwd",
    "secret",
    "token",
    "api_key",
    "apikey",
    "auth_data",
    "totp",
    "jwt",
    "private",
    "credential",
    "authorization",
    "access_key",
    "cryption",
    "signing",
    "client_key",
    "clientkey",
    "server_key",
    "reset_key",
    "cookie",
    "://",
];

/// What secrets start with that Zato has encrypted.
const ENCRYPTED: [&str; 2] = ["zato.secf.", "gAAAA"];

static HINTED: LazyLock<AhoCorasick> = LazyLock::new(|| {
    AhoCorasick::builder()
        .ascii_case_insensitive(true)
        .kind(Some(AhoCorasickKind::DFA))
        .build(HINTS)
        .expect("the hints are fixed and few")
});

/// The secrets in clear that were found.
#[derive(Debug)]
pub(super) struct ClearSecrets {
    decoder: Decoder,
    /// How many payloads came by and how many were decoded, of requests and responses.
    passed: HashMap<String, [(u32, u32); 2], foldhash::fast::RandomState>,
    found: BTreeMap<(String, Direction, String), (u64, Evidence)>,
}

impl Default for ClearSecrets {
    fn default() -> Self {
        Self {
            decoder: Decoder::new(Redactor::Mask),
            passed: HashMap::default(),
            found: BTreeMap::new(),
        }
    }
}

impl ClearSecrets {
    /// Looks at one side of a call.
    pub(super) fn look(
        &mut self,
        view: &View,
        invocation: &Invocation<'_>,
        side: &Side<'_>,
        direction: Direction,
    ) {
        let nth = match direction {
            Direction::Request => 0,
            Direction::Response => 1,
        };
        if !self.passed.contains_key(invocation.service) {
            if self.passed.len() >= MOST_SERVICES {
                return;
            }
            self.passed
                .insert(invocation.service.to_owned(), Default::default());
        }
        let Some(sides) = self.passed.get_mut(invocation.service) else {
            return;
        };
        let (passed, decoded) = &mut sides[nth];
        if *passed >= MOST_PASSED || *decoded >= MOST_DECODED {
            return;
        }
        if side.payload.text.len() > LONGEST_PAYLOAD {
            return;
        }
        *passed += 1;
        let is_passed_over = *passed > MOST_AT_FIRST && !passed.is_multiple_of(STEP);
        if is_passed_over || !HINTED.is_match(side.payload.text) {
            return;
        }
        *decoded += 1;
        let Some((masked, clear)) = self.decoder.with_secrets(&side.payload, direction) else {
            return;
        };
        let mut paths = Vec::new();
        differing(&masked, &clear, &mut String::new(), &mut paths);
        for path in paths {
            let key = (invocation.service.to_owned(), direction, path);
            if self.found.len() >= MOST_FIELDS && !self.found.contains_key(&key) {
                return;
            }
            let time = invocation.seen_at();
            let evidence = || Evidence {
                time: time.map(|time| view.timestamp(time, invocation.utc_offset()).to_string()),
                server: invocation.server.map(ToOwned::to_owned),
                at: at(side.at),
            };
            self.found.entry(key).or_insert_with(|| (0, evidence())).0 += 1;
        }
    }

    /// Says what was found.
    pub(super) fn report(&self, engine: &mut Engine) {
        for ((service, direction, path), (_, evidence)) in &self.found {
            let side = direction.as_str();
            let place = if path.is_empty() {
                "its text".to_owned()
            } else {
                format!("`{path}`")
            };
            let sentence = format!("a secret is in clear in the {side} of {service}: {place}");
            engine.say(
                "secret-in-clear",
                Severity::High,
                sentence,
                vec![evidence.clone()],
            );
        }
    }
}

/// The paths of the values that are masked and were logged in clear.
fn differing(masked: &Value, clear: &Value, path: &mut String, paths: &mut Vec<String>) {
    match (masked, clear) {
        (Value::Object(masked), Value::Object(clear)) => {
            for (name, value) in masked {
                let Some(clear) = clear.get(name) else {
                    continue;
                };
                let length = path.len();
                if length > 0 {
                    path.push('.');
                }
                path.push_str(name);
                differing(value, clear, path, paths);
                path.truncate(length);
            }
        }
        (Value::Array(masked), Value::Array(clear)) => {
            let length = path.len();
            path.push_str("[]");
            for (value, clear) in masked.iter().zip(clear) {
                differing(value, clear, path, paths);
            }
            path.truncate(length);
        }
        _ => {
            if masked != clear && !is_harmless(clear) && !paths.contains(path) {
                paths.push(path.clone());
            }
        }
    }
}

/// Whether what was logged tells no secret: it is empty, masked by Zato or encrypted.
fn is_harmless(clear: &Value) -> bool {
    match clear {
        Value::String(text) => {
            text.is_empty()
                || text == MASK
                || text.bytes().all(|byte| byte == b'*')
                || ENCRYPTED.iter().any(|start| text.starts_with(start))
        }
        Value::Null => true,
        Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_masked_and_was_logged_in_clear_is_told_by_its_path() {
        let masked = json!({"a": [{"password": MASK}, {"password": MASK, "b": 1}], "token": MASK, "url": "x://******@h"});
        let clear = json!({"a": [{"password": "******"}, {"password": "x", "b": 1}], "token": "zato.secf.abc", "url": "x://pw@h"});
        let mut paths = Vec::new();
        differing(&masked, &clear, &mut String::new(), &mut paths);
        assert_eq!(paths, ["a[].password", "url"]);
    }
}
