//! Calls that were recorded between a client and a live server of Zato, and a server that answers
//! as that one did.

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;

use serde_json::Value;

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
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let calls = Arc::new(calls);
    thread::spawn(move || {
        for stream in listener.incoming() {
            let calls = Arc::clone(&calls);
            thread::spawn(move || answer(stream.unwrap(), &calls));
        }
    });
    url
}

fn answer(stream: TcpStream, calls: &[RecordedCall]) {
    let mut reader = BufReader::new(stream);
    let mut lines = Vec::new();
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).unwrap_or(0) == 0 {
            // The client has gone.
            return;
        }
        match line.trim_end() {
            "" => break,
            line => lines.push(line.to_owned()),
        }
    }
    let header = |name: &str| {
        lines.iter().find_map(|line| {
            let (key, value) = line.split_once(": ")?;
            key.eq_ignore_ascii_case(name).then(|| value.to_owned())
        })
    };
    let mut body = Vec::new();
    if header("Transfer-Encoding").is_none() {
        let length = header("Content-Length").map_or(0, |length| length.parse().unwrap());
        body.resize(length, 0);
        reader.read_exact(&mut body).unwrap();
    }
    let is_known = header("Authorization").as_deref() == Some("Basic cHViYXBpOnNlY3JldA==");
    let mut words = lines[0].split(' ');
    let (method, path) = (words.next().unwrap(), words.next().unwrap());
    let request: Option<Value> = serde_json::from_slice(&body).ok();
    let call = calls.iter().find(|call| {
        call.method == method
            && path == format!("/zato/api/invoke/{}", call.service)
            && call.request == request
    });
    let (status, response) = match call {
        _ if !is_known => (401, "Unauthorized"),
        Some(call) => (call.status, call.response.as_str()),
        None => (404, "no such call was recorded"),
    };
    let _client_may_be_gone = write!(
        reader.get_mut(),
        "HTTP/1.1 {status} Status\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{response}",
        response.len()
    );
}
