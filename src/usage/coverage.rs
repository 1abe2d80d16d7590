//! Which services of a version of Zato have examples, and which fields of their input were seen.

use std::collections::BTreeSet;

use super::catalogue::{Catalogue, Declared, DeclaredField};
use super::gathering::Service;
use super::schema::{Fields, Schema};

/// What the calls show of one service.
#[derive(Clone, Debug)]
pub struct ServiceCoverage {
    /// The service's name.
    pub service: String,
    /// How much there is of it.
    pub state: CoverageState,
    /// How often it was called.
    pub calls: u64,
    /// How many examples there are.
    pub examples: usize,
    /// The fields that it declares.
    pub declared: usize,
    /// Those of them that no request had.
    pub never_seen: Vec<DeclaredField>,
    /// Fields that requests had and that it does not declare, where all that it declares is known.
    pub not_declared: Vec<String>,
}

/// How much there is of a service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CoverageState {
    /// It has an example.
    Example,
    /// It was called, and no call can serve as an example.
    Called,
    /// It was never called.
    NeverCalled,
    /// It was called and this version of Zato does not have it: a service of the user's own, or of
    /// another version.
    Unknown,
}

impl CoverageState {
    /// All states, in the order in which they are shown.
    pub const ALL: [Self; 4] = [
        Self::Example,
        Self::Called,
        Self::NeverCalled,
        Self::Unknown,
    ];

    /// The state's name in every output.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Example => "example",
            Self::Called => "called",
            Self::NeverCalled => "never-called",
            Self::Unknown => "unknown",
        }
    }
}

/// Returns what `services` show of each service that there is, by name. They must have been
/// gathered with their schemas.
#[must_use]
pub fn coverage(catalogue: &Catalogue, services: &[Service]) -> Vec<ServiceCoverage> {
    let mut covered: Vec<ServiceCoverage> = services
        .iter()
        .map(|service| of_service(service, catalogue.get(&service.name)))
        .collect();
    let called: BTreeSet<&str> = services.iter().map(|service| &*service.name).collect();
    let never_called = catalogue
        .services()
        .filter(|(name, _)| !called.contains(name));
    covered.extend(never_called.map(|(name, declared)| ServiceCoverage {
        service: name.to_owned(),
        state: CoverageState::NeverCalled,
        calls: 0,
        examples: 0,
        declared: declared.fields.len(),
        never_seen: declared.fields.clone(),
        not_declared: Vec::new(),
    }));
    covered.sort_unstable_by(|one, other| one.service.cmp(&other.service));
    covered
}

fn of_service(service: &Service, declared: Option<&Declared>) -> ServiceCoverage {
    let examples = service.examples.len();
    let state = match declared {
        None => CoverageState::Unknown,
        Some(_) if examples > 0 => CoverageState::Example,
        Some(_) => CoverageState::Called,
    };
    let nothing = Declared::default();
    let declared = declared.unwrap_or(&nothing);
    let seen = fields(&service.request, declared);
    let is_seen = |field: &&DeclaredField| seen.get(&field.name).is_some();
    let is_declared = |name: &str| declared.fields.iter().any(|field| field.name == name);
    let not_declared = seen.by_name().into_iter().map(|(name, _)| name);
    ServiceCoverage {
        service: service.name.clone(),
        state,
        calls: service.calls,
        examples,
        declared: declared.fields.len(),
        never_seen: declared
            .fields
            .iter()
            .filter(|field| !is_seen(field))
            .cloned()
            .collect(),
        not_declared: if declared.is_complete {
            not_declared
                .filter(|name| !is_declared(name))
                .map(str::to_owned)
                .collect()
        } else {
            Vec::new()
        },
    }
}

/// The fields of requests, which clients may put below a key of their own.
fn fields<'s>(request: &'s Schema, declared: &Declared) -> &'s Fields {
    let element = declared.element.as_deref();
    let inner = element.and_then(|element| request.fields.get(element));
    match inner {
        Some(inner) if inner.types.object > 0 => &inner.fields,
        _ => &request.fields,
    }
}
