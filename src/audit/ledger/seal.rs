//! Seals logs: writes down what they hold, so that a later run can tell whether they have been
//! altered or shortened. A file that has grown is fine, and so is one that has another name.

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::{Checkpoint, Ledger, ServerLedger};

/// What files held when they were sealed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Seal {
    /// The version of this form.
    zalog_seal: u32,
    files: Vec<Sealed>,
}

/// One file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Sealed {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    server: Option<String>,
    file: String,
    bytes: u64,
    sha256: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    first: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    last: Option<String>,
}

/// The version that is written.
const VERSION: u32 = 1;

/// Why a text is no seal.
#[derive(Debug, Error)]
pub enum SealError {
    /// It is no JSON, or has other keys.
    #[error("not a seal: {0}")]
    Json(serde_json::Error),
    /// It is of another version.
    #[error("a seal of version {0}, which this zalog can't read")]
    Version(u32),
}

/// What has become of a file that was sealed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SealedFile {
    /// The file, as it was called then.
    pub file: String,
    /// What has become of it.
    pub state: SealState,
    /// The file that holds it, if one does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub now: Option<String>,
}

/// What can have become of a file that was sealed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum SealState {
    /// It holds what it held.
    Same,
    /// It starts with what it held.
    Grown,
    /// It holds fewer bytes than it held.
    Shortened,
    /// It holds other bytes.
    Altered,
    /// No file starts with what it held, and none has its name.
    Missing,
}

impl SealState {
    /// The state in words.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Same => "as it was sealed",
            Self::Grown => "grown since it was sealed",
            Self::Shortened => "shortened since it was sealed",
            Self::Altered => "altered since it was sealed",
            Self::Missing => "missing",
        }
    }

    /// Whether what was sealed is there.
    #[must_use]
    pub fn is_fine(self) -> bool {
        match self {
            Self::Same | Self::Grown => true,
            Self::Shortened | Self::Altered | Self::Missing => false,
        }
    }
}

impl Seal {
    /// Seals the files of a ledger.
    #[must_use]
    pub fn of(ledger: &Ledger) -> Self {
        let sealed = |server: &ServerLedger| {
            let files = server.files.iter().map(|file| Sealed {
                server: server.server.clone(),
                file: file.file.clone(),
                bytes: file.bytes,
                sha256: file.sha256.clone(),
                first: file.first.clone(),
                last: file.last.clone(),
            });
            files.collect::<Vec<_>>()
        };
        Self {
            zalog_seal: VERSION,
            files: ledger.servers.iter().flat_map(sealed).collect(),
        }
    }

    /// Reads a seal.
    pub fn read(text: &[u8]) -> Result<Self, SealError> {
        let seal: Self = serde_json::from_slice(text).map_err(SealError::Json)?;
        if seal.zalog_seal == VERSION {
            Ok(seal)
        } else {
            Err(SealError::Version(seal.zalog_seal))
        }
    }

    /// The places at which files have to be hashed that may be those of the seal.
    #[must_use]
    pub fn checkpoints(&self) -> Vec<Checkpoint> {
        let lengths = self
            .files
            .iter()
            .map(|file| usize::try_from(file.bytes).unwrap_or(usize::MAX));
        let mut lengths: Vec<usize> = lengths.collect();
        lengths.sort_unstable();
        lengths.dedup();
        let checkpoint = |length| Checkpoint {
            length,
            sha256: None,
        };
        lengths.into_iter().map(checkpoint).collect()
    }

    /// Tells what has become of the sealed files: `files` are those that are there.
    #[must_use]
    pub fn check(&self, files: &[HashedFile]) -> Vec<SealedFile> {
        let found = |sealed: &Sealed| {
            let mut holding = files.iter().filter(|file| file.holds(sealed));
            let named = holding.clone().find(|file| file.file == sealed.file);
            // An empty file is the start of all others.
            named.or_else(|| holding.find(|_| sealed.bytes > 0))
        };
        let all_found: Vec<Option<&HashedFile>> = self.files.iter().map(found).collect();
        // What is one of the sealed files under another name is not another one that was altered.
        let is_other = |file: &HashedFile| {
            let mut others = all_found.iter().flatten();
            others.any(|other| other.file == file.file)
        };
        let check = |(sealed, found): (&Sealed, Option<&HashedFile>)| {
            let in_its_place = || {
                let mut named = files.iter().filter(|file| file.file == sealed.file);
                named.find(|file| !is_other(file))
            };
            let (state, now) = match found {
                Some(file) if file.bytes == sealed.bytes => (SealState::Same, Some(file)),
                Some(file) => (SealState::Grown, Some(file)),
                None => match in_its_place() {
                    Some(file) if file.bytes < sealed.bytes => (SealState::Shortened, Some(file)),
                    Some(file) => (SealState::Altered, Some(file)),
                    None => (SealState::Missing, None),
                },
            };
            SealedFile {
                file: sealed.file.clone(),
                state,
                now: now.map(|file| file.file.clone()),
            }
        };
        let all_found = all_found.iter().copied();
        self.files.iter().zip(all_found).map(check).collect()
    }
}

/// A file that is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HashedFile {
    /// Its name, as given or found.
    pub file: String,
    /// Its size in bytes.
    pub bytes: u64,
    /// The hashes of its starts, up to the places at which files were sealed.
    pub starts: Vec<Checkpoint>,
}

impl HashedFile {
    /// Whether it starts with what was sealed.
    fn holds(&self, sealed: &Sealed) -> bool {
        self.starts.iter().any(|start| {
            start.length as u64 == sealed.bytes && start.sha256.as_ref() == Some(&sealed.sha256)
        })
    }
}
