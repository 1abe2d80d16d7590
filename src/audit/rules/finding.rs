//! What a rule has noticed.

use serde::{Deserialize, Serialize};

use super::super::change::At;

/// How much a finding matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Good to know.
    Low,
    /// Worth a look.
    Medium,
    /// Look at it.
    High,
}

impl Severity {
    /// All of them, the most severe first.
    pub const ALL: [Self; 3] = [Self::High, Self::Medium, Self::Low];

    /// Its name in every output.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
        }
    }
}

/// A place in a log that shows something.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Evidence {
    /// When it was written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time: Option<String>,
    /// The server that wrote it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub server: Option<String>,
    /// Where it stands.
    #[serde(flatten)]
    pub at: At,
}

/// What a rule has noticed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// The rule's ID.
    pub rule: String,
    /// How much it matters.
    pub severity: Severity,
    /// What was noticed, in a sentence.
    pub sentence: String,
    /// How many calls it is about.
    pub count: u64,
    /// The places that show it: the first ones, where there are many.
    pub evidence: Vec<Evidence>,
}
