//! What the invocations of each service have in common: statistics, and examples of its use.

mod examples;
mod statistics;

pub use examples::{Example, Examples, content_of_envelope};
pub use statistics::{Durations, ServiceStatistics, Statistics};
