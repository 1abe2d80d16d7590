//! Hashes files, and the starts of files that were sealed when they were shorter.

use std::fmt::Write as _;

use sha2::{Digest as _, Sha256};

/// A place of a file: how long it was when it was sealed. Gets the hash of what stands before it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// How many bytes stand before it.
    pub length: usize,
    /// Their hash, when the file has been read and is so long.
    pub sha256: Option<String>,
}

/// Returns the SHA-256 of a log, and of its start up to each checkpoint.
pub(super) fn sha256(log: &[u8], checkpoints: &mut [Checkpoint]) -> String {
    checkpoints.sort_by_key(|checkpoint| checkpoint.length);
    let mut hasher = Sha256::new();
    let mut at = 0;
    for checkpoint in checkpoints {
        let Some(more) = log.get(at..checkpoint.length) else {
            continue;
        };
        hasher.update(more);
        at = checkpoint.length;
        checkpoint.sha256 = Some(hex(&hasher.clone().finalize()));
    }
    hasher.update(&log[at..]);
    hex(&hasher.finalize())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").expect("memory takes all that is written");
        text
    })
}
