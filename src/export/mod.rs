//! Writes examples of services, one format a file, and the page of an audit; one place quotes.

mod audit_page;
mod body;
mod comment;
mod curl;
mod drift;
mod fields;
mod file_name;
mod format;
mod html;
mod http;
mod httpie;
mod hurl;
mod json;
mod markdown;
pub mod openapi;
mod postman;
mod python;
mod quote;
mod recipe;
mod shown_example;
mod site;
mod words;

pub use audit_page::AuditPage;
pub use body::Snippet;
pub use curl::curl;
pub use drift::drift_in_markdown;
pub use file_name::FileNames;
pub use format::{File, Format, Settings};
pub use http::http;
pub use httpie::httpie;
pub use hurl::hurl;
pub use json::SCHEMA;
pub use python::python;
pub use quote::{compact_json, indented_json, service_url, visible_json};
pub use recipe::{recipe_in_python, recipe_in_shell, recipes_in_json};
pub(crate) use words::number;
