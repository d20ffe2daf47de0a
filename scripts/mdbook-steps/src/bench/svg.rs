//! The throughputs as a drawing. Its colours are those of the reader's theme.

use super::{App, Bench};
use crate::html::{escape, figure};

/// The drawing's own units: on a phone one is about a pixel.
const WIDTH: f64 = 380.0;

/// Where the bars begin, and how long the longest can be: its number has to fit.
const LEFT: f64 = 140.0;
const LONGEST: f64 = 200.0;

/// A bar's height, and from one to the next.
const BAR: f64 = 16.0;
const ROW: f64 = 26.0;
const TOP: f64 = 6.0;

impl Bench {
    pub fn svg(&self) -> String {
        let title = "Requests a second, where the bare handler's are 1";
        let told = self.apps.iter().map(|app| {
            let App { name, to_bare, .. } = app;
            format!("{name}: {to_bare:.2}.")
        });
        let told = escape(&told.collect::<Vec<_>>().join(" "));
        let bars: String = (0u8..)
            .zip(&self.apps)
            .map(|(row, app)| self.bar(TOP + ROW * f64::from(row), app))
            .collect();
        let height = TOP + ROW * self.apps.iter().map(|_| 1.0).sum::<f64>();
        let x = LEFT + self.scale();
        let drawing = format!(
            "<svg viewBox=\"0 0 {WIDTH} {height}\" role=\"img\" \
             aria-labelledby=\"bench-title bench-told\">\n\
             <title id=\"bench-title\">{title}</title>\n\
             <desc id=\"bench-told\">{told}</desc>\n\
             {bars}<line x1=\"{x:.1}\" y1=\"0\" x2=\"{x:.1}\" y2=\"{height}\"/>\n</svg>\n"
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
        let class = if app.name.starts_with("step") {
            "ours"
        } else {
            "other"
        };
        let (name, ratio) = (escape(&app.name), app.to_bare);
        let (base, name_x, ratio_x) = (top + 12.5, LEFT - 8.0, LEFT + width + 6.0);
        format!(
            "<text class=\"name\" x=\"{name_x}\" y=\"{base}\">{name}</text>\n\
             <rect class=\"{class}\" x=\"{LEFT}\" y=\"{top}\" width=\"{width:.1}\" height=\"{BAR}\"/>\n\
             <text x=\"{ratio_x:.1}\" y=\"{base}\">{ratio:.2}</text>\n"
        )
    }
}
