//! The lesson's promises, one test each: shared/checks/matrix.toml names them; those of
//! its session stores, shared/checks/stores.toml.

#[path = "../src/memory.rs"]
mod memory;

use checks::store_suite::{Kind, Subject};

fn main() -> std::process::ExitCode {
    let stores = [Subject::new("Memory", Kind::Memory, |_| async {
        Ok(memory::open())
    })];
    let step = checks::Step {
        name: "step-06",
        folder: env!("CARGO_MANIFEST_DIR"),
        binary: env!("CARGO_BIN_EXE_step-06"),
    };
    checks::lesson_with_stores(&step, &stores)
}
