//! Joins the line of a call that was not answered with that of its response, which was read another
//! time, when the request was no longer at hand.

use std::collections::HashMap;

use serde_json::value::RawValue;

use crate::invocation::Outcome;
use crate::query::Line;

/// The keys that the response tells. All others are those of the request, if it has them.
const OF_RESPONSE: [&str; 6] = [
    "finished_at",
    "via",
    "wraps",
    "response",
    "response_at",
    "duration_ms",
];

/// All keys of a line, in order.
const KEYS: [&str; 18] = [
    "id",
    "service",
    "cid",
    "server",
    "outcome",
    "started_at",
    "finished_at",
    "duration_ms",
    "pid",
    "thread",
    "parent",
    "via",
    "wraps",
    "request",
    "response",
    "request_at",
    "response_at",
    "diagnostics",
];

/// Makes the line of a completed call of those of its request and of its response. If the call was
/// completed before, by a response that was not yet whole, the other response counts.
pub(super) fn merge(request: &str, response: &str) -> Result<String, serde_json::Error> {
    let started = Line::read(request)?.facts.started;
    let finished = Line::read(response)?.facts.finished;
    let duration = started
        .zip(finished)
        .map(|(started, finished)| finished - started);
    let of_request: HashMap<&str, &RawValue> = serde_json::from_str(request)?;
    let of_response: HashMap<&str, &RawValue> = serde_json::from_str(response)?;
    let mut line = String::with_capacity(request.len() + response.len());
    for key in KEYS {
        let value = match key {
            "outcome" => Some(format!("\"{}\"", Outcome::Completed.as_str())),
            "duration_ms" => duration
                .filter(|duration| *duration >= 0)
                .map(|duration| duration.to_string()),
            "diagnostics" => {
                let mut all: Vec<String> = Vec::new();
                for (side, part) in [("\"request:", &of_request), ("\"response:", &of_response)] {
                    let Some(list) = part.get(key) else { continue };
                    let list: Vec<&RawValue> = serde_json::from_str(list.get())?;
                    let list = list.iter().map(|text| text.get());
                    all.extend(
                        list.filter(|text| text.starts_with(side))
                            .map(ToOwned::to_owned),
                    );
                }
                if duration.is_some_and(|duration| duration < 0) {
                    all.push("\"response: the clock went back since the request\"".to_owned());
                }
                (!all.is_empty()).then(|| format!("[{}]", all.join(",")))
            }
            _ if OF_RESPONSE.contains(&key) => {
                let value = of_response.get(key).or_else(|| of_request.get(key));
                value.map(|value| value.get().to_owned())
            }
            _ => of_request.get(key).map(|value| value.get().to_owned()),
        };
        if let Some(value) = value {
            line.push(if line.is_empty() { '{' } else { ',' });
            for part in ["\"", key, "\":", &value] {
                line.push_str(part);
            }
        }
    }
    line.push('}');
    Ok(line)
}
