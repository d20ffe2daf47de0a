//! Logs go to stderr, so that the ready line is the first one on stdout.

use std::io::{IsTerminal, stderr};
use tracing_subscriber::EnvFilter;

/// Starts the log. `RUST_LOG` chooses what is logged; unset, it is `info`.
/// A second call does nothing, so that tests may build several apps.
pub(crate) fn to_stderr() {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    let _ = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(stderr)
        .with_ansi(stderr().is_terminal())
        .try_init();
}
