//! A transcript cut into turns that can be drawn.

use checks::{
    store::Kind,
    transcript::{Event, Line, Request},
};
use std::ops::RangeInclusive;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scene {
    /// What it shows, in a sentence.
    pub about: String,
    pub turns: Vec<Turn>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Turn {
    /// What happens between requests, as a sentence.
    Event(String),
    Exchange(Exchange),
}

/// A request and its answer, line by line as on the wire.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Exchange {
    pub who: String,
    /// `POST /name name=Ada`, and the cookies that came with it.
    pub ask: Vec<String>,
    /// What the app asked of its store meanwhile.
    pub store: Vec<String>,
    /// The status and the headers that matter.
    pub answer: Vec<String>,
    /// The page's text.
    pub page: Vec<String>,
}

impl Scene {
    /// The error is that a request has no answer, or an answer no request.
    pub fn new(lines: Vec<Line>) -> Result<Self, String> {
        let mut about = Vec::new();
        let mut turns: Vec<Turn> = Vec::new();
        for line in lines {
            match (line, turns.last_mut()) {
                (Line::Blank, _) => {}
                (Line::Comment(text), _) => about.push(text),
                (Line::Event(Event::Served(request)), _) => {
                    let (who, ask) = (request.who.clone(), request.to_string());
                    let ask = ask.strip_prefix(&who).unwrap_or_default().trim_start();
                    turns.push(Turn::Exchange(Exchange {
                        who,
                        ask: vec![format!("{ask} (sent before)")],
                        ..Exchange::default()
                    }));
                }
                (Line::Event(event), _) => turns.push(Turn::Event(sentence(&event))),
                (Line::Request(request), _) => {
                    let whole = request.to_string();
                    let (who, ask) = whole.split_once(' ').unwrap_or_default();
                    turns.push(Turn::Exchange(Exchange {
                        who: who.to_owned(),
                        ask: vec![ask.to_owned()],
                        ..Exchange::default()
                    }));
                }
                (recorded, Some(Turn::Exchange(exchange))) => exchange.add(recorded),
                (recorded, _) => return Err(format!("no request before `{recorded}`")),
            }
        }
        let scene = Self {
            about: about.join(" "),
            turns,
        };
        if scene.exchanges().any(|exchange| exchange.answer.is_empty()) {
            return Err("not recorded yet: run scripts/test --bless".to_owned());
        }
        Ok(scene)
    }

    fn exchanges(&self) -> impl Iterator<Item = &Exchange> {
        self.turns.iter().filter_map(|turn| match turn {
            Turn::Exchange(exchange) => Some(exchange),
            Turn::Event(_) => None,
        })
    }

    /// Only these exchanges, counted from 1, each with the events before it.
    pub fn cut(mut self, range: &RangeInclusive<usize>) -> Result<Self, String> {
        let count = self.exchanges().count();
        if *range.end() > count {
            return Err(format!("there are {count} exchanges, not {}", range.end()));
        }
        let mut before = 0;
        self.turns.retain(|turn| {
            let here = range.contains(&(before + 1));
            before += usize::from(matches!(turn, Turn::Exchange(_)));
            here
        });
        Ok(self)
    }
}

impl Exchange {
    /// A recorded line. As itself, without the mark that it has in the file.
    fn add(&mut self, recorded: Line) {
        match recorded {
            Line::Cookie(cookies) => self.ask.push(format!("cookie: {cookies}")),
            Line::Status(status) => self.answer.push(status),
            Line::Header(name, value) => self.answer.push(format!("{name}: {value}")),
            Line::Text(text) => self.page.push(text),
            Line::Store(command) => self.store.push(command),
            Line::Blank | Line::Comment(_) | Line::Event(_) | Line::Request(_) => {}
        }
    }
}

fn sentence(event: &Event) -> String {
    match event {
        Event::Settings(settings) => format!("The app runs with {}.", all(settings)),
        Event::Variant(name) => format!("The app is the variant `{name}`."),
        Event::Store(Kind::Memory) => "The sessions are in the app's memory.".to_owned(),
        Event::Store(Kind::Redis) => "The sessions are in Redis.".to_owned(),
        Event::Store(Kind::Mongodb) => "The sessions are in MongoDB.".to_owned(),
        Event::Forget(who) => format!("The store loses {who}'s record."),
        Event::Spoil(who) => format!("Something else is written over {who}'s record."),
        Event::Down => "The store is killed.".to_owned(),
        Event::Up => "The store starts again.".to_owned(),
        Event::Freeze => "The store freezes: it takes connections and answers nothing.".to_owned(),
        Event::Thaw => "The store goes on.".to_owned(),
        Event::Restart(settings) if settings.is_empty() => {
            "The app is killed and starts anew.".to_owned()
        }
        Event::Restart(settings) => {
            format!("The app is killed and starts anew with {}.", all(settings))
        }
        Event::Second => "A second process of the app starts.".to_owned(),
        Event::Wait(1) => "A second passes.".to_owned(),
        Event::Wait(seconds) => format!("{seconds} seconds pass."),
        Event::Cookie(who, name, value) => {
            format!("{who} writes a cookie by hand: `{name}={value}`")
        }
        Event::Header(who, name, value) => {
            format!("{who}'s next request has the header `{name}: {value}`.")
        }
        Event::Copy(from, to) => format!("{to} has a copy of {from}'s cookies."),
        Event::Repeat(times, request) => format!("{times} times: `{request}`"),
        Event::Slow(request) => {
            let Request {
                who, method, path, ..
            } = request;
            format!("{who} sends `{method} {path}`, and the beer API keeps it waiting.")
        }
        Event::Served(request) => format!("The beer API answers: `{request}`"),
    }
}

fn all(settings: &[(String, String)]) -> String {
    let settings = settings
        .iter()
        .map(|(name, value)| format!("`{name}={value}`"));
    settings.collect::<Vec<_>>().join(" and ")
}
