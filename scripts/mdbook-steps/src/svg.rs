//! What drawings are made of. Their colours are the theme's.

use crate::html::escape;

/// Of each drawing, in its own units: on a phone one is about a pixel.
pub const WIDTH: f64 = 380.0;

/// A drawing of this height, with its title and what it shows in words for who does not
/// see it, each with its ID.
pub fn drawing(
    height: f64,
    [title_id, title]: [&str; 2],
    [told_id, told]: [&str; 2],
    parts: &str,
) -> String {
    let (title, told) = (escape(title), escape(told));
    format!(
        "<svg viewBox=\"0 0 {WIDTH} {height}\" role=\"img\" \
         aria-labelledby=\"{title_id} {told_id}\">\n\
         <title id=\"{title_id}\">{title}</title>\n\
         <desc id=\"{told_id}\">{told}</desc>\n\
         {parts}</svg>\n"
    )
}

pub fn line(class: &str, [x1, y1]: [f64; 2], [x2, y2]: [f64; 2]) -> String {
    format!(
        "<line class=\"{class}\" x1=\"{x1:.1}\" y1=\"{y1:.1}\" x2=\"{x2:.1}\" y2=\"{y2:.1}\"/>\n"
    )
}

pub fn text(class: &str, [x, y]: [f64; 2], words: &str) -> String {
    let words = escape(words);
    format!("<text class=\"{class}\" x=\"{x:.1}\" y=\"{y:.1}\">{words}</text>\n")
}
