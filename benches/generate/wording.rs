//! Words records as each version of Zato does.

use std::io::{self, Write as _};

use super::Version;
use super::clock::Clock;
use super::random::Random;

/// The thread that writes a record.
#[derive(Clone, Copy)]
pub(super) struct Origin {
    pub(super) process: u32,
    pub(super) thread_name: &'static str,
}

/// A record without its header.
pub(super) struct Message {
    pub(super) kind: Kind,
    pub(super) service: String,
    pub(super) cid: String,
    pub(super) payload: Vec<u8>,
}

impl Message {
    /// About how many bytes its record takes: the header and the delimiters come on top.
    pub(super) fn length(&self) -> usize {
        self.payload.len()
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Request,
    Response,
    /// What 4.1 says of a list of which it returns one page.
    Pagination,
}

/// Writes a record behind what `out` holds.
pub(super) fn write_record(
    version: Version,
    clock: &Clock,
    origin: Origin,
    message: &Message,
    out: &mut Vec<u8>,
) {
    clock.write_asctime(out);
    write_opening(version, origin, message, out)
        .and_then(|()| out.write_all(&message.payload))
        .and_then(|()| write_closing(version, message, out))
        .expect("memory takes all that is written");
    out.push(b'\n');
}

/// What stands between the time and the payload.
fn write_opening(
    version: Version,
    origin: Origin,
    message: &Message,
    out: &mut Vec<u8>,
) -> io::Result<()> {
    let Message {
        kind,
        service,
        cid,
        payload: _,
    } = message;
    write!(
        out,
        " - INFO - {}:{} - ",
        origin.process, origin.thread_name
    )?;
    if version == Version::Zato4_1 {
        write!(out, "{service} - {cid} - ")?;
    }
    match (version, kind) {
        (_, Kind::Pagination) => write!(out, "zato_admin:21 - _search: pagination meta -> "),
        (Version::Zato2_0, Kind::Request) => {
            write!(
                out,
                "zato_admin:43 - cid:[{cid}], name:[{service}], SIO request:["
            )
        }
        (Version::Zato2_0, Kind::Response) => {
            write!(
                out,
                "zato_admin:50 - cid:`{cid}`, name:`{service}`, response:`"
            )
        }
        (Version::Zato3_0, Kind::Request) => {
            write!(
                out,
                "zato_admin:104 - cid:`{cid}`, name:`{service}`, request:`"
            )
        }
        (Version::Zato3_0, Kind::Response) => {
            write!(
                out,
                "zato_admin:132 - cid:`{cid}`, name:`{service}`, response:`"
            )
        }
        (Version::Zato3_2, Kind::Request) => {
            write!(out, "zato_admin:0 - Request; service:`{service}`, data:`")
        }
        (Version::Zato3_2, Kind::Response) => {
            write!(out, "zato_admin:0 - Response; service:`{service}`, data:`")
        }
        (Version::Zato4_1, Kind::Request) => {
            write!(out, "zato_admin:21 - Request; service:`{service}`, data:`")
        }
        (Version::Zato4_1, Kind::Response) => {
            write!(out, "zato_admin:21 - Response; service:`{service}`, data:`")
        }
    }
}

/// What stands behind the payload. The trailing comma and space are Zato's.
fn write_closing(version: Version, message: &Message, out: &mut Vec<u8>) -> io::Result<()> {
    match (version, message.kind) {
        (_, Kind::Pagination) => Ok(()),
        (Version::Zato2_0, Kind::Request) => write!(out, "]"),
        (Version::Zato2_0, Kind::Response) | (Version::Zato3_0, _) => write!(out, "`"),
        (Version::Zato3_2 | Version::Zato4_1, _) => write!(out, "` cid:`{}`, ", message.cid),
    }
}

/// A correlation ID for a call that comes in at this moment.
pub(super) fn cid(version: Version, clock: &Clock, random: &mut Random) -> String {
    match version {
        Version::Zato2_0 | Version::Zato3_0 => {
            let digits: &[u8] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
            let drawn = (0..27).map(|_| char::from(*random.pick(digits)));
            std::iter::once('K').chain(drawn).collect()
        }
        Version::Zato3_2 => format!("{:08x}{:016x}", random.next() >> 32, random.next()),
        Version::Zato4_1 => {
            let origin = if random.one_in(10) { 'd' } else { 'a' };
            let serial = random.within(0..=9_999);
            format!(
                "{}-{serial:04}-{:016x}{origin}",
                clock.compact(),
                random.next()
            )
        }
    }
}
