//! How long sessions live, from the numbers that a step's program has.

mod svg;

use crate::tree::Step;
use syn::{BinOp, Expr, ExprLit, Item, Lit};

/// Where a step says it.
const FILE: &str = "src/life.rs";

/// A step's idle timeout, absolute lifetime and Remember me, in seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timeline {
    idle: i64,
    max: i64,
    remember: i64,
    /// A visit renews when this part of the idle timeout has gone by since the last
    /// write: 10 for a tenth.
    renewals: i64,
}

impl Timeline {
    /// The error names the constant that is missing or no plain number.
    pub fn read(step: &Step) -> Result<Self, String> {
        let place = format!("steps/{}/{FILE}", step.folder);
        let text = step.files.get(FILE);
        let text = text.ok_or_else(|| format!("{place}: not there"))?;
        Self::parse(text).map_err(|error| format!("{place}: {error}"))
    }

    fn parse(text: &str) -> Result<Self, String> {
        let file = syn::parse_file(text).map_err(|error| error.to_string())?;
        let number = |name: &str| {
            let found = file.items.iter().find_map(|item| match item {
                Item::Const(item) if item.ident == name => Some(&*item.expr),
                _ => None,
            });
            let found = found.ok_or_else(|| format!("the timeline needs a const {name}"))?;
            let wanted = || format!("const {name} is not made of whole numbers and `*` alone");
            value(found).ok_or_else(wanted)
        };
        let timeline = Self {
            idle: number("IDLE")?,
            max: number("MAX")?,
            remember: number("REMEMBER")?,
            renewals: number("RENEWALS")?,
        };
        let Self {
            idle,
            max,
            remember,
            renewals,
        } = timeline;
        // Three idle timeouts are drawn before the axis has its first gap, and two
        // visits one part and a half of it apart.
        if idle < 1 || max <= 4 * idle || remember <= max + idle || !(3..=20).contains(&renewals) {
            return Err(format!(
                "no room for a timeline of IDLE {idle}, MAX {max}, REMEMBER {remember} and RENEWALS {renewals}"
            ));
        }
        Ok(timeline)
    }

    fn title(self) -> String {
        let [idle, max, remember] = [self.idle, self.max, self.remember].map(span);
        format!("How long a session lives: {idle} of silence, {max} in all, or {remember}")
    }

    /// The drawing in words, one sentence for each of its rows.
    fn rows(self) -> [String; 3] {
        let [idle, max, remember] = [self.idle, self.max, self.remember].map(span);
        let part = span(self.idle / self.renewals);
        [
            format!(
                "Now and then: each visit begins the {idle} anew and is written, but for \
                 those within {part} of the last write. After {idle} of silence the \
                 session is gone."
            ),
            format!("All the time: {max} after it began, the session is gone all the same."),
            format!(
                "Remember me: the session is gone {remember} after the login. No visit \
                 renews it, and no silence ends it."
            ),
        ]
    }

    /// For a renderer that has no drawings.
    pub fn text(self) -> String {
        let rows = self.rows().map(|row| format!("- {row}\n"));
        format!("{}:\n\n{}", self.title(), rows.concat())
    }
}

/// What an expression such as `15 * 60` comes to.
fn value(expression: &Expr) -> Option<i64> {
    match expression {
        Expr::Lit(ExprLit {
            lit: Lit::Int(number),
            ..
        }) => number.base10_parse().ok(),
        Expr::Binary(product) if matches!(product.op, BinOp::Mul(_)) => {
            value(&product.left)?.checked_mul(value(&product.right)?)
        }
        _ => None,
    }
}

/// In the largest unit that leaves nothing over.
fn span(seconds: i64) -> String {
    let units = [(86_400, "days"), (3600, "h"), (60, "min")];
    let unit = units.into_iter().find(|(size, _)| seconds % size == 0);
    let (size, unit) = unit.unwrap_or((1, "s"));
    match (seconds / size, unit) {
        (1, "days") => "1 day".to_owned(),
        (count, unit) => format!("{count} {unit}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIFE: &str = "const IDLE: i64 = 15 * 60;\n\
        pub const MAX: i64 = 12 * 60 * 60;\n\
        const REMEMBER: i64 = 30 * 24 * 60 * 60;\n\
        const RENEWALS: i64 = 10;\n";

    #[test]
    fn the_numbers_are_read_from_the_program() {
        let timeline = Timeline::parse(LIFE).unwrap();
        let expected = Timeline {
            idle: 900,
            max: 43_200,
            remember: 2_592_000,
            renewals: 10,
        };
        assert_eq!(timeline, expected);
        let text = timeline.text();
        for words in [
            "15 min of silence",
            "within 90 s of",
            "12 h after",
            "30 days after",
        ] {
            assert!(text.contains(words), "{words}: {text}");
        }
    }

    #[test]
    fn what_cannot_be_read_or_drawn_is_an_error() {
        for (old, new, complaint) in [
            (
                "const IDLE",
                "const IDLES",
                "the timeline needs a const IDLE",
            ),
            (
                "const RENEWALS",
                "static RENEWALS",
                "the timeline needs a const RENEWALS",
            ),
            ("12 * 60 * 60", "hours(12)", "const MAX is not made of"),
            ("12 * 60", "12 + 60", "const MAX is not made of"),
            ("15 * 60", "IDLE_MINUTES * 60", "const IDLE is not made of"),
            (
                "30 *",
                "9_000_000_000_000_000 *",
                "const REMEMBER is not made of",
            ),
            ("15 * 60", "0", "no room for a timeline of IDLE 0,"),
            ("= 10", "= 1", "no room for a timeline of"),
            ("12 * 60", "1 * 60", "no room for a timeline of"),
            ("i64 =", "i64", "expected"),
        ] {
            let error = Timeline::parse(&LIFE.replacen(old, new, 1)).unwrap_err();
            assert!(error.starts_with(complaint), "{new}: {error}");
        }
    }

    #[test]
    fn a_span_has_the_unit_in_which_it_is_whole() {
        let spans = [86_400, 5_184_000, 7200, 5400, 90, 1].map(span);
        assert_eq!(spans, ["1 day", "60 days", "2 h", "90 min", "90 s", "1 s"]);
    }
}
