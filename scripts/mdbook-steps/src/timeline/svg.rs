//! The timeline as a drawing. Its colours are those of the reader's theme.

use super::{Timeline, span};
use crate::{
    html::{escape, figure},
    svg::{WIDTH, drawing, line, text},
};

const HEIGHT: f64 = 246.0;
const MARGIN: f64 = 6.0;

/// The axis' pieces, in idle timeouts: from the start; around the absolute end; around
/// the end of Remember me. Between them time is left out.
const PIECES: [[f64; 2]; 3] = [[0.0, 3.0], [-0.8, 0.3], [-0.5, 0.1]];
const GAP: f64 = 22.0;

/// The bars' upper edges and their height.
const BARS: [f64; 3] = [22.0, 88.0, 136.0];
const BAR: f64 = 14.0;

const AXIS: f64 = 168.0;

/// A piece of the axis, and how many idle timeouts after its start or end.
type Moment = (usize, f64);

const BEGIN: Moment = (0, 0.0);
const MAX: Moment = (1, 0.0);
const REMEMBER: Moment = (2, 0.0);

impl Timeline {
    pub fn svg(self, step: &str) -> String {
        let parts = [
            self.now_and_then(),
            self.all_the_time(),
            self.remember_me(),
            self.axis(),
            self.legend(),
        ];
        let drawing = drawing(
            HEIGHT,
            [&format!("{step}-timeline"), &self.title()],
            [&format!("{step}-timeline-rows"), &self.rows().join(" ")],
            &parts.concat(),
        );
        figure("timeline", &self.title(), &drawing)
    }

    /// Each visit that is written has a line below the bar: how long it lasts.
    fn now_and_then(self) -> String {
        let idle = span(self.idle);
        // Within a part of the idle timeout after a write.
        let soon = 0.7 / f64::from(u8::try_from(self.renewals).unwrap_or(1));
        let written = [0.0, 0.45, 0.95];
        let end = (0, 1.95);
        let mut drawing = head(0, "Now and then", &format!("gone after {idle} of silence"));
        drawing += &life(0, end);
        for (y, at) in [42.0, 48.0, 54.0].into_iter().zip(written) {
            let (from, to) = (x((0, at)), x((0, at + 1.0)));
            drawing += &line("lasts", [from, y], [to, y]);
            drawing += &visit(0, (0, at), true);
        }
        for at in [soon, 0.45 + soon] {
            drawing += &visit(0, (0, at), false);
        }
        drawing + &text("small", [x(end) + 5.0, 57.0], &format!("{idle} from each"))
    }

    fn all_the_time(self) -> String {
        let max = span(self.max);
        let mut drawing = head(1, "All the time", &format!("gone after {max} all the same"));
        drawing += &life(1, MAX);
        for at in [0.0, 0.55, 1.1, 1.65, 2.2, 2.75] {
            drawing += &visit(1, (0, at), true);
        }
        for at in [-0.7, -0.15] {
            drawing += &visit(1, (1, at), true);
        }
        drawing
    }

    fn remember_me(self) -> String {
        let remember = span(self.remember);
        let mut drawing = head(
            2,
            "Remember me",
            &format!("gone {remember} after the login"),
        );
        drawing += &life(2, REMEMBER);
        drawing += &visit(2, BEGIN, true);
        for at in [(0, 0.55), (0, 2.2), (1, -0.4)] {
            drawing += &visit(2, at, false);
        }
        drawing
    }

    fn axis(self) -> String {
        let mut drawing = String::new();
        for (piece, ends) in PIECES.into_iter().enumerate() {
            let [from, to] = ends.map(|at| x((piece, at)));
            drawing += &line("axis", [from, AXIS], [to, AXIS]);
            if piece > 0 {
                drawing += &gap([from - GAP / 2.0, AXIS]);
            }
        }
        let mut mark = |at: Moment, seconds: i64, class: &str| {
            let x = x(at);
            let name = if seconds == 0 {
                "0".to_owned()
            } else {
                span(seconds)
            };
            drawing += &line("axis", [x, AXIS], [x, AXIS + 4.0]);
            drawing += &text(&format!("small {class}"), [x, AXIS + 16.0], &name);
        };
        mark(BEGIN, 0, "middle");
        mark((0, 1.0), self.idle, "middle");
        mark((0, 2.0), 2 * self.idle, "middle");
        mark((0, 3.0), 3 * self.idle, "middle");
        mark(MAX, self.max, "middle");
        mark(REMEMBER, self.remember, "end-here");
        drawing
    }

    /// What the marks mean.
    fn legend(self) -> String {
        let part = span(self.idle / self.renewals);
        let words = [
            "written: the visit renews the session".to_owned(),
            format!("only read: within {part} of a write, or with Remember me"),
            "time is left out; the scale is the same on both sides".to_owned(),
        ];
        let (x, ys) = (11.0, [204.0, 221.0, 238.0]);
        let marks = [
            line("written", [x, ys[0] - 9.0], [x, ys[0] + 9.0]),
            line("read", [x, ys[1] - 5.0], [x, ys[1] + 5.0]),
            gap([x, ys[2]]),
        ];
        let words = words.iter().zip(ys);
        let words = words.map(|(words, y)| text("small", [22.0, y + 4.0], words));
        marks.concat() + &words.collect::<String>()
    }
}

/// What stands above a bar.
fn head(row: usize, who: &str, end: &str) -> String {
    let y = BARS[row] - 8.0;
    let (who, end) = (escape(who), escape(end));
    format!("<text x=\"{MARGIN}\" y=\"{y}\"><tspan class=\"who\">{who}:</tspan> {end}</text>\n")
}

/// A bar from the beginning to this moment, and its end.
fn life(row: usize, end: Moment) -> String {
    let top = BARS[row];
    let mut drawing = String::new();
    for (piece, [from, to]) in PIECES.into_iter().enumerate().take(end.0 + 1) {
        let from = x((piece, from));
        let to = if piece == end.0 {
            x(end)
        } else {
            x((piece, to))
        };
        drawing += &bar(from, to, top);
        if piece > 0 {
            let middle = top + BAR / 2.0;
            drawing += &line("left-out", [from - GAP, middle], [from, middle]);
        }
    }
    let x = x(end);
    drawing + &line("end", [x, top - 4.0], [x, top + BAR + 4.0])
}

fn bar(from: f64, to: f64, top: f64) -> String {
    let size = format!("width=\"{:.1}\" height=\"{BAR}\"", to - from);
    format!("<rect class=\"life\" x=\"{from:.1}\" y=\"{top}\" {size}/>\n")
}

fn visit(row: usize, at: Moment, written: bool) -> String {
    let (x, top) = (x(at), BARS[row]);
    if written {
        line("written", [x, top - 2.0], [x, top + BAR + 2.0])
    } else {
        line("read", [x, top + 2.0], [x, top + BAR - 2.0])
    }
}

/// Two slanted strokes.
fn gap([x, y]: [f64; 2]) -> String {
    let slanted = |x: f64| line("axis", [x - 2.0, y + 5.0], [x + 2.0, y - 5.0]);
    slanted(x - 2.5) + &slanted(x + 2.5)
}

fn x((piece, idles): Moment) -> f64 {
    let widths = PIECES.map(|[from, to]| to - from);
    let gaps = [0.0, GAP, 2.0 * GAP];
    let scale = (WIDTH - 2.0 * MARGIN - gaps[2]) / widths.iter().sum::<f64>();
    let before: f64 = widths[..piece].iter().sum();
    MARGIN + gaps[piece] + (before + idles - PIECES[piece][0]) * scale
}
