//! Names of services as globs.

use anyhow::{Context as _, Result};
use globset::{Glob, GlobSet, GlobSetBuilder};

/// Reads the globs that were given for `flag`; nothing if none was.
pub(super) fn globs(flag: &str, globs: &[String]) -> Result<Option<GlobSet>> {
    let mut set = GlobSetBuilder::new();
    for glob in globs {
        set.add(Glob::new(glob).with_context(|| format!("{flag} `{glob}`"))?);
    }
    Ok(if globs.is_empty() {
        None
    } else {
        Some(set.build()?)
    })
}
