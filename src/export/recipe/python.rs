//! A chain of calls as a Python program with Zato's own client, `zato-client`.

use super::{Found, standing, step_title, title};
use crate::export::python::{python_service, python_start};
use crate::export::quote::{python_expression_with, python_path, python_string};
use crate::usage::{Conversion, Recipe, Variable};

/// Finds the item of a list that a person means.
const FIND: &str = "
def find(items, key, text):
    for item in items:
        if item.get(key) == text:
            return item
    raise SystemExit(f'the response has no {key} {text!r}')

";

/// Returns a chain of calls as a Python program: it calls the server at `base_url`, with Basic Auth
/// taken from `$ZATO_USER` and `$ZATO_PASSWORD`, hands over what flows from one call to the next, and
/// prints the last response.
#[must_use]
pub fn recipe_in_python(recipe: &Recipe, base_url: &str) -> String {
    let mut program = python_start(&title(recipe), base_url);
    let mut variables = recipe.variables.iter();
    if variables.any(|variable| Found::of(variable).by.is_some()) {
        program.push_str(FIND);
    }
    for (nth, step) in recipe.steps.iter().enumerate() {
        let request = python_expression_with(&step.request, &standing(recipe, step));
        let service = python_service(&step.service);
        program.extend(["\n", &step_title(step)]);
        program.extend(["response = invoke(", &service, ", ", &request, ")\n"]);
        for variable in &recipe.variables {
            if variable.step == nth {
                program.push_str(&assignment(variable));
            }
        }
    }
    program.push_str("\nprint(response)\n");
    program
}

fn assignment(variable: &Variable) -> String {
    let found = Found::of(variable);
    let rest = python_path(found.rest);
    let value = match (found.list, found.by) {
        (None, _) => format!("response{rest}"),
        (Some(list), None) => format!("response{}[0]{rest}", python_path(list)),
        (Some(list), Some((key, text))) => {
            let (key, text) = (python_string(key), python_string(text));
            format!("find(response{}, {key}, {text}){rest}", python_path(list))
        }
    };
    let value = match variable.conversion {
        None => value,
        Some(Conversion::ToText) => format!("str({value})"),
        Some(Conversion::ToNumber) => format!("int({value})"),
    };
    format!("{}{} = {value}\n", found.comment(), variable.name)
}
