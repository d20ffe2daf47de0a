//! The diagram as a drawing. Its colours are those of the reader's theme.

use super::{Arrow, Sequence, Step};
use crate::{
    html::{escape, figure},
    svg::{WIDTH, drawing, line, text},
};
use std::fmt::Write as _;

/// From the edge to the first lane and the last.
const EDGE: f64 = 36.0;

/// From one line of words to the next.
const LINE: f64 = 14.0;

/// How wide a letter is at most, and how many of them a note's line has.
const LETTER: f64 = 6.4;
const NOTE: usize = 54;

impl Sequence {
    /// Its IDs begin with `name`.
    pub fn svg(&self, name: &str) -> String {
        let mut steps = String::new();
        let mut y = 30.0;
        for step in &self.steps {
            let (drawn, height) = match step {
                Step::Note(words) => note(y, words),
                Step::Arrow(arrow) => self.arrow(y, arrow),
            };
            steps += &drawn;
            y += height;
        }
        let height = y + 8.0;
        let lanes = (0..).zip(&self.lanes).map(|(number, lane)| {
            let x = self.x(number);
            line("lane", [x, 22.0], [x, height]) + &text("who", [x, 14.0], lane)
        });
        let lanes: String = lanes.collect();
        let drawing = drawing(
            height,
            [&format!("{name}-title"), &self.about],
            [&format!("{name}-told"), &self.told().join(" ")],
            &(lanes + &steps),
        );
        figure("sequence", &self.about, &drawing)
    }

    fn x(&self, lane: usize) -> f64 {
        let gaps = u32::try_from(self.lanes.len().max(2) - 1).unwrap_or(1);
        let lane = u32::try_from(lane).unwrap_or_default();
        EDGE + (WIDTH - 2.0 * EDGE) / f64::from(gaps) * f64::from(lane)
    }

    /// With the height that it takes.
    fn arrow(&self, top: f64, arrow: &Arrow) -> (String, f64) {
        let top = if arrow.begins { top + 10.0 } else { top };
        let (from, to) = (self.x(arrow.from), self.x(arrow.to));
        let mut drawn = String::new();
        let mut y = top;
        for words in &arrow.words {
            y += LINE;
            drawn += &label([f64::midpoint(from, to), y - 3.0], words);
        }
        y += 3.0;
        // The head points to where it goes.
        let back = if to > from { to - 6.0 } else { to + 6.0 };
        let class = if arrow.answers { "answer" } else { "ask" };
        drawn += &line(class, [from, y], [back, y]);
        let (above, below) = (y - 3.5, y + 3.5);
        let _ = writeln!(
            drawn,
            "<path class=\"head\" d=\"M{to:.1} {y:.1}L{back:.1} {above:.1}V{below:.1}Z\"/>"
        );
        let begun = if arrow.begins { 10.0 } else { 0.0 };
        (drawn, y + 4.0 - top + begun)
    }
}

/// Words in the middle of that place, or as near to it as the drawing has room. Each ID
/// has a colour of its own.
fn label([x, y]: [f64; 2], words: &str) -> String {
    let half = LETTER * f64::from(u32::try_from(words.chars().count()).unwrap_or_default()) / 2.0;
    let x = x.clamp(half.min(WIDTH / 2.0), (WIDTH - half).max(WIDTH / 2.0));
    let words = escape(words);
    let words = match words.split_once("&lt;id ").and_then(|(before, rest)| {
        let (number, after) = rest.split_once("&gt;")?;
        Some((before, number, after))
    }) {
        Some((before, number, after)) => {
            format!("{before}<tspan class=\"id id-{number}\">id {number}</tspan>{after}")
        }
        None => words,
    };
    format!("<text class=\"label\" x=\"{x:.1}\" y=\"{y:.1}\">{words}</text>\n")
}

fn note(top: f64, words: &str) -> (String, f64) {
    let mut lines: Vec<String> = vec![String::new()];
    for word in words.split(' ') {
        let last = lines.last_mut();
        match last {
            Some(line) if line.is_empty() => line.push_str(word),
            Some(line) if line.chars().count() + 1 + word.chars().count() <= NOTE => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    let mut drawn = String::new();
    let mut y = top + 10.0;
    for line in &lines {
        y += LINE;
        drawn += &text("note", [WIDTH / 2.0, y - 3.0], line);
    }
    (drawn, y + 2.0 - top)
}
