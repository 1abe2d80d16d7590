//! A list of JSON whose items are made one by one, when they are written: all at once take many times as
//! much memory as their text.

use serde::{Serialize, Serializer};

/// What gives the items.
pub(super) struct Items<I>(pub(super) I);

impl<I: Iterator<Item: Serialize> + Clone> Serialize for Items<I> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.clone())
    }
}
