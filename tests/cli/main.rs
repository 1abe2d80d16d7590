//! Runs the program as its users do, and holds it against logs whose content is known.

mod bad_input;
mod corpora;
mod curl;
mod examples;
mod layers;
mod oracle;
mod parse;
mod readme;
mod secrets;
mod stats;
mod zalog;
