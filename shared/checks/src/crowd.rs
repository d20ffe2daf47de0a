//! Many people with browsers, each of whom knows what must be there: who they are, how
//! much they have counted, and which of their cookies are over.

mod book;
mod ledger;
mod room;
mod visitor;

pub(crate) use book::Book;
pub(crate) use room::{Outage, RETURN_LIMIT, Room, Way};
pub(crate) use visitor::Visitor;

use std::io;

/// Ends when somebody stops this program.
#[cfg(unix)]
pub(crate) fn stop() -> io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}

#[cfg(not(unix))]
pub(crate) fn stop() -> io::Result<impl Future<Output = ()>> {
    Ok(async {
        // An error means that nobody can stop us so.
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    })
}
