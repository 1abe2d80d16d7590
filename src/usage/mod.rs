//! What the invocations of each service have in common: statistics, and examples of its use.

mod examples;
mod statistics;

pub use examples::{Example, Examples};
pub use statistics::{Durations, ServiceStatistics, Statistics};
