//! Obeys signals without leaving things half done: a file that is being written is removed before the
//! program ends, and a file that may not grow any more is an error like any other.

use std::path::Path;

#[cfg(unix)]
use unix::Watch;

/// A file that is being written. Until this is dropped, a signal that ends the program removes it.
#[derive(Debug)]
pub struct Unfinished {
    #[cfg(unix)]
    _watch: Option<Watch>,
}

impl Unfinished {
    /// Watches over a file. One at a time: others are left alone meanwhile.
    #[cfg_attr(
        not(unix),
        expect(unused_variables, reason = "there are no signals there")
    )]
    #[must_use]
    pub fn watch(path: &Path) -> Self {
        Self {
            #[cfg(unix)]
            _watch: Watch::start(path),
        }
    }
}

/// Removes the file that is being written, when the program is about to end. Only does what may be
/// done in the middle of anything.
pub fn remove_unfinished() {
    #[cfg(unix)]
    unix::remove_unfinished();
}

/// Makes writing beyond the size that the system allows for a file (`ulimit -f`) an error: unless a
/// program asks for that, it is ended.
pub fn outlive_file_size_limit() {
    #[cfg(unix)]
    unix::outlive_file_size_limit();
}

#[cfg(unix)]
mod unix {
    #![expect(
        unsafe_code,
        reason = "a signal is handled with what the system offers for it"
    )]

    use std::ffi::{CString, c_char};
    use std::mem::MaybeUninit;
    use std::os::unix::ffi::OsStrExt as _;
    use std::path::Path;
    use std::ptr;
    use std::sync::Once;
    use std::sync::atomic::{AtomicPtr, Ordering};

    use libc::{c_int, sigaction};

    /// The path of the file that is being written. Who takes it from here owns it.
    static PATH: AtomicPtr<c_char> = AtomicPtr::new(ptr::null_mut());

    /// What users and systems end a program with.
    const ENDING: [c_int; 3] = [libc::SIGINT, libc::SIGTERM, libc::SIGHUP];

    #[derive(Debug)]
    pub(super) struct Watch(());

    impl Watch {
        pub(super) fn start(path: &Path) -> Option<Self> {
            static HANDLED: Once = Once::new();
            HANDLED.call_once(|| {
                for signal in ENDING {
                    // What is ignored, as below `nohup`, stays so.
                    if action(signal).is_some_and(|before| before == libc::SIG_DFL) {
                        handle(signal, end, libc::SA_RESETHAND);
                    }
                }
            });
            // What is beside the log may have no absolute path, but nothing here changes folders.
            let path = CString::new(path.as_os_str().as_bytes()).ok()?.into_raw();
            let stored =
                PATH.compare_exchange(ptr::null_mut(), path, Ordering::AcqRel, Ordering::Relaxed);
            if stored.is_err() {
                // SAFETY: it was made above, and nobody else has it.
                drop(unsafe { CString::from_raw(path) });
                return None;
            }
            Some(Self(()))
        }
    }

    impl Drop for Watch {
        fn drop(&mut self) {
            let path = PATH.swap(ptr::null_mut(), Ordering::AcqRel);
            if !path.is_null() {
                // SAFETY: `start` has put it there, and nobody else has taken it.
                drop(unsafe { CString::from_raw(path) });
            }
        }
    }

    pub(super) fn remove_unfinished() {
        let path = PATH.swap(ptr::null_mut(), Ordering::AcqRel);
        if !path.is_null() {
            // SAFETY: it is a path, and is never given back.
            unsafe { libc::unlink(path) };
        }
    }

    /// Removes the file, and lets the signal do what it does.
    extern "C" fn end(signal: c_int) {
        remove_unfinished();
        // SAFETY: the signal has its own effect again, and comes when this returns.
        unsafe { libc::raise(signal) };
    }

    pub(super) fn outlive_file_size_limit() {
        // Programs that are started have the signal's own effect again, which they would not have
        // if it was ignored.
        handle(libc::SIGXFSZ, do_nothing, libc::SA_RESTART);
    }

    extern "C" fn do_nothing(_signal: c_int) {}

    /// What is done about a signal.
    fn action(signal: c_int) -> Option<libc::sighandler_t> {
        let mut action = MaybeUninit::<sigaction>::zeroed();
        // SAFETY: null changes nothing.
        let failed = unsafe { sigaction(signal, ptr::null(), action.as_mut_ptr()) };
        if failed != 0 {
            return None;
        }
        // SAFETY: the call has written it.
        Some(unsafe { action.assume_init() }.sa_sigaction)
    }

    fn handle(signal: c_int, handler: extern "C" fn(c_int), flags: c_int) {
        // SAFETY: zeros are a `sigaction` that blocks no other signals.
        let mut action: sigaction = unsafe { MaybeUninit::zeroed().assume_init() };
        action.sa_sigaction = handler as *const () as usize;
        action.sa_flags = flags | libc::SA_ONSTACK;
        // SAFETY: the handler has the signature of one without `SA_SIGINFO`. If this fails, the
        // signal does what it did before.
        unsafe { sigaction(signal, &raw const action, ptr::null_mut()) };
    }
}
