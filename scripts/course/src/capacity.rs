//! `cargo course capacity`: what live sessions need. The arithmetic is a crate's of that
//! name; its program measures.

use crate::package;
use capacity::{options::Options, recorded::Recorded, sheet::Sheet};
use std::{
    io::{self, Write},
    path::Path,
    process::ExitCode,
};

pub fn run(root: &Path, arguments: &[&str]) -> ExitCode {
    if arguments == ["--measure"] {
        return package::run(root, "capacity", &[]);
    }
    let options = match Options::read(arguments) {
        Ok(options) => options,
        Err(error) => {
            eprintln!("capacity: {error}");
            return ExitCode::from(2);
        }
    };
    match Recorded::read(root) {
        Ok(recorded) => {
            // Whoever reads may stop early, as `head` does.
            let _ = write!(io::stdout(), "{}", Sheet::new(&recorded, &options));
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
