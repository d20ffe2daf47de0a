//! Many copies of one app: behind a proxy, on stores that are many machines, and
//! watched.

pub(super) mod fail_over;
pub(super) mod metrics;
pub(super) mod proxies;
pub(super) mod proxy;

/// What a proxy says of a client: which address, and whether by HTTPS.
const FORWARDED_FOR: &str = "x-forwarded-for";
const FORWARDED_PROTO: &str = "x-forwarded-proto";
