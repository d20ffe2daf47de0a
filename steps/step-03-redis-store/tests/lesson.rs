//! The lesson's promises, one test each: shared/checks/matrix.toml names them; those of
//! its session stores, shared/checks/stores.toml.

#[path = "../src/redis.rs"]
mod redis;

use checks::store_suite::{Kind, Subject};

fn main() -> std::process::ExitCode {
    let stores = [Subject::new("RedisStore", Kind::Redis, |url| async move {
        redis::connect(&url).await
    })];
    let step = checks::Step {
        name: "step-03",
        folder: env!("CARGO_MANIFEST_DIR"),
        binary: env!("CARGO_BIN_EXE_step-03"),
    };
    checks::lesson_with_stores(&step, &stores)
}
