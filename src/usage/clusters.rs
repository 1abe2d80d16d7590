//! The calls of one service, kept apart by the shape of their requests, and which of them are
//! shown.
//!
//! What is kept does not depend on the order in which calls come, so that the same traffic gives
//! the same examples. And it takes no more memory for more calls: at most [`MAX_SHAPES`] shapes
//! are kept of a service, those with the least hashes, which is a fair sample, and two calls of
//! each of up to [`LARGEST`] bytes.

use std::collections::BTreeMap;

use super::candidate::{Candidate, Kept};
use super::example::ExampleKind;
use super::shape::Shape;

/// So many shapes of requests are kept of a service.
const MAX_SHAPES: usize = 32;

/// The most bytes of both payloads of a call that is kept for its shape. A longer one is an example
/// only as the shortest of its service.
const LARGEST: usize = 1 << 16;

/// The calls of one service that may serve as examples of the same kind.
#[derive(Debug, Default)]
pub(super) struct Clusters {
    /// The shortest that says something, of any shape.
    best: Option<Kept>,
    /// By the hashes of the shapes.
    by_shape: BTreeMap<u64, Cluster>,
}

/// The calls whose requests have the same shape.
#[derive(Debug, Default)]
struct Cluster {
    /// The shortest that says something.
    smallest: Option<Kept>,
    /// The one with the most fields, and how many these are.
    fullest: Option<(usize, Kept)>,
}

/// A call that was chosen as an example.
#[derive(Debug)]
pub(super) struct Chosen {
    pub(super) kind: ExampleKind,
    pub(super) kept: Kept,
}

impl Clusters {
    /// Considers a call without regard to its shape.
    pub(super) fn add_shapeless(&mut self, candidate: &Candidate<'_>) {
        if is_better(candidate, self.best.as_ref()) && candidate.is_decoded() {
            self.best = Some(candidate.keep());
        }
    }

    /// Considers a call. `scratch` is what is kept from call to call.
    pub(super) fn add(&mut self, candidate: &Candidate<'_>, scratch: &mut Shape) {
        scratch.clear();
        let Ok(hash) = candidate.add_to(scratch) else {
            return;
        };
        if is_better(candidate, self.best.as_ref()) {
            self.best = Some(candidate.keep());
        }
        if self.by_shape.len() == MAX_SHAPES
            && self
                .by_shape
                .last_key_value()
                .is_some_and(|(&last, _)| hash > last)
        {
            return;
        }
        let cluster = self.by_shape.entry(hash).or_default();
        if candidate.bytes() <= LARGEST {
            cluster.consider(candidate, scratch.fields());
        }
        self.sample();
    }

    /// Takes what another one knows of the same service.
    pub(super) fn merge(&mut self, other: Self) {
        if let Some(best) = other.best
            && is_better(&best.candidate(), self.best.as_ref())
        {
            self.best = Some(best);
        }
        for (hash, theirs) in other.by_shape {
            match self.by_shape.get_mut(&hash) {
                Some(ours) => ours.merge(theirs),
                None => drop(self.by_shape.insert(hash, theirs)),
            }
        }
        self.sample();
    }

    fn sample(&mut self) {
        while self.by_shape.len() > MAX_SHAPES {
            self.by_shape.pop_last();
        }
    }

    /// Returns up to `count` calls, the most telling first: the shortest that says something, the
    /// one with the most fields, then each time the one with the most fields that no other has
    /// shown, as long as there are such.
    pub(super) fn choose(self, count: usize) -> Vec<Chosen> {
        let Some(best) = self.best.filter(|_| count > 0) else {
            return Vec::new();
        };
        let mut shown = Shape::default();
        // What is kept has been read whole before.
        let _of_request = best.candidate().add_to(&mut shown);
        let mut chosen = vec![Chosen {
            kind: ExampleKind::Smallest,
            kept: best,
        }];
        let mut others = Vec::new();
        for cluster in self.by_shape.into_values() {
            let fullest = cluster.fullest.map(|(_, kept)| kept);
            for kept in cluster.smallest.into_iter().chain(fullest) {
                let mut shape = Shape::default();
                let _of_request = kept.candidate().add_to(&mut shape);
                others.push((shape, kept));
            }
        }
        while chosen.len() < count {
            let is_first = chosen.len() == 1;
            let worth = |(shape, _): &(Shape, Kept)| {
                let new = shape.count_new(&shown);
                // The second one is the fullest of all, if it shows anything.
                if is_first && new > 0 {
                    shape.fields()
                } else {
                    new
                }
            };
            let best = others.iter().enumerate().max_by(|(_, one), (_, other)| {
                let by_text = || other.1.candidate().compare(&one.1.candidate());
                worth(one).cmp(&worth(other)).then_with(by_text)
            });
            let Some((nth, best)) = best.filter(|(_, best)| worth(best) > 0) else {
                break;
            };
            shown.extend(&best.0);
            let (_, kept) = others.swap_remove(nth);
            let kind = if is_first {
                ExampleKind::Fullest
            } else {
                ExampleKind::Variant
            };
            chosen.push(Chosen { kind, kept });
        }
        chosen
    }
}

impl Cluster {
    fn consider(&mut self, candidate: &Candidate<'_>, fields: usize) {
        if is_better(candidate, self.smallest.as_ref()) {
            self.smallest = Some(candidate.keep());
        }
        let is_fuller = self.fullest.as_ref().is_none_or(|(most, kept)| {
            candidate
                .compare_fullness(fields, &kept.candidate(), *most)
                .is_lt()
        });
        if is_fuller {
            self.fullest = Some((fields, candidate.keep()));
        }
    }

    fn merge(&mut self, other: Self) {
        if let Some(smallest) = other.smallest
            && is_better(&smallest.candidate(), self.smallest.as_ref())
        {
            self.smallest = Some(smallest);
        }
        if let Some((fields, fullest)) = other.fullest {
            let is_fuller = self.fullest.as_ref().is_none_or(|(most, kept)| {
                fullest
                    .candidate()
                    .compare_fullness(fields, &kept.candidate(), *most)
                    .is_lt()
            });
            if is_fuller {
                self.fullest = Some((fields, fullest));
            }
        }
    }
}

fn is_better(candidate: &Candidate<'_>, than: Option<&Kept>) -> bool {
    than.is_none_or(|than| candidate.compare(&than.candidate()).is_lt())
}
