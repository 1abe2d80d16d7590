//! Rules: what in the calls deserves a person's look. They are data (`default.toml`, and files of
//! the user's), conditions on fields of a call, alone or with a count, a sequence, an absence, a
//! first time or a revert.
//!
//! Memory: each rule remembers at most [`MOST_GROUPS`] groups of calls, and of the calls in a group
//! those that its count or its steps need; the oldest half is forgotten when there are more. At most
//! [`MOST_FINDINGS`] findings of a rule are kept; others are counted.

mod condition;
mod engine;
mod finding;
mod groups;
mod rule;
mod span;

#[cfg(test)]
mod tests;

pub(super) use engine::Engine;
pub use engine::MOST_FINDINGS;
pub use finding::{Evidence, Finding, Severity};
pub use groups::MOST_GROUPS;
pub use rule::{RuleError, RuleErrorKind, Rules};
