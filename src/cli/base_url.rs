//! The server that snippets call.

use anyhow::{Result, bail};

/// Where a server of Zato's quickstart listens.
pub(super) const DEFAULT: &str = "http://localhost:17010";

/// Fails when `--base-url` is none.
pub(super) fn check(url: &str) -> Result<()> {
    let is_url = url.starts_with("http://") || url.starts_with("https://");
    if !is_url || url.contains(|c: char| c.is_control() || c.is_whitespace()) {
        bail!("--base-url `{url}`: expected a URL such as `https://zato.example.com:17010`");
    }
    Ok(())
}
