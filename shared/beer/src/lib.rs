//! Beers to look at while the lessons talk about sessions: a beer-name API,
//! and the client with which every step asks it.
//!
//! The tutorials fetch their beers from a public web service. A course that
//! needs the network fails when the network does, so the app brings a service
//! of its own: [`api`] answers in the tutorials' shape, with names from a small
//! trained [`model`], and [`Client`] talks to it over HTTP exactly as it would
//! to a server on the other side of the world.

pub mod api;
mod client;
pub mod model;

pub use client::{Client, Error};
pub use model::Beer;
