//! Reads Zato's `admin.log`.
pub mod entry;
pub mod pyrepr;
pub mod source;
