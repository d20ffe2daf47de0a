//! `cargo course book`: what `mdbook build book` does, without installing mdbook.

mod links;

use mdbook_driver::MDBook;
use mdbook_steps::StepsPreprocessor;
use std::{
    io::{self, IsTerminal},
    path::Path,
};
use tracing_subscriber::filter::LevelFilter;

/// Builds the book and returns where it begins. The error has one line for each
/// problem.
pub fn run(root: &Path) -> Result<String, String> {
    // mdBook warns in its log, of HTML that is not balanced, for one.
    tracing_subscriber::fmt()
        .with_max_level(LevelFilter::WARN)
        .with_writer(io::stderr)
        .with_ansi(io::stderr().is_terminal())
        .without_time()
        .init();
    let mut book = MDBook::load(root.join("book")).map_err(|error| format!("{error:#}"))?;
    // Takes the place of the command of the same name in book.toml.
    book.with_preprocessor(StepsPreprocessor);
    book.build().map_err(|error| format!("{error:#}"))?;

    let folder = book.build_dir_for("html");
    let problems = links::problems(&folder).map_err(|error| error.to_string())?;
    if !problems.is_empty() {
        return Err(problems.join("\n"));
    }
    let index = folder.join("index.html");
    let index = index.canonicalize().map_err(|error| error.to_string())?;
    Ok(format!("{}\n", index.display()))
}
