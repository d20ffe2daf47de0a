//! The throughputs as a drawing. Its colours are those of the reader's theme.

use super::{App, Bench};
use crate::{
    html::figure,
    svg::{drawing, line, text},
};

/// Where the bars begin, and how long the longest can be: its number has to fit.
const LEFT: f64 = 140.0;
const LONGEST: f64 = 200.0;

/// A bar's height, and from one to the next.
const BAR: f64 = 16.0;
const ROW: f64 = 26.0;
const TOP: f64 = 6.0;

impl Bench {
    /// Its IDs begin with `name`.
    pub fn svg(&self, name: &str) -> String {
        let title = "Requests a second, where the bare handler's are 1";
        let told = self.apps.iter().map(|app| {
            let App { name, to_bare, .. } = app;
            format!("{name}: {to_bare:.2}.")
        });
        let told = told.collect::<Vec<_>>().join(" ");
        let (mut bars, mut height) = (String::new(), TOP);
        for app in &self.apps {
            bars += &self.bar(height, app);
            height += ROW;
        }
        let x = LEFT + self.scale();
        let one = line("one", [x, 0.0], [x, height]);
        let drawing = drawing(
            height,
            [&format!("{name}-title"), title],
            [&format!("{name}-told"), &told],
            &(one + &bars),
        );
        figure("bench", title, &drawing)
    }

    /// How long a ratio of 1 is.
    fn scale(&self) -> f64 {
        let ratios = self.apps.iter().map(|app| app.to_bare);
        LONGEST / ratios.fold(1.0, f64::max)
    }

    fn bar(&self, top: f64, app: &App) -> String {
        let width = self.scale() * app.to_bare;
        let class = if app.name.starts_with("step") || app.session_bytes.is_some() {
            "ours"
        } else {
            "other"
        };
        let (base, number) = (top + 12.5, format!("{:.2}", app.to_bare));
        let size = format!("width=\"{width:.1}\" height=\"{BAR}\"");
        [
            text("name", [LEFT - 8.0, base], &app.name),
            format!("<rect class=\"{class}\" x=\"{LEFT}\" y=\"{top}\" {size}/>\n"),
            text("ratio", [LEFT + width + 6.0, base], &number),
        ]
        .concat()
    }
}
