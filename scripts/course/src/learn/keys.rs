//! Single keys from the terminal, which is as it was when this ends, however it ends.

use crossterm::{
    event::{self, Event, KeyCode, KeyEventKind, KeyModifiers},
    terminal::{disable_raw_mode, enable_raw_mode},
};
use std::{io, panic, time::Duration};

/// A key that somebody may press.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Key {
    Letter(char),
    /// Ctrl-C, which reaches us as a key.
    Interrupt,
}

/// The terminal gives single keys for as long as this is there.
#[derive(Debug)]
pub struct Keys(());

#[expect(clippy::unused_self, reason = "without it there are no single keys")]
impl Keys {
    pub fn open() -> Result<Keys, String> {
        // What a panic says, on whichever thread, is for a terminal as it was.
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |panic| {
            let _ = disable_raw_mode();
            before(panic);
        }));
        enable_raw_mode().map_err(complaint)?;
        Ok(Keys(()))
    }

    /// The next key, or `None` if there is none within this time.
    pub fn next(&self, limit: Duration) -> Result<Option<Key>, String> {
        if !event::poll(limit).map_err(complaint)? {
            return Ok(None);
        }
        let Event::Key(key) = event::read().map_err(complaint)? else {
            return Ok(None);
        };
        // Windows tells of the release, too.
        if key.kind == KeyEventKind::Release {
            return Ok(None);
        }
        Ok(match key.code {
            KeyCode::Char('c') if key.modifiers.contains(KeyModifiers::CONTROL) => {
                Some(Key::Interrupt)
            }
            KeyCode::Char(letter) => Some(Key::Letter(letter.to_ascii_lowercase())),
            _ => None,
        })
    }

    /// Does this with the terminal as it was, for text and for questions. What was typed
    /// meanwhile and not taken was meant for it.
    pub fn aside<R>(&self, work: impl FnOnce() -> R) -> Result<R, String> {
        disable_raw_mode().map_err(complaint)?;
        let done = work();
        enable_raw_mode().map_err(complaint)?;
        while event::poll(Duration::ZERO).map_err(complaint)? {
            event::read().map_err(complaint)?;
        }
        Ok(done)
    }
}

impl Drop for Keys {
    fn drop(&mut self) {
        let _ = disable_raw_mode();
    }
}

#[expect(clippy::needless_pass_by_value, reason = "map_err gives it away")]
fn complaint(error: io::Error) -> String {
    format!("course: the terminal: {error}")
}
