//! Maps files so that the program lives on where another one truncates them.
//!
//! Who reads a mapped page that is no longer in its file gets `SIGBUS`, which ends a program. Here
//! such a page is replaced by zeros, and [`GuardedMap::lost`] tells that it was. Zeros are
//! text, and no record: what stood before them is read as ever.

use std::fs::File;
use std::io;
use std::ops::Deref;
use std::path::{Path, PathBuf};

use memmap2::Mmap;

use super::identity::Identity;

#[cfg(unix)]
use watch::Watch;

/// What another program has done to a file while it was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lost {
    /// It was truncated: only what stood before this byte was surely read.
    Behind(usize),
    /// It was truncated and written anew: what was read may be of both.
    WrittenAnew,
}

/// A map of a file whose pages may be lost.
#[derive(Debug)]
pub(super) struct GuardedMap {
    map: Mmap,
    #[cfg(unix)]
    watch: &'static Watch,
    /// Where the file was, and what tells it from another one there.
    file: Option<(PathBuf, Identity)>,
    /// What it started with.
    head: Vec<u8>,
}

/// How much of a file's start is remembered, in bytes: no two times of records are alike in it.
const HEAD: usize = 256;

impl GuardedMap {
    /// Maps a file. `path` is where it was found, if anybody else can find it.
    #[expect(
        unsafe_code,
        reason = "a map is the only way to read a file without a copy of it"
    )]
    pub(super) fn new(file: &File, path: Option<&Path>) -> io::Result<Self> {
        // SAFETY: The map is read-only. Of a file without a name nobody else can change the bytes.
        // Those of a log may change under us when another process writes into the file, which
        // Rust's rules forbid; Zato only appends to a log and rotates it by renaming, so bytes that
        // were there at this moment stay as they are. What is truncated all the same becomes zeros,
        // which are valid in any text.
        let map = unsafe { Mmap::map(file) }?;
        let identity = file.metadata().ok().map(|metadata| Identity::of(&metadata));
        #[cfg(unix)]
        let watch = Watch::start(&map);
        Ok(Self {
            #[cfg(unix)]
            watch,
            head: map[..map.len().min(HEAD)].to_vec(),
            map,
            file: path.map(Path::to_owned).zip(identity),
        })
    }

    /// What of the file is lost: its end when it was found to be shorter than it was when it was
    /// mapped, for what stood behind may have been read as zeros; all of it if it starts with
    /// something else by now.
    pub(super) fn lost(&self) -> Option<Lost> {
        let end = self.file.as_ref().and_then(|(path, known)| {
            let metadata = path.metadata().ok()?;
            // After a rotation another file is there.
            let is_same = Identity::of(&metadata) == *known;
            is_same.then(|| usize::try_from(metadata.len()).unwrap_or(usize::MAX))
        });
        let end = end.filter(|&end| end < self.map.len());
        #[cfg(unix)]
        let end = end.into_iter().chain(self.watch.lost_from()).min();
        let is_other = || self.map[..self.head.len()] != self.head;
        end.map(Lost::Behind)
            .or_else(|| is_other().then_some(Lost::WrittenAnew))
    }

    pub(super) fn map(&self) -> &Mmap {
        &self.map
    }
}

impl Deref for GuardedMap {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.map
    }
}

#[cfg(unix)]
impl Drop for GuardedMap {
    fn drop(&mut self) {
        // The pages are given back after this.
        self.watch.end();
    }
}

#[cfg(unix)]
mod watch {
    //! The maps that are watched, and what is done where a page is lost.

    #![expect(
        unsafe_code,
        reason = "a signal is handled with what the system offers for it"
    )]

    use std::mem::MaybeUninit;
    use std::ptr;
    use std::sync::atomic::{AtomicPtr, AtomicUsize, Ordering};
    use std::sync::{Mutex, Once, OnceLock, PoisonError};

    use libc::{c_int, c_void, sigaction, siginfo_t};

    /// The addresses of a map. It lives for ever, so that a signal can look at it at any time; that
    /// of a map that has ended is used for another one.
    #[derive(Debug)]
    pub(super) struct Watch {
        /// Zero if no map is watched.
        start: AtomicUsize,
        end: AtomicUsize,
        /// The first byte that was lost, from the start of the map; the greatest number if none was.
        lost: AtomicUsize,
        next: Option<&'static Watch>,
    }

    /// The watch that was made last; each leads to the one before it.
    static LAST: AtomicPtr<Watch> = AtomicPtr::new(ptr::null_mut());

    /// What was done about the signal before.
    static BEFORE: OnceLock<sigaction> = OnceLock::new();

    static PAGE: AtomicUsize = AtomicUsize::new(4096);

    impl Watch {
        /// Watches a map until [`end`](Self::end).
        pub(super) fn start(map: &[u8]) -> &'static Self {
            static STARTING: Mutex<()> = Mutex::new(());
            static HANDLED: Once = Once::new();
            HANDLED.call_once(handle_signal);
            let _one_at_a_time = STARTING.lock().unwrap_or_else(PoisonError::into_inner);
            let is_free = |watch: &&Self| watch.start.load(Ordering::Relaxed) == 0;
            let watch = all().find(is_free).unwrap_or_else(|| {
                let watch: &'static mut Self = Box::leak(Box::new(Self {
                    start: AtomicUsize::new(0),
                    end: AtomicUsize::new(0),
                    lost: AtomicUsize::new(usize::MAX),
                    next: all().next(),
                }));
                LAST.store(watch, Ordering::Release);
                watch
            });
            let start = map.as_ptr().addr();
            watch.lost.store(usize::MAX, Ordering::Relaxed);
            watch.end.store(start + map.len(), Ordering::Relaxed);
            watch.start.store(start, Ordering::Release);
            watch
        }

        pub(super) fn end(&self) {
            self.start.store(0, Ordering::Release);
        }

        /// The first byte that was lost.
        pub(super) fn lost_from(&self) -> Option<usize> {
            Some(self.lost.load(Ordering::Relaxed)).filter(|&lost| lost != usize::MAX)
        }

        /// Puts zeros in the place of all pages from the one with this address on, if it is in the
        /// map. Only does what may be done in the middle of anything.
        fn replace(&self, address: usize) -> bool {
            let start = self.start.load(Ordering::Acquire);
            let end = self.end.load(Ordering::Relaxed);
            if start == 0 || !(start..end).contains(&address) {
                return false;
            }
            let page = address / PAGE.load(Ordering::Relaxed) * PAGE.load(Ordering::Relaxed);
            // SAFETY: these pages are of the map, from one of its pages up to its end, and nobody
            // could read them as they are.
            let replaced = unsafe {
                libc::mmap(
                    ptr::without_provenance_mut(page),
                    end - page,
                    libc::PROT_READ,
                    libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_FIXED,
                    -1,
                    0,
                )
            };
            self.lost.fetch_min(page - start, Ordering::Relaxed);
            replaced != libc::MAP_FAILED
        }
    }

    fn all() -> impl Iterator<Item = &'static Watch> {
        // SAFETY: it is null, or was leaked.
        let last = unsafe { LAST.load(Ordering::Acquire).as_ref() };
        std::iter::successors(last, |watch| watch.next)
    }

    fn handle_signal() {
        // SAFETY: it only tells a number.
        let page = unsafe { libc::sysconf(libc::_SC_PAGESIZE) };
        if let Ok(page) = usize::try_from(page) {
            PAGE.store(page, Ordering::Relaxed);
        }
        let handler: extern "C" fn(c_int, *mut siginfo_t, *mut c_void) = on_bus_error;
        // SAFETY: zeros are a `sigaction` that blocks no other signals.
        let mut action: sigaction = unsafe { MaybeUninit::zeroed().assume_init() };
        action.sa_sigaction = handler as *const () as usize;
        action.sa_flags = libc::SA_SIGINFO | libc::SA_ONSTACK;
        let mut before = MaybeUninit::<sigaction>::zeroed();
        // SAFETY: the handler has the signature that `SA_SIGINFO` asks for.
        let failed = unsafe { sigaction(libc::SIGBUS, &raw const action, before.as_mut_ptr()) };
        if failed == 0 {
            // SAFETY: the call has written it, and zeros are one as well.
            let before = unsafe { before.assume_init() };
            BEFORE.get_or_init(|| before);
        }
    }

    extern "C" fn on_bus_error(signal: c_int, info: *mut siginfo_t, _context: *mut c_void) {
        // SAFETY: the system gives it with the signal.
        let info = unsafe { &*info };
        // SAFETY: with this signal it tells an address.
        let address = unsafe { info.si_addr() }.addr();
        if all().any(|watch| watch.replace(address)) {
            // What could not be read is read again.
            return;
        }
        // The signal is for another one, and comes again when this returns.
        let before = BEFORE.get().map_or(ptr::null(), ptr::from_ref);
        // SAFETY: it was in force before, and null changes nothing.
        unsafe { sigaction(signal, before, ptr::null_mut()) };
    }
}

#[cfg(all(test, unix))]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn what_is_truncated_reads_as_zeros_and_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("admin.log");
        let size = 1 << 20;
        fs::write(&path, vec![b'x'; size]).unwrap();
        let file = File::options().read(true).write(true).open(&path).unwrap();
        let whole = GuardedMap::new(&file, Some(&path)).unwrap();
        let unnamed = GuardedMap::new(&file, None).unwrap();
        assert_eq!((whole[size - 1], whole.lost()), (b'x', None));
        file.set_len(100_000).unwrap();
        assert_eq!(whole.lost(), Some(Lost::Behind(100_000)));
        assert_eq!(unnamed.lost(), None);
        for map in [&whole, &unnamed] {
            assert_eq!((map[99_999], map[size - 1], map[size / 2]), (b'x', 0, 0));
            assert!(map[..100_000].iter().all(|byte| *byte == b'x'));
            assert!(map[100_000..].iter().all(|byte| *byte == 0));
        }
        assert_eq!(whole.lost(), Some(Lost::Behind(100_000)));
        // It was asked for the last page first, and for the first page that is gone later.
        assert!(matches!(
            unnamed.lost(),
            Some(Lost::Behind(100_000..175_536))
        ));
        drop(whole);
        // What was used for it is used for another map.
        fs::write(&path, vec![b'y'; size]).unwrap();
        let other = GuardedMap::new(&File::open(&path).unwrap(), Some(&path)).unwrap();
        assert_eq!((other[size - 1], other.lost()), (b'y', None));
    }

    #[test]
    fn a_file_that_was_written_anew_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("admin.log");
        fs::write(&path, vec![b'x'; 10_000]).unwrap();
        let map = GuardedMap::new(&File::open(&path).unwrap(), Some(&path)).unwrap();
        fs::write(&path, vec![b'y'; 20_000]).unwrap();
        assert_eq!(map.lost(), Some(Lost::WrittenAnew));
    }

    #[test]
    fn a_file_that_was_renamed_is_not_taken_for_its_successor() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("admin.log");
        fs::write(&path, vec![b'x'; 10_000]).unwrap();
        let map = GuardedMap::new(&File::open(&path).unwrap(), Some(&path)).unwrap();
        fs::rename(&path, folder.path().join("admin.log.1")).unwrap();
        fs::write(&path, "short").unwrap();
        assert_eq!(map.lost(), None);
    }
}
