//! Quotes text for the languages that examples are written in, a language each file.

mod comment;
mod hurl;
mod jq;
mod json;
mod json_path;
mod markdown;
mod python;
mod shell;
mod standing;
mod url;
mod visible;
mod yaml;

#[cfg(test)]
mod tests;

pub use json::{compact_json, indented_json};
pub use url::service_url;
pub use visible::visible_json;

pub(super) use comment::{comment, request_comment};
pub(super) use hurl::{hurl_body, hurl_string};
pub(super) use jq::{jq_path, jq_steps, jq_string};
pub(super) use json::{script_json, without_templates};
pub(super) use json_path::{json_path_member, json_path_step};
pub(super) use markdown::{markdown_code, markdown_fence};
pub(super) use python::{python_expression, python_expression_with, python_path, python_string};
pub(super) use shell::{here_document, shell_json, shell_word};
pub(super) use url::url_segment;
pub(super) use visible::{one_line, visible_lines};
pub(super) use yaml::{yaml_number, yaml_string};
