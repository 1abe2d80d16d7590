//! An audit as one web page: what a person looks at first on top, then all changes, then what the
//! report rests on.
//!
//! What can be read without a script is in the page itself, the first changes among it. The script
//! draws the chart, and shows and filters all changes, which are in the page as JSON (see `data`).

mod callers;
mod calls;
mod changes;
mod data;
mod failures;
mod findings;
mod ledger;
mod page;
mod services;
mod shown_change;
mod table;
mod tiles;

pub use page::AuditPage;

/// What the page adds to the style of all pages.
pub(super) const STYLES: [&str; 2] = [
    include_str!("vendor/uPlot.min.css"),
    include_str!("style.css"),
];

/// The scripts of the page, in their order.
pub(super) const SCRIPTS: [&str; 2] = [
    include_str!("vendor/uPlot.iife.min.js"),
    include_str!("script.js"),
];

/// The licence of the chart's library, which goes wherever the library goes.
const LICENCE: &str = include_str!("vendor/LICENSE");

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use sha2::{Digest as _, Sha256};

    use super::*;

    #[test]
    fn the_library_is_as_it_was_released() {
        let mut sums = String::new();
        for (text, name) in [
            (SCRIPTS[0], "uPlot.iife.min.js"),
            (STYLES[0], "uPlot.min.css"),
            (LICENCE, "LICENSE"),
        ] {
            for byte in Sha256::digest(text) {
                write!(sums, "{byte:02x}").unwrap();
            }
            writeln!(sums, "  {name}").unwrap();
        }
        assert_eq!(sums, include_str!("vendor/SHA256SUMS"));
    }
}
