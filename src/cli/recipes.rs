//! `zalog recipes`: chains of calls that people really make, as scripts.

use std::collections::BTreeMap;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use clap::ValueEnum;

use super::choice::ChoiceArgs;
use super::output::{Messages, NOT_WRITTEN, Output};
use super::table::{Column, Rows};
use super::written::write_files;
use super::{Status, base_url, logs};
use crate::entry::Hinter;
use crate::export::{File, FileNames, recipe_in_python, recipe_in_shell, recipes_in_json};
use crate::usage::{Recipe, Recipes};

/// Show chains of calls that belong together, and write them as scripts
///
/// Calls belong together if what one has returned is what a later one was called with: get-list
/// gives an ID, and edit or change-password takes it. In the scripts such values are variables, so
/// that they run on another server too. With --service or --query a chain is shown if one of its
/// calls fits.
///
/// The log does not say who called: calls of the same server, within a quarter of an hour, that came
/// in the same way are taken for those of one client. Only values count that name a thing, such as
/// an ID, and only if nobody has sent them before they were returned.
///
/// Example: zalog recipes logs --service '*.change-password' --format sh -o recipes
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    logs: logs::LogArgs,
    #[command(flatten)]
    choice: ChoiceArgs,
    /// How to print them
    #[arg(long, value_name = "FORMAT", default_value = "table")]
    format: Format,
    /// Write files into this folder, which is made if it is not there
    #[arg(long, short, value_name = "DIR")]
    output: Option<PathBuf>,
    /// The server that scripts call
    #[arg(long, value_name = "URL", default_value = base_url::DEFAULT)]
    base_url: String,
    /// So many chains, those first that were seen most often; 0 for all
    #[arg(long, value_name = "N", default_value_t = 20)]
    limit: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people
    Table,
    /// One document
    Json,
    /// Shell scripts with curl and jq
    Sh,
    /// Python programs with zato-client
    Python,
}

pub(super) fn run(args: &Args, output: &mut Output, messages: &Messages) -> Result<Status> {
    base_url::check(&args.base_url)?;
    let folder = args
        .output
        .as_deref()
        .filter(|folder| *folder != Path::new("-"));
    if let Some(file) = folder.filter(|folder| folder.exists() && !folder.is_dir()) {
        bail!("-o `{}`: a file, where a folder is needed", file.display());
    }
    if folder.is_some() && args.format == Format::Table {
        bail!("-o DIR: a table is no file: add --format sh, python or json");
    }
    let mut logs = args.logs.open(messages)?;
    let asked = logs.selection.take_services();
    let choice = args.choice.choice(args.logs.now()?, &logs.view)?;
    let mut recipes = Recipes::new(&logs.view);
    let mut chosen = 0;
    let mut summary = logs.read_servers(
        Hinter::NONE,
        messages,
        &mut recipes,
        |recipes, batch| {
            let mut calls = choice.marked(&batch.invocations);
            for (call, is_wanted) in &mut calls {
                *is_wanted &= asked.includes_service(call.service);
                chosen += usize::from(*is_wanted);
            }
            recipes.take(&calls);
            Ok(())
        },
        Recipes::end_server,
    )?;
    summary.selected = chosen;
    let status = logs.conclude(&summary, messages);
    let mut recipes = recipes.finish();
    if recipes.is_empty() {
        if status == Status::Done {
            messages.note("no call uses what another one has returned");
        }
        return Ok(status.max(Status::NothingFound));
    }
    let all = recipes.len();
    if args.limit > 0 {
        recipes.truncate(args.limit);
    }
    match folder {
        Some(folder) => {
            write_files(folder, &args.files(&recipes), &logs)?;
            let (count, folder) = (recipes.len(), folder.display());
            messages.note(&format!("wrote {count} recipes to {folder}"));
        }
        None => args.write(&recipes, output).context(NOT_WRITTEN)?,
    }
    if all > recipes.len() {
        let shown = recipes.len();
        messages.note(&format!("{shown} of {all} chains: --limit 0 shows all"));
    }
    Ok(status)
}

impl Args {
    fn write(&self, recipes: &[Recipe], output: &mut Output) -> io::Result<()> {
        let texts = match self.format {
            Format::Table => return write_table(recipes, output),
            Format::Json => vec![recipes_in_json(recipes)],
            Format::Sh | Format::Python => {
                recipes.iter().map(|recipe| self.script(recipe)).collect()
            }
        };
        output.write_all(texts.join("\n").as_bytes())
    }

    /// Each chain as a file, or all as one document.
    fn files(&self, recipes: &[Recipe]) -> Vec<File> {
        let ending = match self.format {
            Format::Table | Format::Json => {
                return vec![File {
                    path: "recipes.json".to_owned(),
                    content: recipes_in_json(recipes),
                }];
            }
            Format::Sh => ".sh",
            Format::Python => ".py",
        };
        let mut names = FileNames::default();
        let mut taken: BTreeMap<String, usize> = BTreeMap::new();
        let files = recipes.iter().map(|recipe| {
            let stem = names.stem(&recipe.names().join("_"));
            let nth = taken.entry(stem.clone()).or_default();
            *nth += 1;
            let number = match *nth {
                1 => String::new(),
                nth => format!(".{nth}"),
            };
            File {
                path: format!("{stem}{number}{ending}"),
                content: self.script(recipe),
            }
        });
        files.collect()
    }

    fn script(&self, recipe: &Recipe) -> String {
        match self.format {
            Format::Python => recipe_in_python(recipe, &self.base_url),
            Format::Table | Format::Json | Format::Sh => recipe_in_shell(recipe, &self.base_url),
        }
    }
}

fn write_table(recipes: &[Recipe], output: &mut Output) -> io::Result<()> {
    output.page();
    let rows = recipes.iter().map(|recipe| {
        let variables = recipe.variables.iter();
        let variables: Vec<&str> = variables.map(|variable| variable.name.as_str()).collect();
        vec![
            recipe.count.to_string(),
            recipe.names().join(" > "),
            variables.join(" "),
        ]
    });
    Rows {
        columns: vec![
            Column::number("times"),
            Column::text("calls").cut(),
            Column::text("what flows").optional(true),
        ],
        rows: rows.collect(),
    }
    .write_text(output)
}
