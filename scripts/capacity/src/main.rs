//! `capacity`: measures what a session costs, and records it. `cargo course capacity
//! --measure` runs it.

use capacity::{measure, recorded::FILE};
use std::{fs, path::Path, process::ExitCode};

fn main() -> ExitCode {
    match measure_and_record() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("capacity: {error}");
            ExitCode::FAILURE
        }
    }
}

fn measure_and_record() -> Result<(), String> {
    let recorded = measure::run(measure::Plan::default(), |line| eprintln!("{line}"))?;
    let text = recorded.text()?;
    let file = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .join(FILE);
    fs::write(file, &text).map_err(|error| format!("{FILE}: {error}"))?;
    println!("{FILE}:\n\n{text}");
    Ok(())
}
