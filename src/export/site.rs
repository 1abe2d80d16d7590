//! The pages of services: their names, and how an index groups them.

use std::collections::BTreeMap;

use super::file_name::FileNames;
use super::words::object;
use crate::usage::Service;

/// The page of a service.
#[derive(Clone, Debug)]
pub(super) struct Page<'s> {
    pub(super) service: &'s Service,
    /// Its file name without an ending, which is also its anchor where all are on one page: letters,
    /// digits and `._-%~`.
    pub(super) stem: String,
}

/// Services of one object.
#[derive(Clone, Debug)]
pub(super) struct Group<'s> {
    /// What they are about; empty if their names do not tell.
    pub(super) object: &'s str,
    pub(super) pages: Vec<Page<'s>>,
}

/// Returns the pages of services, grouped by the object in their names, all in order.
pub(super) fn groups(services: &[Service]) -> Vec<Group<'_>> {
    let mut names = FileNames::default();
    names.reserve("index");
    let mut groups: BTreeMap<&str, Vec<Page<'_>>> = BTreeMap::new();
    for service in services {
        let stem = names.stem(&service.name);
        let group = groups.entry(object(&service.name)).or_default();
        group.push(Page { service, stem });
    }
    let groups = groups.into_iter();
    groups
        .map(|(object, pages)| Group { object, pages })
        .collect()
}
