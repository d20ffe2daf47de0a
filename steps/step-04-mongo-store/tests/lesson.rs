//! The lesson's promises, one test each: shared/checks/matrix.toml names them; those of
//! its session stores, shared/checks/stores.toml.

#[path = "../src/adapter.rs"]
mod adapter;
#[path = "../src/mongo.rs"]
mod mongo;

use checks::store_suite::{Kind, Subject, published_mongodb};

fn main() -> std::process::ExitCode {
    let adapter = Subject::new("Adapter", Kind::Mongodb, |url| async move {
        mongo::connect(&url).await
    });
    let published = Subject::new("MongoDBStore", Kind::Mongodb, published_mongodb);
    let stores = [adapter, published];
    let step = checks::Step {
        name: "step-04",
        folder: env!("CARGO_MANIFEST_DIR"),
        binary: env!("CARGO_BIN_EXE_step-04"),
    };
    checks::lesson_with_stores(&step, &stores)
}
