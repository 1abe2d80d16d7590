//! What the invocations of each service have in common: statistics, schemas, examples of its use,
//! and the chains of calls that it is used in.

mod candidate;
mod catalogue;
mod clusters;
mod coverage;
mod differences;
mod drift;
mod envelope;
mod example;
mod flow;
mod gathering;
mod invokers;
mod path;
mod present;
mod recipe;
mod recipes;
mod schema;
mod shape;
mod stable;
mod statistics;
mod text_format;
mod traffic;

pub use candidate::LONGEST_PAYLOAD;
pub use catalogue::{Catalogue, Declared, DeclaredField, ZatoVersion};
pub use coverage::{CoverageState, ServiceCoverage, coverage};
pub use differences::{Difference, SchemaChange, differences};
pub use drift::{Drift, ServiceDrift, drift};
pub use envelope::Envelope;
pub use example::{Example, ExampleKind, masked};
pub use flow::{Place, is_deeper};
pub use gathering::{Gathering, Service, Wanted};
pub use invokers::is_invoker;
pub use path::below;
pub use present::{Cut, Presentation, Whole};
pub use recipe::{Conversion, Recipe, RecipeStep, Variable};
pub use recipes::Recipes;
pub use schema::{Fields, MAX_DEPTH, MAX_FIELDS, MAX_VALUES, Schema, Texts, Types};
pub use statistics::{Durations, MOST_SERVICES, OTHER_SERVICES, ServiceStatistics, Statistics};
pub use text_format::TextFormats;
pub use traffic::{Bars, Traffic};
