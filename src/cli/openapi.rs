//! Documents of OpenAPI as files: written anew, and merged with what is there.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use serde_json::Value;

use super::Status;
use super::output::{Messages, NOT_WRITTEN, Output};
use super::written::write_file;
use crate::export::openapi::{Merged, Notation, NoteKind, merge, yaml};
use crate::export::{Format, indented_json};
use crate::usage::Service;

/// A document that is to be filled.
#[derive(Debug)]
pub(super) struct Merging {
    file: PathBuf,
    text: String,
    /// Whether what is added is wanted, and not the document.
    is_overlay: bool,
}

/// Whether `-o` names a file that one document of OpenAPI is written into.
pub(super) fn is_document(path: &Path, formats: &[Format]) -> bool {
    let is_one = matches!(formats, [format] if format.is_openapi());
    is_one && !path.is_dir() && notation_of(path).is_some()
}

/// Writes a document in the notation that its name tells.
pub(super) fn write_document(file: &Path, document: &Value) -> Result<()> {
    let text = match notation_of(file) {
        Some(Notation::Json) => indented_json(document) + "\n",
        Some(Notation::Yaml) | None => yaml(document),
    };
    write_file(file, &text)
}

fn notation_of(path: &Path) -> Option<Notation> {
    let ending = path.extension()?.to_str()?.to_ascii_lowercase();
    match ending.as_str() {
        "json" => Some(Notation::Json),
        "yaml" | "yml" => Some(Notation::Yaml),
        _ => None,
    }
}

impl Merging {
    /// Reads the document, and fails if it is none, or if it is not clear what is asked for.
    pub(super) fn read(file: &Path, formats: &[Format], output: Option<&Path>) -> Result<Self> {
        let is_overlay = match formats {
            [Format::Openapi | Format::OpenapiJson] => false,
            [Format::Overlay] => true,
            _ => bail!("--merge: only with --format openapi or --format overlay"),
        };
        if let Some(folder) = output.filter(|path| path.is_dir()) {
            bail!(
                "-o `{}`: a folder, where --merge needs a file",
                folder.display()
            );
        }
        let name = file.display();
        let text = fs::read_to_string(file).with_context(|| format!("--merge `{name}`"))?;
        let notation = merge(&text, &[])
            .with_context(|| format!("--merge `{name}`"))?
            .notation;
        if formats == [Format::OpenapiJson] && notation == Notation::Yaml {
            bail!("--merge `{name}`: YAML, which stays YAML: leave --format out");
        }
        let is_json_wanted = output.and_then(notation_of) == Some(Notation::Json);
        if let Some(output) = output.filter(|_| is_json_wanted && !is_overlay)
            && notation == Notation::Yaml
        {
            bail!(
                "-o `{}`: `{name}` is YAML, and stays YAML",
                output.display()
            );
        }
        Ok(Self {
            file: file.to_owned(),
            text,
            is_overlay,
        })
    }

    /// Writes the document with what these services show, or what is added to it, and tells what
    /// was added and what differs.
    pub(super) fn write(
        &self,
        services: &[Service],
        file: Option<&Path>,
        output: &mut Output,
        messages: &Messages,
    ) -> Result<Status> {
        let merged = merge(&self.text, services)
            .with_context(|| format!("--merge `{}`", self.file.display()))?;
        tell(&merged, messages);
        let is_empty = merged.overlay["actions"]
            .as_array()
            .is_none_or(Vec::is_empty);
        if is_empty {
            messages.note("nothing to add");
        }
        if self.is_overlay {
            if is_empty {
                return Ok(Status::NothingFound);
            }
            match file {
                Some(file) => write_document(file, &merged.overlay)?,
                None => output
                    .write_all(yaml(&merged.overlay).as_bytes())
                    .context(NOT_WRITTEN)?,
            }
            return Ok(Status::Done);
        }
        match file {
            Some(file) => write_file(file, &merged.text)?,
            None => output
                .write_all(merged.text.as_bytes())
                .context(NOT_WRITTEN)?,
        }
        Ok(Status::Done)
    }
}

fn tell(merged: &Merged, messages: &Messages) {
    for note in &merged.notes {
        messages.note(&note.to_string());
    }
    let count =
        |is_it: fn(&NoteKind) -> bool| merged.notes.iter().filter(|note| is_it(&note.kind)).count();
    let added = count(|kind| matches!(kind, NoteKind::Added));
    let never_seen = count(|kind| matches!(kind, NoteKind::NeverSeen));
    let differences = merged
        .notes
        .iter()
        .filter(|note| note.is_difference())
        .count();
    messages.note(&format!(
        "{added} added, {differences} differ, {never_seen} in the document but never seen"
    ));
}
