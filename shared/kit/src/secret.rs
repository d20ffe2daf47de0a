//! The secret that signs cookies.

use crate::{SettingError, Settings};
use cookie::Key;

/// HKDF can stretch any input, but it cannot make a guessable one unguessable;
/// 32 bytes are what `Key::derive_from` asks for.
const MINIMUM_BYTES: usize = 32;

/// Signs cookies in development when `SESSION_SECRET` is unset, so that a
/// restart does not sign everybody out. Anyone can read it here.
const BUILT_IN: &str = "not a secret: everyone who has read this file knows it";

impl Settings {
    /// The key made from `SESSION_SECRET` (at least 32 bytes) that signs
    /// cookies. Unset in development, a built-in one with a warning, refused
    /// on an address that other machines reach; unset in production, an error.
    pub fn cookie_key(&self) -> Result<Key, SettingError> {
        if let Some(secret) = self.session_secret()? {
            check("SESSION_SECRET", secret)?;
        } else if self.production() {
            let advice = "production needs one of at least 32 bytes; `openssl rand -hex 32` makes a good one";
            return Err(SettingError::unset("SESSION_SECRET", advice));
        } else if !self.address().ip().is_loopback() {
            let advice = "other machines reach this address: set SESSION_SECRET to at least 32 bytes, or listen on 127.0.0.1";
            return Err(SettingError::new("HOST", self.address().ip(), advice));
        } else {
            tracing::warn!(
                "SESSION_SECRET is not set: cookies are signed with a built-in one that everybody knows"
            );
        }
        Ok(self.key())
    }

    /// The key made from `SESSION_SECRET_OLD`, which signed cookies before, if it is
    /// set.
    pub fn old_cookie_key(&self) -> Result<Option<Key>, SettingError> {
        let Some(secret) = self.text("SESSION_SECRET_OLD")? else {
            return Ok(None);
        };
        check("SESSION_SECRET_OLD", secret)?;
        if secret == BUILT_IN && !self.developer_tools() {
            let advice = "this is the built-in one, which everybody knows; leave it out";
            return Err(SettingError::unset("SESSION_SECRET_OLD", advice));
        }
        Ok(Some(Key::derive_from(secret.as_bytes())))
    }

    /// The same key without the questions, for the X-ray.
    pub(crate) fn key(&self) -> Key {
        let secret = self.session_secret().ok().flatten();
        let secret = secret.filter(|secret| secret.len() >= MINIMUM_BYTES);
        Key::derive_from(secret.unwrap_or(BUILT_IN).as_bytes())
    }

    fn session_secret(&self) -> Result<Option<&str>, SettingError> {
        let secret = self.text("SESSION_SECRET")?;
        Ok(secret.filter(|secret| *secret != BUILT_IN))
    }
}

fn check(name: &'static str, secret: &str) -> Result<(), SettingError> {
    if secret.len() < MINIMUM_BYTES {
        let advice = format!(
            "expected at least {MINIMUM_BYTES} bytes, got {}; `openssl rand -hex 32` makes a good one",
            secret.len()
        );
        return Err(SettingError::unset(name, advice));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashMap;

    fn settings(pairs: &[(&str, &str)]) -> Settings {
        let pairs = pairs
            .iter()
            .map(|(name, value)| ((*name).into(), (*value).into()));
        Settings::from_variables(pairs.collect::<HashMap<_, _>>()).unwrap()
    }

    #[test]
    fn the_built_in_secret_stays_on_this_machine_whoever_sets_it() {
        assert!(settings(&[]).cookie_key().is_ok());
        assert!(settings(&[("HOST", "0.0.0.0")]).cookie_key().is_err());
        let copied = [("HOST", "0.0.0.0"), ("SESSION_SECRET", BUILT_IN)];
        assert!(settings(&copied).cookie_key().is_err());
    }

    #[test]
    fn another_secret_gives_another_key() {
        let other = [("SESSION_SECRET", "0123456789abcdef0123456789abcdef")];
        assert_ne!(
            settings(&[]).cookie_key().unwrap(),
            settings(&other).cookie_key().unwrap()
        );
    }
}
