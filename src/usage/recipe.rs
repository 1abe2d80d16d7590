//! A chain of calls as it can be written down: its steps, and the variables that stand for what
//! flows between them.

use std::collections::BTreeMap;

use serde_json::Value;

use super::example::masked;
use super::flow::{Named, Place, object};
use crate::invocation::{Kind, verb};

/// A chain of calls.
#[derive(Clone, Debug, PartialEq)]
pub struct Recipe {
    /// How often it was seen.
    pub count: u64,
    /// The calls, in their order.
    pub steps: Vec<RecipeStep>,
    /// What flows between them.
    pub variables: Vec<Variable>,
}

/// A call of a chain.
#[derive(Clone, Debug, PartialEq)]
pub struct RecipeStep {
    /// The service's name.
    pub service: String,
    /// What it was called with.
    pub request: Value,
    /// Which fields of the request are what another call has returned, and which variable that is.
    pub takes: Vec<(Vec<Place>, usize)>,
}

/// A value that flows from a response into requests.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Variable {
    /// A name of small letters, digits and underscores.
    pub name: String,
    /// The number of the call that returns it, from 0.
    pub step: usize,
    /// Where it stands in what a client receives.
    pub path: Vec<Place>,
    /// What tells its dict from the others of a list: a key, and the text under it.
    pub beside: Option<(String, String)>,
    /// What it becomes on its way, where the request has another type than the response.
    pub conversion: Option<Conversion>,
}

/// What becomes of a value before it is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Conversion {
    /// A number is sent as text.
    ToText,
    /// Text is sent as a number.
    ToNumber,
}

impl Recipe {
    /// Returns the services that may change something, each once: all but those whose names say
    /// that they only look.
    #[must_use]
    pub fn writing(&self) -> Vec<&str> {
        let mut services: Vec<&str> = Vec::new();
        for step in &self.steps {
            let service = step.service.as_str();
            if Kind::of(service) != Kind::Read && !services.contains(&service) {
                services.push(service);
            }
        }
        services
    }

    /// Returns the names of its services; where one is of the same object as the one before it, its
    /// verb alone.
    #[must_use]
    pub fn names(&self) -> Vec<&str> {
        let mut before = "";
        let steps = self.steps.iter();
        let names = steps.map(|step| {
            let service = step.service.as_str();
            let is_same = !before.is_empty() && before == object(service);
            before = object(service);
            if is_same { verb(service) } else { service }
        });
        names.collect()
    }
}

impl RecipeStep {
    /// Returns the paths of the request's secrets that are masked, such as `auth.password`.
    #[must_use]
    pub fn masked(&self) -> Vec<String> {
        masked(&self.request)
    }
}

/// A call, with the numbers of the calls that it takes values of.
#[derive(Debug)]
pub(super) struct Link<'c> {
    pub(super) service: &'c str,
    pub(super) request: &'c Value,
    pub(super) takes: Vec<Flow<'c>>,
}

/// A value that a call takes from another one.
#[derive(Debug)]
pub(super) struct Flow<'c> {
    pub(super) from: u64,
    pub(super) given: &'c Named,
    pub(super) taken: &'c Named,
}

/// Makes a recipe of calls by their numbers; each takes values only of those that are among them.
pub(super) fn recipe(links: &BTreeMap<u64, Link<'_>>) -> Recipe {
    let steps: BTreeMap<u64, usize> = links.keys().copied().zip(0..).collect();
    let mut variables: Vec<Variable> = Vec::new();
    let written = links.values().map(|link| {
        let takes = link.takes.iter().map(|flow| {
            let variable = Variable::of(flow, steps[&flow.from], links[&flow.from].service);
            let is_same = |known: &Variable| {
                (known.step, &known.path, known.conversion)
                    == (variable.step, &variable.path, variable.conversion)
            };
            let known = variables.iter().position(is_same);
            let number = known.unwrap_or_else(|| {
                let name = free_name(variable.name.clone(), &variables);
                variables.push(Variable { name, ..variable });
                variables.len() - 1
            });
            (flow.taken.path.clone(), number)
        });
        RecipeStep {
            service: link.service.to_owned(),
            takes: takes.collect(),
            request: link.request.clone(),
        }
    });
    Recipe {
        count: 1,
        steps: written.collect(),
        variables,
    }
}

impl Variable {
    fn of(flow: &Flow<'_>, step: usize, service: &str) -> Self {
        let given = flow.given;
        let is_in_list = given
            .path
            .iter()
            .any(|place| matches!(place, Place::Item(_)));
        Self {
            name: name(service, given.key()),
            step,
            path: given.path.clone(),
            beside: given.beside.clone().filter(|_| is_in_list),
            conversion: match (given.is_number, flow.taken.is_number) {
                (true, false) => Some(Conversion::ToText),
                (false, true) => Some(Conversion::ToNumber),
                (true, true) | (false, false) => None,
            },
        }
    }
}

/// The longest name that a variable is given, in bytes.
const LONGEST_NAME: usize = 60;

/// Names that the scripts use themselves.
const TAKEN: [&str; 2] = ["base_url", "value_of"];

/// `basic_auth_id`: what the service is about, and which of its values it is.
fn name(service: &str, key: &str) -> String {
    let thing = object(service).rsplit('.').next().unwrap_or_default();
    let plain = |text: &str| -> String {
        let plain = |c: char| {
            if c.is_ascii_alphanumeric() {
                c.to_ascii_lowercase()
            } else {
                '_'
            }
        };
        text.chars().map(plain).collect()
    };
    let (thing, key) = (plain(thing), plain(key));
    let is_told = key.contains('_') && !matches!(key.as_str(), "_id" | "_name" | "_key");
    let mut name = if is_told || thing.is_empty() {
        key
    } else {
        format!("{thing}_{key}")
    };
    name.truncate(LONGEST_NAME);
    if !name.starts_with(|c: char| c.is_ascii_lowercase()) || TAKEN.contains(&name.as_str()) {
        name.insert_str(0, "the_");
    }
    // Without an underscore it could be a word of Python or of the shell.
    if !name.contains('_') {
        name.push_str("_value");
    }
    name
}

fn free_name(name: String, others: &[Variable]) -> String {
    let is_taken = |name: &str| others.iter().any(|other| other.name == name);
    if !is_taken(&name) {
        return name;
    }
    let mut numbered = (2..).map(|number: usize| format!("{name}_{number}"));
    numbered.find(|name| !is_taken(name)).unwrap_or(name)
}

/// What two chains of the same kind have in common: the services, and what flows where, but for the
/// numbers of items.
pub(super) fn signature(recipe: &Recipe) -> String {
    let place = |path: &[Place]| {
        let steps = path.iter().map(|place| match place {
            Place::Key(key) => Value::from(key.as_str()).to_string(),
            Place::Item(_) => "*".to_owned(),
        });
        steps.collect::<Vec<_>>().join(".")
    };
    let steps = recipe.steps.iter().map(|step| {
        let flows = step.takes.iter().map(|(path, variable)| {
            let of = &recipe.variables[*variable];
            format!("{} {} {}", place(path), of.step, place(&of.path))
        });
        let flows = flows.collect::<Vec<_>>().join(", ");
        format!("{} {flows}\n", Value::from(step.service.as_str()))
    });
    steps.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_variables_speak() {
        assert_eq!(
            name("zato.security.basic-auth.get-list", "id"),
            "basic_auth_id"
        );
        assert_eq!(name("zato.http-soap.get", "security_id"), "security_id");
        assert_eq!(name("ping", "id"), "id_value");
        assert_eq!(name("x.y.get", "ż$(id)"), "the____id_");
        assert_eq!(name("base.x", "url"), "the_base_url");
        assert!(name("x.y.z", &"k".repeat(1_000)).len() < 70);
    }
}
