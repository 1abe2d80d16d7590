//! What a reader wants to know first, in numbers.

use maud::{Markup, html};

use super::page::AuditPage;
use crate::audit::Severity;
use crate::invocation::Outcome;

pub(super) fn tiles(page: &AuditPage<'_>) -> Markup {
    let report = page.report;
    let findings = |severity: Severity| {
        let all = report.findings.iter();
        all.filter(|finding| finding.severity == severity).count() as u64
    };
    let calls = page.statistics.invocations() - page.statistics.rest_wrappers();
    let services = page.statistics.services().len() as u64;
    html! {
        ul .tiles {
            (tile("calls", calls, "calls"))
            (tile("services", services, "services"))
            (tile("changes", report.tally.total, "changes"))
            (tile("failures", page.statistics.count(Outcome::Unanswered), "calls without an answer"))
            @for severity in Severity::ALL {
                @let name = severity.as_str();
                (tile("findings", findings(severity), &format!("{name} findings")))
            }
            (tile("callers", report.callers.len() as u64, "callers"))
        }
    }
}

fn tile(part: &str, count: u64, what: &str) -> Markup {
    html! { li { a href={"#" (part)} { b { (count) } " " (what) } } }
}
