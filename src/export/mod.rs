//! Writes examples of services: one format a file, and one place that quotes.

mod curl;
mod file_name;
mod json;
mod quote;

pub use curl::{Snippet, curl};
pub use file_name::FileNames;
pub use json::{document, example_object};
pub use quote::{compact_json, indented_json};
