//! Tells what a service does by its name: Zato's services are named `zato.OBJECT.VERB`.
//!
//! The verbs are data: `verbs.toml` beside this file.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

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

/// What a service does to the object that its request names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Effect {
    /// There is one more.
    Create,
    /// It gets the values that the request names. What others it has nobody knows.
    Edit,
    /// It gets the values that the request names, and keeps all others.
    Set,
    /// It is gone.
    Delete,
    /// It has another password.
    ChangePassword,
    /// Code or files come to the server.
    Upload,
    /// Its response shows it, or a list of such objects, as they are.
    Show,
    /// The name does not tell.
    Other,
}

/// `verbs.toml`, as it is read.
#[derive(Deserialize)]
struct Verbs {
    reads: Vec<String>,
    writes: Vec<String>,
    write_services: Vec<String>,
    effects: BTreeMap<Effect, Vec<String>>,
    shows: Shows,
}

#[derive(Deserialize)]
struct Shows {
    verbs: Vec<String>,
}

static VERBS: LazyLock<Verbs> = LazyLock::new(|| {
    toml::from_str(include_str!("verbs.toml")).expect("the file is part of the program and tested")
});

impl Effect {
    /// The effect's name in every output.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Edit => "edit",
            Self::Set => "set",
            Self::Delete => "delete",
            Self::ChangePassword => "change-password",
            Self::Upload => "upload",
            Self::Show => "show",
            Self::Other => "other",
        }
    }

    /// What the service with this name does to an object.
    #[must_use]
    pub fn of(service: &str) -> Self {
        let verb = verb(service);
        let is = |verbs: &[String]| verbs.iter().any(|known| known == verb);
        if is(&VERBS.shows.verbs) {
            return Self::Show;
        }
        let effect = VERBS.effects.iter().find(|(_, verbs)| is(verbs));
        effect.map_or(Self::Other, |(effect, _)| *effect)
    }
}

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
        let starts_with = |first: &String| {
            verb.strip_prefix(first.as_str())
                .is_some_and(|rest| rest.is_empty() || rest.starts_with(['-', '_']))
        };
        if VERBS.reads.iter().any(starts_with) {
            Self::Read
        } else if VERBS.writes.iter().any(starts_with)
            || VERBS.write_services.iter().any(|known| known == service)
        {
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
            ("zato.log.streaming.toggle", Kind::Write),
            ("zato.sso.user.reject", Kind::Write),
            ("zato.kvdb.remote-command.execute", Kind::Write),
            ("my.remote-command.execute", Kind::Other),
            ("getaway.run", Kind::Other),
            ("my.getaway", Kind::Other),
            ("", Kind::Other),
        ] {
            assert_eq!(Kind::of(service), expected, "{service}");
        }
    }

    #[test]
    fn names_are_those_that_outputs_and_queries_have() {
        let kinds = Kind::ALL.map(Kind::as_str);
        assert_eq!(kinds, ["read", "write", "other"]);
        for (effect, name) in [
            (Effect::Create, "create"),
            (Effect::Edit, "edit"),
            (Effect::Set, "set"),
            (Effect::Delete, "delete"),
            (Effect::ChangePassword, "change-password"),
            (Effect::Upload, "upload"),
            (Effect::Show, "show"),
            (Effect::Other, "other"),
        ] {
            assert_eq!(effect.as_str(), name);
        }
    }

    #[test]
    fn the_whole_verb_tells_what_becomes_of_an_object() {
        for (service, expected) in [
            ("zato.http-soap.create", Effect::Create),
            ("zato.http-soap.get-list", Effect::Show),
            (
                "zato.security.basic-auth.change-password",
                Effect::ChangePassword,
            ),
            ("zato.service.upload-package", Effect::Upload),
            ("zato.scheduler.job.set-active-status", Effect::Set),
            ("zato.pubsub.delivery.create-delivery-task", Effect::Other),
            ("zato.ping", Effect::Other),
        ] {
            assert_eq!(Effect::of(service), expected, "{service}");
        }
    }

    #[test]
    fn a_verb_with_an_effect_writes() {
        for verb in VERBS.effects.values().flatten() {
            assert_eq!(Kind::of(verb), Kind::Write, "{verb}");
        }
        for verb in &VERBS.shows.verbs {
            assert_eq!(Kind::of(verb), Kind::Read, "{verb}");
        }
    }
}
