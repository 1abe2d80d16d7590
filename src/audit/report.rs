//! What an audit has found. Forms of output only render it.

use super::callers::Caller;
use super::change::Change;
use super::failures::FailureGroup;
use super::ledger::Ledger;
use super::life::LifeEvent;
use super::rules::Finding;
use super::shelf::Shelf;
use super::tally::Changes;

/// What an audit has found, with its changes in the form in which they are wanted.
#[derive(Debug)]
pub struct Report<C = Change<'static>> {
    /// How many changes there are, by what and by whom.
    pub tally: Changes,
    /// The changes, in the order of time. They may be many: they stay out of memory until they are
    /// asked for.
    pub changes: Shelf<C>,
    /// Calls without an answer, in groups by their cause, the largest first.
    pub failures: Vec<FailureGroup>,
    /// What rules have noticed, the most severe first.
    pub findings: Vec<Finding>,
    /// The services that each caller used.
    pub callers: Vec<Caller>,
    /// What the report rests on.
    pub ledger: Ledger,
    /// The life of the object that was asked for; empty if the log knows none of its name.
    pub life: Option<Vec<LifeEvent>>,
}
