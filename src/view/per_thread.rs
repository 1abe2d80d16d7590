//! Lets each thread of a pool keep what it has learnt, such as a [`LineWriter`](super::LineWriter).

use std::iter;
use std::sync::{Mutex, PoisonError};

/// One value for each thread that rayon has.
#[derive(Debug)]
pub struct PerThread<T>(Vec<Mutex<T>>);

impl<T> PerThread<T> {
    /// Makes a value for each thread.
    #[must_use]
    pub fn new(make: impl Fn() -> T) -> Self {
        let values = iter::repeat_with(|| Mutex::new(make()));
        Self(values.take(rayon::current_num_threads()).collect())
    }

    /// Works with the value of this thread. It must be fit for use again wherever `work` panics.
    pub fn with<U>(&self, work: impl FnOnce(&mut T) -> U) -> U {
        let thread = rayon::current_thread_index().unwrap_or(0);
        let mut value = self.0[thread]
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        work(&mut value)
    }

    /// Returns the values of all threads.
    pub fn into_values(self) -> impl Iterator<Item = T> {
        let values = self.0.into_iter();
        values.map(|value| value.into_inner().unwrap_or_else(PoisonError::into_inner))
    }
}
