//! Keeps invocations in an index on disk and finds them again.
//!
//! What goes in are invocations, decoded and with their secrets masked as a [`View`] shows them;
//! what comes out are the lines that [`write_json_line`] wrote of those that a [`Query`] asks for,
//! the newest first. The index is made of tantivy, which no other module names.
//!
//! [`View`]: crate::view::View
//! [`write_json_line`]: crate::view::write_json_line
//! [`Query`]: crate::query::Query

mod compile;
mod directory;
mod document;
mod error;
mod hits;
mod index;
mod schema;
mod writer;

pub use directory::Opened;
pub use error::SearchError;
pub use hits::Hits;
pub use index::Index;
pub use writer::Writer;
