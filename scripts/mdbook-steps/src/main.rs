//! What book.toml runs: mdBook hands the book over on stdin and takes it back
//! from stdout.

use mdbook_preprocessor::{Preprocessor, parse_input};
use mdbook_steps::StepsPreprocessor;
use std::{env, io, process::ExitCode};

fn main() -> ExitCode {
    // `mdbook-steps supports html`: every renderer is served.
    if env::args().nth(1).is_some_and(|word| word == "supports") {
        return ExitCode::SUCCESS;
    }
    let drawn = parse_input(io::stdin().lock())
        .and_then(|(context, book)| StepsPreprocessor.run(&context, book))
        .and_then(|book| Ok(serde_json::to_writer(io::stdout().lock(), &book)?));
    match drawn {
        Ok(()) => ExitCode::SUCCESS,
        Err(problems) => {
            eprintln!("{problems}");
            ExitCode::FAILURE
        }
    }
}
