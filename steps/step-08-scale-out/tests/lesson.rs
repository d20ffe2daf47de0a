//! The lesson's promises, one test each: shared/checks/matrix.toml names them; those of
//! its session stores, shared/checks/stores.toml.

#[path = "../src/mongo.rs"]
mod mongo;
#[path = "../src/mongo_store.rs"]
mod mongo_store;

use checks::store_suite::{Kind, Subject};

fn main() -> std::process::ExitCode {
    let stores = [Subject::new(
        "MongoStore",
        Kind::Mongodb,
        |url| async move {
            let opened = mongo_store::open(mongo::connect(&url).await?).await;
            opened.map_err(|error| error.to_string())
        },
    )];
    let step = checks::Step {
        name: "step-08",
        folder: env!("CARGO_MANIFEST_DIR"),
        binary: env!("CARGO_BIN_EXE_step-08"),
    };
    checks::lesson_with_stores(&step, &stores)
}
