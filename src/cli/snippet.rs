//! One call as a snippet.

use anyhow::{Context as _, Result};
use clap::ValueEnum;

use super::call::Call;
use super::call_tree::CallTree;
use super::json_text::write_json;
use super::lookup::Target;
use super::output::{Messages, NOT_WRITTEN, Output, printable_line};
use crate::export;
use crate::usage::{Envelope, Example};

/// What a call is written as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// What zalog parse prints, over several lines
    Json,
    /// A Python program that makes the call with zato-client
    Python,
    /// A shell snippet that makes the call with curl
    Curl,
}

/// Writes the call that was asked for, or the outermost one of a call tree.
pub(super) fn write_snippet(
    format: Format,
    base_url: &str,
    target: &Target,
    tree: &CallTree,
    output: &mut Output,
    messages: &Messages,
) -> Result<()> {
    use std::io::Write as _;

    let Some(call) = choose(format, target, tree)? else {
        return Ok(());
    };
    let is_named = matches!(target, Target::Call { id, .. } if id == call.id());
    if !is_named && tree.calls.len() > 1 {
        let (id, count) = (call.id(), tree.calls.len());
        let service = printable_line(call.service());
        messages.note(&format!("the outermost of {count} calls: {id}, {service}"));
    }
    if format == Format::Json {
        write_json(&call.value, "", output).context(NOT_WRITTEN)?;
        return writeln!(output).context(NOT_WRITTEN);
    }
    let request = call.payload("request").with_context(|| {
        let id = call.id();
        format!("call {id}: its request is not in the logs, so that it can't be made again")
    })?;
    let envelope = Envelope::of(call.service(), call.text("cid"));
    let response = call
        .payload("response")
        .map(|response| envelope.content(response));
    let example = Example::of_call(call.service(), request.clone(), response.cloned());
    let snippet = match format {
        Format::Python => export::python(&example, base_url),
        Format::Curl | Format::Json => export::curl(&example, base_url, None).script,
    };
    output.write_all(snippet.as_bytes()).context(NOT_WRITTEN)
}

/// The outermost call. The REST API's wrapper is how a service is called, and none that anyone
/// calls: unless it was asked for as it is, the call that it wraps is taken.
fn choose(format: Format, target: &Target, tree: &CallTree) -> Result<Option<Call>> {
    let Some(outermost) = tree.calls.first() else {
        return Ok(None);
    };
    let outermost = tree.call(outermost)?;
    if format == Format::Json && matches!(target, Target::Call { .. }) {
        return Ok(Some(outermost));
    }
    let wrapped = tree.wrapped(&outermost)?;
    Ok(Some(wrapped.unwrap_or(outermost)))
}
