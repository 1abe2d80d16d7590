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

/// How many bytes are hashed in one go.
const PART: usize = 1 << 20;

/// Returns the SHA-256 of a log. The checkpoints are those places of it at which it was sealed before;
/// `behind` is told up to where it has been read.
pub fn sha256(log: &[u8], checkpoints: &mut [Checkpoint], mut behind: impl FnMut(usize)) -> String {
    let mut hashing = Hashing::new(log, checkpoints);
    for end in (PART..log.len()).step_by(PART) {
        hashing.go_to(end);
        behind(end);
    }
    hashing.finish()
}

/// The SHA-256 of a log, part by part, and of its start up to each checkpoint.
struct Hashing<'l, 'c> {
    log: &'l [u8],
    at: usize,
    hasher: Sha256,
    checkpoints: &'c mut [Checkpoint],
}

impl<'l, 'c> Hashing<'l, 'c> {
    fn new(log: &'l [u8], checkpoints: &'c mut [Checkpoint]) -> Self {
        checkpoints.sort_by_key(|checkpoint| checkpoint.length);
        Self {
            log,
            at: 0,
            hasher: Sha256::new(),
            checkpoints,
        }
    }

    /// Goes on up to a place.
    fn go_to(&mut self, end: usize) {
        let (at, end) = (self.at, end.min(self.log.len()));
        for checkpoint in &mut *self.checkpoints {
            let is_ahead = checkpoint.sha256.is_none() && checkpoint.length >= self.at;
            if is_ahead && checkpoint.length <= end {
                self.hasher.update(&self.log[self.at..checkpoint.length]);
                self.at = checkpoint.length;
                checkpoint.sha256 = Some(hex(&self.hasher.clone().finalize()));
            }
        }
        if end > at {
            self.hasher.update(&self.log[self.at..end]);
            self.at = end;
        }
    }

    /// The hash of all of it.
    fn finish(mut self) -> String {
        self.go_to(self.log.len());
        hex(&self.hasher.finalize())
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").expect("memory takes all that is written");
        text
    })
}
