//! What live sessions need: the sheet of `cargo course capacity` without options, as a
//! table, and parts of it as drawings.

mod svg;

use crate::{html::escape, tables::line};
use ::capacity::{
    figure::figure,
    options::Options,
    recorded::Recorded,
    sheet::{Row, Sheet, clusters},
};

/// The table, and below it what it rests on.
pub fn html(recorded: &Recorded) -> String {
    let (table, assumed) = parts(recorded, escape);
    format!("<div class=\"capacity\">\n\n{table}\n\n{assumed}\n</div>\n")
}

pub fn text(recorded: &Recorded) -> String {
    let (table, assumed) = parts(recorded, str::to_owned);
    format!("{table}\n\n{assumed}")
}

fn parts(recorded: &Recorded, escape: fn(&str) -> String) -> (String, String) {
    let sheet = Sheet::new(recorded, &Options::default());
    let marks = sheet.sessions.iter().map(|_| "--:".to_owned());
    let mut table = vec![
        line("Live sessions", sheet.sessions.iter().cloned()),
        line("---", marks),
    ];
    table.extend(sheet.common.iter().map(row));
    for (store, rows) in &sheet.stores {
        let nothing = sheet.sessions.iter().map(|_| String::new());
        table.push(line(&format!("**{store}**"), nothing));
        // A store may have nothing of a kind.
        let rows = rows
            .iter()
            .filter(|row| row.cells.iter().any(|cell| cell != "–"));
        table.extend(rows.map(row));
    }
    let assumed = sheet
        .assumed
        .iter()
        .map(|text| format!("- {}\n", options(&escape(text))));
    (table.join("\n"), assumed.collect())
}

fn row(Row { label, cells }: &Row) -> String {
    line(label, cells.iter().cloned())
}

/// An option as code.
fn options(text: &str) -> String {
    let words = text.split(' ').map(|word| {
        let name = word.trim_end_matches([':', ',', '.']);
        if name.starts_with("--") {
            format!("`{name}`{}", &word[name.len()..])
        } else {
            word.to_owned()
        }
    });
    words.collect::<Vec<_>>().join(" ")
}

/// From the first number of live sessions to the last.
const FROM: f64 = 1e5;
const TO: f64 = 1e9;

/// What is drawn over the number of live sessions. Both axes are logarithmic.
#[derive(Debug)]
struct Plot {
    name: &'static str,
    title: &'static str,
    /// From the upper one down.
    lines: [Line; 2],
    /// Something to compare with, and what it is.
    level: Option<(f64, String)>,
}

/// All that is drawn grows as the sessions do, so its ends are enough.
#[derive(Debug)]
struct Line {
    name: String,
    ends: [f64; 2],
}

/// The drawings, for a renderer to choose how.
#[derive(Debug)]
pub struct Plots([Plot; 2]);

impl Plots {
    pub fn text(&self) -> String {
        let plots = self.0.each_ref();
        let plots = plots.map(|plot| format!("- {}: {}\n", plot.title, plot.about()));
        plots.concat()
    }
}

impl Plot {
    /// The drawing in words.
    fn about(&self) -> String {
        let lines = self.lines.iter().map(|Line { name, ends }| {
            let [from, to] = ends.map(figure);
            format!("{name}, {from} for 0.1 M live sessions, and {to} for 1,000 M")
        });
        let mut parts: Vec<String> = lines.collect();
        parts.extend(self.level.as_ref().map(|(_, what)| what.clone()));
        parts.join("; ") + "."
    }
}

pub fn plots(recorded: &Recorded) -> Plots {
    let options = Options::default();
    let [redis, mongodb] = clusters(recorded, &options);
    let line = |name: String, of: &dyn Fn(f64) -> f64| Line {
        name,
        ends: [FROM, TO].map(of),
    };
    let of_redis = |sessions| options.load(sessions).needs(&recorded.redis, &redis);
    let of_mongodb = |sessions| options.load(sessions).needs(&recorded.mongodb, &mongodb);
    let mut memory = [
        line("Redis".to_owned(), &|n| of_redis(n).memory),
        line("MongoDB".to_owned(), &|n| of_mongodb(n).memory),
    ];
    memory.sort_by(|a, b| b.ends[0].total_cmp(&a.ends[0]));
    let node = redis.node_memory;
    let once = format!("at most once in {} s", options.load(1.0).part());
    Plots([
        Plot {
            name: "memory",
            title: "Memory of one copy, in GiB",
            lines: memory,
            level: Some((node, format!("one node has {node} GiB"))),
        },
        Plot {
            name: "writes",
            title: "Writes a second, in Redis",
            lines: [
                line("renewing each time".to_owned(), &|n| {
                    of_redis(n).writes_unthrottled
                }),
                line(once, &|n| of_redis(n).writes),
            ],
            level: None,
        },
    ])
}
