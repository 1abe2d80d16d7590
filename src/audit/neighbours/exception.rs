//! Reads the exceptions in `server.log`, each with the CID of its call:
//! ``Caught an exception, cid:`C`, status_code:`400`, `Traceback …` `` over many lines. Zato 2.0 has
//! brackets in the place of backticks.

use std::fmt;
use std::sync::LazyLock;

use regex::Regex;
use serde::Serialize;

use crate::redact::mask_text;

/// An exception that ended a call.
#[derive(Clone, Debug)]
pub(super) struct Exception<'a> {
    pub(super) cid: &'a str,
    pub(super) status: Option<u16>,
    /// The last line of its traceback, with its secrets masked.
    last_line: String,
}

/// Why calls failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Cause {
    /// The exception's class.
    pub exception: String,
    /// What it said, with what differs from call to call left out and its secrets masked.
    pub message: String,
}

/// Reads an exception.
pub(super) fn exception(message: &str) -> Option<Exception<'_>> {
    let rest = message.strip_prefix("Caught an exception, cid:")?;
    let (cid, rest) = quoted(rest)?;
    let rest = rest.strip_prefix(", status_code:")?;
    let (status, traceback) = quoted(rest)?;
    let is_said = |line: &&str| !matches!(*line, "" | "`" | "]");
    // A secret may have begun on a line before.
    let masked = mask_text(traceback);
    let lines = masked.as_deref().unwrap_or(traceback).lines();
    let last_line = lines.rev().map(str::trim).find(is_said)?.to_owned();
    Some(Exception {
        cid,
        status: status_code(status),
        last_line,
    })
}

/// What stands between backticks or brackets, and what comes behind.
fn quoted(text: &str) -> Option<(&str, &str)> {
    let closing = match text.chars().next()? {
        '`' => '`',
        '[' => ']',
        _ => return None,
    };
    text[1..].split_once(closing)
}

/// `400`, `400 Bad Request`, or the name that Python's `HTTPStatus` gives it.
fn status_code(text: &str) -> Option<u16> {
    match text.strip_prefix("HTTPStatus.") {
        Some("BAD_REQUEST") => Some(400),
        Some("UNAUTHORIZED") => Some(401),
        Some("FORBIDDEN") => Some(403),
        Some("NOT_FOUND") => Some(404),
        Some("METHOD_NOT_ALLOWED") => Some(405),
        Some("CONFLICT") => Some(409),
        Some("TOO_MANY_REQUESTS") => Some(429),
        Some("INTERNAL_SERVER_ERROR") => Some(500),
        Some("SERVICE_UNAVAILABLE") => Some(503),
        Some(_) => None,
        None => text.split(' ').next()?.parse().ok(),
    }
}

impl Exception<'_> {
    /// Why the call failed.
    pub(super) fn cause(&self) -> Cause {
        static DIFFERS: LazyLock<Regex> = LazyLock::new(|| {
            Regex::new(r" at 0x[0-9a-f]+|cid:`[^`]*`,? ?|cid:\[[^\]]*\],? ?")
                .expect("the pattern is fixed and tested")
        });
        let last_line = self.last_line.as_str();
        let (exception, message) = match last_line.split_once(": ") {
            Some((class, message)) if is_class(class) => (class, message),
            _ if is_class(last_line) => (last_line, ""),
            _ => ("", last_line),
        };
        let message = DIFFERS.replace_all(message, "");
        Cause {
            exception: exception.to_owned(),
            message: message.into_owned(),
        }
    }
}

/// `ValueError: what it said`
impl fmt::Display for Cause {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.exception.as_str(), self.message.as_str()) {
            ("", message) => formatter.write_str(message),
            (exception, "") => formatter.write_str(exception),
            (exception, message) => write!(formatter, "{exception}: {message}"),
        }
    }
}

impl Cause {
    /// What causes have in common that are the same: numbers may differ.
    pub(super) fn key(&self) -> String {
        static NUMBERS: LazyLock<Regex> =
            LazyLock::new(|| Regex::new("[0-9]+").expect("the pattern is fixed and tested"));
        format!(
            "{}: {}",
            self.exception,
            NUMBERS.replace_all(&self.message, "0")
        )
    }
}

/// `zato.common.exception.BadRequest`
fn is_class(text: &str) -> bool {
    let is_letter = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_');
    text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') && text.chars().all(is_letter)
}
