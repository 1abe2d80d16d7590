//! What pages say of a service and its examples in words.

use super::fields::Presence;
use crate::invocation::{Kind, verb};
use crate::usage::{ExampleKind, Service};

/// Stands before the paths of what is masked in a request.
pub(super) const MASKED: &str = "Masked here, to be filled in before it runs";

/// Stands in the place of a response that was not logged.
pub(super) const NO_RESPONSE: &str = "The response is not in the log.";

/// Stands in the place of a response that is empty.
pub(super) const EMPTY_RESPONSE: &str = "The response is empty.";

/// What a service does, in a sentence: `Returns an object of the kind http-soap, found by its id.`
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Purpose<'n> {
    pub(super) start: &'static str,
    pub(super) object: &'n str,
    pub(super) found_by: Option<&'n str>,
}

/// Returns what a service is about: `http-soap` of `zato.http-soap.create`. Empty if its name does
/// not tell.
pub(super) fn object(service: &str) -> &str {
    let (object, _) = service.rsplit_once('.').unwrap_or_default();
    object.strip_prefix("zato.").unwrap_or(object)
}

/// Returns what a service does, as far as its name tells.
pub(super) fn purpose(service: &str) -> Option<Purpose<'_>> {
    let object = object(service);
    if object.is_empty() || object == "zato" {
        return None;
    }
    let verb = verb(service);
    let found_by = verb.strip_prefix("get-by-");
    let start = match (verb, Kind::of(service)) {
        ("get-list", _) => "Lists objects of the kind",
        ("get", _) => "Returns an object of the kind",
        ("create", _) => "Creates an object of the kind",
        ("edit", _) => "Changes an object of the kind",
        ("delete", _) => "Deletes an object of the kind",
        ("change-password", _) => "Changes the password of an object of the kind",
        ("ping", _) => "Checks the connection of an object of the kind",
        _ if found_by.is_some() => "Returns an object of the kind",
        (_, Kind::Read) => "Reads something of the kind",
        (_, Kind::Write) => "Changes something of the kind",
        (_, Kind::Other) => return None,
    };
    Some(Purpose {
        start,
        object,
        found_by,
    })
}

/// Whether a service changes anything, in a word.
pub(super) fn effect(service: &str) -> Option<&'static str> {
    match Kind::of(service) {
        Kind::Read => Some("reads"),
        Kind::Write => Some("changes"),
        Kind::Other => None,
    }
}

/// Returns how often a service was called: `Called 27 times in the logs, 4 times without an answer.`
pub(super) fn calls(service: &Service) -> String {
    let calls = times(service.calls);
    match service.unanswered {
        0 => format!("Called {calls} in the logs, and always answered."),
        unanswered if unanswered == service.calls => {
            format!("Called {calls} in the logs, and never answered.")
        }
        unanswered => format!(
            "Called {calls} in the logs, {} without an answer.",
            times(unanswered)
        ),
    }
}

/// Returns how often something was: `once`, `3 times`.
pub(super) fn times(count: u64) -> String {
    match count {
        1 => "once".to_owned(),
        2 => "twice".to_owned(),
        count => format!("{count} times"),
    }
}

/// Returns a number of things: `1 call`, `2 calls`.
pub(crate) fn number(count: u64, thing: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {thing}{plural}")
}

/// Returns how often a field was there.
pub(super) fn presence(presence: Presence) -> String {
    match presence {
        Presence::Always(all) => format!("always ({all})"),
        Presence::Sometimes(some, all) => format!("{some} of {all}"),
        Presence::AnyKey => "any key".to_owned(),
    }
}

/// Returns what an example shows.
pub(super) fn example_title(kind: ExampleKind) -> &'static str {
    match kind {
        ExampleKind::Smallest => "A short call",
        ExampleKind::Fullest => "The call with the most fields",
        ExampleKind::Variant => "A call with other fields or types",
        ExampleKind::Failure => "A call that was not answered",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_tells_what_a_service_does() {
        for (service, expected) in [
            (
                "zato.http-soap.get-list",
                "Lists objects of the kind [http-soap].",
            ),
            (
                "zato.security.basic-auth.change-password",
                "Changes the password of an object of the kind [security.basic-auth].",
            ),
            (
                "zato.kvdb.get-by-unique_name",
                "Returns an object of the kind [kvdb], found by its [unique_name].",
            ),
            (
                "zato.service.upload-package",
                "Changes something of the kind [service].",
            ),
            ("my.crm.is-there", "Reads something of the kind [my.crm]."),
            ("zato.scheduler.job.execute", ""),
            ("zato.ping", ""),
            ("create", ""),
        ] {
            let sentence = purpose(service).map(|purpose| {
                let by = purpose
                    .found_by
                    .map(|key| format!(", found by its [{key}]"));
                let (start, object) = (purpose.start, purpose.object);
                format!("{start} [{object}]{}.", by.unwrap_or_default())
            });
            assert_eq!(sentence.unwrap_or_default(), expected, "{service}");
        }
    }
}
