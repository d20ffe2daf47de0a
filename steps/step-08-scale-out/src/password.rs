use bcrypt::BcryptError;
use std::{sync::Arc, time::Duration};
use tokio::{
    sync::Semaphore,
    task::{JoinError, spawn_blocking},
    time::timeout,
};

/// 2¹² rounds, some tenths of a second. OWASP asks for 10 or more (ASVS 5.0, 11.4.2).
const COST: u32 = 12;

/// bcrypt reads no more bytes than these.
pub const LONGEST: usize = 72;

/// How many are hashed at a time. Whoever sends a thousand logins at once waits for
/// them, and the other visitors do not.
const AT_ONCE: usize = 2;

/// How long one waits for its turn.
const LONGEST_WAIT: Duration = Duration::from_secs(10);

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("bcrypt failed: {0}")]
    Bcrypt(#[from] BcryptError),
    #[error("a password was not hashed: {0}")]
    Stopped(#[from] JoinError),
    #[error("too many passwords wait to be hashed")]
    Busy,
}

/// Hashes passwords, away from the threads that answer requests.
#[derive(Clone, Debug)]
pub struct Passwords(Arc<Semaphore>);

impl Passwords {
    pub fn new() -> Passwords {
        Passwords(Arc::new(Semaphore::new(AT_ONCE)))
    }

    /// The text to keep: cost, salt and hash.
    pub async fn hash(&self, password: String) -> Result<String, Error> {
        self.run(move || bcrypt::hash(password, COST)).await
    }

    /// Whether this password was hashed to that text.
    pub async fn verify(&self, password: String, hash: String) -> Result<bool, Error> {
        // Of a longer one bcrypt would compare the beginning, and a word with a zero
        // byte and the word again is to it the word.
        let fits = password.len() <= LONGEST && !password.contains('\0');
        let verified = self.run(move || bcrypt::verify(&password, &hash)).await;
        match verified {
            // The error quotes the text, which is not for the log.
            Err(Error::Bcrypt(_)) => {
                tracing::error!("a user has a password that bcrypt cannot read");
                Ok(false)
            }
            right => Ok(right? && fits),
        }
    }

    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, BcryptError> + Send + 'static,
    ) -> Result<T, Error> {
        let turn = timeout(LONGEST_WAIT, self.0.clone().acquire_owned()).await;
        let turn = turn.map_err(|_| Error::Busy)?;
        let work = spawn_blocking(move || {
            let _turn = turn;
            work()
        });
        Ok(work.await??)
    }
}
