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
    html! { @for (name, findings) in &rules { (rule(name, findings)) } }
}

fn rule(name: &str, findings: &[&Finding]) -> Markup {
    // Behind all that is kept of a rule stands how many more there are.
    let (kept, more) = findings.split_at(findings.len().min(MOST_FINDINGS));
    let (open, closed) = kept.split_at(kept.len().min(MOST_OPEN));
    let severity = findings[0].severity.as_str();
    let all = kept.len() as u64 + more.iter().map(|more| more.count).sum::<u64>();
    html! {
        article .rule {
            h3 {
                span class={"badge " (severity)} { (severity) } " "
                (one_line(name))
                " " span .facts { (number(all, "finding")) }
            }
            (list(open))
            @if !closed.is_empty() {
                details {
                    summary { (closed.len()) " more" }
                    (list(closed))
                }
            }
            @for more in more { p .hint { (one_line(&more.sentence)) } }
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
