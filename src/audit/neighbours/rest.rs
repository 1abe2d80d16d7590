//! Reads what `server.log` of Zato 3.2 says of REST calls:
//! `REST cha → cid=C; POST /path name=CHANNEL; len=N; agent=A; remote-addr=IP:PORT` and
//! `REST cha ← cid=C; 200 time=0:00:00.01; len=N`.

use super::HttpLine;
use super::access::{milliseconds, without_query};

/// Reads the line of a call that comes in.
pub(super) fn request_line(message: &str) -> Option<HttpLine<'_>> {
    let rest = message.strip_prefix("REST cha → cid=")?;
    let (cid, rest) = rest.split_once("; ")?;
    let (_, rest) = rest.split_once(' ')?;
    let (path, rest) = rest.split_once(" name=")?;
    let (channel, rest) = rest.split_once("; len=")?;
    let (_, rest) = rest.split_once("; agent=")?;
    // The agent is what a client says it is: it may hold anything.
    let (agent, remote) = rest.trim_end().rsplit_once("; remote-addr=")?;
    let remote = remote
        .rsplit_once(':')
        .map_or(remote, |(address, _)| address);
    Some(HttpLine {
        cid,
        remote: Some(remote),
        channel: Some(channel),
        path: Some(without_query(path)),
        agent: Some(agent),
        ..HttpLine::default()
    })
}

/// Reads the line of an answer.
pub(super) fn response_line(message: &str) -> Option<HttpLine<'_>> {
    let rest = message.strip_prefix("REST cha ← cid=")?;
    let (cid, rest) = rest.split_once("; ")?;
    let (status, rest) = rest.split_once(" time=")?;
    let (time, _) = rest.split_once(';').unwrap_or((rest.trim_end(), ""));
    Some(HttpLine {
        cid,
        status: status.split(' ').next()?.parse().ok(),
        response_ms: duration(time),
        ..HttpLine::default()
    })
}

/// Python's `str(timedelta)`: `0:00:00.012345`.
fn duration(text: &str) -> Option<u32> {
    let mut parts = text.rsplit(':');
    let seconds: f64 = parts.next()?.parse().ok()?;
    let minutes: f64 = parts.next()?.parse().ok()?;
    let hours: f64 = parts.next()?.parse().ok()?;
    milliseconds(hours.mul_add(3600.0, minutes.mul_add(60.0, seconds)))
}
