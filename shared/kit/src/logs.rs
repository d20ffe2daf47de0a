//! Logs go to stderr, so that the ready line is the first one on stdout.

use crate::SettingError;
use std::io::{IsTerminal, stderr};
use tracing_subscriber::EnvFilter;

/// Starts the log with a filter such as `info` or `debug,hyper=warn`. A second
/// call does nothing, so that tests may build several apps.
pub(crate) fn to_stderr(filter: &str) -> Result<(), SettingError> {
    let filter = EnvFilter::try_new(filter).map_err(|_| {
        SettingError::new(
            "RUST_LOG",
            filter,
            "expected error, warn, info, debug or trace",
        )
    })?;
    let _ = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(stderr)
        .with_ansi(stderr().is_terminal())
        // A stderr that nobody reads any more would be reported on stderr, and
        // that panics.
        .log_internal_errors(false)
        .try_init();
    Ok(())
}
