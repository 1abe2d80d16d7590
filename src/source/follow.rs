//! Follows a file that grows, through rotation: what was renamed is read to its end first.

use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};

use super::identity::Identity;

/// How many rotated files are looked through for the one that was read last.
const MOST_ROTATIONS: usize = 1_000;

/// How many bytes are read at a time.
const PIECE: u64 = 1 << 20;

/// A file that is read as it grows.
#[derive(Debug)]
pub struct Follow {
    path: PathBuf,
    file: File,
    identity: Identity,
    /// Up to where it has been read.
    at: u64,
    /// What was written after this file, and is read when it is at its end.
    next: Vec<File>,
}

/// What there was to read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Followed {
    /// Nothing.
    Nothing,
    /// Some bytes, which stand behind those before.
    Bytes,
    /// The file has ended, and another one starts.
    NextFile,
    /// The file was truncated, and is read from its start.
    Truncated,
}

impl Follow {
    /// Starts at a place in a file.
    pub fn new(path: &Path, at: u64) -> io::Result<Self> {
        let file = File::open(path)?;
        let identity = Identity::of(&file.metadata()?);
        Ok(Self {
            path: path.to_owned(),
            file,
            identity,
            at,
            next: Vec::new(),
        })
    }

    /// Appends to `out` some of what has been written since.
    pub fn read(&mut self, out: &mut Vec<u8>) -> io::Result<Followed> {
        let size = self.file.metadata()?.len();
        if size < self.at {
            self.at = 0;
            return Ok(Followed::Truncated);
        }
        if size > self.at {
            self.file.seek(SeekFrom::Start(self.at))?;
            let read = (&self.file).take(PIECE).read_to_end(out)?;
            self.at += read as u64;
            if read > 0 {
                return Ok(Followed::Bytes);
            }
        }
        if self.next.is_empty() {
            self.find_next();
        }
        let Some(next) = self.next.pop() else {
            return Ok(Followed::Nothing);
        };
        // What was written between the look at the size and the renaming.
        let grown = self.file.metadata()?.len();
        if grown > self.at {
            self.next.push(next);
            return self.read(out);
        }
        self.identity = Identity::of(&next.metadata()?);
        self.file = next;
        self.at = 0;
        Ok(Followed::NextFile)
    }

    /// Fails while there is no file of this name that can be read.
    pub fn is_there(&self) -> io::Result<()> {
        File::open(&self.path).map(drop)
    }

    /// Finds the files that were written after this one: the one that has its name now, and all
    /// between it and the name that this one has.
    fn find_next(&mut self) {
        let open = |path: &Path| {
            let file = File::open(path).ok()?;
            let identity = Identity::of(&file.metadata().ok()?);
            Some((file, identity))
        };
        let Some((newest, identity)) = open(&self.path) else {
            // It is between two names: the next look finds it.
            return;
        };
        if identity == self.identity {
            return;
        }
        let mut next = vec![newest];
        for number in 1..=MOST_ROTATIONS {
            let mut name = self.path.clone().into_os_string();
            name.push(format!(".{number}"));
            match open(Path::new(&name)) {
                Some((_, identity)) if identity == self.identity => {
                    self.next = next;
                    return;
                }
                Some((file, _)) => next.push(file),
                None => break,
            }
        }
        // This one is gone: all that is known to come after it is the file with its name.
        next.truncate(1);
        self.next = next;
    }
}

#[cfg(test)]
mod tests {
    use std::fs::{self, OpenOptions};
    use std::io::Write as _;

    use super::*;

    fn append(path: &Path, text: &str) {
        let mut file = OpenOptions::new()
            .append(true)
            .create(true)
            .open(path)
            .unwrap();
        file.write_all(text.as_bytes()).unwrap();
    }

    /// All that can be read now, with a bar between files.
    #[track_caller]
    fn read(follow: &mut Follow) -> String {
        let mut out = Vec::new();
        loop {
            match follow.read(&mut out).unwrap() {
                Followed::Nothing => return String::from_utf8(out).unwrap(),
                Followed::Bytes => {}
                Followed::NextFile | Followed::Truncated => out.push(b'|'),
            }
        }
    }

    #[test]
    fn a_file_is_followed_through_rotations() {
        let folder = tempfile::tempdir().unwrap();
        let name = |suffix: &str| folder.path().join(format!("admin.log{suffix}"));
        append(&name(""), "before");
        let mut follow = Follow::new(&name(""), 6).unwrap();
        assert_eq!(read(&mut follow), "");
        append(&name(""), "a");
        assert_eq!(read(&mut follow), "a");
        append(&name(""), "b");
        fs::rename(name(""), name(".1")).unwrap();
        assert_eq!(read(&mut follow), "b");
        append(&name(""), "c");
        assert_eq!(read(&mut follow), "|c");
        append(&name(""), "d");
        fs::rename(name(".1"), name(".2")).unwrap();
        fs::rename(name(""), name(".1")).unwrap();
        append(&name(""), "e");
        fs::rename(name(".2"), name(".3")).unwrap();
        fs::rename(name(".1"), name(".2")).unwrap();
        fs::rename(name(""), name(".1")).unwrap();
        append(&name(""), "f");
        assert_eq!(read(&mut follow), "d|e|f");
    }

    #[test]
    fn a_file_that_is_truncated_is_read_anew() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("admin.log");
        append(&path, "before");
        let mut follow = Follow::new(&path, 6).unwrap();
        fs::write(&path, "new").unwrap();
        assert_eq!(read(&mut follow), "|new");
    }

    #[test]
    fn a_file_that_is_removed_is_read_to_its_end() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("admin.log");
        append(&path, "a");
        let mut follow = Follow::new(&path, 0).unwrap();
        fs::remove_file(&path).unwrap();
        assert_eq!(read(&mut follow), "a");
        append(&path, "b");
        assert_eq!(read(&mut follow), "|b");
    }
}
