//! The book's pieces as HTML.
//!
//! A blank line ends a block of HTML in Markdown, so none is ever written.

use crate::{
    diff::{Line, Mark},
    scene::{Scene, Turn},
    snippet::Snippet,
};
use checks::variant::{Outcome, Variant};
use std::fmt::Write;

/// Text for HTML, in content and attributes. A brace is hidden from mdBook,
/// which would look for directives of its own in what we show.
pub fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '{' => escaped.push_str("&#123;"),
            other => escaped.push(other),
        }
    }
    escaped
}

/// A sentence in which code stands between backticks.
pub fn prose(text: &str) -> String {
    let parts = (0..).zip(text.split('`')).map(|(nth, part)| {
        let part = escape(part);
        let code = nth % 2 == 1;
        if code {
            format!("<code>{part}</code>")
        } else {
            part
        }
    });
    parts.collect()
}

/// A snippet with its file's name above it.
pub fn snippet(snippet: &Snippet) -> String {
    let verb = if snippet.is_diff() {
        "Changes in"
    } else {
        "Code in"
    };
    figure(
        "snippet",
        &format!("{verb} {}", snippet.name()),
        &drawn(snippet),
    )
}

/// A variant: what the mistake or the circumstance is, what it changes, and which
/// check finds it or holds all the same.
pub fn variant(variant: &Variant, snippets: &[Snippet]) -> String {
    let (sentence, check) = (prose(&variant.about), escape(&variant.judge()));
    let (label, verdict) = match variant.outcome {
        Outcome::Caught(_) => ("A mistake", format!("Caught by <code>{check}</code>")),
        Outcome::Refused(_) => ("A mistake", format!("Refused by {check}")),
        Outcome::StillHolds => ("A case", format!("<code>{check}</code> still holds")),
        Outcome::Solves => ("A solution", format!("<code>{check}</code> holds")),
    };
    let body: String = snippets.iter().map(drawn).collect();
    let body =
        format!("<p class=\"mistake\">{sentence}</p>\n{body}<p class=\"caught\">{verdict}</p>\n");
    let label = format!("{label}: {}", variant.about);
    figure("snippet variant", &label, &body)
}

pub fn figure(class: &str, label: &str, body: &str) -> String {
    let label = escape(label);
    format!("<figure class=\"{class}\" aria-label=\"{label}\">\n{body}</figure>\n")
}

/// What opens when its summary is clicked.
pub fn folded(summary: &str, body: &str) -> String {
    format!("<details><summary>{summary}</summary>\n{body}</details>\n")
}

fn drawn(snippet: &Snippet) -> String {
    let (path, what) = (escape(&snippet.path), escape(&snippet.what));
    let mut code = code(&snippet.lines, snippet.language());
    // Nobody reads what is no more.
    if snippet.lines.iter().all(|line| line.mark == Mark::Removed) {
        code = folded(&format!("removed, lines: {}", snippet.lines.len()), &code);
    }
    format!(
        "<div class=\"file\"><code>{path}</code> <span>{what}</span></div>\n{}\n",
        code.trim_end()
    )
}

/// The lines alone. highlight.js keeps the spans that it finds, so that the
/// colours of the language and the marks live together.
fn code(lines: &[Line], language: &str) -> String {
    let mut html = format!("<pre class=\"stepdiff\"><code class=\"language-{language}\">");
    for line in lines {
        let class = match line.mark {
            Mark::Same => "same",
            Mark::Added => "ins",
            Mark::Removed => "del",
            Mark::Fold => "fold",
        };
        let text = escape(&line.text);
        let _ = write!(html, "<span class=\"{class}\">{text}\n</span>");
    }
    html + "</code></pre>"
}

/// A transcript as a conversation between browsers and the app.
pub fn scene(scene: &Scene) -> String {
    let turns: String = scene.turns.iter().map(turn).collect();
    let body = format!(
        "<figcaption>{}</figcaption>\n<ol>\n{turns}</ol>\n",
        prose(&scene.about)
    );
    figure("scene", &format!("Recorded: {}", scene.about), &body)
}

fn turn(turn: &Turn) -> String {
    let exchange = match turn {
        Turn::Event(event) => return format!("<li class=\"event\">{}</li>\n", prose(event)),
        Turn::Exchange(exchange) => exchange,
    };
    let page = exchange
        .page
        .iter()
        .map(|line| format!("<p>{}</p>", escape(line)));
    let page: String = page.collect();
    format!(
        "<li><b>{}</b>{}{}{}{}</li>\n",
        escape(&exchange.who),
        wire("ask", &exchange.ask),
        wire("store", &exchange.store),
        wire("answer", &exchange.answer),
        if page.is_empty() {
            page
        } else {
            format!("<div class=\"page-text\">{page}</div>")
        },
    )
}

/// Lines as they go over the wire; nothing when there are none.
fn wire(class: &str, lines: &[String]) -> String {
    if lines.is_empty() {
        return String::new();
    }
    let lines = lines
        .iter()
        .map(|line| format!("<code>{}</code>", escape(line)));
    format!("<div class=\"{class}\">{}</div>", lines.collect::<String>())
}
