//! The drawings. Their colours are those of the reader's theme.

use super::{FROM, Line, Plot, Plots, TO};
use crate::{
    html::figure,
    svg::{WIDTH, drawing, line, text},
};
use ::capacity::figure::round;

const HEIGHT: f64 = 282.0;

/// The edges of what lies between the axes.
const LEFT: f64 = 58.0;
const RIGHT: f64 = 368.0;
const TOP: f64 = 32.0;
const BOTTOM: f64 = 236.0;

/// What stands below the decades of live sessions.
const SESSIONS: [(f64, &str); 5] = [
    (FROM, "0.1 M"),
    (1e6, "1 M"),
    (1e7, "10 M"),
    (1e8, "100 M"),
    (TO, "1,000 M"),
];

/// Those that the table has.
const MARKED: [f64; 3] = [1e6, 1e7, 1e8];

impl Plots {
    pub fn svg(&self) -> String {
        let drawings: String = self.0.iter().map(Plot::svg).collect();
        let label = "Memory and writes for 0.1 to 1,000 million live sessions";
        figure("plots", label, &drawings)
    }
}

impl Plot {
    fn svg(&self) -> String {
        let Plot { name, title, .. } = self;
        let scale = Scale::of(self);
        let [upper, lower] = &self.lines;
        let parts = [
            text("head", [6.0, 18.0], self.title),
            scale.grid(),
            self.level(&scale),
            scale.line("upper", upper),
            scale.line("lower", lower),
            // Where a line has room: what is above it to the left, below it to the right.
            text(
                "upper end-here",
                scale.beside(upper, 2.5e8, [-9.0, -4.0]),
                &upper.name,
            ),
            text("lower", scale.beside(lower, 3e6, [9.0, 12.0]), &lower.name),
        ];
        drawing(
            HEIGHT,
            [&format!("capacity-{name}"), title],
            [&format!("capacity-{name}-about"), &self.about()],
            &parts.concat(),
        )
    }

    fn level(&self, scale: &Scale) -> String {
        let Some((level, what)) = &self.level else {
            return String::new();
        };
        let y = scale.y(*level);
        let drawn = line("level", [LEFT, y], [RIGHT, y]);
        drawn + &text("small", [LEFT + 6.0, y - 5.0], what)
    }
}

/// The decades from the lowest end of a line to the highest.
struct Scale {
    first: i32,
    last: i32,
}

impl Scale {
    fn of(plot: &Plot) -> Scale {
        let ends = plot.lines.iter().flat_map(|line| line.ends);
        let decades = ends.map(f64::log10);
        let (first, last) = decades.fold((f64::MAX, f64::MIN), |(first, last), decade| {
            (first.min(decade.floor()), last.max(decade.ceil()))
        });
        #[expect(clippy::cast_possible_truncation, reason = "decades are few")]
        let scale = Scale {
            first: first as i32,
            last: last as i32,
        };
        scale
    }

    fn y(&self, value: f64) -> f64 {
        let (first, last) = (f64::from(self.first), f64::from(self.last));
        BOTTOM - (value.log10() - first) / (last - first) * (BOTTOM - TOP)
    }

    fn grid(&self) -> String {
        let mut drawing = String::new();
        for decade in self.first..=self.last {
            let value = 10f64.powi(decade);
            let y = self.y(value);
            let name = if value < 1.0 {
                format!("{value}")
            } else {
                round(value)
            };
            drawing += &line("grid", [LEFT, y], [RIGHT, y]);
            drawing += &text("small end-here", [LEFT - 6.0, y + 4.0], &name);
        }
        for (sessions, name) in SESSIONS {
            let x = x(sessions);
            // The last one would stand out.
            let (class, at) = if sessions < TO {
                ("small middle", x)
            } else {
                ("small end-here", WIDTH - 4.0)
            };
            drawing += &line("grid", [x, TOP], [x, BOTTOM]);
            drawing += &text(class, [at, BOTTOM + 17.0], name);
        }
        let middle = f64::midpoint(LEFT, RIGHT);
        drawing + &text("small middle", [middle, HEIGHT - 6.0], "live sessions")
    }

    /// Straight, as what grows with the sessions is on two logarithmic axes.
    fn line(&self, class: &str, of: &Line) -> String {
        let [from, to] = of.ends.map(|end| self.y(end));
        let marks = MARKED.map(|sessions| {
            let [x, y] = self.beside(of, sessions, [0.0; 2]);
            format!("<circle class=\"{class}\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"3\"/>\n")
        });
        line(class, [LEFT, from], [RIGHT, to]) + &marks.concat()
    }

    /// A place so far from where the line is for so many sessions.
    fn beside(&self, Line { ends, .. }: &Line, sessions: f64, [dx, dy]: [f64; 2]) -> [f64; 2] {
        let (x, [from, to]) = (x(sessions), ends.map(|end| self.y(end)));
        let y = from + (to - from) * (x - LEFT) / (RIGHT - LEFT);
        [x + dx, y + dy]
    }
}

fn x(sessions: f64) -> f64 {
    let decades = (sessions / FROM).log10() / (TO / FROM).log10();
    LEFT + decades * (RIGHT - LEFT)
}
