//! `peek redis|mongo|sql [ID]`: `cargo course peek` runs it.

use std::{
    env,
    io::{self, Write},
    process::ExitCode,
};

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let (store, id) = match arguments.as_slice() {
        [store] => (*store, None),
        [store, id] => (*store, Some(*id)),
        _ => {
            eprintln!("peek: expected redis, mongo or sql, and perhaps a session's ID");
            return ExitCode::from(2);
        }
    };
    match peek::peek(store, id).await {
        Ok(report) => {
            // Whoever reads may stop early, as `head` does.
            let _ = io::stdout().write_all(report.as_bytes());
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("peek: {error}");
            ExitCode::FAILURE
        }
    }
}
