//! The checks of the lessons' stretch exercises, `steps/*/lesson/stretch`. No step keeps
//! these promises, and the matrix has no rows for them: the solutions do.

use super::Check;

mod cookies;
mod copies;
mod life;
mod login;
mod memory;
#[cfg(feature = "sql")]
mod roles;
mod service;
mod stores;

/// Every such check that this build has.
pub(super) fn all() -> impl Iterator<Item = &'static Check> {
    [
        cookies::CHECKS,
        memory::CHECKS,
        stores::CHECKS,
        login::CHECKS,
        #[cfg(feature = "sql")]
        roles::CHECKS,
        life::CHECKS,
        service::CHECKS,
        copies::CHECKS,
    ]
    .into_iter()
    .flatten()
}
