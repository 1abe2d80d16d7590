//! Who made a call, as far as the logs tell.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

use super::neighbours::HttpCall;
use crate::invocation::{Identity, Invocation, Rest, is_cid_with_time};
use crate::query::{Pattern, Piece};

/// The way by which a call came.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize,
)]
#[serde(rename_all = "kebab-case")]
pub enum Origin {
    /// Zato's web-admin.
    WebAdmin,
    /// The REST API.
    Rest,
    /// Another channel.
    Channel,
    /// A job of the scheduler.
    Scheduler,
    /// A message that was published.
    PubSub,
    /// The command line of Zato.
    CommandLine,
    /// A queue.
    Queue,
    /// Another service, of whose caller nothing is known.
    Service,
    /// The logs do not tell.
    #[default]
    Unknown,
}

impl Origin {
    /// The origin's name in every output.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::WebAdmin => "web-admin",
            Self::Rest => "rest",
            Self::Channel => "channel",
            Self::Scheduler => "scheduler",
            Self::PubSub => "pub-sub",
            Self::CommandLine => "command-line",
            Self::Queue => "queue",
            Self::Service => "service",
            Self::Unknown => "unknown",
        }
    }
}

/// Who made a call. Which user it was stands in none of Zato's logs.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Actor<'a> {
    /// The way by which the call came.
    pub origin: Origin,
    /// The address it came from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remote: Option<Cow<'a, str>>,
    /// The channel it came through.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub channel: Option<Cow<'a, str>>,
    /// The program that made the HTTP call, as it calls itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agent: Option<Cow<'a, str>>,
    /// The HTTP status of the answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// How long the HTTP call took, in milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub response_ms: Option<u32>,
    /// The service that made the call.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parent: Option<Cow<'a, str>>,
}

/// `origins.toml`, as it is read.
#[derive(Deserialize)]
struct Table {
    channel: Vec<Channels>,
    letters: BTreeMap<char, Origin>,
    parents: BTreeMap<String, Origin>,
}

#[derive(Deserialize)]
struct Channels {
    fits: Vec<String>,
    origin: Origin,
}

struct Origins {
    channels: Vec<(Vec<Pattern>, Origin)>,
    letters: BTreeMap<char, Origin>,
    parents: BTreeMap<String, Origin>,
}

static ORIGINS: LazyLock<Origins> = LazyLock::new(|| {
    let table: Table = toml::from_str(include_str!("origins.toml"))
        .expect("the file is part of the program and tested");
    let patterns = |channels: &Channels| channels.fits.iter().map(|text| pattern(text)).collect();
    let channels = table.channel.iter();
    Origins {
        channels: channels
            .map(|channels| (patterns(channels), channels.origin))
            .collect(),
        letters: table.letters,
        parents: table.parents,
    }
});

/// Text in which each `*` stands for any text.
pub(super) fn pattern(text: &str) -> Pattern {
    let mut pieces = Vec::new();
    for (nth, part) in text.split('*').enumerate() {
        if nth > 0 && pieces.last() != Some(&Piece::AnyText) {
            pieces.push(Piece::AnyText);
        }
        if !part.is_empty() {
            pieces.push(Piece::Text(part.to_owned()));
        }
    }
    Pattern { pieces }
}

impl<'a> Actor<'a> {
    /// Who made this call; `http` is what the neighbours of the log know of its CID.
    pub(super) fn of(invocation: &Invocation<'a>, http: Option<HttpCall<'a>>) -> Self {
        let is_rest = invocation.rest == Some(Rest::Call);
        // The wrapper around a REST call tells nothing.
        let parent = invocation.parent.filter(|_| !is_rest);
        let parent = parent.and_then(Identity::service);
        let origins = &*ORIGINS;
        let letter = || {
            let cid = invocation.cid.filter(|cid| is_cid_with_time(cid))?;
            origins.letters.get(&cid.chars().next_back()?).copied()
        };
        let origin = http
            .as_ref()
            .and_then(|http| origin_of(http.channel?, http.path))
            .or_else(|| is_rest.then_some(Origin::Rest))
            .or_else(letter)
            .or_else(|| origins.parents.get(parent?).copied())
            .or_else(|| parent.map(|_| Origin::Service));
        let http = http.unwrap_or_default();
        Self {
            origin: origin.unwrap_or_default(),
            remote: http.remote.map(Cow::Borrowed),
            channel: http.channel.map(Cow::Borrowed),
            agent: http.agent.map(Cow::Borrowed),
            status: http.status,
            response_ms: http.response_ms,
            parent: parent.map(Cow::Borrowed),
        }
    }

    /// The same, kept apart from the logs.
    pub(super) fn into_owned(self) -> Actor<'static> {
        let owned = |text: Option<Cow<'_, str>>| text.map(|text| Cow::Owned(text.into_owned()));
        Actor {
            origin: self.origin,
            remote: owned(self.remote),
            channel: owned(self.channel),
            agent: owned(self.agent),
            status: self.status,
            response_ms: self.response_ms,
            parent: owned(self.parent),
        }
    }

    /// In a few words: `127.0.0.1 rest`.
    #[must_use]
    pub fn short(&self) -> String {
        let words = [self.remote.as_deref(), Some(self.origin.as_str())];
        let words: Vec<&str> = words.into_iter().flatten().collect();
        words.join(" ")
    }
}

fn origin_of(channel: &str, path: Option<&str>) -> Option<Origin> {
    let fits =
        |pattern: &Pattern| pattern.fits(channel) || path.is_some_and(|path| pattern.fits(path));
    let mut channels = ORIGINS.channels.iter();
    let found = channels.find(|(patterns, _)| patterns.iter().any(fits));
    found.map(|(_, origin)| *origin)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn channels_and_paths_tell_the_origin() {
        for (channel, path, expected) in [
            (
                "zato.api.invoke",
                Some("/zato/api/invoke/zato.ping"),
                Origin::Rest,
            ),
            ("/zato/api/invoke/{service_name}", None, Origin::Rest),
            (
                "admin.invoke.json",
                Some("/zato/admin/invoke"),
                Origin::WebAdmin,
            ),
            ("my channel", Some("/my/path"), Origin::Channel),
        ] {
            assert_eq!(origin_of(channel, path), Some(expected), "{channel}");
        }
    }
}
