//! Finds what a glob fits.
//!
//! As in shells, `**` goes through folders, but not through links to them: those may lead back to where
//! they are. Names with a dot before them fit only what has it too.

use std::collections::HashSet;
use std::ffi::OsStr;
use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Component, Path, PathBuf, is_separator};

use glob::{MatchOptions, Pattern, PatternError};
use walkdir::{DirEntry, WalkDir};

/// What a glob fits, and what could not be looked at with why.
pub(super) type Fitting = Vec<Result<PathBuf, (PathBuf, io::Error)>>;

/// Whether this may be a glob: no other path is looked at as one.
pub(super) fn may_be_glob(path: &Path) -> bool {
    path.to_string_lossy().contains(['*', '?', '['])
}

/// Returns what a pattern fits: folder by folder, each before those in it, and no path twice.
pub(super) fn expand(pattern: &Path) -> Result<Fitting, PatternError> {
    let only_folders = pattern.to_string_lossy().ends_with(is_separator);
    let mut steps = steps(pattern)?;
    if matches!(steps.last(), Some(Step::AnyDepth)) && !only_folders {
        steps.push(Step::Fitting(Pattern::new("*")?));
    }
    let mut expansion = Expansion {
        only_folders,
        ..Expansion::default()
    };
    expansion.add(PathBuf::new(), &steps);
    Ok(expansion.found)
}

/// A part of a pattern between slashes.
#[derive(Clone, Debug)]
enum Step<'a> {
    /// A name as it is.
    Named(&'a Path),
    /// All names that fit.
    Fitting(Pattern),
    /// `**`: this folder, and all below.
    AnyDepth,
}

fn steps(pattern: &Path) -> Result<Vec<Step<'_>>, PatternError> {
    let mut steps = Vec::new();
    for component in pattern.components() {
        let part = Path::new(component.as_os_str());
        let step = match (component, part.to_str()) {
            (Component::Normal(_), Some("**")) => {
                // Some in a row are one.
                if matches!(steps.last(), Some(Step::AnyDepth)) {
                    continue;
                }
                Step::AnyDepth
            }
            (Component::Normal(_), Some(glob)) if may_be_glob(part) => {
                Step::Fitting(Pattern::new(glob)?)
            }
            _ => Step::Named(part),
        };
        steps.push(step);
    }
    Ok(steps)
}

/// Whether a name fits. Of one that is no text, each part that is none counts as a character.
fn fits(name: &OsStr, pattern: &Pattern) -> bool {
    let options = MatchOptions {
        require_literal_leading_dot: true,
        ..MatchOptions::default()
    };
    pattern.matches_with(&name.to_string_lossy(), options)
}

#[derive(Default)]
struct Expansion {
    /// Whether the pattern has a slash at its end.
    only_folders: bool,
    found: Fitting,
    /// The paths that were found.
    paths: HashSet<PathBuf>,
    /// The folders that were looked at, each with how many steps were left.
    looked_at: HashSet<(PathBuf, usize)>,
}

impl Expansion {
    /// Adds what these steps lead to from a path.
    fn add(&mut self, from: PathBuf, steps: &[Step<'_>]) {
        let Some((step, rest)) = steps.split_first() else {
            match fs::symlink_metadata(&from) {
                Ok(_) if self.only_folders && !from.is_dir() => {}
                Ok(_) => self.put(Ok(from)),
                Err(error) => self.put_error(from, error),
            }
            return;
        };
        match step {
            Step::Named(name) => self.add(from.join(name), rest),
            // There are many ways through `**/*/**`.
            _ if !self.looked_at.insert((from.clone(), steps.len())) => {}
            Step::Fitting(pattern) => self.add_fitting(&from, pattern, rest),
            Step::AnyDepth => self.go_through(&from, rest),
        }
    }

    /// Adds what the steps lead to from all in a folder whose names fit.
    fn add_fitting(&mut self, folder: &Path, pattern: &Pattern, rest: &[Step<'_>]) {
        let entries = fs::read_dir(here(folder)).and_then(Iterator::collect::<io::Result<Vec<_>>>);
        let mut entries = match entries {
            Ok(entries) => entries,
            Err(error) => return self.put_error(folder.to_owned(), error),
        };
        entries.sort_by_key(fs::DirEntry::file_name);
        for name in entries.iter().map(fs::DirEntry::file_name) {
            if fits(&name, pattern) {
                self.add(folder.join(name), rest);
            }
        }
    }

    /// Adds what the steps lead to from a folder, or from any below.
    fn go_through(&mut self, base: &Path, rest: &[Step<'_>]) {
        let is_shown = |entry: &DirEntry| {
            entry.depth() == 0 || !entry.file_name().as_encoded_bytes().starts_with(b".")
        };
        let entries = WalkDir::new(here(base)).sort_by_file_name();
        for entry in entries.into_iter().filter_entry(is_shown) {
            match entry {
                Ok(entry) if is_folder(&entry) => {
                    // Nobody has named the folder that zalog is in.
                    let is_here = base.as_os_str().is_empty();
                    let folder = entry.path().strip_prefix(".").ok().filter(|_| is_here);
                    self.add(folder.unwrap_or(entry.path()).to_owned(), rest);
                }
                Ok(_) => {}
                Err(error) => {
                    let path = error.path().unwrap_or(base).to_owned();
                    if let Some(error) = error.into_io_error() {
                        self.put_error(path, error);
                    }
                }
            }
        }
    }

    /// Adds what can't be looked at, if there is anything.
    fn put_error(&mut self, path: PathBuf, error: io::Error) {
        if !matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) {
            self.put(Err((path, error)));
        }
    }

    fn put(&mut self, found: Result<PathBuf, (PathBuf, io::Error)>) {
        let (Ok(path) | Err((path, _))) = &found;
        if self.paths.insert(path.clone()) {
            self.found.push(found);
        }
    }
}

/// Where a path leads that may be empty.
fn here(path: &Path) -> &Path {
    if path.as_os_str().is_empty() {
        Path::new(".")
    } else {
        path
    }
}

/// Whether this is a folder that is gone through: the one that was named may be a link to it.
fn is_folder(entry: &DirEntry) -> bool {
    entry.file_type().is_dir() || (entry.depth() == 0 && entry.path().is_dir())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(target_os = "linux")]
    #[test]
    fn names_need_not_be_text() {
        use std::ffi::OsStr;
        use std::os::unix::ffi::OsStrExt as _;

        let folder = tempfile::tempdir().unwrap();
        let other = folder.path().join(OsStr::from_bytes(b"caf\xe9"));
        fs::create_dir(&other).unwrap();
        fs::write(other.join("admin.log"), "").unwrap();
        for pattern in [
            "*/admin.log",
            "**/admin.log",
            "caf?/*",
            "c[!x]f[\u{e9}\u{fffd}]/*",
        ] {
            let found = expand(&folder.path().join(pattern)).unwrap();
            let paths: Vec<PathBuf> = found.into_iter().map(Result::unwrap).collect();
            assert_eq!(paths, [other.join("admin.log")], "{pattern}");
        }
        assert_eq!(expand(&other.join("*.log")).unwrap().len(), 1);
        assert_eq!(expand(&folder.path().join("**/")).unwrap().len(), 2);
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
            let found = expand(&folder.path().join(pattern)).unwrap();
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
        for nothing in [
            "nowhere/**/x",
            "nowhere/*",
            "elsewhere/admin.log/*",
            "*/nothing",
        ] {
            assert_eq!(found(nothing), Vec::<String>::new());
        }
        std::os::unix::fs::symlink(path("a/b"), path("link")).unwrap();
        let linked = ["link/[x]/logs/admin.log"];
        assert_eq!(found("link/**/logs/admin.log"), linked);
        assert_eq!(found("li*/**/logs/**/*.log"), linked);
        std::os::unix::fs::symlink(path("elsewhere"), path("here")).unwrap();
        assert_eq!(found("here/**/admin.log"), ["here/admin.log"]);
        for name in ["s\u{17c}", ".h", "sa"] {
            fs::create_dir_all(path("names").join(name)).unwrap();
        }
        for (pattern, expected) in [
            ("names/s?", &["names/sa", "names/s\u{17c}"][..]),
            ("names/s[a\u{17c}]", &["names/sa", "names/s\u{17c}"]),
            ("names/s??", &[]),
            ("names/?h", &[]),
            ("names/.?", &["names/.h"]),
            ("names/**", &["names/sa", "names/s\u{17c}"]),
            ("names/**/", &["names", "names/sa", "names/s\u{17c}"]),
        ] {
            assert_eq!(found(pattern), expected, "{pattern}");
        }
        fs::create_dir_all(path("deep/1/2/3")).unwrap();
        fs::write(path("deep/1/2/3/admin.log"), "").unwrap();
        assert_eq!(
            found("deep/**/*/**/*/**"),
            ["deep/1/2/3", "deep/1/2/3/admin.log"]
        );
    }
}
