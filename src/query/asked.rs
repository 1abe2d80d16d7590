//! Tells which names of a query are names of nothing that was searched, and which were meant.

use std::collections::HashSet;

use foldhash::fast::RandomState;

use super::nearest::nearest;
use super::{Clause, Name, NameField, Node, Query};
use crate::invocation::{Invocation, verb};

/// Where there are more names, nothing is said: a typing error is looked for in all of them.
const MOST_NAMES: usize = 4096;

/// A longer name, in bytes, is not kept.
const LONGEST_NAME: usize = 256;

/// The services, verbs and servers that a query asks for by name, and those that there are.
#[derive(Clone, Debug)]
pub struct AskedNames {
    asked: Vec<(NameField, String)>,
    services: HashSet<String, RandomState>,
    servers: HashSet<String, RandomState>,
}

/// A name that a query asks for and that nothing has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownName {
    /// `service`, `verb` or `server`.
    pub field: &'static str,
    /// The name.
    pub name: String,
    /// The name that looks most like it, of those that there are.
    pub nearest: Option<String>,
}

impl UnknownName {
    /// Says so, of what was searched.
    #[must_use]
    pub fn said_of(&self, place: &str) -> String {
        let Self {
            field,
            name,
            nearest,
        } = self;
        let advice = nearest.as_ref();
        let advice = advice.map(|nearest| format!(": did you mean '{nearest}'?"));
        format!(
            "no {field} '{name}' in {place}{}",
            advice.unwrap_or_default()
        )
    }
}

impl AskedNames {
    /// The names that a query asks for, if there are any.
    #[must_use]
    pub fn of(query: &Query) -> Option<Self> {
        let mut asked = Vec::new();
        add_asked(&query.root, true, &mut asked);
        (!asked.is_empty()).then(|| Self {
            asked,
            services: HashSet::default(),
            servers: HashSet::default(),
        })
    }

    /// Learns the names of these invocations.
    pub fn learn(&mut self, invocations: &[Invocation<'_>]) {
        let mut last = None;
        for Invocation {
            service, server, ..
        } in invocations
        {
            // Calls of one service mostly come one after the other.
            if last != Some((service, server)) {
                self.learn_service(service);
                server.map(|server| self.learn_server(server));
            }
            last = Some((service, server));
        }
    }

    /// Learns the name of a service. Returns whether there is room for more.
    pub fn learn_service(&mut self, name: &str) -> bool {
        learn(&mut self.services, name)
    }

    /// Learns the name of a server, likewise.
    pub fn learn_server(&mut self, name: &str) -> bool {
        learn(&mut self.servers, name)
    }

    /// The names that are asked for and that were not learnt. None where not all names were, or
    /// where there was nothing to be learnt.
    #[must_use]
    pub fn unknown(&self) -> Vec<UnknownName> {
        if self.services.is_empty() {
            return Vec::new();
        }
        let all = |names: &HashSet<String, RandomState>| {
            (names.len() <= MOST_NAMES).then(|| {
                let mut names: Vec<String> = names.iter().cloned().collect();
                names.sort_unstable();
                names
            })
        };
        let (Some(services), Some(servers)) = (all(&self.services), all(&self.servers)) else {
            return Vec::new();
        };
        let unknown = |(field, name): &(NameField, String)| {
            let (field, names): (_, Vec<&str>) = match field {
                NameField::Service => ("service", services.iter().map(String::as_str).collect()),
                NameField::Verb => ("verb", services.iter().map(|name| verb(name)).collect()),
                NameField::Server => ("server", servers.iter().map(String::as_str).collect()),
                NameField::Id | NameField::Parent | NameField::Cid | NameField::Thread => {
                    return None;
                }
            };
            if names.contains(&name.as_str()) {
                return None;
            }
            let same = names.iter().find(|known| known.eq_ignore_ascii_case(name));
            let nearest = same.copied().or_else(|| nearest(name, names));
            Some(UnknownName {
                field,
                name: name.clone(),
                nearest: nearest.map(str::to_owned),
            })
        };
        self.asked.iter().filter_map(unknown).collect()
    }
}

/// Adds the names that something must have to be found.
fn add_asked(node: &Node, is_wanted: bool, asked: &mut Vec<(NameField, String)>) {
    match node {
        Node::All(nodes) | Node::Any(nodes) => {
            for node in nodes {
                add_asked(node, is_wanted, asked);
            }
        }
        Node::Not(node) => add_asked(node, !is_wanted, asked),
        Node::Clause(Clause::Name(
            field @ (NameField::Service | NameField::Verb | NameField::Server),
            Name::Pattern(pattern),
        )) if is_wanted => {
            let name = pattern.as_literal();
            let name = name.filter(|name| name.len() <= LONGEST_NAME);
            let new = name.map(|name| (*field, name.to_owned()));
            asked.extend(new.filter(|new| !asked.contains(new)));
        }
        Node::Clause(_) => {}
    }
}

fn learn(names: &mut HashSet<String, RandomState>, name: &str) -> bool {
    let has_room = names.len() <= MOST_NAMES;
    if has_room && name.len() <= LONGEST_NAME && !names.contains(name) {
        names.insert(name.to_owned());
    }
    has_room
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn unknown(query: &str, services: &[&str], servers: &[&str]) -> Vec<String> {
        let Some(mut names) = AskedNames::of(&query.parse().unwrap()) else {
            return Vec::new();
        };
        assert!(services.iter().all(|name| names.learn_service(name)));
        assert!(servers.iter().all(|name| names.learn_server(name)));
        let unknown = names.unknown();
        unknown.iter().map(|name| name.said_of("it")).collect()
    }

    #[test]
    fn names_that_nothing_has_are_told_with_the_nearest() {
        let services = ["zato.a.create", "zato.a.edit", "zato.ping"];
        let unknown = |query: &str| unknown(query, &services, &["server1"]).join("; ");
        for (query, expected) in [
            (
                "service:zato.a.creat",
                "no service 'zato.a.creat' in it: did you mean 'zato.a.create'?",
            ),
            (
                "service:ZATO.Ping",
                "no service 'ZATO.Ping' in it: did you mean 'zato.ping'?",
            ),
            ("service:mine", "no service 'mine' in it"),
            (
                "verb:(creat OR edit)",
                "no verb 'creat' in it: did you mean 'create'?",
            ),
            (
                "server:server2 x",
                "no server 'server2' in it: did you mean 'server1'?",
            ),
            (
                "server:a verb:b verb:b",
                "no server 'a' in it; no verb 'b' in it",
            ),
            ("service:zato.ping verb:ping", ""),
            ("-service:mine NOT (verb:x)", ""),
            ("NOT (-service:mine)", "no service 'mine' in it"),
            ("service:mine* OR service:/mine/ OR cid:mine OR mine", ""),
        ] {
            assert_eq!(unknown(query), expected, "{query}");
        }
    }

    #[test]
    fn too_many_names_tell_nothing() {
        let services: Vec<String> = (0..=MOST_NAMES).map(|nth| format!("s{nth}")).collect();
        let mut services: Vec<&str> = services.iter().map(String::as_str).collect();
        assert_eq!(unknown("service:s", &services, &[]), [""; 0]);
        services.pop();
        assert_eq!(unknown("service:s", &services, &[]).len(), 1);
    }
}
