//! A recorded scene as a sequence diagram: browsers, the app and its store, and what
//! goes from one to the other, in short. The transcript has it in full.

mod svg;

use crate::scene::{Exchange, Scene, Turn};

/// Who takes part, from left to right, and what happens between them.
#[derive(Debug, PartialEq, Eq)]
pub struct Sequence {
    /// What it shows, in a sentence.
    pub about: String,
    pub lanes: Vec<String>,
    pub steps: Vec<Step>,
}

#[derive(Debug, PartialEq, Eq)]
pub enum Step {
    /// What happens beside the requests, as a sentence.
    Note(String),
    Arrow(Arrow),
}

/// From one lane to another, by their numbers.
#[derive(Debug, PartialEq, Eq)]
pub struct Arrow {
    pub from: usize,
    pub to: usize,
    /// Some words on each line.
    pub words: Vec<String>,
    /// Whether it answers an earlier one.
    pub answers: bool,
    /// Whether it begins an exchange.
    pub begins: bool,
}

impl Sequence {
    pub fn of(scene: &Scene) -> Self {
        let exchanges = || {
            scene.turns.iter().filter_map(|turn| match turn {
                Turn::Exchange(exchange) => Some(exchange),
                Turn::Event(_) => None,
            })
        };
        let mut lanes: Vec<String> = Vec::new();
        let names = exchanges().map(browser).chain(exchanges().map(app));
        for name in names.chain(exchanges().filter_map(store)) {
            if !lanes.contains(&name) {
                lanes.push(name);
            }
        }
        let steps = scene.turns.iter().flat_map(|turn| match turn {
            Turn::Event(event) => vec![Step::Note(note(event))],
            Turn::Exchange(exchange) => arrows(exchange, &lanes),
        });
        Self {
            about: scene.about.clone(),
            steps: steps.collect(),
            lanes,
        }
    }

    /// A line for each step, for who does not see the drawing.
    pub fn told(&self) -> Vec<String> {
        let told = |step: &Step| match step {
            Step::Note(note) => note.clone(),
            Step::Arrow(arrow) => {
                let (from, to) = (&self.lanes[arrow.from], &self.lanes[arrow.to]);
                format!("{from} to {to}: {}.", arrow.words.join(", "))
            }
        };
        self.steps.iter().map(told).collect()
    }
}

/// `Ada`, for `ada` and for `ada@2`.
fn browser(exchange: &Exchange) -> String {
    capital(exchange.who.split('@').next().unwrap_or_default())
}

fn capital(name: &str) -> String {
    let mut letters = name.chars();
    let first = letters.next().map(|first| first.to_uppercase().to_string());
    first.unwrap_or_default() + letters.as_str()
}

/// Without marks for code, which a drawing has none of.
fn note(event: &str) -> String {
    capital(&event.replace('`', ""))
}

/// `app`, or `app 2` for `ada@2`.
fn app(exchange: &Exchange) -> String {
    match exchange.who.split_once('@') {
        Some((_, number)) => format!("app {number}"),
        None => "app".to_owned(),
    }
}

fn store(exchange: &Exchange) -> Option<String> {
    let name = exchange.store.first()?.split(' ').next()?;
    Some(match name {
        "redis" => "Redis".to_owned(),
        "mongodb" => "MongoDB".to_owned(),
        other => other.to_owned(),
    })
}

fn arrows(exchange: &Exchange, lanes: &[String]) -> Vec<Step> {
    let lane = |name: &String| lanes.iter().position(|lane| lane == name);
    let lane_of = |name: &String| lane(name).unwrap_or_default();
    let (browser, app) = (lane_of(&browser(exchange)), lane_of(&app(exchange)));
    let arrow = |from, to, words, answers, begins| {
        Step::Arrow(Arrow {
            from,
            to,
            words,
            answers,
            begins,
        })
    };
    let mut arrows = Vec::new();
    // What was sent before has its arrow in a note.
    if !exchange
        .ask
        .iter()
        .any(|line| line.ends_with("(sent before)"))
    {
        arrows.push(arrow(browser, app, asked(&exchange.ask), false, true));
    }
    if let Some(store) = store(exchange).as_ref().and_then(lane) {
        let commands = exchange.store.iter().map(|line| vec![command(line)]);
        arrows.extend(commands.map(|words| arrow(app, store, words, false, false)));
    }
    arrows.push(arrow(app, browser, answered(&exchange.answer), true, false));
    arrows
}

/// Method and path, and the cookie that came along.
fn asked(lines: &[String]) -> Vec<String> {
    let first = lines.first().map(String::as_str).unwrap_or_default();
    let mut words: Vec<&str> = first.split(' ').take(2).collect();
    words.retain(|word| !word.is_empty());
    let cookie = lines.iter().find_map(|line| line.strip_prefix("cookie: "));
    let cookie = cookie.map(|cookie| format!("cookie {}", short(cookie)));
    std::iter::once(words.join(" ")).chain(cookie).collect()
}

/// The status or where it leads, and the cookie that is set.
fn answered(lines: &[String]) -> Vec<String> {
    let header = |name: &str| lines.iter().find_map(|line| line.strip_prefix(name));
    let status = lines.first().map(String::as_str).unwrap_or_default();
    let status = match header("location: ") {
        Some(location) => {
            let code = status.split(' ').next().unwrap_or_default();
            format!("{code}, to {location}")
        }
        None => status.to_owned(),
    };
    let cookie = header("set-cookie: ").map(|cookie| {
        if cookie.contains("Max-Age=0") {
            "takes the cookie away".to_owned()
        } else {
            format!(
                "set-cookie {}",
                short(cookie.split(';').next().unwrap_or_default())
            )
        }
    });
    std::iter::once(status).chain(cookie).collect()
}

/// `SET <id 1> NX` for `redis SET <id 1> <record> EXAT <time> NX`; of MongoDB's commands
/// the name and the ID.
fn command(line: &str) -> String {
    let mut words = line.split(' ').skip(1);
    let name = words.next().unwrap_or_default().to_owned();
    let flag = words.last().filter(|word| ["NX", "XX"].contains(word));
    let id = id(line).map(str::to_owned);
    let parts = [Some(name), id, flag.map(str::to_owned)];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" ")
}

/// A cookie's ID where it has one, else its beginning.
fn short(cookie: &str) -> String {
    const ENOUGH: usize = 24;
    match id(cookie) {
        Some(id) => id.to_owned(),
        None if cookie.chars().count() <= ENOUGH => cookie.to_owned(),
        None => cookie.chars().take(ENOUGH - 1).chain(['…']).collect(),
    }
}

/// `<id 1>`, the first one in there.
fn id(text: &str) -> Option<&str> {
    let start = text.find("<id ")?;
    let end = text[start..].find('>')?;
    Some(&text[start..=start + end])
}

#[cfg(test)]
mod tests {
    use super::*;
    use checks::transcript;

    const SCENE: &str = "\
# Mallory's cookie in Ada's browser.
> mallory POST /login email=m&password=p
$ redis SET <id 1> <record> EXAT <time> NX
< 303 See Other
< set-cookie: beer.sid=<signature 1><id 1>; HttpOnly; Path=/
< location: /

! copy mallory ada

> ada@2 GET /
> cookie: beer.sid=<signature 1><id 1>
$ redis GET <id 1>
< 200 OK
< set-cookie: beer.sid=; Path=/; Max-Age=0
| Hello
";

    fn sequence(text: &str) -> Sequence {
        Sequence::of(&Scene::new(transcript::parse(text).unwrap()).unwrap())
    }

    #[test]
    fn who_takes_part_stands_from_left_to_right() {
        let lanes = ["Mallory", "Ada", "app", "app 2", "Redis"];
        assert_eq!(sequence(SCENE).lanes, lanes);
    }

    #[test]
    fn what_goes_from_one_to_the_other_is_told_in_short() {
        let expected = [
            "Mallory to app: POST /login.",
            "app to Redis: SET <id 1> NX.",
            "app to Mallory: 303, to /, set-cookie <id 1>.",
            "Ada has a copy of mallory's cookies.",
            "Ada to app 2: GET /, cookie <id 1>.",
            "app 2 to Redis: GET <id 1>.",
            "app 2 to Ada: 200 OK, takes the cookie away.",
        ];
        assert_eq!(sequence(SCENE).told(), expected);
    }

    #[test]
    fn commands_of_mongodb_and_other_cookies_fit() {
        let update = "mongodb update sessions {_id: <id 2>} {$set: {data: <record>}}";
        assert_eq!(command(update), "update <id 2>");
        assert_eq!(command("mongodb insert sessions <record>"), "insert");
        assert_eq!(short("name=Ada"), "name=Ada");
        assert_eq!(short(&"x".repeat(30)).chars().count(), 24);
    }
}
