//! Gathers a picture of each service: what its calls look like, and examples.

use std::collections::BTreeMap;

use rayon::prelude::*;

use super::candidate::{Candidate, Kept};
use super::clusters::{Chosen, Clusters};
use super::envelope::Envelope;
use super::example::{Example, ExampleKind};
use super::present::Presentation;
use super::schema::Schema;
use super::shape::Shape;
use super::statistics::MOST_SERVICES;
use crate::entry::Direction;
use crate::invocation::{Content, Invocation, Side};
use crate::view::{PerThread, View};

/// How many invocations a thread takes at a time.
const SHARE: usize = 64;

/// What is gathered of each service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// So many examples. One takes no look at the shapes of calls.
    pub examples: usize,
    /// So many examples of calls that were not answered.
    pub failures: usize,
    /// Whether the schemas of requests and responses are wanted.
    pub schemas: bool,
    /// Whether ids, dates, CIDs and hosts in examples get stand-ins that are always the same.
    pub stable_values: bool,
}

/// How a service is used.
#[derive(Clone, Debug)]
pub struct Service {
    /// Its name.
    pub name: String,
    /// How often it was called, whatever became of the calls.
    pub calls: u64,
    /// How many calls were not answered.
    pub unanswered: u64,
    /// Examples, the most telling first.
    pub examples: Vec<Example>,
    /// What all requests have in common, where that is wanted.
    pub request: Schema,
    /// What a client received of all responses has in common, where that is wanted.
    pub response: Schema,
}

/// Looks at invocations on all threads.
#[derive(Debug)]
pub struct Gathering<'v> {
    view: &'v View,
    wanted: Wanted,
    threads: PerThread<Gathered>,
}

/// What one thread has seen.
#[derive(Debug, Default)]
struct Gathered {
    services: Services,
    scratch: Shape,
}

/// The first [`MOST_SERVICES`] by name: which ones these are does not depend on the order of calls.
#[derive(Debug, Default)]
struct Services {
    by_name: BTreeMap<Box<str>, GatheredService>,
    /// How many calls of others there were.
    left_out: u64,
}

#[derive(Debug, Default)]
struct GatheredService {
    calls: u64,
    unanswered: u64,
    /// Whether a request of it is in the log.
    has_requests: bool,
    answered_calls: Clusters,
    /// Those of which no request was logged, as one without input has none.
    without_input: Clusters,
    failures: Clusters,
    request: Schema,
    response: Schema,
}

impl<'v> Gathering<'v> {
    /// Starts without any.
    #[must_use]
    pub fn new(wanted: Wanted, view: &'v View) -> Self {
        Self {
            view,
            wanted,
            threads: PerThread::new(Gathered::default),
        }
    }

    /// Looks at more invocations. The REST API's wrapper around another call is none of its own.
    pub fn take(&self, invocations: &[&Invocation<'_>]) {
        invocations.par_chunks(SHARE).for_each(|share| {
            self.threads.with(|gathered| {
                for invocation in share.iter().filter(|call| !call.is_rest_wrapper()) {
                    gathered.add(invocation, self.wanted, self.view);
                }
            });
        });
    }

    /// Returns the services by name, as `presentation` shows their examples: the first
    /// [`MOST_SERVICES`] of them, and how many calls of others there were.
    #[must_use]
    pub fn finish(self, presentation: &Presentation) -> (Vec<Service>, u64) {
        let mut services = Services::default();
        for gathered in self.threads.into_values() {
            services.merge(gathered.services);
        }
        let Wanted {
            examples, failures, ..
        } = self.wanted;
        let finished = services.by_name.into_iter().map(|(name, gathered)| {
            let name = String::from(name);
            let example = |chosen: Chosen| shown(&name, &chosen, self.view, presentation);
            let of_failure = |chosen| Chosen {
                kind: ExampleKind::Failure,
                ..chosen
            };
            // Of a service that takes input it is rather the request that is missing.
            let answered = if gathered.has_requests {
                gathered.answered_calls
            } else {
                gathered.without_input
            };
            let answered = answered.choose(examples).into_iter();
            let failures = gathered
                .failures
                .choose(failures)
                .into_iter()
                .map(of_failure);
            Service {
                examples: answered.chain(failures).map(example).collect(),
                calls: gathered.calls,
                unanswered: gathered.unanswered,
                request: gathered.request,
                response: gathered.response,
                name,
            }
        });
        (finished.collect(), services.left_out)
    }
}

/// A chosen call as an example.
fn shown(name: &str, chosen: &Chosen, view: &View, presentation: &Presentation) -> Example {
    let candidate = chosen.kept.candidate();
    let response = candidate.response.map(|response| {
        let (mut response, _) = view.payload(&response, Direction::Response);
        if !presentation.keeps_envelope {
            let content = candidate.envelope.content(&response);
            response = content.clone();
        }
        let cuts = presentation.cut(&mut response);
        (response, cuts)
    });
    let (response, cuts) = response.unzip();
    Example {
        service: name.to_owned(),
        kind: chosen.kind,
        request: view.payload(&candidate.request, Direction::Request).0,
        response,
        cuts: cuts.unwrap_or_default(),
    }
}

impl Gathered {
    fn add(&mut self, invocation: &Invocation<'_>, wanted: Wanted, view: &View) {
        let service = match self.services.by_name.get_mut(invocation.service) {
            Some(service) => service,
            None => match self.services.add(invocation.service) {
                Some(service) => service,
                None => return,
            },
        };
        service.calls += 1;
        if invocation.response.is_none() {
            service.unanswered += 1;
        }
        service.has_requests |= invocation.request.is_some();
        let candidate = Candidate::of(invocation);
        // Before any is chosen: else it would depend on what the stand-ins stand for.
        let stable = match &candidate {
            Some(candidate) if wanted.stable_values => candidate.with_stable_values(view),
            _ => None,
        };
        let candidate = if wanted.stable_values {
            stable.as_ref().map(Kept::candidate)
        } else {
            candidate
        };
        if let Some(candidate) = candidate {
            let (clusters, wanted) = match (invocation.request, candidate.response) {
                (None, _) => (&mut service.without_input, wanted.examples),
                (Some(_), Some(_)) => (&mut service.answered_calls, wanted.examples),
                (Some(_), None) => (&mut service.failures, wanted.failures),
            };
            match wanted {
                0 => {}
                1 => clusters.add_shapeless(&candidate),
                _ => clusters.add(&candidate, &mut self.scratch),
            }
        }
        if wanted.schemas {
            if let Some(request) = &invocation.request {
                learn(
                    &mut service.request,
                    request,
                    Direction::Request,
                    Envelope::None,
                    view,
                );
            }
            if let Some(response) = &invocation.response {
                let envelope = Envelope::of(invocation.service, invocation.cid);
                learn(
                    &mut service.response,
                    response,
                    Direction::Response,
                    envelope,
                    view,
                );
            }
        }
    }
}

impl Services {
    /// Adds the service of one more call, unless it is left out.
    fn add(&mut self, name: &str) -> Option<&mut GatheredService> {
        self.by_name.insert(name.into(), GatheredService::default());
        self.leave_out();
        let added = self.by_name.get_mut(name);
        if added.is_none() {
            self.left_out += 1;
        }
        added
    }

    fn merge(&mut self, other: Self) {
        self.left_out += other.left_out;
        for (name, theirs) in other.by_name {
            self.by_name.entry(name).or_default().merge(theirs);
            self.leave_out();
        }
    }

    /// Leaves out the last one, if there are too many.
    fn leave_out(&mut self) {
        if self.by_name.len() > MOST_SERVICES
            && let Some((_, last)) = self.by_name.pop_last()
        {
            self.left_out += last.calls;
        }
    }
}

/// Adds a payload to a schema, unless it can't be read whole.
fn learn(
    schema: &mut Schema,
    side: &Side<'_>,
    direction: Direction,
    envelope: Envelope,
    view: &View,
) {
    if side.is_ambiguous || side.payload.is_cut_off {
        return;
    }
    let content = Content::new(&side.payload, direction);
    let mut tries = 0;
    let ((), undecoded) = content.read(|tokens| {
        tries += 1;
        tokens.try_for_each(|token| token.map(drop))
    });
    if undecoded.is_some() {
        return;
    }
    // What a schema has taken in can't be taken out again: only the notation that fits is read.
    let ((), _) = content.read(|tokens| {
        tries -= 1;
        if tries > 0 {
            return tokens.try_for_each(|token| token.map(drop));
        }
        schema.add(view.redactor.tokens(tokens), envelope)
    });
}

impl GatheredService {
    fn merge(&mut self, other: Self) {
        self.calls += other.calls;
        self.unanswered += other.unanswered;
        self.has_requests |= other.has_requests;
        self.answered_calls.merge(other.answered_calls);
        self.without_input.merge(other.without_input);
        self.failures.merge(other.failures);
        self.request.merge(other.request);
        self.response.merge(other.response);
    }
}
