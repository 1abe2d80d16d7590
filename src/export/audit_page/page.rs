//! The parts of the page in their order.

use std::io::{self, Write};

use maud::{Markup, html};

use super::shown_change::ShownChange;
use super::{
    LICENCE, SCRIPTS, STYLES, callers, calls, changes, data, failures, findings, ledger, services,
    tiles,
};
use crate::audit::{Report, ServerLedger};
use crate::export::html::Frame;
use crate::export::quote::one_line;
use crate::usage::{Statistics, Traffic};
use crate::view::seconds;

/// An audit, with what else its page shows of the same calls.
#[derive(Clone, Copy, Debug)]
pub struct AuditPage<'a> {
    /// What the audit has found.
    pub report: &'a Report,
    /// How often each service was called, and how long it took.
    pub statistics: &'a Statistics,
    /// When there were calls.
    pub traffic: &'a Traffic,
}

/// How many changes stand in the page itself, and on each of the script's pages.
pub(super) const CHANGES_A_PAGE: usize = 50;

impl AuditPage<'_> {
    /// Writes the page. Changes are written as they come: they may be many.
    pub fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        let title = self.title();
        let frame = Frame {
            title: &title,
            styles: &STYLES,
            scripts: &SCRIPTS,
        };
        frame.write(&self.body(), |out| data::write(self, out), out)
    }

    /// `Audit of server1, server2`
    fn title(&self) -> String {
        let servers = &self.report.ledger.servers;
        let names: Vec<String> = servers
            .iter()
            .filter_map(|server| server.server.as_deref())
            .map(one_line)
            .collect();
        match names.as_slice() {
            [] => "Audit".to_owned(),
            [one, two, three, _, ..] => {
                format!(
                    "Audit of {one}, {two}, {three} and {} more",
                    names.len() - 3
                )
            }
            names => format!("Audit of {}", names.join(", ")),
        }
    }

    fn body(&self) -> Markup {
        let report = self.report;
        let first: Vec<ShownChange> = (0..CHANGES_A_PAGE)
            .filter_map(|nth| report.changes.get(nth))
            .map(|change| ShownChange::from(&change))
            .collect();
        let sections = [
            ("calls", "Calls", calls::section(self.traffic)),
            ("findings", "Findings", findings::section(&report.findings)),
            (
                "changes",
                "Changes",
                changes::section(&first, report.changes.len()),
            ),
            (
                "failures",
                "Calls without an answer",
                failures::section(&report.failures),
            ),
            ("services", "Services", services::section(self.statistics)),
            ("callers", "Callers", callers::section(&report.callers)),
            (
                "ledger",
                "What this rests on",
                ledger::section(&report.ledger),
            ),
        ];
        html! {
            h1 { (self.title()) }
            p .counts { (span(&report.ledger.servers)) }
            nav .jump aria-label="Parts of this page" {
                @for (id, title, _) in &sections { a href={"#" (id)} { (title) } }
            }
            (tiles::tiles(self))
            @for (id, title, content) in &sections {
                section .part id=(id) {
                    h2 { (title) }
                    (content)
                }
            }
            details .licence {
                summary { "Licence of uPlot, which draws the chart" }
                pre { (LICENCE) }
            }
        }
    }
}

/// From when to when the logs last.
fn span(servers: &[ServerLedger]) -> String {
    let files = || servers.iter().flat_map(|server| &server.files);
    let first = files().filter_map(|file| file.first.as_deref()).min();
    let last = files().filter_map(|file| file.last.as_deref()).max();
    if first.is_none() {
        return "No record with a time is in these logs.".to_owned();
    }
    format!(
        "{} to {}, by the clocks of the servers",
        seconds(first),
        seconds(last)
    )
}
