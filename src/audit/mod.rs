//! What administrators changed: who changed what, when, from what to what, what failed, and what is
//! missing from the evidence.
//!
//! What goes in are the calls of servers, in order, and their neighbouring logs ([`Neighbours`]);
//! what comes out is a [`Report`]. The [`Auditor`] goes through the calls; [`ServerLedger`] looks at
//! the files themselves.

mod actor;
mod asked;
mod auditor;
mod callers;
mod change;
mod decoder;
mod digest;
mod effects;
mod event;
mod failures;
mod field;
mod fields;
mod forgery;
mod json;
mod ledger;
mod life;
mod neighbours;
mod object;
mod objects;
mod quotes;
mod report;
mod rows;
mod rules;
mod secrets;
mod shelf;
mod shown;
mod tally;
mod waiting;

pub use actor::{Actor, Origin};
pub use auditor::Auditor;
pub use callers::Caller;
pub use change::{At, Change};
pub use failures::{FailureGroup, Reason};
pub use field::{ChangedFields, FieldChange, FieldValues};
pub use json::{Json, tree};
pub use ledger::{
    Checkpoint, ClockBack, FileEntry, Gap, HashedFile, Ledger, OffsetFrom, Places, Restart, Seal,
    SealError, SealState, SealedFile, ServerLedger, UnpairedResponse, Upgrade, sha256,
};
pub use life::{LifeEvent, NoObject, ObjectQuery};
pub use neighbours::{Cause, MOST_TEXTS, Neighbours, Told};
pub use object::ObjectName;
pub use report::Report;
pub use rules::{
    Evidence, Finding, MOST_FINDINGS, MOST_GROUPS, RuleError, RuleErrorKind, Rules, Severity,
};
pub use shelf::Shelf;
pub use tally::{Changes, Count};
