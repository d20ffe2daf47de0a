//! What changed between two texts, line by line.

use crate::items::GAP;
use similar::{Algorithm, ChangeTag, TextDiff};

/// An unchanged run longer than this is folded,
const LONGEST_RUN: usize = 8;
/// to so many lines at each of its ends.
const KEPT: usize = 3;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    Same,
    Added,
    Removed,
    /// Lines were left out here.
    Fold,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    pub mark: Mark,
    pub text: String,
}

impl Line {
    pub fn new(mark: Mark, text: &str) -> Self {
        let mark = if text == GAP { Mark::Fold } else { mark };
        Self {
            mark,
            text: text.trim_end().to_owned(),
        }
    }
}

/// Whether a reader would see a change: blank lines and spaces at the end of a
/// line do not count.
pub fn changed(old: &[&str], new: &[&str]) -> bool {
    let seen = |line: &&str| !line.is_empty() && *line != GAP;
    trimmed(old).filter(seen).ne(trimmed(new).filter(seen))
}

fn trimmed<'a>(text: &[&'a str]) -> impl Iterator<Item = &'a str> {
    text.iter().map(|line| line.trim_end())
}

/// The lines of both texts with their marks, long unchanged runs folded.
pub fn diff(old: &[&str], new: &[&str]) -> Vec<Line> {
    let (old, new): (Vec<_>, Vec<_>) = (trimmed(old).collect(), trimmed(new).collect());
    let diff = TextDiff::configure()
        .algorithm(Algorithm::Patience)
        .diff_slices(&old, &new);
    let lines = diff.iter_all_changes().map(|change| {
        let mark = match change.tag() {
            ChangeTag::Equal => Mark::Same,
            ChangeTag::Insert => Mark::Added,
            ChangeTag::Delete => Mark::Removed,
        };
        Line::new(mark, change.value())
    });
    fold(&lines.collect::<Vec<_>>())
}

fn fold(lines: &[Line]) -> Vec<Line> {
    let mut folded = Vec::new();
    for run in lines.chunk_by(|a, b| a.mark == b.mark) {
        if run[0].mark == Mark::Same && run.len() > LONGEST_RUN {
            let hidden = &run[KEPT..run.len() - KEPT];
            folded.extend_from_slice(&run[..KEPT]);
            folded.push(Line {
                mark: Mark::Fold,
                text: format!("{}{GAP}", indent(hidden)),
            });
            folded.extend_from_slice(&run[run.len() - KEPT..]);
        } else {
            folded.extend_from_slice(run);
        }
    }
    folded
}

/// The smallest indentation of these lines, so that a fold stands where they did.
fn indent(lines: &[Line]) -> String {
    let texts = lines.iter().filter(|line| !line.text.is_empty());
    let spaces = texts.map(|line| line.text.len() - line.text.trim_start().len());
    " ".repeat(spaces.min().unwrap_or(0))
}
