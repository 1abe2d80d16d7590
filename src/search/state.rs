//! What the index knows of the logs that it was made of: which files, how far they were read, and
//! which calls were open there.
//!
//! It stands in a file that tantivy's commit names, so that both change at once. A file that no
//! commit names is left over from a run that was stopped.

use std::fs;
use std::io::{self, Write as _};
use std::path::Path;

use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::xxh3_64;

use crate::invocation::{Saved, SourceFile};

/// How much of a file's start tells it from others, in bytes.
const HEAD: usize = 4096;

/// All logs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct State {
    pub(super) sets: Vec<KnownSet>,
}

/// The log of one server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct KnownSet {
    pub(super) server: Option<String>,
    /// Where its newest file was.
    pub(super) path: String,
    /// What of it is in the index, and how it is shown.
    pub(super) how: String,
    /// From the oldest to the newest; none before the last has changed since it was read.
    pub(super) files: Vec<KnownFile>,
    /// Where in the last file reading goes on: what comes before is read for good.
    pub(super) at: Checkpoint,
    /// The hash of what stands before that place.
    pub(super) before: u64,
    /// Where reading goes on behind the last file.
    pub(super) end: Checkpoint,
    /// The calls all of whose records stand behind `at`.
    pub(super) provisional: Vec<u64>,
}

/// A file, known by what it holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct KnownFile {
    pub(super) name: String,
    pub(super) head: u64,
    pub(super) head_length: usize,
    /// How many bytes it had.
    pub(super) length: usize,
    /// The hash of its end; states that were written before it was asked for have none.
    #[serde(default)]
    tail: Option<u64>,
}

/// A [`Saved`] state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Checkpoint {
    pub(super) offset: usize,
    line: usize,
    #[serde(skip)]
    bytes: Vec<u8>,
    length: usize,
}

/// Where the reading of a set starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Start {
    /// At the first record of all.
    Anew,
    /// In this file, at the checkpoint; those before are known.
    Within(usize),
    /// With this file, behind the last known one.
    Behind(usize),
}

impl KnownFile {
    pub(super) fn of(name: &str, bytes: &[u8]) -> Self {
        let head = &bytes[..bytes.len().min(HEAD)];
        Self {
            name: name.to_owned(),
            head: xxh3_64(head),
            head_length: head.len(),
            length: bytes.len(),
            tail: Some(hash_before(bytes, bytes.len())),
        }
    }

    /// Whether this is the file, or was before something was appended.
    fn is(&self, bytes: &[u8]) -> bool {
        self.head_length > 0
            && bytes
                .get(..self.head_length)
                .is_some_and(|head| xxh3_64(head) == self.head)
    }
}

/// The hash of what stands before a place.
pub(super) fn hash_before(bytes: &[u8], offset: usize) -> u64 {
    xxh3_64(&bytes[offset.saturating_sub(HEAD)..offset])
}

impl KnownSet {
    /// Whether one of these files is of this set.
    pub(super) fn has_any(&self, files: &[&[u8]]) -> bool {
        files
            .iter()
            .any(|bytes| self.files.iter().any(|known| known.is(bytes)))
    }

    /// Whether all that was read of the last file is in one of these. One that is shorter by now, or
    /// only starts alike, tells nothing of what it lacks.
    pub(super) fn is_whole_in(&self, files: &[&[u8]]) -> bool {
        let Some(last) = self.files.last() else {
            return false;
        };
        let is_whole = |bytes: &&[u8]| {
            let is_same = |place, hash| bytes.len() >= place && hash_before(bytes, place) == hash;
            last.is(bytes)
                && is_same(self.at.offset, self.before)
                && bytes.len() >= last.length
                && last.tail.is_none_or(|tail| is_same(last.length, tail))
        };
        files.iter().any(is_whole)
    }

    /// Takes the names that its files have now.
    pub(super) fn rename(&mut self, files: &[SourceFile<'_>]) {
        for known in &mut self.files {
            if let Some(file) = files.iter().find(|file| known.is(file.bytes)) {
                file.name.clone_into(&mut known.name);
            }
        }
    }

    /// Where reading goes on.
    pub(super) fn start(&self, files: &[&[u8]]) -> Start {
        let Some((last, older)) = self.files.split_last() else {
            return Start::Anew;
        };
        let mut start = None;
        for (nth, bytes) in files.iter().enumerate() {
            if bytes.is_empty() {
                continue;
            }
            if let Some(known) = older.iter().find(|known| known.is(bytes)) {
                // One that has grown behind its end, or is newer than one that is not known.
                if start.is_some() || known.length != bytes.len() {
                    return Start::Anew;
                }
            } else if last.is(bytes) {
                let is_whole = bytes.len() >= self.at.offset
                    && hash_before(bytes, self.at.offset) == self.before;
                if start.is_some() || !is_whole {
                    return Start::Anew;
                }
                start = Some(Start::Within(nth));
            } else if start.is_none() {
                start = Some(Start::Behind(nth));
            }
        }
        start.unwrap_or(Start::Behind(files.len()))
    }
}

impl From<Saved> for Checkpoint {
    fn from(saved: Saved) -> Self {
        let Saved {
            offset,
            line,
            bytes,
        } = saved;
        Self {
            offset,
            line,
            length: bytes.len(),
            bytes,
        }
    }
}

impl Checkpoint {
    pub(super) fn saved(&self) -> Saved {
        Saved {
            offset: self.offset,
            line: self.line,
            bytes: self.bytes.clone(),
        }
    }
}

impl State {
    /// Writes the state into a file of its own. Returns the file's name.
    pub(super) fn write(&self, directory: &Path) -> io::Result<String> {
        let json = serde_json::to_vec(self)?;
        let mut bytes = (json.len() as u64).to_le_bytes().to_vec();
        bytes.extend(json);
        for set in &self.sets {
            bytes.extend(&set.at.bytes);
            bytes.extend(&set.end.bytes);
        }
        let name = format!("{PREFIX}{:016x}", xxh3_64(&bytes));
        let mut file = super::directory::private_file(&directory.join(&name))?;
        file.write_all(&bytes)?;
        file.sync_all()?;
        Ok(name)
    }

    /// Reads a state. One that can't be read is none: then all is read again.
    pub(super) fn read(directory: &Path, name: &str) -> Option<Self> {
        let is_own = name.starts_with(PREFIX) && !name.contains(['/', '\\']);
        let bytes = is_own.then(|| fs::read(directory.join(name)).ok())??;
        let is_whole = name == format!("{PREFIX}{:016x}", xxh3_64(&bytes));
        let (length, rest) = is_whole.then(|| bytes.split_first_chunk::<8>())??;
        let length = usize::try_from(u64::from_le_bytes(*length)).ok()?;
        let (json, mut blobs) = rest.split_at_checked(length)?;
        let mut state: Self = serde_json::from_slice(json).ok()?;
        for set in &mut state.sets {
            for checkpoint in [&mut set.at, &mut set.end] {
                let (blob, behind) = blobs.split_at_checked(checkpoint.length)?;
                checkpoint.bytes = blob.to_vec();
                blobs = behind;
            }
        }
        Some(state)
    }

    /// Removes the files of all other states.
    pub(super) fn remove_others(directory: &Path, name: &str) -> io::Result<()> {
        for entry in fs::read_dir(directory)? {
            let entry = entry?;
            let other = entry.file_name();
            let is_state = other.to_string_lossy().starts_with(PREFIX);
            if is_state && other != name {
                fs::remove_file(entry.path())?;
            }
        }
        Ok(())
    }
}

/// What names of states start with.
const PREFIX: &str = "state-";
