//! Describes services as OpenAPI: a document of its own, what a document of others lacks, and an
//! overlay.

mod compare;
mod document;
mod edit;
mod examples;
mod lookup;
mod merge;
mod name;
mod note;
mod operation;
mod overlay;
mod schema;
#[cfg(test)]
mod tests;
mod tree;
mod yaml;

pub use document::openapi;
pub use examples::{DocumentedExample, documented_examples};
pub use merge::{MergeError, Merged, merge};
pub use note::{Note, NoteKind};
pub use overlay::overlay;
pub use schema::{ENUM_FROM, FORMAT_FROM, REQUIRED_FROM, TEXTS_PER_VALUE};
pub use tree::{DocumentError, Notation, read_document};
pub use yaml::yaml;
