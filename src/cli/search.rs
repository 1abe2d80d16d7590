//! `zalog search`
use super::output::{Messages, Output};
use super::{Status, logs};
use anyhow::Result;
/// x
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    logs: logs::Args,
}
pub(super) fn run(_: &Args, _: &mut Output, _: &Messages) -> Result<Status> {
    Ok(Status::Done)
}
