//! TLS on this machine: a certificate of our own, and what stands with it before an
//! app that speaks plain HTTP.

mod certificate;
mod pass;

pub use certificate::Folder;
pub use pass::pass_on;
