//! Finds what a glob fits.
//!
//! As in shells, `**` goes through folders, but not through links to them: those may lead back to where
//! they are.

use std::collections::HashSet;
use std::io;
use std::path::{Path, PathBuf};

use glob::{Pattern, PatternError};
use walkdir::{DirEntry, WalkDir};

/// What a glob fits, and what could not be looked at with why.
pub(super) type Fitting = Vec<Result<PathBuf, (PathBuf, io::Error)>>;

/// Returns what a pattern fits: folder by folder, each before those in it, and no path twice.
pub(super) fn expand(pattern: &str) -> Result<Fitting, PatternError> {
    Pattern::new(pattern)?;
    let mut expansion = Expansion::default();
    expansion.add(pattern)?;
    Ok(expansion.found)
}

#[derive(Default)]
struct Expansion {
    found: Fitting,
    /// The paths that were found.
    paths: HashSet<PathBuf>,
    /// The patterns that were looked for.
    patterns: HashSet<String>,
}

impl Expansion {
    fn add(&mut self, pattern: &str) -> Result<(), PatternError> {
        // There are many ways through `**/*/**`.
        if !self.patterns.insert(pattern.to_owned()) {
            return Ok(());
        }
        let Some((before, after)) = split(pattern) else {
            for found in fitting(pattern)? {
                self.put(found);
            }
            return Ok(());
        };
        if before.is_empty() {
            return self.go_through(Path::new("."), after);
        }
        for base in fitting(before)? {
            match base {
                Ok(base) => self.go_through(&base, after)?,
                Err(error) => self.put(Err(error)),
            }
        }
        Ok(())
    }

    /// Adds what a pattern fits in a folder, or in any below.
    fn go_through(&mut self, base: &Path, after: &str) -> Result<(), PatternError> {
        for entry in WalkDir::new(base).sort_by_file_name() {
            match entry {
                Ok(entry) if is_folder(&entry) => {
                    let folder = entry.path();
                    let folder = folder.strip_prefix(".").unwrap_or(folder);
                    let Some(text) = folder.to_str() else {
                        let error = "its name is not UTF-8: name it as it is, not by a pattern";
                        self.put(Err((folder.to_owned(), io::Error::other(error))));
                        continue;
                    };
                    let inside = Path::new(&Pattern::escape(text)).join(after);
                    self.add(&inside.to_string_lossy())?;
                }
                Ok(_) => {}
                Err(error) => {
                    let path = error.path().unwrap_or(base).to_owned();
                    if let Some(error) = error.into_io_error() {
                        self.put(Err((path, error)));
                    }
                }
            }
        }
        Ok(())
    }

    fn put(&mut self, found: Result<PathBuf, (PathBuf, io::Error)>) {
        let (Ok(path) | Err((path, _))) = &found;
        if self.paths.insert(path.clone()) {
            self.found.push(found);
        }
    }
}

/// Whether this is a folder that is gone through: the one that was named may be a link to it.
fn is_folder(entry: &DirEntry) -> bool {
    entry.file_type().is_dir() || (entry.depth() == 0 && entry.path().is_dir())
}

/// Splits a pattern at its first `**`.
fn split(pattern: &str) -> Option<(&str, &str)> {
    let start = match pattern.strip_prefix("**/") {
        Some(_) => 0,
        None if pattern == "**" => 0,
        None => {
            pattern.find("/**/").or_else(|| {
                let start = pattern.strip_suffix("/**")?.len();
                Some(start)
            })? + 1
        }
    };
    let mut after = &pattern[start + "**".len()..];
    // Some in a row are one.
    while let Some(next) = after.strip_prefix('/').or_else(|| after.strip_prefix("**")) {
        after = next;
    }
    let after = if after.is_empty() { "*" } else { after };
    Some((&pattern[..start], after))
}

fn fitting(pattern: &str) -> Result<Fitting, PatternError> {
    let error = |error: glob::GlobError| (error.path().to_owned(), error.into());
    Ok(glob::glob(pattern)?
        .map(|found| found.map_err(error))
        .collect())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn patterns_are_split_at_what_goes_deeper() {
        for (pattern, expected) in [
            ("a/*.log", None),
            ("**", Some(("", "*"))),
            ("**/a", Some(("", "a"))),
            ("/**/a", Some(("/", "a"))),
            ("a/*/**/b/**/c", Some(("a/*/", "b/**/c"))),
            ("a/**/**/b", Some(("a/", "b"))),
            ("a/**", Some(("a/", "*"))),
        ] {
            assert_eq!(split(pattern), expected, "{pattern}");
        }
        assert!(expand("a/b**/c").is_err());
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_folder_that_no_pattern_fits_is_named() {
        use std::ffi::OsStr;
        use std::os::unix::ffi::OsStrExt as _;

        let folder = tempfile::tempdir().unwrap();
        let other = folder.path().join(OsStr::from_bytes(b"caf\xe9"));
        fs::create_dir(&other).unwrap();
        fs::write(folder.path().join("admin.log"), "").unwrap();
        let found = expand(&format!("{}/**/admin.log", folder.path().display())).unwrap();
        let paths = found.iter().map(|found| match found {
            Ok(path) => (path, true),
            Err((path, _)) => (path, false),
        });
        let log = folder.path().join("admin.log");
        assert_eq!(paths.collect::<Vec<_>>(), [(&log, true), (&other, false)]);
    }

    #[cfg(unix)]
    #[test]
    fn folders_are_gone_through_and_links_to_them_only_where_they_are_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        for name in ["a/logs", "a/b/[x]/logs", "elsewhere"] {
            fs::create_dir_all(path(name)).unwrap();
            fs::write(path(name).join("admin.log"), "").unwrap();
        }
        // Ways through these would be as many as 2 to the power of how often links may be followed.
        for name in ["a/up", "a/b/up"] {
            std::os::unix::fs::symlink(folder.path(), path(name)).unwrap();
        }
        fs::create_dir(path("a/c")).unwrap();
        std::os::unix::fs::symlink(path("elsewhere"), path("a/c/logs")).unwrap();
        let found = |pattern: &str| {
            let found = expand(&format!("{}/{pattern}", folder.path().display())).unwrap();
            let paths = found.into_iter().map(Result::unwrap);
            let names = paths.map(|path| {
                let name = path.strip_prefix(folder.path()).unwrap();
                name.to_str().unwrap().to_owned()
            });
            names.collect::<Vec<String>>()
        };
        let logs = [
            "a/logs/admin.log",
            "a/b/[x]/logs/admin.log",
            "a/c/logs/admin.log",
        ];
        assert_eq!(found("**/logs/admin.log"), logs);
        assert_eq!(found("a/**/**/logs/*"), logs);
        assert_eq!(found("*/**/b/**/admin.log"), [logs[1]]);
        assert_eq!(found("elsewhere/**"), ["elsewhere/admin.log"]);
        assert_eq!(found("a/up/elsewhere/**"), ["a/up/elsewhere/admin.log"]);
        assert_eq!(found("nowhere/**/x"), Vec::<String>::new());
        std::os::unix::fs::symlink(path("a/b"), path("link")).unwrap();
        let linked = ["link/[x]/logs/admin.log"];
        assert_eq!(found("link/**/logs/admin.log"), linked);
        assert_eq!(found("li*/**/logs/**/*.log"), linked);
        std::os::unix::fs::symlink(path("elsewhere"), path("here")).unwrap();
        assert_eq!(found("here/**/admin.log"), ["here/admin.log"]);
        fs::create_dir_all(path("deep/1/2/3")).unwrap();
        fs::write(path("deep/1/2/3/admin.log"), "").unwrap();
        assert_eq!(
            found("deep/**/*/**/*/**"),
            ["deep/1/2/3", "deep/1/2/3/admin.log"]
        );
    }
}
