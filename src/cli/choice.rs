//! Which of the calls in the logs are looked at, beside what every command can be told.

use anyhow::Result;
use globset::GlobSet;
use jiff::civil::DateTime;

use super::globs::globs;
use super::search::read_query;
use crate::invocation::Invocation;
use crate::query::Scan;
use crate::usage::is_invoker;
use crate::view::View;

/// Which calls are looked at.
#[derive(Debug, clap::Args)]
pub(super) struct ChoiceArgs {
    /// Leave out services that fit this glob (can be repeated)
    #[arg(long, value_name = "GLOB", help_heading = "Selection")]
    exclude: Vec<String>,
    /// Only calls that this query means; zalog search --help tells the language
    #[arg(long, value_name = "QUERY", help_heading = "Selection")]
    query: Option<String>,
    /// Services that only call another one, too, such as zato.service.invoke
    #[arg(long, help_heading = "Selection")]
    invokers: bool,
}

/// Chooses calls.
pub(super) struct Choice<'v> {
    excluded: Option<GlobSet>,
    has_invokers: bool,
    scan: Option<Scan<'v>>,
}

impl ChoiceArgs {
    /// Chooses calls as `view` shows them; `now` is the time of the servers' clocks.
    pub(super) fn choice<'v>(
        &self,
        now: impl Fn() -> DateTime,
        view: &'v View,
    ) -> Result<Choice<'v>> {
        let query = self.query.as_deref().map(read_query).transpose()?;
        Ok(Choice {
            excluded: globs("--exclude", &self.exclude)?,
            has_invokers: self.invokers,
            scan: query.map(|query| Scan::new(&query, now, view)),
        })
    }
}

impl Choice<'_> {
    /// Returns the calls that are looked at.
    pub(super) fn of<'b, 'a>(&self, invocations: &'b [Invocation<'a>]) -> Vec<&'b Invocation<'a>> {
        let mut calls = match &self.scan {
            Some(scan) => scan.hits(invocations),
            None => invocations.iter().collect(),
        };
        calls.retain(|call| self.includes(call.service));
        calls
    }

    /// Returns the calls of all services that are looked at, each with whether the query means it.
    pub(super) fn marked<'b, 'a>(
        &self,
        invocations: &'b [Invocation<'a>],
    ) -> Vec<(&'b Invocation<'a>, bool)> {
        let hits = self.scan.as_ref().map(|scan| scan.hits(invocations));
        let mut hits = hits.map(|hits| hits.into_iter().peekable());
        let calls = invocations.iter().map(|call| {
            let is_hit = match &mut hits {
                Some(hits) => hits.next_if(|hit| std::ptr::eq(*hit, call)).is_some(),
                None => true,
            };
            (call, is_hit)
        });
        calls
            .filter(|(call, _)| self.includes(call.service))
            .collect()
    }

    /// Whether calls of this service are looked at.
    pub(super) fn includes(&self, service: &str) -> bool {
        let is_excluded = (self.excluded.as_ref()).is_some_and(|globs| globs.is_match(service));
        (self.has_invokers || !is_invoker(service)) && !is_excluded
    }
}
