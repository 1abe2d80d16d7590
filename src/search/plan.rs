//! What tantivy is asked, put together from parts.

use tantivy::query::{AllQuery, BooleanQuery, EmptyQuery, Occur, Query as TantivyQuery};

use super::complement::Complement;

/// What tantivy is asked, and whether all that it finds is meant.
#[derive(Debug)]
pub(super) struct Plan {
    /// At least all that is meant.
    candidates: Candidates,
    /// Whether it is nothing else.
    pub(super) is_exact: bool,
}

#[derive(Debug)]
enum Candidates {
    All,
    None,
    Of(Box<dyn TantivyQuery>),
    /// All but these.
    Without(Box<dyn TantivyQuery>),
}

impl Plan {
    pub(super) fn all() -> Self {
        Self {
            candidates: Candidates::All,
            is_exact: true,
        }
    }

    pub(super) fn none() -> Self {
        Self {
            candidates: Candidates::None,
            is_exact: true,
        }
    }

    pub(super) fn of(query: impl TantivyQuery) -> Self {
        Self {
            candidates: Candidates::Of(Box::new(query)),
            is_exact: true,
        }
    }

    /// The same candidates, each of which has to be looked at.
    pub(super) fn inexact(self) -> Self {
        Self {
            is_exact: false,
            ..self
        }
    }

    /// What is not meant by this.
    pub(super) fn negated(self) -> Self {
        if !self.is_exact {
            // Any of its candidates may be none.
            return Self::all().inexact();
        }
        let candidates = match self.candidates {
            Candidates::All => Candidates::None,
            Candidates::None => Candidates::All,
            Candidates::Of(query) => Candidates::Without(query),
            Candidates::Without(query) => Candidates::Of(query),
        };
        Self {
            candidates,
            is_exact: true,
        }
    }

    /// What all of these mean.
    pub(super) fn intersection(plans: impl IntoIterator<Item = Self>) -> Self {
        let mut is_exact = true;
        let mut clauses = Vec::new();
        for plan in plans {
            is_exact &= plan.is_exact;
            match plan.candidates {
                Candidates::All => {}
                Candidates::None => return Self::none(),
                candidates => clauses.push(candidates),
            }
        }
        Self {
            candidates: Candidates::joined(clauses, Occur::Must).unwrap_or(Candidates::All),
            is_exact,
        }
    }

    /// What at least one of these means.
    pub(super) fn union(plans: impl IntoIterator<Item = Self>) -> Self {
        let mut is_exact = true;
        let mut is_all = false;
        let mut clauses = Vec::new();
        for plan in plans {
            let is_everything = matches!(plan.candidates, Candidates::All);
            if is_everything && plan.is_exact {
                return Self::all();
            }
            is_all |= is_everything;
            is_exact &= plan.is_exact;
            if !matches!(plan.candidates, Candidates::None) {
                clauses.push(plan.candidates);
            }
        }
        let candidates = if is_all {
            Candidates::All
        } else {
            Candidates::joined(clauses, Occur::Should).unwrap_or(Candidates::None)
        };
        Self {
            candidates,
            is_exact,
        }
    }

    /// The question to tantivy.
    pub(super) fn into_query(self) -> Box<dyn TantivyQuery> {
        self.candidates.into_query()
    }
}

impl Candidates {
    /// Joins some of them, if there are any.
    fn joined(mut all: Vec<Self>, occur: Occur) -> Option<Self> {
        if all.len() < 2 {
            return all.pop();
        }
        let clauses = all.into_iter();
        let clauses = clauses.map(|candidates| (occur, candidates.into_query()));
        let clauses: Vec<_> = clauses.collect();
        Some(Self::Of(Box::new(BooleanQuery::new(clauses))))
    }

    fn into_query(self) -> Box<dyn TantivyQuery> {
        match self {
            Self::All => Box::new(AllQuery),
            Self::None => Box::new(EmptyQuery),
            Self::Of(query) => query,
            Self::Without(query) => Box::new(Complement(query)),
        }
    }
}
