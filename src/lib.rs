//! Reads Zato's `admin.log`.
pub mod pyrepr;
