//! The services that a version of Zato has, with the input that they declare.
//!
//! Source: the declarations of all services in Zato's source, 2.0, 3.0, 3.2 and 4.1.

use std::collections::BTreeMap;

use serde::Deserialize;

/// A version of Zato whose services are known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[expect(missing_docs, reason = "the names tell")]
pub enum ZatoVersion {
    V2_0,
    V3_0,
    V3_2,
    V4_1,
}

/// The services of one version.
#[derive(Clone, Debug)]
pub struct Catalogue {
    services: BTreeMap<String, Declared>,
}

/// What a service declares of its input.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Declared {
    /// The fields that it names, in its order.
    pub fields: Vec<DeclaredField>,
    /// Whether these are all: it declares an input, and no part of it by a model or an expression
    /// whose fields are not known.
    pub is_complete: bool,
    /// The key under which its clients may put all of the input.
    pub element: Option<String>,
}

/// A field of a service's input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeclaredField {
    /// Its name.
    pub name: String,
    /// Whether it may be left out.
    pub is_optional: bool,
}

/// A service as its file has it.
#[derive(Deserialize)]
struct Entry {
    service: String,
    request_elem: Option<String>,
    input: Option<Elements>,
    input_required: Option<Elements>,
    input_optional: Option<Elements>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Elements {
    One(String),
    Many(Vec<String>),
}

impl ZatoVersion {
    /// All versions, from the oldest.
    pub const ALL: [Self; 4] = [Self::V2_0, Self::V3_0, Self::V3_2, Self::V4_1];

    /// The version's number.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::V2_0 => "2.0",
            Self::V3_0 => "3.0",
            Self::V3_2 => "3.2",
            Self::V4_1 => "4.1",
        }
    }
}

impl Catalogue {
    /// Returns the services of a version.
    #[must_use]
    pub fn of(version: ZatoVersion) -> Self {
        let json = match version {
            ZatoVersion::V2_0 => include_str!("zato-services-2.0.json"),
            ZatoVersion::V3_0 => include_str!("zato-services-3.0.json"),
            ZatoVersion::V3_2 => include_str!("zato-services-3.2.json"),
            ZatoVersion::V4_1 => include_str!("zato-services-4.1.json"),
        };
        let entries: Vec<Entry> = serde_json::from_str(json).expect("the files are read in a test");
        let mut services: BTreeMap<String, Declared> = BTreeMap::new();
        for entry in entries {
            // Several classes can have the name of one service, such as `save`.
            let (name, declared) = entry.declared();
            services
                .entry(name)
                .and_modify(|known| known.is_complete = false)
                .or_insert(declared);
        }
        Self { services }
    }

    /// Returns the services by name.
    pub fn services(&self) -> impl Iterator<Item = (&str, &Declared)> {
        let services = self.services.iter();
        services.map(|(name, declared)| (name.as_str(), declared))
    }

    /// Returns what a service declares, if the version has it.
    #[must_use]
    pub fn get(&self, service: &str) -> Option<&Declared> {
        self.services.get(service)
    }
}

impl Entry {
    fn declared(self) -> (String, Declared) {
        let mut declared = Declared {
            element: self.request_elem,
            is_complete: true,
            ..Declared::default()
        };
        let parts = [
            (self.input, false),
            (self.input_required, false),
            (self.input_optional, true),
        ];
        let mut has_any = false;
        for (elements, is_optional) in parts {
            let elements = match elements {
                None => continue,
                Some(Elements::One(element)) => vec![element],
                Some(Elements::Many(elements)) => elements,
            };
            has_any = true;
            for element in elements {
                match field(&element, is_optional) {
                    Some(field) => declared.fields.push(field),
                    None => declared.is_complete = false,
                }
            }
        }
        declared.is_complete &= has_any;
        (self.service, declared)
    }
}

/// Reads `name`, `-name`, `Int:name` or `Int:-name`; a `-` marks what may be left out. `None` for
/// what stands for fields without naming them: `@Model`, a call, an expression.
fn field(element: &str, is_optional: bool) -> Option<DeclaredField> {
    let name = match element.split_once(':') {
        Some((kind, name)) if kind.starts_with(|c: char| c.is_ascii_uppercase()) => name,
        Some(_) => return None,
        None => element,
    };
    let (name, is_optional) = match name.strip_prefix('-') {
        Some(name) => (name, true),
        None => (name, is_optional),
    };
    let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
    (!name.is_empty() && name.chars().all(is_name)).then(|| DeclaredField {
        name: name.to_owned(),
        is_optional,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_versions_are_read() {
        let counts = ZatoVersion::ALL.map(|version| Catalogue::of(version).services().count());
        assert_eq!(counts, [338, 521, 570, 290]);
    }

    #[test]
    fn fields_are_named_in_several_ways() {
        let of_3_2 = Catalogue::of(ZatoVersion::V3_2);
        let delete = of_3_2.get("zato.security.basic-auth.delete").unwrap();
        assert_eq!(
            delete.fields,
            [DeclaredField {
                name: "id".to_owned(),
                is_optional: false
            }]
        );
        assert!(delete.is_complete);
        let names = |element| field(element, false).map(|field| (field.name, field.is_optional));
        assert_eq!(names("Int:-max_len"), Some(("max_len".to_owned(), true)));
        assert_eq!(names("-name"), Some(("name".to_owned(), true)));
        assert_eq!(names("AsIs:data"), Some(("data".to_owned(), false)));
        for unknown in ["@Model", "AsIs:@name", "tuple:@x", "_get_sio_msg:?"] {
            assert_eq!(names(unknown), None);
        }
    }
}
