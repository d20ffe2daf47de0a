//! A clock that a check turns on by itself: hours go by for the app, and not for
//! us. It is libfaketime, a library that is loaded before the C library and answers
//! in its place when a program asks what time it is.

use crate::verdict::{Stop, Verdict};
use std::{
    ffi::OsString,
    fs,
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, SystemTime},
};
use tempfile::TempDir;

/// The one for programs with threads.
const LIBRARY: &str = "libfaketimeMT.so.1";

/// A clock that some programs of a check go by. What is no date stays as it is: a
/// program that sleeps for a second sleeps for a second of ours.
#[derive(Debug, Clone)]
pub struct Clock(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    library: PathBuf,
    /// Where the programs read how far the clock is ahead.
    folder: TempDir,
    ahead: Mutex<Duration>,
    /// The process IDs of those who were started with it.
    started: Mutex<Vec<u32>>,
}

impl Clock {
    /// Whether this machine has the library.
    pub(crate) fn is_there() -> bool {
        library().is_some()
    }

    pub(crate) fn new() -> Result<Clock, Stop> {
        let library = library().ok_or_else(|| Stop::Harness("there is no libfaketime".into()))?;
        let clock = Clock(Arc::new(Inner {
            library,
            folder: tempfile::tempdir()?,
            ahead: Mutex::default(),
            started: Mutex::default(),
        }));
        clock.forward(Duration::ZERO)?;
        Ok(clock)
    }

    /// This much later, for all who go by it, from their next look on.
    pub fn forward(&self, by: Duration) -> Verdict {
        let mut ahead = self.0.ahead.lock().unwrap_or_else(PoisonError::into_inner);
        let later = *ahead + by;
        // Nobody shall read half of it.
        let (draft, file) = (self.file("draft"), self.file("time"));
        fs::write(&draft, format!("+{:.3}\n", later.as_secs_f64()))?;
        fs::rename(&draft, &file)?;
        *ahead = later;
        Ok(())
    }

    /// What the programs think that it is now.
    pub fn now(&self) -> SystemTime {
        let ahead = self.0.ahead.lock().unwrap_or_else(PoisonError::into_inner);
        SystemTime::now() + *ahead
    }

    /// What a program has to have in its environment to go by it.
    pub(crate) fn variables(&self) -> [(&'static str, OsString); 5] {
        // The C library's own `malloc` before that of Redis: jemalloc looks at the
        // clock before libfaketime is ready for it.
        let mut preload = self.0.library.clone().into_os_string();
        preload.push(":libc.so.6");
        [
            ("LD_PRELOAD", preload),
            ("FAKETIME_TIMESTAMP_FILE", self.file("time").into()),
            // Without it the file is read every ten seconds.
            ("FAKETIME_NO_CACHE", "1".into()),
            ("FAKETIME_DONT_FAKE_MONOTONIC", "1".into()),
            ("NO_FAKE_STAT", "1".into()),
        ]
    }

    /// A process that goes by it now.
    pub(crate) fn started(&self, pid: u32) {
        let mut started = self
            .0
            .started
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        started.push(pid);
    }

    fn file(&self, name: &str) -> PathBuf {
        self.0.folder.path().join(name)
    }
}

/// What libfaketime leaves in the system's shared memory when its process is killed.
impl Drop for Inner {
    fn drop(&mut self) {
        let started = self
            .started
            .get_mut()
            .unwrap_or_else(PoisonError::into_inner);
        for pid in started.drain(..) {
            for name in ["faketime_shm", "sem.faketime_sem"] {
                // One that ended by itself has cleaned up.
                let _ = fs::remove_file(format!("/dev/shm/{name}_{pid}"));
            }
        }
    }
}

/// Where Debian and Fedora have it.
fn library() -> Option<PathBuf> {
    if !cfg!(target_os = "linux") {
        return None;
    }
    let debian = format!("/usr/lib/{}-linux-gnu/faketime", std::env::consts::ARCH);
    [debian.as_str(), "/usr/lib64/faketime", "/usr/lib/faketime"]
        .into_iter()
        .map(|folder| PathBuf::from(folder).join(LIBRARY))
        .find(|library| library.exists())
}

#[cfg(test)]
#[cfg(unix)]
mod tests;
