//! Logs go to stderr, so that the ready line is the first one on stdout.

use crate::{SettingError, xray};
use std::io::{IsTerminal, stderr};
use tracing::Subscriber;
use tracing_subscriber::{
    EnvFilter, Layer, filter::FilterExt, fmt::MakeWriter, layer::SubscriberExt,
    registry::LookupSpan, util::SubscriberInitExt,
};

/// How a line of the log is written: `LOG_FORMAT`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    /// For people.
    Text,
    /// For programs: each line is one JSON object.
    Json,
}

impl Format {
    /// `None` is an unset variable.
    pub(crate) fn parse(name: Option<&str>) -> Result<Format, SettingError> {
        match name {
            None | Some("text") => Ok(Format::Text),
            Some("json") => Ok(Format::Json),
            Some(name) => {
                let advice = "expected text or json";
                Err(SettingError::new("LOG_FORMAT", name, advice))
            }
        }
    }
}

/// Starts the log with a filter such as `info` or `debug,hyper=warn`, and with
/// `x_ray` what the X-ray shows of the store. A second call does nothing, so that
/// tests may build several apps.
pub(crate) fn to_stderr(filter: &str, format: Format, x_ray: bool) -> Result<(), SettingError> {
    let registry = tracing_subscriber::registry();
    let log = log(filter, format, stderr)?;
    if x_ray {
        let layers = registry.with(log).with(xray::layer());
        if layers.try_init().is_ok() {
            xray::listen();
        }
    } else {
        // No layer beside the log, not even an absent one: it would have every
        // span made that the filter leaves out, six for each request.
        let _ = registry.with(log).try_init();
    }
    Ok(())
}

fn log<S, W>(filter: &str, format: Format, writer: W) -> Result<impl Layer<S>, SettingError>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
{
    let filter = EnvFilter::try_new(filter).map_err(|_| {
        SettingError::new(
            "RUST_LOG",
            filter,
            "expected error, warn, info, debug or trace",
        )
    })?;
    let lines = tracing_subscriber::fmt::layer()
        .with_writer(writer)
        // A stderr that nobody reads any more would be reported on stderr, and
        // that panics.
        .log_internal_errors(false);
    let lines = match format {
        Format::Text => lines.with_ansi(stderr().is_terminal()).boxed(),
        // An event's own words beside its time and level, where collectors look.
        Format::Json => lines
            .json()
            .flatten_event(true)
            // A library's span has fields of our events' names in it, and other values.
            .with_current_span(false)
            .with_span_list(false)
            .boxed(),
    };
    // Whatever the filter says.
    Ok(lines.with_filter(filter.and(xray::without_store())))
}

#[cfg(test)]
mod tests {
    use super::{Format, log};
    use serde_json::Value;
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

    /// What is logged meanwhile.
    fn logged(filter: &str, format: Format, work: impl FnOnce()) -> String {
        let lines = Lines::default();
        let writer = lines.clone();
        let log = log(filter, format, move || writer.clone()).unwrap();
        let subscriber = tracing_subscriber::registry().with(log);
        tracing::subscriber::with_default(subscriber, work);
        String::from_utf8(lines.0.lock().unwrap().clone()).unwrap()
    }

    #[test]
    fn no_filter_lets_the_drivers_commands_into_the_log() {
        for format in [Format::Text, Format::Json] {
            for filter in ["trace", "mongodb::command=trace", "mongodb=debug,info"] {
                let lines = logged(filter, format, || {
                    tracing::debug!(target: "mongodb::command", command = "5xkLDsHq", "Command started");
                    tracing::debug!(target: "mongodb::topology", "a server is there");
                });
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

    #[test]
    fn json_is_one_object_in_one_line_whatever_is_in_it() {
        let lines = logged("info", Format::Json, || {
            let path = "/a\n\"b\"\u{1b}[31m";
            tracing::info!(path, status = 200, "request");
            tracing::warn!("one\ntwo");
            tracing::debug!("not this one");
        });
        let lines: Vec<Value> = lines
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        let [request, two] = lines.as_slice() else {
            panic!("{lines:?}")
        };
        assert_eq!(request["level"], "INFO");
        assert_eq!(request["message"], "request");
        assert_eq!(request["path"], "/a\n\"b\"\u{1b}[31m");
        assert_eq!(request["status"], 200);
        assert!(request["timestamp"].is_string(), "{request}");
        assert!(request["target"].is_string(), "{request}");
        assert_eq!(two["message"], "one\ntwo");
    }

    #[test]
    fn another_format_is_an_error_in_one_line() {
        assert_eq!(Format::parse(None).unwrap(), Format::Text);
        assert_eq!(Format::parse(Some("text")).unwrap(), Format::Text);
        assert_eq!(Format::parse(Some("json")).unwrap(), Format::Json);
        let error = Format::parse(Some("JSON")).unwrap_err().to_string();
        assert_eq!(error, "LOG_FORMAT=JSON: expected text or json");
    }
}
