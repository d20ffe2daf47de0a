//! The book's pieces as plain Markdown, for renderers that are not HTML.

use crate::{
    diff::{Line, Mark},
    scene::{Scene, Turn},
    sequence::Sequence,
    snippet::Snippet,
};
use checks::variant::{Outcome, Variant};

pub fn snippet(snippet: &Snippet) -> String {
    let code = if snippet.is_diff() {
        fence("diff", snippet.lines.iter().map(marked))
    } else {
        let lines = snippet.lines.iter().map(|line| line.text.clone());
        fence(snippet.language(), lines)
    };
    format!("`{}`\n\n{code}", snippet.name())
}

fn marked(line: &Line) -> String {
    let mark = match line.mark {
        Mark::Added => '+',
        Mark::Removed => '-',
        Mark::Same | Mark::Fold => ' ',
    };
    format!("{mark}{}", line.text).trim_end().to_owned()
}

pub fn variant(variant: &Variant, snippets: &[Snippet]) -> String {
    let snippets: Vec<String> = snippets.iter().map(snippet).collect();
    let snippets = snippets.join("\n");
    let (about, check) = (&variant.about, variant.judge());
    let verdict = match variant.outcome {
        Outcome::Caught(_) => format!("Caught by `{check}`"),
        Outcome::Refused(_) => format!("Refused by {check}"),
        Outcome::StillHolds => format!("`{check}` still holds"),
        Outcome::Solves => format!("`{check}` holds"),
    };
    format!("{about}\n\n{snippets}\n{verdict}\n")
}

pub fn scene(scene: &Scene) -> String {
    let mut lines = Vec::new();
    for turn in &scene.turns {
        match turn {
            Turn::Event(event) => lines.push(format!("* {event}")),
            Turn::Exchange(exchange) => {
                for (nth, line) in exchange.ask.iter().enumerate() {
                    let who = if nth == 0 { exchange.who.as_str() } else { "" };
                    lines.push(format!("> {who} {line}"));
                }
                lines.extend(exchange.store.iter().map(|line| format!("$ {line}")));
                lines.extend(exchange.answer.iter().map(|line| format!("< {line}")));
                lines.extend(exchange.page.iter().map(|line| format!("| {line}")));
            }
        }
    }
    format!("{}\n\n{}", scene.about, fence("text", lines.into_iter()))
}

pub fn sequence(sequence: &Sequence) -> String {
    let told = fence("text", sequence.told().into_iter());
    format!("{}\n\n{told}", sequence.about)
}

/// A fence that no line can close early.
fn fence(language: &str, lines: impl Iterator<Item = String>) -> String {
    let text = lines.collect::<Vec<_>>().join("\n");
    let mut marks = "```".to_owned();
    while text.contains(&marks) {
        marks.push('`');
    }
    format!("{marks}{language}\n{text}\n{marks}\n")
}
