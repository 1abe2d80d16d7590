//! What a client of the REST API receives of the response that is in the log.
//!
//! Source: recorded calls of servers of 3.2 and 4.1 beside their logs, and Zato's own
//! `pub.zato.service.service-invoker`, which through 3.3 takes the value of the first key of what
//! one of its own services returns.

use serde_json::Value;

use crate::invocation::is_cid_with_time;

/// What stands around the content of a response in the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Envelope {
    /// Nothing: the response is sent as it is logged.
    None,
    /// Its first key is an envelope if it is named like one: `zato_…_response`.
    Named,
    /// Its first key is an envelope, whatever its name.
    FirstKey,
}

impl Envelope {
    /// What stands around the responses that this service gave under this CID, whose form tells the
    /// version of Zato.
    #[must_use]
    pub fn of(service: &str, cid: Option<&str>) -> Self {
        let is_of_3 = |cid: &str| {
            let is_digit = |byte: u8| byte.is_ascii_digit() || matches!(byte, b'a'..=b'f');
            cid.len() <= 24 && cid.bytes().all(is_digit)
        };
        let is_of_zato = ["zato", "pub.zato"]
            .iter()
            .any(|name| service.starts_with(name));
        match cid {
            Some(cid) if is_cid_with_time(cid) => Self::None,
            Some(cid) if is_of_3(cid) && is_of_zato => Self::FirstKey,
            Some(cid) if is_of_3(cid) => Self::None,
            _ => Self::Named,
        }
    }

    /// Whether the value of this key is what a client receives, if it is the first key but for
    /// `zato_env`.
    #[must_use]
    pub fn is_envelope(self, key: &str) -> bool {
        match self {
            Self::None => false,
            Self::Named => key.starts_with("zato_") && key.ends_with("_response"),
            Self::FirstKey => true,
        }
    }

    /// Whether the value of this key stands beside an envelope.
    #[must_use]
    pub fn is_beside(key: &[u8]) -> bool {
        key == STATUS.as_bytes()
    }

    /// Returns what a client receives.
    #[must_use]
    pub fn content(self, response: &Value) -> &Value {
        let keys = response.as_object().into_iter().flatten();
        let first = keys.into_iter().find(|(key, _)| *key != STATUS);
        match first {
            Some((key, content)) if self.is_envelope(key) => content,
            _ => response,
        }
    }
}

/// What stands beside an envelope: whether the call went well. No client of the REST API gets it.
pub(super) const STATUS: &str = "zato_env";

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_form_of_a_cid_tells_the_version() {
        let response = json!({"id": 1, "name": "x"});
        let named = json!({"zato_x_response": [1], "_meta": {}});
        for (service, cid, of_response, of_named) in [
            ("zato.x", Some("9227876f04d5e0e1"), json!(1), json!([1])),
            (
                "my.x",
                Some("9227876f04d5e0e1"),
                response.clone(),
                named.clone(),
            ),
            (
                "zato.x",
                Some("20261123-181300-2024-a35d8d189a27bcf3a"),
                response.clone(),
                named.clone(),
            ),
            ("zato.x", Some("K06XT2H"), response.clone(), json!([1])),
            ("zato.x", None, response.clone(), json!([1])),
        ] {
            let envelope = Envelope::of(service, cid);
            assert_eq!(
                envelope.content(&response),
                &of_response,
                "{service} {cid:?}"
            );
            assert_eq!(envelope.content(&named), &of_named, "{service} {cid:?}");
        }
        let with_status = json!({"zato_env": {"result": "ZATO_OK"}, "zato_x_response": 2});
        assert_eq!(Envelope::Named.content(&with_status), &json!(2));
        assert_eq!(Envelope::FirstKey.content(&json!(null)), &json!(null));
    }
}
