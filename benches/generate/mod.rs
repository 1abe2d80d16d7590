//! Writes logs as Zato writes them, of any size, for measuring.
//!
//! What goes in is a [`Recipe`] and a size; what comes out are the bytes of an `admin.log`, with
//! what a reader must find in it ([`Written`]). The same recipe always gives the same bytes. The
//! records have the shapes of logs of real servers: 60 services, eight threads of two processes
//! whose records interleave, long lists beside short calls, a few calls without an answer, text in
//! many languages and with all kinds of quotes.

mod catalogue;
mod clock;
mod notation;
mod payload;
mod random;
mod traffic;
mod wording;

use std::fmt;
use std::str::FromStr;

use anyhow::Context as _;

pub(crate) use notation::Notation;
pub(crate) use payload::values;
pub(crate) use traffic::write_log;

/// Whose log is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Version {
    /// Requests in brackets are reprs of Python 2, responses are JSON.
    Zato2_0,
    /// Requests are reprs of Python 2, responses are reprs of a text that is JSON.
    Zato3_0,
    /// Both are reprs of Python 3. Responses stand in an envelope, and calls through the REST API
    /// have a wrapper around them, which answers in JSON.
    Zato3_2,
    /// Both are reprs of Python 3, and the header names the call.
    Zato4_1,
}

/// What kind of log is written: `3.2`, or `3.2+uploads`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Recipe {
    pub(crate) version: Version,
    /// Whether a few calls have a request of a megabyte.
    pub(crate) has_uploads: bool,
}

/// What a reader must find in a log.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Written {
    pub(crate) bytes: usize,
    /// Requests and responses.
    pub(crate) calls: usize,
    /// Records with another message.
    pub(crate) others: usize,
    pub(crate) invocations: usize,
    pub(crate) unanswered: usize,
    pub(crate) response_only: usize,
    /// Invocations that only wrap another one for the REST API.
    pub(crate) rest_wrappers: usize,
}

impl Recipe {
    /// A log of each version, and uploads in base64 and as they are.
    pub(crate) const ALL: [Self; 6] = [
        Self {
            version: Version::Zato2_0,
            has_uploads: false,
        },
        Self {
            version: Version::Zato3_0,
            has_uploads: false,
        },
        Self {
            version: Version::Zato3_2,
            has_uploads: false,
        },
        Self {
            version: Version::Zato4_1,
            has_uploads: false,
        },
        Self {
            version: Version::Zato3_2,
            has_uploads: true,
        },
        Self {
            version: Version::Zato4_1,
            has_uploads: true,
        },
    ];
}

const UPLOADS: &str = "+uploads";

impl fmt::Display for Recipe {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self.version {
            Version::Zato2_0 => "2.0",
            Version::Zato3_0 => "3.0",
            Version::Zato3_2 => "3.2",
            Version::Zato4_1 => "4.1",
        })?;
        formatter.write_str(if self.has_uploads { UPLOADS } else { "" })
    }
}

impl FromStr for Recipe {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (name, has_uploads) = match text.strip_suffix(UPLOADS) {
            Some(name) => (name, true),
            None => (text, false),
        };
        let recipe = Self::ALL
            .into_iter()
            .find(|recipe| recipe.to_string() == name);
        let recipe = recipe.with_context(|| {
            format!("unknown version `{name}`: expected 2.0, 3.0, 3.2 or 4.1, maybe with +uploads")
        })?;
        Ok(Self {
            has_uploads,
            ..recipe
        })
    }
}
