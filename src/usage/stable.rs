//! Gives stand-ins to what differs from server to server and from day to day, so that the same kind
//! of traffic gives the same examples: ids, dates and times, CIDs, and hosts.
//!
//! Within a call the same value has the same stand-in wherever it stands, and different values have
//! different ones, numbered in the order in which they come. A stand-in is of the type and the form
//! of what it stands for: an integer, an ISO 8601 date with the same separators, an address.
//!
//! What tells an id or a host is the key, as neither can be told from other numbers and words. Dates,
//! UUIDs, CIDs, addresses and the hosts of URLs are found in any text.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::sync::LazyLock;

use jiff::ToSpan as _;
use jiff::civil::{Date, DateTime, date};
use regex::{Captures, Regex};
use serde_json::Value;

/// Replaces the values of a call, in its request and then in its response.
pub(super) fn stabilize(request: &mut Value, response: Option<&mut Value>) {
    let mut stand_ins = StandIns::default();
    stand_ins.replace("", request);
    if let Some(response) = response {
        stand_ins.replace("", response);
    }
}

/// What a value is. Each kind is numbered by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Id,
    Uuid,
    /// A CID or another long number in hexadecimal digits.
    Hex,
    Moment,
    Epoch,
    Host,
    Ipv4,
    Ipv6,
}

/// What was seen of a call.
#[derive(Debug, Default)]
struct StandIns {
    numbers: BTreeMap<(Kind, String), usize>,
    seen: BTreeMap<Kind, usize>,
}

/// What is found in any text.
static FOUND: LazyLock<Regex> = LazyLock::new(|| {
    let patterns = [
        r"(?<before>[A-Za-z][A-Za-z0-9+.-]*://(?:[^\s/@'\x22<>]*@)?)(?<host>\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9_][A-Za-z0-9_.-]*)",
        r"\b(?<cid>[0-9]{8}-[0-9]{6}-[0-9]{4}-[0-9a-f]{16}[a-z]|K[0-9]{39}|K[0-9A-Z]{27})\b",
        r"\b(?<uuid>[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12})\b",
        r"\b(?<day>[0-9]{4}-[0-9]{2}-[0-9]{2})(?:(?<between>[T ])(?<time>[0-9]{2}:[0-9]{2}(?::[0-9]{2})?)(?:(?<point>[.,])(?<fraction>[0-9]{1,9}))?)?",
        r"\b(?<hex>[0-9a-f]{16,128})\b",
        r"\b(?<ipv4>[0-9]{1,3}(?:\.[0-9]{1,3}){3})\b",
    ];
    Regex::new(&patterns.join("|")).expect("a regular expression of our own")
});

/// What is a host in full, perhaps with a port.
static HOST: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^(?<host>[A-Za-z0-9](?:[A-Za-z0-9_.-]*[A-Za-z0-9])?)(?<port>:[0-9]{1,5})?$")
        .expect("a regular expression of our own")
});

impl StandIns {
    fn replace(&mut self, key: &str, value: &mut Value) {
        match value {
            Value::Object(dict) => {
                for (key, value) in dict {
                    self.replace(key, value);
                }
            }
            Value::Array(list) => {
                for item in list {
                    self.replace(key, item);
                }
            }
            Value::String(text) => *text = self.text(key, text),
            Value::Number(number) => {
                let digits = number.to_string();
                if is_id_key(key) && is_id(&digits) {
                    *value = Value::from(self.number(Kind::Id, &digits));
                } else if is_time_key(key)
                    && let Some(moment) = self.epoch(&digits)
                {
                    *value = moment;
                }
            }
            Value::Null | Value::Bool(_) => {}
        }
    }

    fn text(&mut self, key: &str, text: &str) -> String {
        if is_id_key(key) && is_id(text) {
            return self.number(Kind::Id, text).to_string();
        }
        if is_cid_key(key) && is_hex(text) {
            return self.hex(text);
        }
        if text.contains(':') && text.parse::<Ipv6Addr>().is_ok() {
            return self.ipv6(text);
        }
        if is_host_key(key)
            && let Some(found) = HOST.captures(text)
            && found["host"].parse::<Ipv4Addr>().is_err()
            && found["host"].contains(|c: char| c.is_ascii_alphabetic())
        {
            let port = found.name("port").map_or("", |port| port.as_str());
            return self.host(&found["host"]) + port;
        }
        FOUND
            .replace_all(text, |found: &Captures<'_>| self.found(found))
            .into_owned()
    }

    fn found(&mut self, found: &Captures<'_>) -> String {
        let group = |name: &str| found.name(name).map(|group| group.as_str());
        let whole = &found[0];
        if let Some(host) = group("host") {
            let before = group("before").unwrap_or_default();
            return format!("{before}{}", self.host(host));
        }
        if let Some(cid) = group("cid") {
            return self.cid(cid);
        }
        if let Some(uuid) = group("uuid") {
            let number = self.number(Kind::Uuid, &uuid.to_ascii_lowercase());
            return format!("00000000-0000-4000-8000-{number:012x}");
        }
        if let Some(hex) = group("hex") {
            let has = |is: fn(u8) -> bool| hex.bytes().any(is);
            let is_number = !has(|byte| byte.is_ascii_digit()) || !has(|b| b.is_ascii_lowercase());
            return if is_number {
                hex.to_owned()
            } else {
                self.hex(hex)
            };
        }
        if let Some(address) = group("ipv4") {
            return self.ipv4(address);
        }
        let moment = group("day").and_then(|day| {
            let moment = (day, group("between"), group("time"));
            self.moment(moment, group("fraction").unwrap_or_default())
        });
        let Some(moment) = moment else {
            return whole.to_owned();
        };
        let zeros = |fraction: &str| "0".repeat(fraction.len());
        let fraction = group("fraction").map_or_else(String::new, zeros);
        moment + group("point").unwrap_or_default() + &fraction
    }

    /// The number of a value among those of its kind, from 1.
    fn number(&mut self, kind: Kind, value: &str) -> usize {
        if let Some(&number) = self.numbers.get(&(kind, value.to_owned())) {
            return number;
        }
        let seen = self.seen.entry(kind).or_default();
        *seen += 1;
        self.numbers.insert((kind, value.to_owned()), *seen);
        *seen
    }

    /// CIDs of 3.x are up to 24 digits long, and shorter by chance.
    fn hex(&mut self, hex: &str) -> String {
        let number = self.number(Kind::Hex, hex);
        let length = if hex.len() > 16 && hex.len() < 24 {
            24
        } else {
            hex.len()
        };
        format!("{number:0length$x}")
    }

    /// Those of 1.x and 2.0, and those of 4.1, whose last letter is where they come from.
    fn cid(&mut self, cid: &str) -> String {
        let number = self.number(Kind::Hex, cid);
        if let Some(digits) = cid.strip_prefix('K') {
            return format!("K{number:0length$}", length = digits.len());
        }
        let origin = &cid[cid.len() - 1..];
        format!("20240101-120000-0000-{number:016x}{origin}")
    }

    /// A date, or a time of a date. One is known by its digits, however it is written.
    fn moment(
        &mut self,
        (day, between, time): (&str, Option<&str>, Option<&str>),
        fraction: &str,
    ) -> Option<String> {
        const FIRST: DateTime = date(2024, 1, 1).at(12, 0, 0, 0);
        day.parse::<Date>().ok()?;
        let Some((between, time)) = between.zip(time) else {
            let number = self.number(Kind::Moment, day);
            let days = i64::try_from(number).ok()? - 1;
            return Some(FIRST.date().checked_add(days.days()).ok()?.to_string());
        };
        format!("{day}T{time}").parse::<DateTime>().ok()?;
        let fraction = fraction.trim_end_matches('0');
        let number = self.number(Kind::Moment, &format!("{day}T{time}.{fraction}"));
        let minutes = i64::try_from(number).ok()? - 1;
        let moment = FIRST.checked_add(minutes.minutes()).ok()?;
        let format = if time.len() > "12:00".len() {
            format!("%Y-%m-%d{between}%H:%M:%S")
        } else {
            format!("%Y-%m-%d{between}%H:%M")
        };
        Some(moment.strftime(&format).to_string())
    }

    /// Seconds or milliseconds since 1970.
    fn epoch(&mut self, digits: &str) -> Option<Value> {
        const FIRST: u64 = 1_704_110_400;
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let unit = match whole.len() {
            9 | 10 => 1,
            12 | 13 => 1000,
            _ => return None,
        };
        whole.parse::<u64>().ok()?;
        let number = u64::try_from(self.number(Kind::Epoch, digits)).ok()?;
        let moment = (FIRST + 60 * (number - 1)) * unit;
        let has_fraction = !fraction.is_empty();
        let moment = moment.to_string() + if has_fraction { ".0" } else { "" };
        serde_json::from_str(&moment).ok()
    }

    fn host(&mut self, host: &str) -> String {
        if let Some(address) = host.strip_prefix('[') {
            let address = address.trim_end_matches(']');
            return format!("[{}]", self.ipv6(address));
        }
        if host.parse::<Ipv4Addr>().is_ok() {
            return self.ipv4(host);
        }
        if host.eq_ignore_ascii_case("localhost") {
            return host.to_owned();
        }
        let number = self.number(Kind::Host, &host.to_ascii_lowercase());
        format!("server{number}.example.com")
    }

    /// Addresses of the blocks that RFC 5737 keeps for documentation. Those that are the same on
    /// every machine stay.
    fn ipv4(&mut self, text: &str) -> String {
        const BLOCKS: [&str; 3] = ["192.0.2", "198.51.100", "203.0.113"];
        match text.parse::<Ipv4Addr>() {
            Ok(address) if !address.is_loopback() && !address.is_unspecified() => {
                let number = self.number(Kind::Ipv4, text) - 1;
                let block = BLOCKS[number / 254 % BLOCKS.len()];
                format!("{block}.{}", number % 254 + 1)
            }
            _ => text.to_owned(),
        }
    }

    /// Addresses of the block that RFC 3849 keeps for documentation.
    fn ipv6(&mut self, text: &str) -> String {
        match text.parse::<Ipv6Addr>() {
            Ok(address) if !address.is_loopback() && !address.is_unspecified() => {
                let number = self.number(Kind::Ipv6, &address.to_string());
                format!("2001:db8::{number:x}")
            }
            _ => text.to_owned(),
        }
    }
}

/// Whether a key is one of these words, or ends with one.
fn ends_with_word(key: &str, words: &[&str]) -> bool {
    words.iter().any(|word| {
        key.to_ascii_lowercase()
            .strip_suffix(word)
            .is_some_and(|start| {
                let is_camel_case =
                    key[start.len()..].starts_with(|c: char| c.is_ascii_uppercase());
                start.is_empty() || start.ends_with(['_', '-', '.']) || is_camel_case
            })
    })
}

fn is_id_key(key: &str) -> bool {
    ends_with_word(key, &["id", "ids", "pid"])
}

fn is_cid_key(key: &str) -> bool {
    ends_with_word(key, &["cid"])
}

fn is_host_key(key: &str) -> bool {
    ends_with_word(key, &["host", "hosts", "hostname", "address", "addresses"])
}

fn is_time_key(key: &str) -> bool {
    ends_with_word(key, &["time", "timestamp", "date", "at", "ts", "utc"])
}

/// Whether these are the digits of an id. Zero stands for none.
fn is_id(digits: &str) -> bool {
    !digits.is_empty() && digits != "0" && digits.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_hex(text: &str) -> bool {
    let is_digit = |byte: u8| byte.is_ascii_digit() || matches!(byte, b'a'..=b'f');
    text.len() > 8 && text.bytes().all(is_digit)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[track_caller]
    fn assert_stable(mut value: Value, expected: &Value) {
        stabilize(&mut value, None);
        assert_eq!(&value, expected);
    }

    #[test]
    fn the_same_value_has_the_same_stand_in_in_request_and_response() {
        let mut request = json!({"id": 17, "cluster_id": 4, "start_date": "2026-11-23 18:16:21"});
        let mut response = json!({"items": [{"id": 17}, {"id": 18, "service_id": "4"}],
            "count": 17, "start_date": "2026-11-23T18:16:21.000000+01:00"});
        stabilize(&mut request, Some(&mut response));
        assert_eq!(
            request,
            json!({"id": 1, "cluster_id": 2, "start_date": "2024-01-01 12:00:00"})
        );
        assert_eq!(
            response,
            json!({"items": [{"id": 1}, {"id": 3, "service_id": "2"}],
                "count": 17, "start_date": "2024-01-01T12:00:00.000000+01:00"})
        );
    }

    #[test]
    fn dates_keep_their_form() {
        assert_stable(
            json!([
                "2018-11-11",
                "2018-11-12",
                "2018-11-11T22:01:57Z",
                "at 2018-11-11 22:01, said he",
                "2018-11-11 22:01:57,123",
                "2018-99-11",
                "2018-11-11T99:01",
            ]),
            &json!([
                "2024-01-01",
                "2024-01-02",
                "2024-01-01T12:02:00Z",
                "at 2024-01-01 12:03, said he",
                "2024-01-01 12:04:00,000",
                "2018-99-11",
                "2018-11-11T99:01",
            ]),
        );
        assert_stable(
            json!({"creation_time": 1_795_455_887.282_762, "finished_at": 1_795_455_887_000_u64,
                "timeout": 1_795_455_887, "time": 5}),
            &json!({"creation_time": 1_704_110_400.0, "finished_at": 1_704_110_460_000_u64,
                "timeout": 1_795_455_887, "time": 5}),
        );
    }

    #[test]
    fn hosts_keep_what_stands_around_them() {
        assert_stable(
            json!({"host": "db1.internal:5432", "url": "amqp://u:******@db1.internal:5672/x",
                "address": "https://[fe80::1]:1/", "bind_host": "127.0.0.1", "text": "10.0.0.7:80",
                "hosts": ["DB1.internal", "mq", "localhost", "10.0.0.7"], "peer": "fe80::1",
                "http": "http://localhost:17010/a", "name": "db1.internal"}),
            &json!({"host": "server1.example.com:5432",
                "url": "amqp://u:******@server1.example.com:5672/x",
                "address": "https://[2001:db8::1]:1/", "bind_host": "127.0.0.1",
                "text": "192.0.2.1:80",
                "hosts": ["server1.example.com", "server2.example.com", "localhost", "192.0.2.1"],
                "peer": "2001:db8::1", "http": "http://localhost:17010/a", "name": "db1.internal"}),
        );
    }

    #[test]
    fn cids_and_other_long_numbers_keep_their_form() {
        assert_stable(
            json!({"cid": "2b9441b415cad232a5f9a4", "x": "20261123-181203-2514-2647bcd4ae6af457a",
                "text": "u75df674597f1440fb65ea47aa03ab2d5 in K06XT2H3P4Q5R6S7T8V9W0X1Y2Z3",
                "uuid": "F81D4FAE-7dec-11d0-a765-00a0c91e6bf6", "n": "12345678901234567890"}),
            &json!({"cid": "000000000000000000000001",
                "x": "20240101-120000-0000-0000000000000002a",
                "text": "u75df674597f1440fb65ea47aa03ab2d5 in K000000000000000000000000003",
                "uuid": "00000000-0000-4000-8000-000000000001", "n": "12345678901234567890"}),
        );
    }

    #[test]
    fn what_is_no_id_stays() {
        let value = json!({"id": 0, "pool_id": "ZATO_NONE", "valid": 17, "id_": 3, "is": true,
            "user_id": -1, "security_id": null, "password": "******"});
        assert_stable(value.clone(), &value);
    }
}
