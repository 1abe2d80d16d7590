//! Tells where variables stand in a value.

use crate::usage::Place;

/// The name of a variable, and the place in a value where it stands.
pub(in crate::export) type Standing<'v> = (&'v [Place], &'v str);

pub(super) fn standing_here<'v>(variables: &[Standing<'v>]) -> Option<&'v str> {
    let mut here = variables.iter().filter(|(path, _)| path.is_empty());
    here.next().map(|(_, name)| *name)
}

/// Those that stand in the value of this key.
pub(super) fn in_key<'v>(variables: &[Standing<'v>], key: &str) -> Vec<Standing<'v>> {
    let below = variables.iter().filter_map(|(path, name)| match path {
        [Place::Key(first), rest @ ..] if first == key => Some((rest, *name)),
        _ => None,
    });
    below.collect()
}

/// Those that stand in this item of a list.
pub(super) fn in_item<'v>(variables: &[Standing<'v>], nth: usize) -> Vec<Standing<'v>> {
    let below = variables.iter().filter_map(|(path, name)| match path {
        [Place::Item(first), rest @ ..] if *first == nth => Some((rest, *name)),
        _ => None,
    });
    below.collect()
}
