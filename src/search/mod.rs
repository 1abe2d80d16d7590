//! Keeps invocations in an index on disk and finds them again.
//!
//! What goes in are the lines that [`write_json_line`] wrote of invocations, decoded and with their
//! secrets masked as a [`View`] shows them; what comes out are those lines that a [`Query`] means,
//! the same as a scan would find. The index is made of tantivy, which no other module names.
//!
//! [`View`]: crate::view::View
//! [`write_json_line`]: crate::view::write_json_line
//! [`Query`]: crate::query::Query

mod buckets;
mod compile;
mod complement;
mod damage;
mod describe;
mod dictionary;
mod directory;
mod document;
mod error;
mod hits;
mod in_flight;
mod index;
mod lock;
mod merge;
mod number_range;
mod paths;
mod plan;
mod refresh;
mod schema;
mod state;
mod words;
mod writer;

#[cfg(test)]
mod tests;

pub use damage::is_reading_index;
pub use describe::{DescribedLog, Description};
pub use directory::Opened;
pub use error::SearchError;
pub use hits::Hits;
pub use index::Index;
pub use lock::Lock;
pub use refresh::{Refreshed, ServerSet, Step};
pub use writer::{Prepared, Writer};
