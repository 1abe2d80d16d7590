//! Which pages there are.

use maud::{Markup, html};

use super::frame::Frame;
use super::index::index;
use super::name::name;
use super::service::{Level, Place, service_section};
use crate::export::format::{File, Settings};
use crate::export::quote::{one_line, url_segment};
use crate::export::site::{Page, groups};
use crate::invocation::verb;
use crate::usage::Service;

pub(super) const STYLE: &str = include_str!("services.css");
pub(super) const SCRIPT: &str = include_str!("script.js");

/// Returns all services as one page, with a table of contents.
pub(in crate::export) fn document(services: &[Service], settings: &Settings) -> String {
    let groups = groups(services);
    let body = html! {
        (index(services, &groups, |page| format!("#{}", url_segment(&page.stem))))
        @for group in &groups {
            @for page in &group.pages {
                section .service id=(page.stem) {
                    h2 .name { (name(&page.service.name)) }
                    @let prefix = format!("{}~", page.stem);
                    @let place = Place { prefix: &prefix, level: Level::Third };
                    (service_section(page.service, place, settings))
                    p .top { a href="#top" { "Back to the list" } }
                }
            }
        }
    };
    frame("Services", &body)
}

/// Returns a page for each service, and an index.
pub(in crate::export) fn pages(services: &[Service], settings: &Settings) -> Vec<File> {
    let groups = groups(services);
    let address = |page: &Page<'_>| format!("{}.html", url_segment(&page.stem));
    let body = index(services, &groups, address);
    let mut files = vec![File::new("index", ".html", frame("Services", &body))];
    for group in &groups {
        for (nth, page) in group.pages.iter().enumerate() {
            let siblings = around(&group.pages, nth);
            let body = html! {
                nav .path aria-label="All services" { a href="index.html" { "Services" } }
                h1 { (name(&page.service.name)) }
                @if group.pages.len() > 1 {
                    nav .siblings aria-label="Services of the same kind" {
                        @for sibling in siblings {
                            @let is_this = sibling.stem == page.stem;
                            a href=(address(sibling)) aria-current=[is_this.then_some("page")] {
                                (one_line(verb(&sibling.service.name)))
                            }
                        }
                    }
                }
                (service_section(page.service, Place { prefix: "", level: Level::Second }, settings))
            };
            let title = one_line(&page.service.name);
            files.push(File::new(&page.stem, ".html", frame(&title, &body)));
        }
    }
    files
}

/// How many services of the same kind a page links to: each more would be a link more on each of
/// their pages. The list of all services has the others.
const MOST_SIBLINGS: usize = 100;

/// A page and its nearest neighbours.
fn around<P>(pages: &[P], nth: usize) -> &[P] {
    let last = pages.len().saturating_sub(MOST_SIBLINGS);
    let start = nth.saturating_sub(MOST_SIBLINGS / 2).min(last);
    &pages[start..pages.len().min(start + MOST_SIBLINGS)]
}

fn frame(title: &str, body: &Markup) -> String {
    let frame = Frame {
        title,
        styles: &[STYLE],
        scripts: &[SCRIPT],
    };
    frame.page(body)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_stands_among_its_neighbours() {
        let pages: Vec<usize> = (0..250).collect();
        for (nth, expected) in [(0, 0..100), (49, 0..100), (60, 10..110), (249, 150..250)] {
            assert_eq!(around(&pages, nth), &pages[expected], "{nth}");
        }
        assert_eq!(around(&pages[..3], 1), [0, 1, 2]);
    }
}
