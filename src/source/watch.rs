//! The maps that are watched, and what is done where a page is lost, or where what is read has been
//! changed under the reader.
//!
//! Text that was looked at once is trusted from then on. Where another program changes it
//! meanwhile, a reader may go beyond its end. No server does that to its log, and what can be done
//! then is to say so: [`end_on_changed_map`](super::end_on_changed_map).

#![expect(
    unsafe_code,
    reason = "a signal is handled with what the system offers for it"
)]

use std::mem::MaybeUninit;
use std::path::Path;
use std::ptr;
use std::sync::atomic::{AtomicPtr, AtomicUsize, Ordering};
use std::sync::{Mutex, Once, OnceLock, PoisonError};

use libc::{c_int, c_void, sigaction, siginfo_t};

use super::signals::remove_unfinished;
use super::stamp::Stamp;

/// The addresses of a map. It lives for ever, so that a signal can look at it at any time; that
/// of a map that has ended is used for another one.
#[derive(Debug)]
pub(super) struct Watch {
    /// Zero if no map is watched.
    start: AtomicUsize,
    end: AtomicUsize,
    /// The first byte that was lost, from the start of the map; the greatest number if none was.
    lost: AtomicUsize,
    /// The file when it was mapped; null if nothing is known of it.
    stamp: AtomicPtr<Stamp>,
    next: Option<&'static Watch>,
}

/// The watch that was made last; each leads to the one before it.
static LAST: AtomicPtr<Watch> = AtomicPtr::new(ptr::null_mut());

type Handler = extern "C" fn(c_int, *mut siginfo_t, *mut c_void);

/// What was done about lost pages before.
static BEFORE_LOST: OnceLock<sigaction> = OnceLock::new();

/// What was done about faults before.
static BEFORE_FAULT: OnceLock<sigaction> = OnceLock::new();

/// What is said of a log at which a reader has failed, and the exit status then.
static WORDS: OnceLock<(&'static str, c_int)> = OnceLock::new();

static PAGE: AtomicUsize = AtomicUsize::new(4096);

impl Watch {
    /// Watches a map until [`end`](Self::end). `path` is where its file was found, if anybody else
    /// can find it.
    pub(super) fn start(map: &[u8], path: Option<&Path>) -> &'static Self {
        static STARTING: Mutex<()> = Mutex::new(());
        static HANDLED: Once = Once::new();
        HANDLED.call_once(handle_lost_pages);
        let _one_at_a_time = STARTING.lock().unwrap_or_else(PoisonError::into_inner);
        let is_free = |watch: &&Self| watch.start.load(Ordering::Relaxed) == 0;
        let watch = all().find(is_free).unwrap_or_else(|| {
            let watch: &'static mut Self = Box::leak(Box::new(Self {
                start: AtomicUsize::new(0),
                end: AtomicUsize::new(0),
                lost: AtomicUsize::new(usize::MAX),
                stamp: AtomicPtr::new(ptr::null_mut()),
                next: all().next(),
            }));
            LAST.store(watch, Ordering::Release);
            watch
        });
        let start = map.as_ptr().addr();
        // A signal may look at it at any time, so that it is never given back: a hundred bytes.
        let stamp = path.and_then(Stamp::of);
        let stamp = stamp.map_or(ptr::null_mut(), |stamp| Box::into_raw(Box::new(stamp)));
        watch.stamp.store(stamp, Ordering::Relaxed);
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

/// See [`changed_map`](super::changed_map). Only does what may be done in the middle of anything.
pub(super) fn changed_map() -> Option<&'static str> {
    all()
        .filter(|watch| watch.start.load(Ordering::Acquire) != 0)
        // SAFETY: it is null, or was leaked.
        .filter_map(|watch| unsafe { watch.stamp.load(Ordering::Relaxed).as_ref() })
        .find(|stamp| stamp.is_old())
        .map(|stamp| stamp.shown.as_str())
}

/// See [`end_on_changed_map`](super::end_on_changed_map).
pub(super) fn end_on_changed_map(words: &'static str, status: u8) {
    if WORDS.set((words, status.into())).is_ok()
        && let Some(before) = handle(libc::SIGSEGV, on_fault)
    {
        BEFORE_FAULT.get_or_init(|| before);
    }
}

fn all() -> impl Iterator<Item = &'static Watch> {
    // SAFETY: it is null, or was leaked.
    let last = unsafe { LAST.load(Ordering::Acquire).as_ref() };
    std::iter::successors(last, |watch| watch.next)
}

fn handle_lost_pages() {
    // SAFETY: it only tells a number.
    let page = unsafe { libc::sysconf(libc::_SC_PAGESIZE) };
    if let Ok(page) = usize::try_from(page) {
        PAGE.store(page, Ordering::Relaxed);
    }
    if let Some(before) = handle(libc::SIGBUS, on_bus_error) {
        BEFORE_LOST.get_or_init(|| before);
    }
}

/// Handles a signal. Returns what was done about it before.
fn handle(signal: c_int, handler: Handler) -> Option<sigaction> {
    // SAFETY: zeros are a `sigaction` that blocks no other signals.
    let mut action: sigaction = unsafe { MaybeUninit::zeroed().assume_init() };
    action.sa_sigaction = handler as *const () as usize;
    action.sa_flags = libc::SA_SIGINFO | libc::SA_ONSTACK;
    let mut before = MaybeUninit::<sigaction>::zeroed();
    // SAFETY: the handler has the signature that `SA_SIGINFO` asks for.
    let failed = unsafe { sigaction(signal, &raw const action, before.as_mut_ptr()) };
    // SAFETY: where it has not failed, the call has written it; zeros are one as well.
    let before = unsafe { before.assume_init() };
    (failed == 0).then_some(before)
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
    leave_to(&BEFORE_LOST, signal);
}

extern "C" fn on_fault(signal: c_int, _info: *mut siginfo_t, _context: *mut c_void) {
    let Some((path, (words, status))) = changed_map().zip(WORDS.get()) else {
        leave_to(&BEFORE_FAULT, signal);
        return;
    };
    remove_unfinished();
    for part in ["error: ", path, words, "\n"] {
        // SAFETY: it is text of so many bytes. Where nobody reads it, nothing is lost.
        unsafe { libc::write(libc::STDERR_FILENO, part.as_ptr().cast(), part.len()) };
    }
    // SAFETY: nothing runs after this.
    unsafe { libc::_exit(*status) };
}

/// The signal is for another handler, and comes again when this one returns.
fn leave_to(before: &OnceLock<sigaction>, signal: c_int) {
    let before = before.get().map_or(ptr::null(), ptr::from_ref);
    // SAFETY: it was in force before, and null changes nothing.
    unsafe { sigaction(signal, before, ptr::null_mut()) };
}
