//! Examples as web pages. Each works alone, wherever it is copied: style and script stand in it, and
//! it asks nothing of a network.
//!
//! All text is escaped by `maud`, and shown with every character visible. `frame` alone writes text
//! as it is: the style and the script, which a page's policy allows by their hashes, and no others.

mod frame;
mod highlight;
mod index;
mod name;
mod pages;
mod service;
mod table;

pub(super) use pages::{document, pages};
