//! Tells what a service does by its name: Zato's services are named `zato.OBJECT.VERB`.
//!
//! Source of the verbs: the services of Zato 2.0 to 4.1.

/// What services do with what the server has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// It looks.
    Read,
    /// It changes something.
    Write,
    /// The name does not tell.
    Other,
}

/// First words of verbs that look: `get-list`, `get-by-id`.
const READS: [&str; 17] = [
    "check", "count", "describe", "download", "echo", "exists", "export", "find", "get", "has",
    "is", "list", "ping", "read", "search", "validate", "verify",
];

/// First words of verbs that change something.
const WRITES: [&str; 52] = [
    "accept",
    "acknowledge",
    "add",
    "approve",
    "assign",
    "attach",
    "change",
    "clean",
    "cleanup",
    "clear",
    "copy",
    "create",
    "deactivate",
    "delete",
    "detach",
    "disable",
    "disconnect",
    "edit",
    "enable",
    "expire",
    "import",
    "insert",
    "install",
    "login",
    "logout",
    "log-in",
    "log-out",
    "migrate",
    "move",
    "publish",
    "purge",
    "queue-delete",
    "reload",
    "remove",
    "rename",
    "reprocess",
    "resend",
    "reset",
    "restart",
    "save",
    "set",
    "start",
    "stop",
    "subscribe",
    "topic-delete",
    "unassign",
    "uninstall",
    "unregister",
    "unsubscribe",
    "update",
    "upload",
    "write",
];

impl Kind {
    /// All kinds, in the order in which they are shown.
    pub const ALL: [Self; 3] = [Self::Read, Self::Write, Self::Other];

    /// The kind's name in queries.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
            Self::Other => "other",
        }
    }

    /// What the service with this name does.
    #[must_use]
    pub fn of(service: &str) -> Self {
        let verb = verb(service);
        let starts_with = |first: &&str| {
            verb.strip_prefix(*first)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with(['-', '_']))
        };
        if READS.iter().any(starts_with) {
            Self::Read
        } else if WRITES.iter().any(starts_with) {
            Self::Write
        } else {
            Self::Other
        }
    }
}

/// The last part of a service's name: `create` of `zato.http-soap.create`.
#[must_use]
pub fn verb(service: &str) -> &str {
    service.rsplit('.').next().unwrap_or(service)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_verb_tells_what_a_service_does() {
        for (service, expected) in [
            ("zato.http-soap.get-list", Kind::Read),
            ("zato.ping", Kind::Read),
            ("zato.kvdb.data-dict.dictionary.get-last-id", Kind::Read),
            ("zato.http-soap.create", Kind::Write),
            ("zato.security.basic-auth.change-password", Kind::Write),
            ("zato.pubsub.topic.delete", Kind::Write),
            ("zato.pubsub.queue.queue-delete-gd", Kind::Write),
            ("zato.service.upload-package", Kind::Write),
            ("zato.scheduler.job.execute", Kind::Other),
            ("getaway.run", Kind::Other),
            ("my.getaway", Kind::Other),
            ("", Kind::Other),
        ] {
            assert_eq!(Kind::of(service), expected, "{service}");
        }
    }
}
