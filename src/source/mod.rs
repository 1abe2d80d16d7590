//! Finds logs and opens them as bytes.
//!
//! What goes in is what a user names: files, directories, globs, `-`. What comes out are
//! [`LogSet`]s, the files of one server's log from the oldest to the newest, and [`Source`]s, the
//! bytes of one file: mapped, copied, or decompressed; or [`Stream`]s, which give them window by
//! window. Nothing here knows what the bytes mean. [`Spill`] is an array that leaves memory when it
//! grows, [`Kept`] are texts that do. The only `unsafe` of zalog are the maps in
//! `guard`, `spill` and `kept`, the advice to let their pages go, and what is done about signals: in
//! `watch`, with what it asks of files in `stamp`, and in `signals`. Nothing here prints or ends the
//! program, but where a fault leaves no other way ([`end_on_changed_map`]).

mod bytes;
mod copies;
mod expand;
mod find;
mod follow;
mod guard;
mod identity;
mod kept;
mod parts;
mod signals;
mod spill;
mod spool;
#[cfg(unix)]
mod stamp;
mod stream;
#[cfg(unix)]
mod watch;

pub use bytes::{Access, Opened, Source};
pub use copies::copies;
pub use find::{FindError, FindErrorKind, LogFile, LogSet, find};
pub use follow::{Follow, Followed};
pub use guard::{Lost, changed_map, end_on_changed_map};
pub use identity::is_same_file;
pub use kept::Kept;
pub use signals::{Unfinished, outlive_file_size_limit, remove_unfinished};
pub use spill::Spill;
pub use stream::{Loaded, Stream};
