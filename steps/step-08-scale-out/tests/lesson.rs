//! The lesson's promises, one test each: shared/checks/matrix.toml names them.

fn main() -> std::process::ExitCode {
    checks::lesson(&checks::Step {
        name: "step-08",
        folder: env!("CARGO_MANIFEST_DIR"),
        binary: env!("CARGO_BIN_EXE_step-08"),
    })
}
