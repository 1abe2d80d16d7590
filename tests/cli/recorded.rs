//! Calls that were recorded between a client and a live server of Zato, and a server that answers
//! as that one did.

use std::fs;

use serde_json::Value;

use crate::server::serve;
use crate::zalog::fixture;

/// One call.
#[derive(Debug)]
pub(crate) struct RecordedCall {
    /// The service's name.
    pub(crate) service: String,
    pub(crate) method: String,
    /// What was sent, if it was JSON.
    pub(crate) request: Option<Value>,
    pub(crate) status: u64,
    pub(crate) response: String,
    /// What the call has added to `admin.log`.
    pub(crate) log: String,
}

/// Reads the calls of `rest-3.2.jsonl` or `rest-4.1.jsonl`.
pub(crate) fn recorded_calls(name: &str) -> Vec<RecordedCall> {
    let text = fs::read_to_string(fixture(name)).unwrap();
    let calls = text.lines().map(|line| {
        let call: Value = serde_json::from_str(line).unwrap();
        let text = |key: &str| call[key].as_str().unwrap_or_default().to_owned();
        let url = text("url");
        let path = url.split('?').next().unwrap();
        RecordedCall {
            service: path.rsplit('/').next().unwrap().to_owned(),
            method: text("method"),
            request: serde_json::from_str(&text("req_body")).ok(),
            status: call["status"].as_u64().unwrap(),
            response: text("resp_body"),
            log: text("admin_log"),
        }
    });
    calls.collect()
}

/// Starts a server that answers each request as it was answered when it was recorded, and all
/// others with 404. Returns its URL.
pub(crate) fn replaying_server(calls: Vec<RecordedCall>) -> String {
    let (url, _requests) = serve(move |request| {
        let is_known = request.authorization.as_deref() == Some("Basic cHViYXBpOnNlY3JldA==");
        let sent: Option<Value> = serde_json::from_slice(&request.body).ok();
        let call = calls.iter().find(|call| {
            call.method == request.method
                && request.path == format!("/zato/api/invoke/{}", call.service)
                && call.request == sent
        });
        match call {
            _ if !is_known => (401, "Unauthorized".to_owned()),
            Some(call) => (call.status, call.response.clone()),
            None => (404, "no such call was recorded".to_owned()),
        }
    });
    url
}
