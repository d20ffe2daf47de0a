//! How often a password may be tried.

use crate::{
    access::Refusal,
    life::now,
    users::{UserStore, Users},
};
use governor::{
    DefaultKeyedRateLimiter, Quota, RateLimiter,
    clock::{Clock, DefaultClock},
};
use kit::{SettingError, Settings};
use sha2::{Digest, Sha256};
use std::{
    net::{IpAddr, Ipv6Addr},
    num::NonZeroU32,
    sync::Arc,
    time::Duration,
};
use tokio::time::sleep;

/// So many attempts at an account may follow each other, and then there is one for
/// each of these times, in milliseconds: some 1,500 a day, from however many addresses.
const AT_ONCE: i64 = 10;
const EACH: i64 = 60 * 1000;

/// Without a setting: as many attempts a minute from one address.
const PER_MINUTE: NonZeroU32 = NonZeroU32::new(60).unwrap();

/// How many attempts a minute one address has.
pub fn per_minute(settings: &Settings) -> Result<NonZeroU32, SettingError> {
    let range = NonZeroU32::MIN..=NonZeroU32::MAX;
    settings.number("LOGINS_PER_MINUTE", range, PER_MINUTE)
}

/// So many times a minute one address may try, and a sixth of it at once.
fn quota(per_minute: NonZeroU32) -> Quota {
    let at_once = NonZeroU32::new(per_minute.get() / 6).unwrap_or(NonZeroU32::MIN);
    Quota::per_minute(per_minute).allow_burst(at_once)
}

/// Counts the attempts of an address, in this process, and those at an account, in the
/// users' database, which all processes share.
#[derive(Clone)]
pub struct Attempts {
    addresses: Arc<DefaultKeyedRateLimiter<IpAddr>>,
    store: Arc<dyn UserStore>,
}

impl Attempts {
    pub fn new(per_minute: NonZeroU32, users: &Users) -> Attempts {
        let addresses = Arc::new(RateLimiter::keyed(quota(per_minute)));
        tokio::spawn(forget(addresses.clone()));
        let store = users.store.clone();
        Attempts { addresses, store }
    }

    /// Counts one from this address, if it has one left.
    pub fn by_address(&self, address: IpAddr) -> Result<(), Refusal> {
        let checked = self.addresses.check_key(&network(address));
        let now = DefaultClock::default().now();
        checked.map_err(|until| too_many(until.wait_time_from(now).as_millis()))
    }

    /// Counts one at this account, whether there is such an account or not, if it has
    /// one left.
    pub async fn at_account(&self, account: &str) -> Result<(), Refusal> {
        let account = key(account);
        loop {
            let (now, old) = (now(), self.store.busy_until(&account).await?);
            let new = old.unwrap_or(now).max(now) + EACH;
            let wait = new - now - AT_ONCE * EACH;
            if wait > 0 {
                return Err(too_many(wait.unsigned_abs().into()));
            }
            if self.store.put_off(&account, old, new).await? {
                return Ok(());
            }
            // Another one counted first.
        }
    }

    /// The right password: what was tried before does not count.
    pub async fn forgive(&self, account: &str) -> Result<(), Refusal> {
        Ok(self.store.forgive(&key(account)).await?)
    }
}

/// Whoever has an address of IPv6 has 2⁶⁴ of them, so they count as one.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => {
            let network = address.to_bits() >> 64 << 64;
            IpAddr::V6(Ipv6Addr::from_bits(network))
        }
        address @ IpAddr::V4(_) => address,
    }
}

/// Of an address that may be nobody's, or a password in the wrong field, the database
/// gets a hash.
fn key(account: &str) -> String {
    format!("{:x}", Sha256::digest(account))
}

fn too_many(millis: u128) -> Refusal {
    let seconds = millis.div_ceil(1000).max(1);
    Refusal::TooMany { seconds }
}

/// Forgets the addresses that have all their attempts again.
async fn forget(addresses: Arc<DefaultKeyedRateLimiter<IpAddr>>) {
    loop {
        sleep(Duration::from_mins(1)).await;
        addresses.retain_recent();
    }
}
