//! Chains of calls as JSON.

use serde_json::{Value, json};

use crate::export::quote::indented_json;
use crate::usage::{Conversion, Place, Recipe};

/// Returns chains as one JSON document, `{"recipes": […]}`. A path is a list of keys and of numbers
/// of items, from 0, as are the numbers of steps and variables.
#[must_use]
pub fn recipes_in_json(recipes: &[Recipe]) -> String {
    let recipes: Vec<Value> = recipes.iter().map(object).collect();
    indented_json(&json!({ "recipes": recipes })) + "\n"
}

fn object(recipe: &Recipe) -> Value {
    let steps = recipe.steps.iter().map(|step| {
        let takes = step.takes.iter().map(|(place, variable)| {
            let name = &recipe.variables[*variable].name;
            json!({"path": path(place), "variable": name})
        });
        json!({
            "service": step.service,
            "request": step.request,
            "takes": takes.collect::<Vec<_>>(),
        })
    });
    let variables = recipe.variables.iter().map(|variable| {
        let mut object = json!({
            "name": variable.name,
            "step": variable.step,
            "path": path(&variable.path),
        });
        if let Some((key, text)) = &variable.beside {
            object["beside"] = json!({"key": key, "text": text});
        }
        if let Some(conversion) = variable.conversion {
            object["sent_as"] = match conversion {
                Conversion::ToText => "string",
                Conversion::ToNumber => "integer",
            }
            .into();
        }
        object
    });
    json!({
        "count": recipe.count,
        "writing": recipe.writing(),
        "steps": steps.collect::<Vec<_>>(),
        "variables": variables.collect::<Vec<_>>(),
    })
}

fn path(path: &[Place]) -> Value {
    let steps = path.iter().map(|place| match place {
        Place::Key(key) => Value::from(key.as_str()),
        Place::Item(nth) => Value::from(*nth),
    });
    steps.collect()
}
