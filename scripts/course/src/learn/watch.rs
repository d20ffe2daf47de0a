//! `watch`: checks on every save, and takes single keys.

use super::{
    Course,
    bar::Bar,
    check::{self, Order, Outcome},
    compare, hint,
    job::Cancel,
    keys::{Key, Keys},
    my_app::MyApp,
    start, terminal,
};
use notify::{RecommendedWatcher, RecursiveMode, Watcher};
use std::{
    io,
    sync::mpsc::{self, Receiver},
    thread::{self, JoinHandle},
    time::Duration,
};

const KEYS: &str = "h hint  d diff  r reset  n next  q quit";

/// An editor writes a file in several steps.
const SETTLE: Duration = Duration::from_millis(100);

/// Checks now and after each save, until somebody quits or `interrupted` says so.
pub fn watch(course: &Course, interrupted: &Cancel) -> Result<(), String> {
    if !terminal::is_there() {
        return Err("course: watch needs a terminal; `cargo course check` checks once".to_owned());
    }
    Order::of_my_app(course)?;
    let keys = Keys::open()?;
    let mut saves = Saves::of(&course.app)?;
    let mut running = Some(Running::start(course)?);
    while !interrupted.is_cancelled() {
        let mut begins = false;
        match keys.next(Duration::from_millis(50))? {
            Some(Key::Interrupt | Key::Letter('q')) => break,
            Some(Key::Letter(letter)) => {
                let bar = running.as_ref().map(|running| running.bar.clone());
                let bar = bar.unwrap_or_else(Bar::new);
                let pressed = bar.aside(|| keys.aside(|| press(course, letter)));
                // What it has said stays on the screen.
                begins = pressed? || saves.changed();
            }
            None => {}
        }
        let has_changed = saves.are_there();
        if has_changed || begins {
            // The old one ends before the new one begins.
            drop(running.take());
            if !begins {
                keys.aside(clear)?;
            }
            running = Some(Running::start(course)?);
        }
        if running.as_ref().is_some_and(Running::has_ended)
            && let Some(ended) = running.take()
        {
            keys.aside(|| ended.tell(course))?;
        }
    }
    Ok(())
}

/// Does what this key is for. `true`: my-app is at another lesson now.
fn press(course: &Course, letter: char) -> bool {
    let lesson = || course.current().map(|(lesson, _)| lesson.number());
    let before = lesson();
    let done = match letter {
        'h' => hint::hint(course),
        'd' => compare::diff(course, None),
        'r' => start::reset(course),
        'n' => start::next(course),
        _ => return false,
    };
    if let Err(error) = done {
        eprintln!("{error}");
    }
    terminal::say(&format!("\n{KEYS}"));
    lesson() != before
}

/// A check that is under way. It ends when this is dropped.
struct Running {
    order: Order,
    bar: Bar,
    cancel: Cancel,
    thread: Option<JoinHandle<Result<Outcome, String>>>,
}

impl Running {
    fn start(course: &Course) -> Result<Running, String> {
        let order = Order::of_my_app(course)?;
        let (bar, cancel) = (Bar::new(), Cancel::default());
        let thread = {
            let (order, bar, cancel) = (order.clone(), bar.clone(), cancel.clone());
            thread::spawn(move || check::judge(&order, &bar, &cancel))
        };
        Ok(Running {
            order,
            bar,
            cancel,
            thread: Some(thread),
        })
    }

    fn has_ended(&self) -> bool {
        self.thread.as_ref().is_some_and(JoinHandle::is_finished)
    }

    fn tell(mut self, course: &Course) {
        let outcome = self.thread.take().and_then(|thread| thread.join().ok());
        let told = match outcome {
            Some(Ok(outcome)) => check::tell(course, &self.order, &outcome).map(drop),
            Some(Err(error)) => Err(error),
            // It has said so.
            None => Ok(()),
        };
        if let Err(error) = told {
            eprintln!("{error}");
        }
        terminal::say(&format!("\n{KEYS}"));
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.cancel.cancel();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// The learner's saves.
struct Saves {
    app: MyApp,
    stamps: Stamps,
    events: Receiver<()>,
    _watcher: RecommendedWatcher,
}

type Stamps = std::collections::BTreeMap<String, (Option<std::time::SystemTime>, u64)>;

impl Saves {
    fn of(app: &MyApp) -> Result<Saves, String> {
        let (sender, events) = mpsc::channel();
        let tell = move |_| {
            let _ = sender.send(());
        };
        let watcher = notify::recommended_watcher(tell).and_then(|mut watcher| {
            watcher.watch(&app.folder, RecursiveMode::Recursive)?;
            Ok(watcher)
        });
        Ok(Saves {
            app: app.clone(),
            stamps: app.stamps(),
            events,
            _watcher: watcher.map_err(|error| format!("course: {}: {error}", app.name()))?,
        })
    }

    /// Whether a file was saved since somebody asked last. Events come for reads and
    /// for other files, too, so that they say only when to look.
    fn are_there(&mut self) -> bool {
        if self.events.try_recv().is_err() {
            return false;
        }
        while self.events.recv_timeout(SETTLE).is_ok() {}
        self.changed()
    }

    /// The same without waiting for an event.
    fn changed(&mut self) -> bool {
        let stamps = self.app.stamps();
        let saved = stamps != self.stamps;
        self.stamps = stamps;
        saved
    }
}

/// An empty screen for what comes.
fn clear() {
    use crossterm::{
        cursor::MoveTo,
        execute,
        terminal::{Clear, ClearType},
    };
    let _ = execute!(io::stdout(), Clear(ClearType::All), MoveTo(0, 0));
}
