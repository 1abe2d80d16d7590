//! Bounds the memory of documents that wait for tantivy's threads: those let a number of them wait,
//! however large each is.

use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

/// How many bytes of documents may wait.
const MOST: usize = 48 << 20;

/// Whoever waits looks again after this time, so that nobody waits for a thread that has failed.
const PATIENCE: Duration = Duration::from_millis(200);

/// The bytes that wait.
#[derive(Clone, Debug, Default)]
pub(super) struct InFlight(Arc<(Mutex<usize>, Condvar)>);

/// The bytes of one document, as long as it waits.
#[derive(Debug)]
pub(super) struct Ticket {
    in_flight: InFlight,
    bytes: usize,
}

impl InFlight {
    /// Waits until there is room, and takes some.
    pub(super) fn enter(&self, bytes: usize) -> Ticket {
        let (count, has_room) = &*self.0;
        let mut count = count.lock().unwrap_or_else(PoisonError::into_inner);
        if *count > MOST {
            let waited = has_room.wait_timeout_while(count, PATIENCE, |count| *count > MOST);
            count = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
        *count += bytes;
        Ticket {
            in_flight: self.clone(),
            bytes,
        }
    }

    /// Waits until nothing waits.
    pub(super) fn settle(&self) {
        let (count, has_room) = &*self.0;
        let count = count.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = has_room.wait_timeout_while(count, PATIENCE, |count| *count > 0);
        drop(waited);
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        let (count, has_room) = &*self.in_flight.0;
        let mut count = count.lock().unwrap_or_else(PoisonError::into_inner);
        let was_full = *count > MOST;
        *count -= self.bytes;
        if (was_full && *count <= MOST) || *count == 0 {
            has_room.notify_all();
        }
    }
}
