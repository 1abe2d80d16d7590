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

use std::fs::File;
use std::mem::MaybeUninit;
use std::path::Path;
use std::ptr;
use std::sync::atomic::{AtomicPtr, AtomicUsize, Ordering};
use std::sync::{Mutex, Once, OnceLock, PoisonError};

use libc::{c_int, c_void, sigaction, siginfo_t};

use super::signals::remove_unfinished;
use super::stamp::Stamp;

/// A map that is watched. It lives for ever, so that a signal can look at it at any time: two hundred
/// bytes for each.
#[derive(Debug)]
struct Mapped {
    /// Its addresses.
    start: usize,
    end: usize,
    /// The file when it was mapped, if anybody else can find it.
    stamp: Option<Stamp>,
    /// The first byte that was lost, from the start of the map; the greatest number if none was.
    lost: AtomicUsize,
}

/// Room for a map that is watched. That of one that has ended is used for another one.
#[derive(Debug)]
struct Slot {
    /// Null if there is none.
    mapped: AtomicPtr<Mapped>,
    next: Option<&'static Slot>,
}

/// Watches a map until it is dropped.
#[derive(Debug)]
pub(super) struct Watch {
    slot: &'static Slot,
    mapped: &'static Mapped,
}

/// The slot that was made last; each leads to the one before it.
static LAST: AtomicPtr<Slot> = AtomicPtr::new(ptr::null_mut());

/// A map that has ended whose file had been written to: what was read from it may fail later.
static CHANGED: AtomicPtr<Mapped> = AtomicPtr::new(ptr::null_mut());

type Handler = extern "C" fn(c_int, *mut siginfo_t, *mut c_void);

/// What was done about lost pages before.
static BEFORE_LOST: OnceLock<sigaction> = OnceLock::new();

/// What was done about faults before.
static BEFORE_FAULT: OnceLock<sigaction> = OnceLock::new();

/// What is said of a log at which a reader has failed, and the exit status then.
static WORDS: OnceLock<(&'static str, c_int)> = OnceLock::new();

static PAGE: AtomicUsize = AtomicUsize::new(4096);

impl Watch {
    /// Watches a map of a file. `path` is where it was found, if anybody else can find it.
    pub(super) fn start(map: &[u8], file: &File, path: Option<&Path>) -> Self {
        static STARTING: Mutex<()> = Mutex::new(());
        static HANDLED: Once = Once::new();
        HANDLED.call_once(handle_lost_pages);
        let start = map.as_ptr().addr();
        let mapped: &'static mut Mapped = Box::leak(Box::new(Mapped {
            start,
            end: start + map.len(),
            stamp: path.and_then(|path| Stamp::of(file, path)),
            lost: AtomicUsize::new(usize::MAX),
        }));
        let address = ptr::from_mut(mapped);
        let _one_at_a_time = STARTING.lock().unwrap_or_else(PoisonError::into_inner);
        let is_free = |slot: &&Slot| slot.mapped.load(Ordering::Relaxed).is_null();
        let slot = all().find(is_free).unwrap_or_else(|| {
            let slot: &'static mut Slot = Box::leak(Box::new(Slot {
                mapped: AtomicPtr::new(ptr::null_mut()),
                next: all().next(),
            }));
            LAST.store(slot, Ordering::Release);
            slot
        });
        slot.mapped.store(address, Ordering::Release);
        // SAFETY: it was leaked above, and from there on is only read.
        let mapped = unsafe { &*address };
        Self { slot, mapped }
    }

    /// The first byte that was lost.
    pub(super) fn lost_from(&self) -> Option<usize> {
        Some(self.mapped.lost.load(Ordering::Relaxed)).filter(|&lost| lost != usize::MAX)
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        if self.mapped.stamp.as_ref().is_some_and(Stamp::is_old) {
            CHANGED.store(ptr::from_ref(self.mapped).cast_mut(), Ordering::Release);
        }
        self.slot.mapped.store(ptr::null_mut(), Ordering::Release);
    }
}

impl Mapped {
    /// Puts zeros in the place of all pages from the one with this address on, if it is in the
    /// map. Only does what may be done in the middle of anything.
    fn replace(&self, address: usize) -> bool {
        if !(self.start..self.end).contains(&address) {
            return false;
        }
        let page = address / PAGE.load(Ordering::Relaxed) * PAGE.load(Ordering::Relaxed);
        // SAFETY: these pages are of the map, from one of its pages up to its end, and nobody
        // could read them as they are.
        let replaced = unsafe {
            libc::mmap(
                ptr::without_provenance_mut(page),
                self.end - page,
                libc::PROT_READ,
                libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_FIXED,
                -1,
                0,
            )
        };
        self.lost.fetch_min(page - self.start, Ordering::Relaxed);
        replaced != libc::MAP_FAILED
    }
}

/// See [`changed_map`](super::changed_map). Only does what may be done in the middle of anything.
pub(super) fn changed_map() -> Option<&'static str> {
    let mut stamps = watched().filter_map(|mapped| mapped.stamp.as_ref());
    let now = stamps.find(|stamp| stamp.is_old());
    let ended = CHANGED.load(Ordering::Acquire);
    // SAFETY: it is null, or was leaked.
    let ended = unsafe { ended.as_ref() }.and_then(|mapped| mapped.stamp.as_ref());
    now.or(ended).map(|stamp| stamp.shown.as_str())
}

/// See [`end_on_changed_map`](super::end_on_changed_map).
pub(super) fn end_on_changed_map(words: &'static str, status: u8) {
    if WORDS.set((words, status.into())).is_ok() {
        handle(libc::SIGSEGV, on_fault, &BEFORE_FAULT);
    }
}

/// All maps that are watched.
fn watched() -> impl Iterator<Item = &'static Mapped> {
    all().filter_map(|slot| {
        let mapped = slot.mapped.load(Ordering::Acquire);
        // SAFETY: it is null, or was leaked and written before it was put there.
        unsafe { mapped.as_ref() }
    })
}

fn all() -> impl Iterator<Item = &'static Slot> {
    // SAFETY: it is null, or was leaked.
    let last = unsafe { LAST.load(Ordering::Acquire).as_ref() };
    std::iter::successors(last, |slot| slot.next)
}

fn handle_lost_pages() {
    // SAFETY: it only tells a number.
    let page = unsafe { libc::sysconf(libc::_SC_PAGESIZE) };
    if let Ok(page) = usize::try_from(page) {
        PAGE.store(page, Ordering::Relaxed);
    }
    handle(libc::SIGBUS, on_bus_error, &BEFORE_LOST);
}

/// Handles a signal, and keeps what was done about it `before`.
fn handle(signal: c_int, handler: Handler, before: &OnceLock<sigaction>) {
    let mut old = MaybeUninit::<sigaction>::zeroed();
    // SAFETY: null changes nothing.
    let failed = unsafe { sigaction(signal, ptr::null(), old.as_mut_ptr()) };
    if failed != 0 {
        return;
    }
    // SAFETY: the call has written it.
    let old = unsafe { old.assume_init() };
    // The handler may need it from its first moment on.
    before.get_or_init(|| old);
    // SAFETY: zeros are a `sigaction` that blocks no other signals.
    let mut action: sigaction = unsafe { MaybeUninit::zeroed().assume_init() };
    action.sa_sigaction = handler as *const () as usize;
    action.sa_flags = libc::SA_SIGINFO | libc::SA_ONSTACK;
    // SAFETY: the handler has the signature that `SA_SIGINFO` asks for. If this fails, the signal does
    // what it did before.
    unsafe { sigaction(signal, &raw const action, ptr::null_mut()) };
}

extern "C" fn on_bus_error(signal: c_int, info: *mut siginfo_t, _context: *mut c_void) {
    // SAFETY: the system gives it with the signal.
    let info = unsafe { &*info };
    // SAFETY: with this signal it tells an address.
    let address = unsafe { info.si_addr() }.addr();
    if watched().any(|mapped| mapped.replace(address)) {
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
