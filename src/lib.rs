//! Reads Zato's `admin.log`: joins requests with responses, measures them, finds them again and
//! writes usage examples.
//!
//! Data flows one way, and a module imports only from those before it:
//!
//! ```text
//! bytes ─ source ─▶ records ─ entry ─▶ calls ─ invocation ─▶ invocations ─ redact, view ─┬▶ usage ─▶ export
//!                      payload text ─ pyrepr ─▶ values                                  └▶ search    verify
//!                                                                       all of it driven by cli
//! ```
//!
//! | module | ask it for |
//! |---|---|
//! | [`pyrepr`] | the value that a Python `repr()` or its JSON stands for |
//! | [`source`] | the files that a user means, in order, and their bytes |
//! | [`entry`] | the records in those bytes, and what each says |
//! | [`invocation`] | the calls that the records make: who was called, with what, what came back |
//! | [`redact`] | a payload without its secrets |
//! | [`view`] | a call as it may be shown, as JSON |
//! | [`query`] | what a user searches for |
//! | [`usage`] | statistics and examples of each service |
//! | [`audit`] | what administrators changed, and what is missing from the evidence |
//! | [`search`] | calls that were kept in an index |
//! | [`export`] | examples as files, and an audit as a page |
//! | [`verify`] | whether examples still run on a live server |
//! | [`cli`] | the program |
//!
//! Only [`cli`] prints, exits or asks the clock.
//!
//! ```
//! use zalog::invocation::{LogReader, SourceFile};
//! use zalog::view::{View, write_json_line};
//!
//! let log = b"2018-11-11 22:01:57,123 - INFO - 1:Dummy-1 - zato_admin:0 - \
//!     Request; service:`zato.x.get`, data:`{'id': 1}` cid:`a`, \n";
//! let kept = zalog::source::Kept::default();
//! let mut reader = LogReader::new(None, &kept, zalog::entry::CHUNK_SIZE);
//! reader.read::<()>(SourceFile { name: "admin.log", bytes: log }, |_batch| Ok(())).unwrap();
//! let (counts, unanswered) = reader.finish();
//! let unanswered: Vec<_> = unanswered.collect();
//! assert_eq!((counts.calls, unanswered.len()), (1, 1));
//!
//! let mut line = Vec::new();
//! write_json_line(&View::default(), &unanswered[0], &mut line);
//! assert!(line.starts_with(br#"{"id":"#));
//! ```

pub mod audit;
pub mod cli;
pub mod entry;
pub mod export;
pub mod invocation;
pub mod pyrepr;
pub mod query;
pub mod redact;
pub mod search;
pub mod source;
pub mod usage;
pub mod verify;
pub mod view;
