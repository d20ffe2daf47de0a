//! The lesson's promises, one test each: shared/checks/matrix.toml names them; those of
//! its session stores, shared/checks/stores.toml.

use checks::store_suite::{Kind, Subject};
use tower_sessions::MemoryStore;

fn main() -> std::process::ExitCode {
    let stores = [Subject::new("MemoryStore", Kind::Memory, |_| async {
        Ok(MemoryStore::default())
    })];
    let step = checks::Step {
        name: "step-02",
        folder: env!("CARGO_MANIFEST_DIR"),
        binary: env!("CARGO_BIN_EXE_step-02"),
    };
    checks::lesson_with_stores(&step, &stores)
}
