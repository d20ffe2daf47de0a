//! The commands that a store received, as its server tells them: without
//! handshakes, and with names for what differs from run to run.

#[cfg(feature = "mongodb")]
mod mongodb;
mod redis;

use crate::{
    store::{Kind, Store},
    verdict::Stop,
};

/// Listens at a store's server. What it heard, it tells with the IDs as they are.
#[derive(Debug)]
pub(super) enum Wire {
    Redis(Box<redis::Monitor>),
    #[cfg(feature = "mongodb")]
    Mongodb(mongodb::Profile),
}

impl Wire {
    /// `None`: there is no wire, or this build cannot listen there.
    pub(super) async fn of(store: &Store) -> Result<Option<Wire>, Stop> {
        Ok(match store.kind() {
            Kind::Redis => Some(Wire::Redis(Box::new(redis::Monitor::start(store).await?))),
            #[cfg(feature = "mongodb")]
            Kind::Mongodb => Some(Wire::Mongodb(mongodb::Profile::start(store).await?)),
            _ => None,
        })
    }

    /// The commands since it was asked last, in the order in which they came.
    pub(super) async fn heard(&mut self) -> Result<Vec<String>, Stop> {
        match self {
            Wire::Redis(monitor) => monitor.heard().await,
            #[cfg(feature = "mongodb")]
            Wire::Mongodb(profile) => profile.heard().await,
        }
    }
}
