//! The server that snippets call.

use anyhow::{Result, bail};

use crate::redact::mask_text;

/// Where a server of Zato's quickstart listens.
pub(super) const DEFAULT: &str = "http://localhost:17010";

/// Fails when `--base-url` is none, or tells a password.
pub(super) fn check(url: &str) -> Result<()> {
    let behind = ["http://", "https://"]
        .iter()
        .find_map(|scheme| url.strip_prefix(scheme));
    let has_host =
        behind.is_some_and(|behind| !behind.is_empty() && !behind.starts_with(['/', ':']));
    let is_other = |c: char| c.is_control() || c.is_whitespace() || matches!(c, '?' | '#');
    let masked = mask_text(url);
    if !has_host || url.contains(is_other) {
        let shown = masked.as_deref().unwrap_or(url);
        bail!("--base-url `{shown}`: expected a URL such as `https://zato.example.com:17010`");
    }
    let host = behind.and_then(|behind| behind.split('/').next());
    if masked.is_some() || host.is_some_and(|host| host.contains('@')) {
        bail!(
            "--base-url: leave out what stands before the `@`, which would be in clear in all that is written; user and password are taken from $ZATO_USER and $ZATO_PASSWORD"
        );
    }
    Ok(())
}
