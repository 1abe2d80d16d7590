//! Calls without an answer: why, as far as the logs tell, in groups.

use std::collections::BTreeMap;

use serde::Serialize;

use super::change::At;

/// Why a call has no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reason {
    /// Its exception is in the server's log.
    Exception,
    /// Its process has written nothing since, though others have.
    ProcessEnded,
    /// The log ends soon after it: it may have been running.
    EndOfLog,
    /// The file that its answer would be in is missing.
    MissingFile,
    /// The server's log has no exception of it.
    NoException,
    /// There is no log that could tell.
    Unknown,
    /// It is the outer call of one through the REST API, which has no answer itself.
    InnerCall,
}

impl Reason {
    /// The reason in words.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Exception => "failed",
            Self::ProcessEnded => "its process has ended",
            Self::EndOfLog => "may have been running when the log ended",
            Self::MissingFile => "its answer is in a file that is missing",
            Self::NoException => "no exception in server.log",
            Self::Unknown => "no server.log tells",
            Self::InnerCall => "the call inside it has no answer",
        }
    }
}

/// Calls that have no answer for the same reason.
#[derive(Clone, Debug, Serialize)]
pub struct FailureGroup {
    /// Why they have none.
    pub reason: Reason,
    /// The exception's class.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exception: Option<String>,
    /// What it said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// How many calls.
    pub calls: u64,
    /// Of which services, with how many calls of each.
    pub services: BTreeMap<String, u64>,
    /// When the first one was called.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first: Option<String>,
    /// When the last one was called.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last: Option<String>,
    /// The first call.
    pub at: At,
    /// The exception of the first call, in the server's log.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub traceback: Option<At>,
}

/// Calls without an answer, as they are grouped.
#[derive(Debug, Default)]
pub(super) struct Failures {
    groups: BTreeMap<(Reason, Option<usize>), FailureGroup>,
}

/// One call without an answer.
#[derive(Clone, Debug)]
pub(super) struct FailedCall<'a> {
    pub(super) reason: Reason,
    /// The number of its cause, with the exception's class and what it said.
    pub(super) cause: Option<(usize, &'a str, &'a str)>,
    pub(super) service: &'a str,
    pub(super) time: Option<String>,
    pub(super) at: At,
    pub(super) traceback: Option<At>,
}

impl Failures {
    pub(super) fn add(&mut self, call: FailedCall<'_>) {
        let key = (call.reason, call.cause.map(|(number, ..)| number));
        let group = self.groups.entry(key).or_insert_with(|| FailureGroup {
            reason: call.reason,
            exception: call.cause.map(|(_, exception, _)| exception.to_owned()),
            message: call.cause.map(|(_, _, message)| message.to_owned()),
            calls: 0,
            services: BTreeMap::new(),
            first: call.time.clone(),
            last: None,
            at: call.at,
            traceback: call.traceback,
        });
        group.calls += 1;
        match group.services.get_mut(call.service) {
            Some(calls) => *calls += 1,
            None => {
                group.services.insert(call.service.to_owned(), 1);
            }
        }
        group.last = call.time.or(group.last.take());
    }

    /// The groups, the largest first.
    pub(super) fn finish(self) -> Vec<FailureGroup> {
        let mut groups: Vec<FailureGroup> = self.groups.into_values().collect();
        groups.sort_by_key(|group| std::cmp::Reverse(group.calls));
        groups
    }
}
