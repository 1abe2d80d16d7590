//! Quotes text for URLs, and makes those of services.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// Returns the URL under which Zato's REST API calls a service.
#[must_use]
pub fn service_url(base_url: &str, service: &str) -> String {
    let base_url = base_url.trim_end_matches('/');
    format!("{base_url}/zato/api/invoke/{}", url_segment(service))
}

/// Returns `text` as a part of a URL's path.
pub(in crate::export) fn url_segment(text: &str) -> String {
    utf8_percent_encode(text, RESERVED).to_string()
}

/// All but the unreserved characters of RFC 3986.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');
