//! The checks of the lessons' stretch exercises, `steps/*/lesson/stretch`. No step keeps
//! these promises, and the matrix has no rows for them: the solutions do.

use super::Check;

mod cookies;
mod memory;
mod stores;

/// Every such check that this build has.
pub(super) fn all() -> impl Iterator<Item = &'static Check> {
    [cookies::CHECKS, memory::CHECKS, stores::CHECKS]
        .into_iter()
        .flatten()
}
