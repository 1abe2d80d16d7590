//! Fills the gaps of an OpenAPI document of others with what traffic shows, and tells where the
//! two differ.
//!
//! Nothing that stands in the document is changed. A service is an operation of the document if
//! its path ends with `/invoke/SERVICE`, or if its operation ID is the service's name. An operation
//! that is there gets the schemas, examples and fields that it lacks; what it is called, who may
//! call it and which errors it knows is up to its authors.

use std::collections::HashSet;

use serde_json::{Map, Value, json};
use thiserror::Error;

use super::compare::{Comparison, Findings};
use super::document::{BASIC_AUTH, basic_auth, error_responses};
use super::edit::{Insertion, inserted};
use super::lookup::{Found, Lookup};
use super::name::{OperationIds, mount_of_path, mount_of_server, path_at, service_of_path};
use super::note::{Note, NoteKind};
use super::operation::{
    JSON, operation, request_body, request_content, response, response_content,
};
use super::overlay::overlay_of;
use super::schema::{SchemaWriter, Version};
use super::tree::{DocumentError, Notation, Tree};
use crate::usage::{Schema, Service};

/// A document with its gaps filled.
#[derive(Clone, Debug)]
pub struct Merged {
    /// The document.
    pub text: String,
    /// Its notation.
    pub notation: Notation,
    /// What was added, and what differs, by service.
    pub notes: Vec<Note>,
    /// What was added, as an overlay of the document as it was.
    pub overlay: Value,
}

/// Why a document can't be filled.
#[derive(Debug, Error)]
pub enum MergeError {
    /// It can't be read.
    #[error(transparent)]
    Document(#[from] DocumentError),
    /// It is something else.
    #[error("no OpenAPI document of version 3")]
    Version,
}

/// Returns a document with what these services show.
pub fn merge(text: &str, services: &[Service]) -> Result<Merged, MergeError> {
    // What editors put before all text is none of it.
    let content = text.trim_start_matches('\u{feff}');
    let tree = Tree::read(content)?;
    let version = version(&tree.value).ok_or(MergeError::Version)?;
    let merging = Merging::new(&tree.value, version);
    let (insertions, mut notes) = merging.findings(services);
    let all: Vec<Insertion> = insertions.iter().map(|(one, _)| one.clone()).collect();
    let (written, left) = inserted(content, &tree, &all)?;
    for (insertion, its_notes) in &insertions {
        let is_left = left.contains(insertion);
        notes.extend(its_notes.iter().map(|note| Note {
            kind: if is_left {
                NoteKind::NotAdded("it has no place that can be written to")
            } else {
                note.kind.clone()
            },
            ..note.clone()
        }));
    }
    // Stable: notes of a place stay in the order in which they were found.
    notes.sort_by(|one, other| (&one.service, &one.place).cmp(&(&other.service, &other.place)));
    let added = all.iter().filter(|one| !left.contains(one));
    Ok(Merged {
        overlay: overlay_of(&tree.value, added),
        text: format!("{}{written}", &text[..text.len() - content.len()]),
        notation: tree.notation,
        notes,
    })
}

fn version(document: &Value) -> Option<Version> {
    match document.get("openapi")? {
        Value::String(version) if version.starts_with("3.0") => Some(Version::V3_0),
        Value::String(version) if version.starts_with("3.") => Some(Version::V3_1),
        // Without quotes `3.1` is a number.
        Value::Number(number) if number.to_string().starts_with("3.") => Some(Version::V3_1),
        _ => None,
    }
}

/// An operation of the document that calls a service.
struct Operation<'d> {
    service: Option<String>,
    id: Option<&'d str>,
    /// What stands under the path.
    path_item: Found<'d>,
}

struct Merging<'d> {
    version: Version,
    lookup: Lookup<'d>,
    operations: Vec<Operation<'d>>,
}

impl<'d> Merging<'d> {
    fn new(document: &'d Value, version: Version) -> Self {
        let lookup = Lookup::new(document);
        let paths = lookup.path(&lookup.root(), &["paths"]);
        let mut operations = Vec::new();
        for (path, _) in paths.iter().flat_map(|paths| entries(paths.value)) {
            let item = paths.as_ref().and_then(|paths| lookup.child(paths, path));
            let Some(path_item) = item.filter(|item| item.value.is_object()) else {
                continue;
            };
            let id = path_item.value.pointer("/post/operationId");
            operations.push(Operation {
                service: service_of_path(path),
                id: id.and_then(Value::as_str),
                path_item,
            });
        }
        Self {
            version,
            lookup,
            operations,
        }
    }

    fn findings(&self, services: &[Service]) -> (Vec<(Insertion, Vec<Note>)>, Vec<Note>) {
        let mut findings = Findings::default();
        let mut ids = OperationIds::new(self.operation_ids());
        let mut new_paths = Map::new();
        let mut new_notes = Vec::new();
        let scheme = self.basic_auth();
        let mount = self.mount();
        let mut is_any_new = false;
        for service in services {
            let note = added(&service.name, "");
            let item = self.operation_of(&service.name).map(|one| &one.path_item);
            let post = item.and_then(|item| self.lookup.child(item, "post"));
            if let Some(post) = post {
                self.compare(service, &post, &mut findings);
                continue;
            }
            is_any_new = true;
            let operation = self.new_operation(service, &mut ids, &scheme);
            if let Some(item) = item {
                let insertion = insertion(item, "post", operation.into());
                findings.insertions.push((insertion, vec![note]));
            } else {
                new_paths.insert(path_at(mount, &service.name), json!({"post": operation}));
                new_notes.push(note);
            }
        }
        let root = self.lookup.root();
        match root.own_child("paths") {
            _ if new_paths.is_empty() => {}
            None => {
                let insertion = insertion(&root, "paths", new_paths.into());
                findings.insertions.push((insertion, new_notes));
            }
            Some(paths) => {
                for ((path, item), note) in new_paths.into_iter().zip(new_notes) {
                    let insertion = insertion(&paths, &path, item);
                    findings.insertions.push((insertion, vec![note]));
                }
            }
        }
        if is_any_new && self.needs_security() && self.basic_auth_name().is_none() {
            findings
                .insertions
                .push((self.new_scheme(&scheme), Vec::new()));
        }
        (findings.insertions, findings.notes)
    }

    /// Where the API is in the paths of the document, or would be by its servers.
    fn mount(&self) -> &'d str {
        let paths = self.lookup.path(&self.lookup.root(), &["paths"]);
        let mut paths = paths.iter().flat_map(|paths| entries(paths.value));
        let known = paths.find_map(|(path, _)| mount_of_path(path));
        known.unwrap_or_else(|| {
            let server = self.lookup.root().value.pointer("/servers/0/url");
            mount_of_server(server.and_then(Value::as_str).unwrap_or_default())
        })
    }

    fn operation_of(&self, service: &str) -> Option<&Operation<'d>> {
        let mut operations = self.operations.iter();
        let by_path = operations.find(|one| one.service.as_deref() == Some(service));
        by_path.or_else(|| self.operations.iter().find(|one| one.id == Some(service)))
    }

    fn operation_ids(&self) -> HashSet<String> {
        let paths = self.lookup.path(&self.lookup.root(), &["paths"]);
        let items = paths.iter().flat_map(|paths| entries(paths.value));
        let operations = items.flat_map(|(_, item)| entries(item));
        let ids = operations.filter_map(|(_, operation)| operation.get("operationId")?.as_str());
        ids.map(str::to_owned).collect()
    }

    /// An operation that the document lacks. It does not depend on anything else in the document
    /// but the security scheme.
    fn new_operation(
        &self,
        service: &Service,
        ids: &mut OperationIds,
        scheme: &str,
    ) -> Map<String, Value> {
        let mut operation = operation(service, self.version, ids);
        for (status, response) in error_responses() {
            operation["responses"][status] = response;
        }
        if self.needs_security() {
            operation.insert("security".to_owned(), json!([{scheme: []}]));
        }
        operation
    }

    /// Whether the document does not say for all operations who may call them.
    fn needs_security(&self) -> bool {
        self.lookup.root().own_child("security").is_none()
    }

    fn schemes(&self) -> Option<Found<'d>> {
        self.lookup
            .path(&self.lookup.root(), &["components", "securitySchemes"])
    }

    /// The name that the document has for HTTP Basic Auth.
    fn basic_auth_name(&self) -> Option<String> {
        let schemes = self.schemes()?;
        let is_basic = |scheme: &Value| {
            let scheme = scheme.get("scheme").and_then(Value::as_str);
            scheme.is_some_and(|scheme| scheme.eq_ignore_ascii_case("basic"))
        };
        let mut schemes = entries(schemes.value);
        let found = schemes.find(|(_, scheme)| is_basic(scheme));
        found.map(|(name, _)| name.to_owned())
    }

    /// The name of HTTP Basic Auth, which is the document's or one that it does not have.
    fn basic_auth(&self) -> String {
        self.basic_auth_name().unwrap_or_else(|| {
            let schemes = self.schemes();
            let is_taken = |name: &str| {
                schemes
                    .as_ref()
                    .is_some_and(|schemes| schemes.value.get(name).is_some())
            };
            let mut name = BASIC_AUTH.to_owned();
            while is_taken(&name) {
                name.push('_');
            }
            name
        })
    }

    fn new_scheme(&self, name: &str) -> Insertion {
        let root = self.lookup.root();
        let schemes = self.schemes();
        let components = root.own_child("components");
        match (schemes, components) {
            (Some(schemes), _) => insertion(&schemes, name, basic_auth()),
            (None, Some(components)) => {
                insertion(&components, "securitySchemes", json!({name: basic_auth()}))
            }
            (None, None) => insertion(
                &root,
                "components",
                json!({"securitySchemes": {name: basic_auth()}}),
            ),
        }
    }

    /// Compares an operation that is there.
    fn compare(&self, service: &Service, post: &Found<'d>, findings: &mut Findings) {
        let mut counts = vec![("x-zalog-calls", service.calls)];
        if service.unanswered > 0 {
            counts.push(("x-zalog-unanswered", service.unanswered));
        }
        // Where nothing stands it is null in YAML, and is filled.
        let takes_more = post.value.is_object() || post.value.is_null();
        for (key, count) in counts {
            if takes_more && post.own_child(key).is_none() {
                let insertion = insertion(post, key, count.into());
                findings.insertions.push((insertion, Vec::new()));
            }
        }
        self.compare_request(service, post, findings);
        self.compare_response(service, post, findings);
    }

    fn compare_request(&self, service: &Service, post: &Found<'d>, findings: &mut Findings) {
        let Some(content) = request_content(service, self.version) else {
            return;
        };
        if post.own_child("requestBody").is_none() {
            let body = request_body(service, self.version).unwrap_or_default();
            let insertion = insertion(post, "requestBody", body);
            let note = added(&service.name, "request");
            findings.insertions.push((insertion, vec![note]));
            return;
        }
        if let Some(body) = self.lookup.child(post, "requestBody") {
            let writer = SchemaWriter::of_requests(self.version);
            let seen = &service.request;
            self.compare_content(service, "request", &body, content, seen, &writer, findings);
        }
    }

    fn compare_response(&self, service: &Service, post: &Found<'d>, findings: &mut Findings) {
        if service.response.count == 0 {
            return;
        }
        let Some(responses) = post.own_child("responses") else {
            let own = json!({"200": response(service, self.version)});
            let insertion = insertion(post, "responses", own);
            let note = added(&service.name, "response");
            findings.insertions.push((insertion, vec![note]));
            return;
        };
        let is_success = |status: &str| status.starts_with('2') || status == "default";
        let mut statuses: Vec<&str> = entries(responses.value).map(|(status, _)| status).collect();
        statuses.retain(|status| is_success(status));
        statuses.sort_unstable();
        let Some(status) = statuses.first() else {
            let own = response(service, self.version);
            let insertion = insertion(&responses, "200", own);
            let note = added(&service.name, "response");
            findings.insertions.push((insertion, vec![note]));
            return;
        };
        let content = response_content(service, self.version);
        if let (Some(response), Some(content)) = (self.lookup.child(&responses, status), content) {
            let writer = SchemaWriter::of_responses(self.version, &service.examples);
            let seen = &service.response;
            self.compare_content(
                service, "response", &response, content, seen, &writer, findings,
            );
        }
    }

    /// Compares what stands below `content` of a request or a response.
    #[expect(
        clippy::too_many_arguments,
        reason = "all of them are needed once, for both sides"
    )]
    fn compare_content(
        &self,
        service: &Service,
        side: &'static str,
        body: &Found<'d>,
        own: Map<String, Value>,
        seen: &Schema,
        writer: &SchemaWriter<'_>,
        findings: &mut Findings,
    ) {
        let mut insert = |into: &Found<'d>, key: &str, value: Value, place: String| {
            let mut note = added(&service.name, &place);
            if into.is_shared {
                note.kind =
                    NoteKind::NotAdded("other parts of the document refer to this place too");
                findings.notes.push(note);
            } else {
                findings
                    .insertions
                    .push((insertion(into, key, value), vec![note]));
            }
        };
        let Some(content) = body.own_child("content") else {
            insert(body, "content", json!({JSON: own}), side.to_owned());
            return;
        };
        let names = entries(content.value).map(|(name, _)| name);
        let Some(name) = names.into_iter().find(|name| is_json(name)) else {
            insert(&content, JSON, own.into(), side.to_owned());
            return;
        };
        let Some(media_type) = self.lookup.child(&content, name) else {
            return;
        };
        let has = |key: &str| media_type.own_child(key).is_some();
        let schema_example = self
            .lookup
            .child(&media_type, "schema")
            .is_some_and(|schema| {
                ["example", "examples"]
                    .iter()
                    .any(|key| schema.value.get(key).is_some())
            });
        let has_example = has("example") || has("examples") || schema_example;
        for (key, value) in own {
            let is_there = has(&key) || (key == "examples" && has_example);
            if !is_there {
                let place = format!("{side} {key}");
                insert(&media_type, &key, value, place);
            }
        }
        if let Some(schema) = self.lookup.child(&media_type, "schema") {
            let comparison = Comparison {
                service: &service.name,
                side,
                lookup: &self.lookup,
                writer,
            };
            comparison.compare(&schema, seen, findings);
        }
    }
}

fn entries(value: &Value) -> impl Iterator<Item = (&str, &Value)> {
    let entries = value.as_object().into_iter().flatten();
    entries.map(|(key, value)| (key.as_str(), value))
}

fn is_json(media_type: &str) -> bool {
    let plain = media_type.split(';').next().unwrap_or_default().trim();
    let plain = plain.to_ascii_lowercase();
    plain == JSON || plain.ends_with("+json") || plain == "*/*" || plain == "application/*"
}

fn insertion(into: &Found<'_>, key: &str, value: Value) -> Insertion {
    Insertion {
        at: into.at.clone(),
        key: key.to_owned(),
        value,
    }
}

fn added(service: &str, place: &str) -> Note {
    Note {
        service: service.to_owned(),
        place: place.to_owned(),
        kind: NoteKind::Added,
    }
}
