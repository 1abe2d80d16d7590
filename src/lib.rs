//! Reads Zato's `admin.log`.
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
pub mod view;
