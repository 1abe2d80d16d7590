//! What examples can be written as.

use serde_json::Value;

use super::body::Snippet;
use super::curl::curl;
use super::file_name::FileNames;
use super::http::http;
use super::httpie::httpie;
use super::hurl::hurl;
use super::openapi::{openapi, overlay, yaml};
use super::python::python;
use super::quote::indented_json;
use super::{html, json, markdown, postman};
use crate::usage::{Example, Service};

/// What examples can be written as. Each is in a file of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Format {
    /// One JSON document.
    Json,
    /// Shell snippets that call the services with curl.
    Curl,
    /// Python programs that call the services with zato-client.
    Python,
    /// Shell snippets that call the services with HTTPie.
    Httpie,
    /// HTTP messages for the REST clients of editors.
    Http,
    /// Hurl files that call the services and check what comes back.
    Hurl,
    /// A Postman collection.
    Postman,
    /// Pages in Markdown, with an index.
    Markdown,
    /// Web pages that need nothing but themselves, with an index.
    Html,
    /// An OpenAPI document, as YAML.
    Openapi,
    /// An OpenAPI document, as JSON.
    OpenapiJson,
    /// An overlay of an OpenAPI document, as YAML.
    Overlay,
}

/// What examples need beside themselves.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The server that is called, such as `http://localhost:17010`.
    pub base_url: String,
}

/// A file to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// Its path below the folder of the examples, with `/` between its parts, which are plain file
    /// names on any system.
    pub path: String,
    /// What it holds.
    pub content: String,
}

impl Format {
    /// All formats, in the order in which they are shown.
    pub const ALL: [Self; 12] = [
        Self::Json,
        Self::Curl,
        Self::Python,
        Self::Httpie,
        Self::Http,
        Self::Hurl,
        Self::Postman,
        Self::Markdown,
        Self::Html,
        Self::Openapi,
        Self::OpenapiJson,
        Self::Overlay,
    ];

    /// The format's name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Curl => "curl",
            Self::Python => "python",
            Self::Httpie => "httpie",
            Self::Http => "http",
            Self::Hurl => "hurl",
            Self::Postman => "postman",
            Self::Markdown => "markdown",
            Self::Html => "html",
            Self::Openapi => "openapi",
            Self::OpenapiJson => "openapi-json",
            Self::Overlay => "overlay",
        }
    }

    /// What the format is, in a few words.
    #[must_use]
    pub fn description(self) -> &'static str {
        match self {
            Self::Json => "One document, or SERVICE.json each",
            Self::Curl => "Shell snippets with curl, or SERVICE.sh each",
            Self::Python => "Python programs, or SERVICE.py each",
            Self::Httpie => "Shell snippets with HTTPie, or SERVICE.sh each",
            Self::Http => "Requests for the REST clients of editors, or SERVICE.http each",
            Self::Hurl => "Tests of status and shape with Hurl, or SERVICE.hurl each",
            Self::Postman => "One Postman collection",
            Self::Markdown => "A page in Markdown, or SERVICE.md each and index.md",
            Self::Html => "A web page, or SERVICE.html each and index.html",
            Self::Openapi => "OpenAPI 3.1 as YAML, with schemas of all calls, or openapi.yaml",
            Self::OpenapiJson => "The same as JSON, or openapi.json",
            Self::Overlay => "OpenAPI Overlay 1.0 as YAML, or overlay.yaml",
        }
    }

    /// Whether services without an example can be written as well.
    #[must_use]
    pub fn needs_schemas(self) -> bool {
        match self {
            Self::Json
            | Self::Curl
            | Self::Python
            | Self::Httpie
            | Self::Http
            | Self::Hurl
            | Self::Postman => false,
            Self::Markdown | Self::Html | Self::Openapi | Self::OpenapiJson | Self::Overlay => true,
        }
    }

    /// Whether all is one document of OpenAPI.
    #[must_use]
    pub fn is_openapi(self) -> bool {
        match self {
            Self::Openapi | Self::OpenapiJson | Self::Overlay => true,
            Self::Json
            | Self::Curl
            | Self::Python
            | Self::Httpie
            | Self::Http
            | Self::Hurl
            | Self::Postman
            | Self::Markdown
            | Self::Html => false,
        }
    }

    /// Returns all as one document of OpenAPI, where the format is such.
    #[must_use]
    pub fn openapi_document(self, services: &[Service], settings: &Settings) -> Option<Value> {
        self.is_openapi().then(|| {
            if self == Self::Overlay {
                overlay(services)
            } else {
                openapi(services, &settings.base_url)
            }
        })
    }

    /// Returns all as one text.
    #[must_use]
    pub fn text(self, services: &[Service], settings: &Settings) -> String {
        let examples = services.iter().flat_map(|service| &service.examples);
        let base_url = &settings.base_url;
        match self {
            Self::Json => json::document(examples),
            Self::Curl => joined(examples, |example| curl(example, base_url, None).script),
            Self::Python => joined(examples, |example| python(example, base_url)),
            Self::Httpie => joined(examples, |example| httpie(example, base_url, None).script),
            Self::Http => joined(examples, |example| http(example, base_url, None).script),
            Self::Hurl => joined(examples, |example| hurl(example, base_url, None).script),
            Self::Postman => postman::collection(services, base_url),
            Self::Markdown => markdown::document(services, settings),
            Self::Html => html::document(services, settings),
            Self::Openapi => yaml(&openapi(services, base_url)),
            Self::OpenapiJson => indented_json(&openapi(services, base_url)) + "\n",
            Self::Overlay => yaml(&overlay(services)),
        }
    }

    /// Returns all as files: one an example, or pages with an index.
    #[must_use]
    pub fn files(self, services: &[Service], settings: &Settings) -> Vec<File> {
        let base_url = &settings.base_url;
        match self {
            Self::Json => each(services, |stem, example| {
                vec![File::new(stem, ".json", json::example_object(example))]
            }),
            Self::Curl => snippets(services, base_url, ".sh", curl),
            Self::Python => each(services, |stem, example| {
                vec![File::new(stem, ".py", python(example, base_url))]
            }),
            Self::Httpie => snippets(services, base_url, ".sh", httpie),
            Self::Http => snippets(services, base_url, ".http", http),
            Self::Hurl => snippets(services, base_url, ".hurl", hurl),
            Self::Postman => vec![File {
                path: postman::FILE.to_owned(),
                content: postman::collection(services, base_url),
            }],
            Self::Markdown => markdown::pages(services, settings),
            Self::Html => html::pages(services, settings),
            Self::Openapi => vec![File::new("openapi", ".yaml", self.text(services, settings))],
            Self::OpenapiJson => vec![File::new("openapi", ".json", self.text(services, settings))],
            Self::Overlay => vec![File::new("overlay", ".yaml", self.text(services, settings))],
        }
    }
}

impl File {
    pub(super) fn new(stem: &str, ending: &str, content: String) -> Self {
        Self {
            path: format!("{stem}{ending}"),
            content,
        }
    }
}

fn joined<'e>(
    examples: impl Iterator<Item = &'e Example>,
    write: impl Fn(&Example) -> String,
) -> String {
    examples.map(write).collect::<Vec<_>>().join("\n")
}

/// A snippet each, with a file for the body that is too long to stand in it.
fn snippets(
    services: &[Service],
    base_url: &str,
    ending: &str,
    write: impl Fn(&Example, &str, Option<&str>) -> Snippet,
) -> Vec<File> {
    each(services, |stem, example| {
        let body = format!("{stem}.body.json");
        let snippet = write(example, base_url, Some(&body));
        let script = File::new(stem, ending, snippet.script);
        let body = snippet.body.map(|body| File::new(stem, ".body.json", body));
        [script].into_iter().chain(body).collect()
    })
}

/// The files of each example: `SERVICE`, and `SERVICE.2` and so on for those after the first.
fn each(services: &[Service], write: impl Fn(&str, &Example) -> Vec<File>) -> Vec<File> {
    let mut names = FileNames::default();
    let mut files = Vec::new();
    for service in services {
        let stem = names.stem(&service.name);
        for (nth, example) in service.examples.iter().enumerate() {
            if nth == 0 {
                files.extend(write(&stem, example));
            } else {
                files.extend(write(&format!("{stem}.{}", nth + 1), example));
            }
        }
    }
    files
}
