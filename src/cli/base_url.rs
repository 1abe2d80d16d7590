//! The server that snippets call.

use anyhow::{Result, bail};

/// Where a server of Zato's quickstart listens.
pub(super) const DEFAULT: &str = "http://localhost:17010";

/// Fails when `--base-url` is none.
pub(super) fn check(url: &str) -> Result<()> {
    let behind = ["http://", "https://"]
        .iter()
        .find_map(|scheme| url.strip_prefix(scheme));
    let has_host = behind
        .is_some_and(|behind| !behind.is_empty() && !behind.starts_with(['/', '?', '#', ':']));
    if !has_host || url.contains(|c: char| c.is_control() || c.is_whitespace()) {
        bail!("--base-url `{url}`: expected a URL such as `https://zato.example.com:17010`");
    }
    Ok(())
}
