//! Examples as web pages, and what all web pages have in common. Each works alone, wherever it is
//! copied: styles and scripts stand in it, and it asks nothing of a network.
//!
//! All text is escaped by `maud`, and shown with every character visible. `frame` alone writes text
//! as it is: the styles and the scripts, which a page's policy allows by their hashes, and no others,
//! and data for them, in which nothing can end their element.

mod frame;
mod highlight;
mod index;
mod name;
mod pages;
mod service;
mod table;

pub(super) use frame::Frame;
pub(super) use name::name;
pub(super) use pages::{document, pages};
