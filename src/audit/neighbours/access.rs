//! Reads the lines of `http_access.log` (Zato 2.0 and 3.0) and `access.log` (4.1):
//! `REMOTE_IP CID/SECONDS "CHANNEL" [TIME] "METHOD PATH HTTP/1.1" STATUS BYTES "-" "AGENT"`.

use super::HttpLine;

/// Reads a line of an access log.
pub(super) fn access_line(message: &str) -> Option<HttpLine<'_>> {
    let (remote, rest) = message.split_once(' ')?;
    let (call, rest) = rest.split_once(' ')?;
    let (cid, seconds) = call.rsplit_once('/')?;
    let rest = rest.strip_prefix('"')?;
    let (channel, rest) = rest.split_once("\" [")?;
    let (_, rest) = rest.split_once("] \"")?;
    // The path may hold quotes: what stands behind it can't.
    let (request, rest) = rest.split_once(" HTTP/")?;
    let (_, path) = request.split_once(' ')?;
    let (_, rest) = rest.split_once("\" ")?;
    let (status, rest) = rest.split_once(' ')?;
    let agent = rest
        .trim_end()
        .strip_suffix('"')
        .and_then(|rest| rest.split_once(" \"-\" \""));
    let seconds: f64 = seconds.parse().ok()?;
    Some(HttpLine {
        cid,
        remote: Some(remote),
        channel: Some(channel),
        path: Some(without_query(path)),
        agent: agent.map(|(_, agent)| agent).filter(|agent| *agent != "-"),
        status: status.parse().ok(),
        response_ms: milliseconds(seconds),
    })
}

/// The path without its query string, which may hold secrets.
pub(super) fn without_query(path: &str) -> &str {
    path.split('?').next().unwrap_or_default()
}

/// Seconds in whole milliseconds.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the number is within the limits that are checked"
)]
pub(super) fn milliseconds(seconds: f64) -> Option<u32> {
    let milliseconds = (seconds * 1000.0).round();
    let is_within = (0.0..f64::from(u32::MAX)).contains(&milliseconds);
    is_within.then_some(milliseconds as u32)
}
