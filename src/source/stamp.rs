//! Tells whether a file has been written to, also in the middle of a signal.

#![expect(
    unsafe_code,
    reason = "what the standard library offers for it may not be used in a signal"
)]

use std::char::REPLACEMENT_CHARACTER;
use std::ffi::CString;
use std::fs::File;
use std::mem::MaybeUninit;
use std::os::fd::AsRawFd as _;
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

use libc::c_int;

/// A file as it was when it was first looked at.
#[derive(Debug)]
pub(super) struct Stamp {
    path: CString,
    /// Its path with nothing in it that a terminal obeys.
    pub(super) shown: String,
    state: State,
}

/// What tells a file from others, and when it was written to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct State {
    device: libc::dev_t,
    inode: libc::ino_t,
    seconds: libc::time_t,
    nanoseconds: libc::c_long,
}

impl Stamp {
    /// That of a file that was opened, and may be found again at `path`.
    pub(super) fn of(file: &File, path: &Path) -> Option<Self> {
        // SAFETY: the file is open, and the system writes what this has room for.
        let state = state(|stat| unsafe { libc::fstat(file.as_raw_fd(), stat) })?;
        let is_plain = |c: &char| matches!(c, '\'' | '"' | '\\') || c.escape_debug().len() == 1;
        let shown = path.to_string_lossy();
        let shown = shown.chars().map(|c| Some(c).filter(is_plain));
        Some(Self {
            path: CString::new(path.as_os_str().as_bytes()).ok()?,
            shown: shown.map(|c| c.unwrap_or(REPLACEMENT_CHARACTER)).collect(),
            state,
        })
    }

    /// Whether the same file has been written to since. Only does what may be done in the middle of
    /// anything.
    pub(super) fn is_old(&self) -> bool {
        // SAFETY: it is a path, and the system writes what this has room for.
        let now = state(|stat| unsafe { libc::stat(self.path.as_ptr(), stat) });
        // After a rotation another file is there.
        now.is_some_and(|now| {
            let is_same = (now.device, now.inode) == (self.state.device, self.state.inode);
            is_same && now != self.state
        })
    }
}

/// What `ask` has the system write.
fn state(ask: impl FnOnce(*mut libc::stat) -> c_int) -> Option<State> {
    let mut stat = MaybeUninit::<libc::stat>::zeroed();
    if ask(stat.as_mut_ptr()) != 0 {
        return None;
    }
    // SAFETY: the system has written it.
    let stat = unsafe { stat.assume_init() };
    Some(State {
        device: stat.st_dev,
        inode: stat.st_ino,
        seconds: stat.st_mtime,
        nanoseconds: stat.st_mtime_nsec,
    })
}

#[cfg(test)]
mod tests {
    use std::fs::{self, FileTimes};
    use std::time::SystemTime;

    use super::*;

    #[test]
    fn what_was_written_to_is_old_and_what_was_replaced_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("it's\u{1b}[31m.log");
        fs::write(&path, "one").unwrap();
        let file = File::options().append(true).open(&path).unwrap();
        let stamp = Stamp::of(&file, &path).unwrap();
        assert!(stamp.shown.ends_with("/it's\u{fffd}[31m.log"));
        assert!(!stamp.is_old());
        let other = FileTimes::new().set_modified(SystemTime::UNIX_EPOCH);
        file.set_times(other).unwrap();
        assert!(stamp.is_old());
        fs::rename(&path, folder.path().join("admin.log.1")).unwrap();
        assert!(!stamp.is_old());
        fs::write(&path, "another").unwrap();
        assert!(!stamp.is_old());
    }
}
