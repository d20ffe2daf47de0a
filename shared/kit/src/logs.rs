//! Logs go to stderr, so that the ready line is the first one on stdout.

use crate::{SettingError, xray};
use std::io::{IsTerminal, stderr};
use tracing::Subscriber;
use tracing_subscriber::{
    EnvFilter, Layer, filter::FilterExt, fmt::MakeWriter, layer::SubscriberExt,
    registry::LookupSpan, util::SubscriberInitExt,
};

/// Starts the log with a filter such as `info` or `debug,hyper=warn`, and with
/// `x_ray` what the X-ray shows of the store. A second call does nothing, so that
/// tests may build several apps.
pub(crate) fn to_stderr(filter: &str, x_ray: bool) -> Result<(), SettingError> {
    let registry = tracing_subscriber::registry();
    if x_ray {
        let layers = registry.with(log(filter, stderr)?).with(xray::layer());
        if layers.try_init().is_ok() {
            xray::listen();
        }
    } else {
        // No layer beside the log, not even an absent one: it would have every
        // span made that the filter leaves out, six for each request.
        let _ = registry.with(log(filter, stderr)?).try_init();
    }
    Ok(())
}

fn log<S, W>(filter: &str, writer: W) -> Result<impl Layer<S>, SettingError>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    W: for<'a> MakeWriter<'a> + 'static,
{
    let filter = EnvFilter::try_new(filter).map_err(|_| {
        SettingError::new(
            "RUST_LOG",
            filter,
            "expected error, warn, info, debug or trace",
        )
    })?;
    Ok(tracing_subscriber::fmt::layer()
        .with_writer(writer)
        .with_ansi(stderr().is_terminal())
        // A stderr that nobody reads any more would be reported on stderr, and
        // that panics.
        .log_internal_errors(false)
        // Whatever the filter says.
        .with_filter(filter.and(xray::without_store())))
}

#[cfg(test)]
mod tests {
    use super::log;
    use std::{
        io::{self, Write},
        sync::{Arc, Mutex},
    };
    use tracing_subscriber::layer::SubscriberExt;

    #[derive(Clone, Default)]
    struct Lines(Arc<Mutex<Vec<u8>>>);

    impl Write for Lines {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn no_filter_lets_the_drivers_commands_into_the_log() {
        for filter in ["trace", "mongodb::command=trace", "mongodb=debug,info"] {
            let lines = Lines::default();
            let writer = lines.clone();
            let log = log(filter, move || writer.clone()).unwrap();
            let subscriber = tracing_subscriber::registry().with(log);
            tracing::subscriber::with_default(subscriber, || {
                tracing::debug!(target: "mongodb::command", command = "5xkLDsHq", "Command started");
                tracing::debug!(target: "mongodb::topology", "a server is there");
            });
            let lines = String::from_utf8(lines.0.lock().unwrap().clone()).unwrap();
            assert!(!lines.contains("5xkLDsHq"), "{filter}: {lines}");
            let speaks = filter != "mongodb::command=trace";
            assert_eq!(
                lines.contains("a server is there"),
                speaks,
                "{filter}: {lines}"
            );
        }
    }
}
