//! What rules have noticed, rule by rule.

use maud::{Markup, html};

use crate::audit::{Evidence, Finding, MOST_FINDINGS};
use crate::export::quote::one_line;
use crate::export::words::number;
use crate::view::seconds;

/// How many findings of a rule stand open.
const MOST_OPEN: usize = 5;

/// How many places of a finding are named.
const MOST_PLACES: usize = 3;

pub(super) fn section(findings: &[Finding]) -> Markup {
    if findings.is_empty() {
        return html! { p { "No rule has noticed anything." } };
    }
    // Those of a rule stand together, the most severe rules first.
    let mut rules: Vec<(&str, Vec<&Finding>)> = Vec::new();
    for finding in findings {
        match rules.iter_mut().find(|(rule, _)| *rule == finding.rule) {
            Some((_, of_rule)) => of_rule.push(finding),
            None => rules.push((&finding.rule, vec![finding])),
        }
    }
    html! {
        @for (rule, findings) in &rules {
            @let severity = findings[0].severity.as_str();
            article .rule {
                h3 {
                    span class={"badge " (severity)} { (severity) } " "
                    (one_line(rule))
                    " " span .facts { (number(findings.len() as u64, "finding")) }
                }
                (list(&findings[..findings.len().min(MOST_OPEN)]))
                @if findings.len() > MOST_OPEN {
                    details {
                        summary { (findings.len() - MOST_OPEN) " more" }
                        (list(&findings[MOST_OPEN..]))
                    }
                }
                @if findings.len() >= MOST_FINDINGS {
                    p .hint { "A rule keeps " (MOST_FINDINGS) " findings; it may have noticed more." }
                }
            }
        }
    }
}

fn list(findings: &[&Finding]) -> Markup {
    html! {
        ul .findings {
            @for finding in findings {
                li {
                    (one_line(&finding.sentence))
                    @if !finding.evidence.is_empty() { (places(finding)) }
                }
            }
        }
    }
}

fn places(finding: &Finding) -> Markup {
    let named = finding.evidence.len().min(MOST_PLACES);
    html! {
        span .note {
            @for (nth, evidence) in finding.evidence[..named].iter().enumerate() {
                @if nth > 0 { ", " }
                (place(evidence))
            }
            @let all = finding.count.max(finding.evidence.len() as u64);
            @if all > named as u64 { " and " (all - named as u64) " more" }
        }
    }
}

fn place(evidence: &Evidence) -> Markup {
    html! {
        code { (one_line(&evidence.at.file)) ":" (evidence.at.line) }
        @if let Some(time) = &evidence.time { " at " (seconds(Some(&one_line(time)))) }
    }
}
