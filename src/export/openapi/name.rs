//! What services are called in an OpenAPI document: their paths, tags and operation IDs.

use std::collections::HashSet;

use percent_encoding::percent_decode_str;
use xxhash_rust::xxh3::xxh3_64;

use crate::export::quote::{one_line, url_segment};
use crate::export::words::object;

/// Where the REST API calls services.
const INVOKE: &str = "/zato/api/invoke/";

/// The longest operation ID in bytes.
const LONGEST_ID: usize = 200;

/// Returns the path under which a service is called. A name with braces makes no template of it.
pub(super) fn path(service: &str) -> String {
    path_at(INVOKE, service)
}

/// The same where the API is mounted elsewhere.
pub(super) fn path_at(mount: &str, service: &str) -> String {
    format!("{mount}{}", url_segment(service))
}

/// Returns where a path that calls a service has the API: `/invoke/` of `/invoke/zato.ping`.
pub(super) fn mount_of_path(path: &str) -> Option<&str> {
    service_of_path(path)?;
    path.rfind('/').map(|end| &path[..=end])
}

/// Returns where paths have the API that are relative to a server's URL.
pub(super) fn mount_of_server(url: &str) -> &'static str {
    let url = url.trim_end_matches('/');
    // What of `INVOKE` the server has in its URL its paths need not have.
    let ends = INVOKE.match_indices('/').map(|(end, _)| end).skip(1);
    let within = ends.filter(|end| *end + 1 < INVOKE.len() && url.ends_with(&INVOKE[..*end]));
    &INVOKE[within.max().unwrap_or_default()..]
}

/// Returns the service that a path calls, wherever the API is mounted: `/zato/api/invoke/zato.ping`
/// and, of a document whose servers are `…/zato/api`, `/invoke/zato.ping`.
pub(super) fn service_of_path(path: &str) -> Option<String> {
    let (mount, service) = path.rsplit_once('/')?;
    let is_invoke = mount == "/invoke" || mount.ends_with("/invoke");
    if !is_invoke || service.is_empty() {
        return None;
    }
    Some(percent_decode_str(service).decode_utf8_lossy().into_owned())
}

/// Returns what a service is about: `security.basic-auth` of `zato.security.basic-auth.create`.
pub(super) fn tag(service: &str) -> String {
    match object(service) {
        "" => "other".to_owned(),
        object => one_line(object),
    }
}

/// Gives each operation an ID of its own.
#[derive(Debug, Default)]
pub(super) struct OperationIds {
    taken: HashSet<String>,
}

impl OperationIds {
    /// Starts with IDs that are in use.
    pub(super) fn new(taken: HashSet<String>) -> Self {
        Self { taken }
    }

    /// Returns the service's name, of which all that can't stand in a URL is replaced. Such a name,
    /// and one that is taken, gets a hash.
    pub(super) fn id(&mut self, service: &str) -> String {
        let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
        let mut id = service.replace(|c| !is_plain(c), "_");
        id.truncate(LONGEST_ID);
        if id != service || id.is_empty() || self.taken.contains(&id) {
            id = format!("{id}.{:016x}", xxh3_64(service.as_bytes()));
        }
        while !self.taken.insert(id.clone()) {
            id.push('_');
        }
        id
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_api_is_where_paths_and_servers_say() {
        for (path, expected) in [
            ("/invoke/zato.ping", Some("/invoke/")),
            ("/zato/api/invoke/zato.ping", Some(INVOKE)),
            ("/zato.ping", None),
        ] {
            assert_eq!(mount_of_path(path), expected, "{path}");
        }
        for (url, expected) in [
            ("http://localhost:17010", INVOKE),
            ("http://localhost:17010/", INVOKE),
            ("https://x/zato", "/api/invoke/"),
            ("https://x/zato/api/", "/invoke/"),
            ("https://x/api", INVOKE),
            ("/", INVOKE),
        ] {
            assert_eq!(mount_of_server(url), expected, "{url}");
        }
    }

    #[test]
    fn a_path_tells_its_service() {
        for service in ["zato.http-soap.create", "a b/../{ż}?", "invoke"] {
            assert_eq!(service_of_path(&path(service)).as_deref(), Some(service));
        }
        assert_eq!(service_of_path("/invoke/x").as_deref(), Some("x"));
        for other in ["/x", "/zato/api/invoke/", "/zato/api/invoker/x", "/users/x"] {
            assert_eq!(service_of_path(other), None, "{other}");
        }
    }

    #[test]
    fn a_tag_is_the_object() {
        assert_eq!(tag("zato.http-soap.create"), "http-soap");
        assert_eq!(
            tag("zato.security.basic-auth.create"),
            "security.basic-auth"
        );
        assert_eq!(tag("my.crm.get"), "my.crm");
        assert_eq!(tag("zato.ping"), "zato");
        assert_eq!(tag("ping"), "other");
    }

    #[test]
    fn no_two_operations_have_the_same_id() {
        let mut ids = OperationIds::default();
        let services = ["zato.ping", "a b", "a/b", "", "zato.ping"];
        let ids: HashSet<String> = services.iter().map(|service| ids.id(service)).collect();
        assert_eq!(ids.len(), services.len());
        assert!(ids.contains("zato.ping"));
    }
}
