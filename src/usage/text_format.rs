//! Tells the formats of texts by JSON Schema's names.

use std::net::{Ipv4Addr, Ipv6Addr};

use jiff::Timestamp;
use jiff::civil::{Date, Time};

/// The formats that all texts of a place fit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TextFormats {
    formats: u8,
    /// Whether any text was looked at that is not empty.
    has_seen: bool,
}

/// A format: its name and its test.
type Format = (&'static str, fn(&str) -> bool);

const FORMATS: [Format; 8] = [
    ("date-time", is_date_time),
    ("date", is_date),
    ("time", is_time),
    ("uuid", is_uuid),
    ("ipv4", |text| text.parse::<Ipv4Addr>().is_ok()),
    ("ipv6", |text| {
        text.contains("::") && text.parse::<Ipv6Addr>().is_ok()
    }),
    ("uri", is_uri),
    ("email", is_email),
];

impl TextFormats {
    /// Leaves the formats that `text` fits too. An empty text is a value that is not there, of any
    /// format.
    pub(super) fn narrow(&mut self, text: &str) {
        if text.is_empty() {
            return;
        }
        self.has_seen = true;
        if self.formats == 0 {
            return;
        }
        for (nth, (_, fits)) in FORMATS.iter().enumerate() {
            if self.formats & (1 << nth) != 0 && !fits(text) {
                self.formats &= !(1 << nth);
            }
        }
    }

    /// Leaves the formats that are also among the others.
    pub(super) fn narrow_to(&mut self, others: Self) {
        self.formats &= others.formats;
        self.has_seen |= others.has_seen;
    }

    /// Returns JSON Schema's name of the format.
    #[must_use]
    pub fn name(self) -> Option<&'static str> {
        let is_left = |nth: &usize| self.formats & (1 << nth) != 0;
        let first = (0..FORMATS.len()).find(is_left).filter(|_| self.has_seen)?;
        Some(FORMATS[first].0)
    }
}

impl Default for TextFormats {
    fn default() -> Self {
        Self {
            formats: u8::MAX,
            has_seen: false,
        }
    }
}

/// RFC 3339, as JSON Schema wants it: with an offset.
fn is_date_time(text: &str) -> bool {
    matches!(text.as_bytes().get(10), Some(b'T' | b't')) && text.parse::<Timestamp>().is_ok()
}

fn is_date(text: &str) -> bool {
    text.len() == "2018-11-11".len() && text.parse::<Date>().is_ok()
}

fn is_time(text: &str) -> bool {
    let (time, zone) = text.split_at_checked(8).unwrap_or_default();
    time.as_bytes().get(2) == Some(&b':')
        && time.parse::<Time>().is_ok()
        && (zone.ends_with('Z') || zone.contains(['+', '-']))
}

fn is_uuid(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(nth, byte)| match nth {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

fn is_uri(text: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_graphic() && !br#""<>\^`{|}"#.contains(&byte);
    text.split_once("://").is_some_and(|(scheme, rest)| {
        let is_scheme = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
            && scheme
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte));
        is_scheme && !rest.is_empty() && rest.bytes().all(is_plain)
    })
}

fn is_email(text: &str) -> bool {
    let is_part = |part: &str| {
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._+-".contains(&byte);
        !part.is_empty() && part.bytes().all(is_plain) && !part.starts_with('.')
    };
    text.split_once('@')
        .is_some_and(|(name, host)| is_part(name) && is_part(host) && host.contains('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_format_is_one_that_all_texts_fit() {
        let name = |texts: &[&str]| {
            let mut formats = TextFormats::default();
            for text in texts {
                formats.narrow(text);
            }
            formats.name()
        };
        assert_eq!(name(&["2018-11-11T22:01:57Z", ""]), Some("date-time"));
        assert_eq!(name(&["2018-11-11T22:01:57+01:00"]), Some("date-time"));
        assert_eq!(name(&["2018-11-11T22:01:57"]), None);
        assert_eq!(name(&["2018-11-11"]), Some("date"));
        assert_eq!(name(&["2018-11-11", "2018-11-31"]), None);
        assert_eq!(name(&["22:01:57Z"]), Some("time"));
        assert_eq!(
            name(&["f81d4fae-7dec-11d0-a765-00a0c91e6bf6"]),
            Some("uuid")
        );
        assert_eq!(name(&["127.0.0.1"]), Some("ipv4"));
        assert_eq!(name(&["::1"]), Some("ipv6"));
        assert_eq!(name(&["http://localhost:17010/a?b=c"]), Some("uri"));
        assert_eq!(name(&["a@example.com"]), Some("email"));
        assert_eq!(name(&[]), None);
        assert_eq!(name(&[""]), None);
    }
}
