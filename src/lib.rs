//! Reads Zato's `admin.log`.
pub mod entry;
pub mod invocation;
pub mod pyrepr;
pub mod redact;
pub mod source;
pub mod usage;
pub mod view;
