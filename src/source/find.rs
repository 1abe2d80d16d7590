//! Turns what a user names into logs, and puts the files of a rotated log in order.

use std::collections::HashSet;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use thiserror::Error;

use super::expand::{expand, may_be_glob};
use super::identity::Identity;

/// One file of a log, or standard input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogFile {
    path: Option<PathBuf>,
    name: String,
}

impl LogFile {
    /// Where the file is; `None` for standard input.
    #[must_use]
    pub fn path(&self) -> Option<&Path> {
        self.path.as_deref()
    }

    /// The file as it was given or found; `-` for standard input.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    fn stdin() -> Self {
        Self {
            path: None,
            name: "-".to_owned(),
        }
    }
}

impl From<PathBuf> for LogFile {
    fn from(path: PathBuf) -> Self {
        let name = path.to_string_lossy().into_owned();
        Self {
            path: Some(path),
            name,
        }
    }
}

/// The files of one log, from the oldest to the newest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogSet {
    /// The server that wrote it, if the path or the user says so.
    pub server: Option<String>,
    /// Its files in the order in which they were written.
    pub files: Vec<LogFile>,
}

/// Something that was named and is no log.
#[derive(Debug, Error)]
#[error("{path}: {kind}")]
pub struct FindError {
    /// What was named.
    pub path: String,
    /// What is wrong with it.
    pub kind: FindErrorKind,
}

/// The kinds of [`FindError`].
#[derive(Debug, Error)]
pub enum FindErrorKind {
    /// There is nothing of that name, or it can't be reached.
    #[error("{0}")]
    Unreachable(io::Error),
    /// A directory, but there is no log in it.
    #[error("no admin.log here, nor in `logs` below, nor in the folders below")]
    NoLogInDirectory,
    /// A glob that fits no file.
    #[error("no file fits this pattern")]
    NothingFits,
    /// A glob that can't be read.
    #[error("not a pattern: {0}")]
    BadPattern(glob::PatternError),
}

/// Finds the logs that `arguments` name: files, directories, globs, `NAME=PATH`, `-`.
///
/// Files that differ only in their rotation suffix belong to one [`LogSet`]. Sets come in the
/// order in which they were first named; a file that is named twice is taken once. What can't be
/// found is returned beside what can.
#[must_use]
pub fn find(arguments: &[OsString]) -> (Vec<LogSet>, Vec<FindError>) {
    let mut found = Found::default();
    let mut errors = Vec::new();
    for argument in arguments {
        let (server, path) = named(argument);
        let mut unreachable = Vec::new();
        if let Err(kind) = find_one(path, server, &mut found, &mut unreachable) {
            unreachable.push((path.to_owned(), kind));
        }
        errors.extend(unreachable.into_iter().map(|(path, kind)| FindError {
            path: path.to_string_lossy().into_owned(),
            kind,
        }));
    }
    (found.into_sets(), errors)
}

/// What could not be reached of what was named.
type Errors = Vec<(PathBuf, FindErrorKind)>;

#[derive(Default)]
struct Found {
    seen: HashSet<PathBuf>,
    /// The same, where files may have several names.
    files: HashSet<Identity>,
    sets: Vec<(PathBuf, LogSet)>,
}

impl Found {
    fn add(&mut self, path: PathBuf, server: Option<&str>) {
        let absolute = fs::canonicalize(&path).unwrap_or_else(|_| path.clone());
        let server = server
            .map(ToOwned::to_owned)
            .or_else(|| server_of(&absolute));
        if !self.seen.insert(absolute.clone()) {
            return;
        }
        let metadata = fs::metadata(&path).ok().filter(|_| cfg!(unix));
        if metadata.is_some_and(|metadata| !self.files.insert(Identity::of(&metadata))) {
            return;
        }
        let log = absolute.with_file_name(base_name(&absolute));
        let file = LogFile::from(path);
        match self
            .sets
            .iter_mut()
            .find(|(known, set)| *known == log && set.server == server)
        {
            Some((_, set)) => set.files.push(file),
            None => self.sets.push((
                log,
                LogSet {
                    server,
                    files: vec![file],
                },
            )),
        }
    }

    fn into_sets(self) -> Vec<LogSet> {
        let mut sets: Vec<LogSet> = self.sets.into_iter().map(|(_, set)| set).collect();
        for set in &mut sets {
            set.files
                .sort_by_key(|file| std::cmp::Reverse(Rotation::of(file)));
        }
        sets
    }
}

/// Splits `NAME=PATH`, unless there is a file of that whole name.
fn named(argument: &OsStr) -> (Option<&str>, &Path) {
    let whole = Path::new(argument);
    let named = argument.to_str().and_then(|text| text.split_once('='));
    match named {
        Some((name, path))
            if !name.is_empty() && !name.contains(['/', '\\']) && !whole.exists() =>
        {
            (Some(name), Path::new(path))
        }
        _ => (None, whole),
    }
}

fn find_one(
    path: &Path,
    server: Option<&str>,
    found: &mut Found,
    errors: &mut Errors,
) -> Result<(), FindErrorKind> {
    if path == Path::new("-") {
        let set = LogSet {
            server: server.map(ToOwned::to_owned),
            files: vec![LogFile::stdin()],
        };
        found.sets.push((PathBuf::from("-"), set));
        return Ok(());
    }
    match find_path(path, server, found, errors) {
        Err(FindErrorKind::Unreachable(_)) if may_be_glob(path) => {
            find_glob(path, server, found, errors)
        }
        other => other,
    }
}

/// Finds what stands at a path, whatever its name looks like.
fn find_path(
    path: &Path,
    server: Option<&str>,
    found: &mut Found,
    errors: &mut Errors,
) -> Result<(), FindErrorKind> {
    match fs::metadata(path) {
        Ok(metadata) if metadata.is_dir() => {
            let logs = logs_in_directory(path, errors).map_err(FindErrorKind::Unreachable)?;
            if logs.is_empty() {
                return Err(FindErrorKind::NoLogInDirectory);
            }
            for log in logs {
                found.add(log, server);
            }
            Ok(())
        }
        Ok(_) => {
            found.add(path.to_owned(), server);
            Ok(())
        }
        Err(error) => Err(FindErrorKind::Unreachable(error)),
    }
}

fn find_glob(
    pattern: &Path,
    server: Option<&str>,
    found: &mut Found,
    errors: &mut Errors,
) -> Result<(), FindErrorKind> {
    let mut fits_any = false;
    let mut last_error = FindErrorKind::NothingFits;
    for path in expand(pattern).map_err(FindErrorKind::BadPattern)? {
        let path = match path {
            Ok(path) => path,
            Err((path, error)) => {
                errors.push((path, FindErrorKind::Unreachable(error)));
                continue;
            }
        };
        match find_path(&path, server, found, errors) {
            Ok(()) => fits_any = true,
            Err(error @ FindErrorKind::Unreachable(_)) => errors.push((path, error)),
            Err(error) => last_error = error,
        }
    }
    // What fits the pattern and is no log does not matter beside what is one.
    if fits_any || !errors.is_empty() {
        Ok(())
    } else {
        Err(last_error)
    }
}

/// The logs of a server's directory: `admin.log*` in it or in its `logs`; of a directory of
/// servers: those of each. Zato 1.1 has no `admin.log` and writes the same into `server.log`. What
/// may be one and can't be reached is an error.
fn logs_in_directory(directory: &Path, errors: &mut Errors) -> io::Result<Vec<PathBuf>> {
    let below = directory.join("logs");
    let mut folders = vec![directory.to_owned(), below];
    for entry in fs::read_dir(directory)? {
        let path = entry?.path();
        if path.is_dir() {
            folders.push(path.join("logs"));
            folders.push(path);
        }
    }
    folders[2..].sort();
    let mut unreachable: Vec<(PathBuf, io::Error)> = Vec::new();
    let mut logs = Vec::new();
    for base in ["admin.log", "server.log"] {
        // A server's own log comes before those of the folders below.
        for group in [&folders[..1], &folders[1..2], &folders[2..]] {
            unreachable.clear();
            for folder in group {
                match logs_in_folder(folder, base) {
                    Ok(found) => logs.extend(found),
                    Err(error) if is_absent(&error) => {}
                    // What is said of a folder holds for those in it.
                    Err(_)
                        if unreachable
                            .iter()
                            .any(|(known, _)| folder.starts_with(known)) => {}
                    Err(error) => unreachable.push((folder.clone(), error)),
                }
            }
            if !logs.is_empty() {
                break;
            }
        }
        if !logs.is_empty() {
            break;
        }
    }
    let kinds = unreachable.into_iter();
    errors.extend(kinds.map(|(path, error)| (path, FindErrorKind::Unreachable(error))));
    logs.sort();
    Ok(logs)
}

/// The files of a log in a folder, and the links to such that lead nowhere.
fn logs_in_folder(folder: &Path, base: &str) -> io::Result<Vec<PathBuf>> {
    let mut logs = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let may_be_file = fs::metadata(&path).map_or(true, |metadata| metadata.is_file());
        if base_name(&path) == base && may_be_file {
            logs.push(path);
        }
    }
    Ok(logs)
}

fn is_absent(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
    )
}

/// The name of the folder above `logs`.
fn server_of(path: &Path) -> Option<String> {
    let logs = path
        .parent()
        .filter(|folder| folder.file_name() == Some(OsStr::new("logs")))?;
    Some(logs.parent()?.file_name()?.to_string_lossy().into_owned())
}

/// A file's name without its rotation suffix and without `.gz` or `.zst`.
fn base_name(path: &Path) -> String {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    split_rotation(&name).0.to_owned()
}

/// Splits the name of a log from what rotation puts behind it: `.3`, `.2018-11-11`, `-20181111`,
/// `.old`, and then `.gz` or `.zst`.
fn split_rotation(name: &str) -> (&str, &str) {
    let name = [".gz", ".zst"]
        .iter()
        .find_map(|end| name.strip_suffix(end))
        .unwrap_or(name);
    let is_rotation = |part: &str| {
        part == "old"
            || (part.starts_with(|c: char| c.is_ascii_digit())
                && part
                    .bytes()
                    .all(|byte| byte.is_ascii_digit() || matches!(byte, b'-' | b'_')))
    };
    let ends = name.match_indices(".log").map(|(at, log)| at + log.len());
    ends.chain(name.rfind('.'))
        .filter(|end| name[*end..].starts_with(['.', '-']))
        .map(|end| (&name[..end], &name[end + 1..]))
        .find(|(_, part)| is_rotation(part))
        .unwrap_or((name, ""))
}

/// How old a file of a rotated set is: the larger, the older.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Rotation {
    /// The file that is being written.
    Current,
    /// `admin.log.N`
    Index(u64),
    /// `admin.log.DATE`: an earlier date is older.
    Date(std::cmp::Reverse<String>),
    /// `admin.log.old`
    Old,
}

impl Rotation {
    fn of(file: &LogFile) -> Self {
        match split_rotation(&file.name).1 {
            "" => Self::Current,
            "old" => Self::Old,
            // Eight digits are a date written without dashes.
            part => match part.parse() {
                Ok(index) if part.len() < 8 => Self::Index(index),
                _ => Self::Date(std::cmp::Reverse(part.to_owned())),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn touch(folder: &Path, names: &[&str]) {
        for name in names {
            let path = folder.join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "").unwrap();
        }
    }

    fn found(folder: &Path, arguments: &[&str]) -> Vec<String> {
        let arguments: Vec<OsString> = arguments
            .iter()
            .map(|argument| folder.join(argument).into_os_string())
            .collect();
        let (sets, errors) = find(&arguments);
        let relative = |file: &LogFile| file.name.replace(&format!("{}/", folder.display()), "");
        let set = |set: &LogSet| {
            let files: Vec<String> = set.files.iter().map(relative).collect();
            format!(
                "{}: {}",
                set.server.as_deref().unwrap_or("?"),
                files.join(" ")
            )
        };
        let error = |error: &FindError| error.kind.to_string();
        sets.iter()
            .map(set)
            .chain(errors.iter().map(error))
            .collect()
    }

    #[test]
    fn a_rotated_set_is_ordered_from_the_oldest_file() {
        let folder = tempfile::tempdir().unwrap();
        let names = [
            "admin.log",
            "admin.log.1",
            "admin.log.2.gz",
            "admin.log.10",
            "server.log",
        ];
        touch(&folder.path().join("server1/logs"), &names);
        let expected = [
            "server1: server1/logs/admin.log.10 server1/logs/admin.log.2.gz \
             server1/logs/admin.log.1 server1/logs/admin.log",
        ];
        assert_eq!(found(folder.path(), &["server1"]), expected);
        assert_eq!(
            found(folder.path(), &["server1/logs", "server1/logs/admin.log"]),
            expected
        );
        assert_eq!(found(folder.path(), &["server1/logs/admin.log*"]), expected);
        assert_eq!(found(folder.path(), &["*/logs"]), expected);
    }

    #[test]
    fn other_ways_of_rotation_are_known() {
        let folder = tempfile::tempdir().unwrap();
        let names = [
            "admin.log",
            "admin.log-20181112",
            "admin.log-20181111.gz",
            "admin.log.old",
        ];
        touch(folder.path(), &names);
        let expected = "?: admin.log.old admin.log-20181111.gz admin.log-20181112 admin.log";
        assert_eq!(found(folder.path(), &[""]), [expected]);
    }

    #[test]
    fn what_is_no_log_does_not_hide_what_is_one() {
        let folder = tempfile::tempdir().unwrap();
        touch(folder.path(), &["a/readme.txt", "b/logs/admin.log"]);
        assert_eq!(found(folder.path(), &["*"]), ["b: b/logs/admin.log"]);
    }

    #[test]
    fn each_server_has_a_set_of_its_own() {
        let folder = tempfile::tempdir().unwrap();
        touch(
            folder.path(),
            &[
                "server1/logs/admin.log",
                "server2/logs/admin.log",
                "a/x.txt",
            ],
        );
        let expected = [
            "server1: server1/logs/admin.log",
            "server2: server2/logs/admin.log",
        ];
        assert_eq!(found(folder.path(), &["server1", "server2"]), expected);
        assert_eq!(found(folder.path(), &[""]).len(), 2);
    }

    #[test]
    fn zato_1_1_has_only_a_server_log() {
        let folder = tempfile::tempdir().unwrap();
        touch(folder.path(), &["logs/server.log", "logs/server.log.1"]);
        assert_eq!(
            found(&folder.path().join("logs"), &[""])[0]
                .split(' ')
                .count(),
            3
        );
    }

    #[test]
    fn what_is_no_log_is_named() {
        let folder = tempfile::tempdir().unwrap();
        touch(folder.path(), &["empty/readme.txt"]);
        assert_eq!(
            found(folder.path(), &["missing", "empty", "*.nothing"]),
            [
                "No such file or directory (os error 2)",
                "no admin.log here, nor in `logs` below, nor in the folders below",
                "no file fits this pattern",
            ]
        );
    }

    #[cfg(unix)]
    #[test]
    fn a_file_of_two_names_is_read_once_and_a_link_to_nowhere_is_opened() {
        let folder = tempfile::tempdir().unwrap();
        touch(folder.path(), &["a.log"]);
        let path = |name: &str| folder.path().join(name);
        fs::hard_link(path("a.log"), path("b.log")).unwrap();
        assert_eq!(found(folder.path(), &["a.log", "b.log"]), ["?: a.log"]);
        touch(folder.path(), &["logs/admin.log.1"]);
        std::os::unix::fs::symlink("nowhere", path("logs/admin.log")).unwrap();
        assert_eq!(
            found(&path("logs"), &[""])[0].split(' ').count(),
            3,
            "{:?}",
            found(&path("logs"), &[""])
        );
    }

    #[test]
    fn a_server_can_be_named() {
        let folder = tempfile::tempdir().unwrap();
        touch(folder.path(), &["admin.log"]);
        let path = folder.path().join("admin.log");
        let (sets, _) = find(&[format!("prod={}", path.display()).into()]);
        assert_eq!(sets[0].server.as_deref(), Some("prod"));
    }
}
