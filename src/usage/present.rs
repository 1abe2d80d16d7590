//! Makes a response fit for a page: what is long is cut, and what was cut is said.
//!
//! What is left is as it was, so that it still fits its schema; the request is never cut, so that
//! it can be sent.

use serde_json::Value;

use super::path::below;

/// How examples are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Presentation {
    /// Of a list, so many items are shown.
    pub max_items: usize,
    /// Of a text, so many characters are shown.
    pub max_text: usize,
    /// Whether what Zato up to 3.3 logs around a response is left there, which no client receives.
    pub keeps_envelope: bool,
}

/// What is left out of a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cut {
    /// Where it stands: keys, and `*` for the items of a list, with a dot between them. Empty for
    /// the whole value.
    pub path: String,
    /// What it was.
    pub of: Whole,
    /// How many of its items or characters are shown.
    pub shown: usize,
}

/// What was cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whole {
    /// A list with so many items.
    Items(usize),
    /// A text of so many characters.
    Characters(usize),
}

impl Presentation {
    /// Shows all.
    pub const WHOLE: Self = Self {
        max_items: usize::MAX,
        max_text: usize::MAX,
        keeps_envelope: true,
    };

    /// Cuts what is too long, and returns what was cut, each place once: the longest of its lists
    /// or texts.
    pub fn cut(&self, value: &mut Value) -> Vec<Cut> {
        let mut cuts = Vec::new();
        self.cut_at("", value, &mut cuts);
        cuts
    }

    fn cut_at(&self, path: &str, value: &mut Value, cuts: &mut Vec<Cut>) {
        match value {
            Value::String(text) => {
                if let Some((end, _)) = text.char_indices().nth(self.max_text) {
                    let of = Whole::Characters(text.chars().count());
                    text.truncate(end);
                    text.push('…');
                    note(path, of, self.max_text, cuts);
                }
            }
            Value::Array(items) => {
                if items.len() > self.max_items {
                    let of = Whole::Items(items.len());
                    items.truncate(self.max_items);
                    note(path, of, self.max_items, cuts);
                }
                let below = below(path, "*");
                for item in items {
                    self.cut_at(&below, item, cuts);
                }
            }
            Value::Object(fields) => {
                for (key, value) in fields {
                    self.cut_at(&below(path, key), value, cuts);
                }
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }
}

fn note(path: &str, of: Whole, shown: usize, cuts: &mut Vec<Cut>) {
    match cuts.iter_mut().find(|cut| cut.path == path) {
        Some(cut) if cut.of.length() < of.length() => cut.of = of,
        Some(_) => {}
        None => cuts.push(Cut {
            path: path.to_owned(),
            of,
            shown,
        }),
    }
}

impl Whole {
    /// How long it was.
    #[must_use]
    pub fn length(self) -> usize {
        match self {
            Self::Items(length) | Self::Characters(length) => length,
        }
    }

    /// What it is made of.
    #[must_use]
    pub fn unit(self) -> &'static str {
        match self {
            Self::Items(_) => "items",
            Self::Characters(_) => "characters",
        }
    }
}

impl Default for Presentation {
    fn default() -> Self {
        Self {
            max_items: 2,
            max_text: 500,
            keeps_envelope: false,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_cut_is_said_once_for_each_place() {
        let presentation = Presentation {
            max_items: 2,
            max_text: 3,
            ..Presentation::default()
        };
        let mut value = json!({
            "rows": [{"tags": [1, 2, 3], "name": "żółw"}, {"tags": [1, 2, 3, 4]}, {"tags": []}],
            "name": "ab…",
        });
        let cuts = presentation.cut(&mut value);
        let expected = json!({
            "rows": [{"tags": [1, 2], "name": "żół…"}, {"tags": [1, 2]}],
            "name": "ab…",
        });
        assert_eq!(value, expected);
        let cut = |path: &str, of, shown| Cut {
            path: path.to_owned(),
            of,
            shown,
        };
        let expected = [
            cut("rows", Whole::Items(3), 2),
            cut("rows.*.tags", Whole::Items(4), 2),
            cut("rows.*.name", Whole::Characters(4), 3),
        ];
        assert_eq!(cuts, expected);
    }
}
