//! Tells whether a file has been written to, also in the middle of a signal.

#![expect(
    unsafe_code,
    reason = "what the standard library offers for it may not be used in a signal"
)]

use std::ffi::CString;
use std::mem::MaybeUninit;
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

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
    nanoseconds: i64,
}

impl Stamp {
    /// `None` if there is no such file.
    pub(super) fn of(path: &Path) -> Option<Self> {
        let shown = path.to_string_lossy().escape_debug().to_string();
        let path = CString::new(path.as_os_str().as_bytes()).ok()?;
        let state = state(&path)?;
        Some(Self { path, shown, state })
    }

    /// Whether the same file has been written to since. Only does what may be done in the middle of
    /// anything.
    pub(super) fn is_old(&self) -> bool {
        // After a rotation another file is there.
        state(&self.path).is_some_and(|now| {
            let is_same = (now.device, now.inode) == (self.state.device, self.state.inode);
            is_same && now != self.state
        })
    }
}

fn state(path: &CString) -> Option<State> {
    let mut stat = MaybeUninit::<libc::stat>::zeroed();
    // SAFETY: it is a path, and the system writes what this has room for.
    let failed = unsafe { libc::stat(path.as_ptr(), stat.as_mut_ptr()) };
    if failed != 0 {
        return None;
    }
    // SAFETY: the call has written it.
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
    use std::fs::{self, File, FileTimes};
    use std::time::SystemTime;

    use super::*;

    #[test]
    fn what_was_written_to_is_old_and_what_was_replaced_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("admin\u{1b}[31m.log");
        assert!(Stamp::of(&path).is_none());
        fs::write(&path, "one").unwrap();
        let stamp = Stamp::of(&path).unwrap();
        assert!(!stamp.shown.contains('\u{1b}'));
        assert!(!stamp.is_old());
        let other = FileTimes::new().set_modified(SystemTime::UNIX_EPOCH);
        let file = File::options().append(true).open(&path).unwrap();
        file.set_times(other).unwrap();
        assert!(stamp.is_old());
        fs::rename(&path, folder.path().join("admin.log.1")).unwrap();
        assert!(!stamp.is_old());
        fs::write(&path, "another").unwrap();
        assert!(!stamp.is_old());
    }
}
