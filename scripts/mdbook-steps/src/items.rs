//! The named parts of a file.
//!
//! Chapters speak of `fn router` and `block content`, never of line 40, so that
//! a line more at the top of a file does not shift what a chapter shows.

mod rust;
mod template;
mod toml;

use std::ops::Range;

/// Stands where lines are left out, between two pieces of one item.
pub const GAP: &str = "…";

/// What a chapter can show, and has to show when it changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// What a chapter calls it: `fn router`, `[dependencies]`, `block content`.
    pub name: String,
    /// Its lines, counted from 0, with the comments that lead up to it. More
    /// than one piece when something else stands in between, as in `page`.
    pub pieces: Vec<Range<usize>>,
    /// What an impl or a trait holds, as `impl App::new`.
    pub members: Vec<Item>,
}

impl Item {
    fn new(name: impl Into<String>, lines: Range<usize>) -> Self {
        Self {
            name: name.into(),
            pieces: vec![lines],
            members: Vec::new(),
        }
    }

    /// The item's lines, with [`GAP`] between its pieces.
    pub fn text<'a>(&self, file: &[&'a str]) -> Vec<&'a str> {
        let pieces: Vec<&[&str]> = self.pieces.iter().map(|p| &file[p.clone()]).collect();
        pieces.join(&GAP)
    }

    /// The lines that belong to none of the members: an impl's head and end.
    pub fn rest<'a>(&self, file: &[&'a str]) -> Vec<&'a str> {
        let member = |line| {
            let mut pieces = self.members.iter().flat_map(|member| &member.pieces);
            pieces.any(|piece| piece.contains(&line))
        };
        let lines = self.pieces.iter().cloned().flatten();
        lines.filter(|&l| !member(l)).map(|l| file[l]).collect()
    }
}

/// The items of a file in their order. Its name decides the language: Rust,
/// TOML, an HTML template; a file of any other kind is one item, `file`.
///
/// The error is that the file cannot be read as what its name says.
pub fn items(path: &str, text: &str) -> Result<Vec<Item>, String> {
    match path.rsplit_once('.') {
        Some((_, "rs")) => rust::items(text),
        Some((_, "toml")) => Ok(toml::items(text)),
        Some((_, "html")) => Ok(template::items(text)),
        _ => Ok(vec![Item::new("file", 0..text.lines().count())]),
    }
}

/// A file taken apart. One that does not exist is an empty one.
#[derive(Debug)]
pub struct File<'a> {
    pub lines: Vec<&'a str>,
    pub items: Vec<Item>,
}

impl<'a> File<'a> {
    pub fn parse(path: &str, text: &'a str) -> Result<Self, String> {
        Ok(Self {
            lines: text.lines().collect(),
            items: items(path, text)?,
        })
    }

    /// The item of this name, also among the members.
    pub fn find(&self, name: &str) -> Option<&Item> {
        let members = self.items.iter().flat_map(|item| &item.members);
        let mut all = self.items.iter().chain(members);
        all.find(|item| item.name == name)
    }

    /// The lines of the item of this name; none when there is no such item.
    pub fn text(&self, name: &str) -> Vec<&'a str> {
        let item = self.find(name);
        item.map_or_else(Vec::new, |item| item.text(&self.lines))
    }
}

/// Makes items of what was found in a region of a file, in its order: whatever
/// stands before an item, a comment, belongs to it, and what stands after the
/// last one to the last. Neighbours of one name become one item; so do others
/// of one name, in pieces.
fn gather(file: &[&str], region: Range<usize>, found: Vec<Item>) -> Vec<Item> {
    let last = found.len().saturating_sub(1);
    let mut free = region.start;
    let mut items: Vec<Item> = Vec::new();
    for (nth, item) in found.into_iter().enumerate() {
        let mut lines = free..item.pieces[0].end;
        if nth == last {
            lines.end = lines.end.max(region.end);
        }
        free = lines.end;
        let lines = trimmed(file, lines);
        let newest = items.len().wrapping_sub(1);
        match items.iter_mut().position(|other| other.name == item.name) {
            Some(same) if same == newest => {
                if let Some(piece) = items[same].pieces.last_mut() {
                    piece.end = lines.end;
                }
                items[same].members.extend(item.members);
            }
            Some(same) => {
                items[same].pieces.push(lines);
                items[same].members.extend(item.members);
            }
            None => items.push(Item {
                pieces: vec![lines],
                ..item
            }),
        }
    }
    items
}

/// The range without blank lines at either end.
fn trimmed(file: &[&str], lines: Range<usize>) -> Range<usize> {
    let text = |&line: &usize| !file[line].trim().is_empty();
    let start = lines.clone().find(text).unwrap_or(lines.end);
    let end = lines.rev().find(text).map_or(start, |line| line + 1);
    start..end
}
