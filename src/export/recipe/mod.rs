//! Chains of calls as scripts that make them again, with variables in the places of what flowed from
//! one call to the next.

mod json;
mod python;
mod shell;

pub use json::recipes_in_json;
pub use python::recipe_in_python;
pub use shell::recipe_in_shell;

use super::comment::call_title;
use super::quote::comment;
use super::words::times;
use crate::usage::{Place, Recipe, RecipeStep, Variable};

/// Returns what a script says at its top.
fn title(recipe: &Recipe) -> String {
    let mut title = comment(&recipe.names().join(", then "));
    let times = times(recipe.count);
    title.push_str(&comment(&format!("Seen {times} in the logs.")));
    let writing = recipe.writing();
    if !writing.is_empty() {
        title.push_str(&comment(&format!(
            "It may change what is on the server: {}",
            writing.join(", ")
        )));
    }
    title
}

/// Returns what a script says above a call.
fn step_title(step: &RecipeStep) -> String {
    call_title(&step.service, &step.masked())
}

/// The variables that stand in the request of a call.
fn standing<'r>(recipe: &'r Recipe, step: &'r RecipeStep) -> Vec<(&'r [Place], &'r str)> {
    let takes = step.takes.iter().map(|(path, variable)| {
        let name = recipe.variables[*variable].name.as_str();
        (path.as_slice(), name)
    });
    takes.collect()
}

/// Where the value of a variable is found in a response.
struct Found<'v> {
    /// Where the list stands of which one item is meant; `None` if the value is in no list.
    list: Option<&'v [Place]>,
    /// Where the value stands in the item, or in the response.
    rest: &'v [Place],
    /// What tells the item from the others: a key, and the text under it. Without it the first one
    /// is taken.
    by: Option<(&'v str, &'v str)>,
}

impl<'v> Found<'v> {
    fn of(variable: &'v Variable) -> Self {
        let path = variable.path.as_slice();
        let item = path
            .iter()
            .rposition(|place| matches!(place, Place::Item(_)));
        let beside = variable.beside.as_ref();
        match item {
            None => Self {
                list: None,
                rest: path,
                by: None,
            },
            Some(item) => Self {
                list: Some(&path[..item]),
                rest: &path[item + 1..],
                // What tells one dict from others stands in it, and that is the item itself.
                by: beside
                    .filter(|_| item + 2 == path.len())
                    .map(|(key, text)| (key.as_str(), text.as_str())),
            },
        }
    }

    /// Which item is meant, for people.
    fn comment(&self) -> String {
        match (self.list, self.by) {
            (None, _) => String::new(),
            (Some(_), None) => comment("The first of the list."),
            (Some(_), Some((key, _))) => comment(&format!("The one of the list with this {key}.")),
        }
    }
}
