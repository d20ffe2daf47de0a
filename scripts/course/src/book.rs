//! `cargo course book`: what `mdbook build book` does, without installing mdbook; with
//! `--to`, a copy that is read from its files, without a network.

mod links;

use mdbook_driver::MDBook;
use mdbook_steps::StepsPreprocessor;
use std::{
    env, fs,
    io::{self, IsTerminal},
    path::Path,
};
use tracing_subscriber::filter::LevelFilter;

/// Builds the book, in the target folder or in this one, and returns where it begins. The
/// error has one line for each problem.
pub fn run(root: &Path, to: Option<&str>) -> Result<String, String> {
    // mdBook warns in its log, of HTML that is not balanced, for one.
    tracing_subscriber::fmt()
        .with_max_level(LevelFilter::WARN)
        .with_writer(io::stderr)
        .with_ansi(io::stderr().is_terminal())
        .without_time()
        .init();
    let mut book = MDBook::load(root.join("book")).map_err(|error| format!("{error:#}"))?;
    if let Some(to) = to {
        let here = env::current_dir().map_err(|error| error.to_string())?;
        expect_nothing_in(Path::new(to))?;
        book.config.build.build_dir = here.join(to);
    }
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

/// mdBook empties the folder that it writes to.
fn expect_nothing_in(folder: &Path) -> Result<(), String> {
    match fs::read_dir(folder).map(|mut entries| entries.next().is_none()) {
        Ok(true) => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Ok(false) => Err(format!("course: {} is not empty", folder.display())),
        Err(error) => Err(format!("course: {}: {error}", folder.display())),
    }
}
