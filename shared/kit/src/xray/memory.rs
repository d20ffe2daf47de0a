//! What tower-sessions does with a store that is in the process itself, where no
//! command goes over a wire: from its own spans and events.

use super::store::{Open, has_wire};
use std::{fmt, time::Instant};
use tracing::{
    Event, Subscriber,
    field::{Field, Visit},
    span::{Attributes, Id},
};
use tracing_subscriber::{Layer, filter, layer::Context, registry::LookupSpan};

/// Source: tower-sessions-core 0.14, `session.rs`.
const TARGET: &str = "tower_sessions_core::session";

pub(super) fn layer<S>() -> impl Layer<S>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    Ear.with_filter(filter::filter_fn(|metadata| metadata.target() == TARGET))
}

struct Ear;

impl<S> Layer<S> for Ear
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    fn on_new_span(&self, span: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let name = span.metadata().name();
        if has_wire() || !["load", "save", "delete"].contains(&name) {
            return;
        }
        if let (Some(open), Some(span)) = (Open::begin(name), context.span(id)) {
            span.extensions_mut().insert(open);
        }
    }

    fn on_close(&self, id: Id, context: Context<'_, S>) {
        let span = context.span(&id);
        let open = span.and_then(|span| span.extensions_mut().remove::<Open>());
        if let Some(open) = open {
            open.finish("done");
        }
    }

    /// A record is loaded where it is first asked for, in a span that is there
    /// without loading, too.
    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let Some(span) = context.event_span(event) else {
            return;
        };
        let mut message = Message::default();
        event.record(&mut message);
        let answer = match message.0.as_str() {
            "record not loaded from store; loading" => {
                span.extensions_mut().replace(Instant::now());
                return;
            }
            "record found in store" => "found",
            text if text.ends_with("record not found in store") => "nothing",
            _ => return,
        };
        let began = span.extensions_mut().remove::<Instant>();
        if let Some(began) = began.filter(|_| !has_wire())
            && let Some(open) = Open::begin_at(began, "load")
        {
            open.finish(answer);
        }
    }
}

#[derive(Default)]
struct Message(String);

impl Visit for Message {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        if field.name() == "message" {
            self.0 = format!("{value:?}");
        }
    }
}
