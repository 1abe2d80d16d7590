//! Writes examples of services: one format a file, and one place that quotes.

mod comment;
mod curl;
mod file_name;
mod json;
mod python;
mod quote;

pub use curl::{Snippet, curl};
pub use file_name::FileNames;
pub use json::{document, example_object};
pub use python::python;
pub use quote::{compact_json, indented_json};
