//! What was gathered of services, with a word on those that are left out.

use super::output::Messages;
use crate::export::number;
use crate::usage::{Gathering, MOST_SERVICES, Presentation, Service};

/// Returns the services by name.
pub(super) fn finish(
    gathering: Gathering<'_>,
    presentation: &Presentation,
    messages: &Messages,
) -> Vec<Service> {
    let (services, left_out) = gathering.finish(presentation);
    if left_out > 0 {
        messages.note(&format!(
            "only the first {MOST_SERVICES} services by name are looked at: {} of \
             others left out; --service tells which ones",
            number(left_out, "call")
        ));
    }
    services
}
