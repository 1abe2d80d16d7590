//! Finds what a glob fits.
//!
//! As in shells, `**` goes through folders, but not through links to them: those may lead back to where
//! they are.

use std::io;
use std::path::{Path, PathBuf};

use glob::{Pattern, PatternError};
use walkdir::WalkDir;

/// What a glob fits, and what could not be looked at with why.
pub(super) type Fitting = Vec<Result<PathBuf, (PathBuf, io::Error)>>;

/// Returns what a pattern fits, in the order of the names.
pub(super) fn expand(pattern: &str) -> Result<Fitting, PatternError> {
    Pattern::new(pattern)?;
    let Some((before, after)) = split(pattern) else {
        return fitting(pattern);
    };
    let bases = match before {
        "" => vec![Ok(PathBuf::from("."))],
        before => fitting(before)?,
    };
    let mut found = Fitting::new();
    for base in bases {
        let walk = base.map(|base| WalkDir::new(base).sort_by_file_name());
        let walk = match walk {
            Ok(walk) => walk,
            Err(error) => {
                found.push(Err(error));
                continue;
            }
        };
        for entry in walk {
            match entry {
                Ok(entry) if entry.file_type().is_dir() => {
                    let folder = entry.path();
                    let folder = folder.strip_prefix(".").unwrap_or(folder);
                    // No pattern fits names that are no text.
                    if let Some(folder) = folder.to_str() {
                        let inside = Path::new(&Pattern::escape(folder)).join(after);
                        found.extend(expand(&inside.to_string_lossy())?);
                    }
                }
                Ok(_) => {}
                Err(error) => {
                    let path = error.path().map(Path::to_owned).unwrap_or_default();
                    found.push(Err((path, error.into())));
                }
            }
        }
    }
    Ok(found)
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
    }
}
