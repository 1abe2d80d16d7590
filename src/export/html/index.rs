//! The list of all services, with a filter.

use maud::{Markup, html};

use super::name::name;
use crate::export::site::{Group, Page};
use crate::export::words::{effect, number};
use crate::usage::Service;

/// Returns the list. `address` tells where the link to a page leads.
pub(super) fn index(
    services: &[Service],
    groups: &[Group<'_>],
    address: impl Fn(&Page<'_>) -> String,
) -> Markup {
    let all_calls = services.iter().map(|service| service.calls).sum();
    html! {
        h1 { "Services" }
        p .counts {
            (number(services.len() as u64, "service")) ", "
            (number(all_calls, "call")) " in the logs"
        }
        // What holds the filter ends with the list, so that the box stays in sight no further.
        div {
            // Without a script it could not do anything.
            div .filter hidden {
                label for="filter" { "Filter" }
                input #filter type="search" placeholder="http-soap create" autocomplete="off" spellcheck="false";
                span #found role="status" {}
            }
            @for group in groups {
                section .group {
                    h2 { @if group.object.is_empty() { "Other" } @else { (name(group.object)) } }
                    ul .index {
                        @for page in &group.pages {
                            li {
                                a href=(address(page)) { (name(&page.service.name)) }
                                (index_facts(page.service))
                            }
                        }
                    }
                }
            }
        }
    }
}

fn index_facts(service: &Service) -> Markup {
    html! {
        span .facts {
            @if let Some(effect) = effect(&service.name) {
                span class={"effect " (effect)} { (effect) } " "
            }
            (number(service.calls, "call"))
            @if service.unanswered > 0 {
                ", " (service.unanswered) " unanswered"
            }
        }
    }
}
