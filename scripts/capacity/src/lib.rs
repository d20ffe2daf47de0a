//! Capacity on paper: what was measured of one session is carried to millions.
//!
//! [`recorded`] is what was measured, [`need`] the arithmetic, [`sheet`] what comes of
//! it. `cargo course capacity` and the book show the same.

mod assumed;
pub mod figure;
#[cfg(feature = "measure")]
pub mod measure;
pub mod need;
pub mod options;
pub mod recorded;
mod report;
pub mod sheet;
