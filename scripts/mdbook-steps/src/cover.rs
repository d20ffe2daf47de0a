//! Whether a chapter shows everything that its step changed.

use crate::{
    diff::changed,
    items::{File, Item},
    tree::Step,
};
use std::collections::{BTreeMap, BTreeSet};

/// The items that a chapter's diffs show, by file.
pub type Shown = BTreeMap<String, BTreeSet<String>>;

/// An item that two versions of a file do not share.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    pub name: String,
    /// Members that may be shown in its place, all of them: the methods of an
    /// impl when nothing else of it changed, or when it is new as a whole.
    pub members: Vec<String>,
}

impl Change {
    /// The items that show it in as few lines as will do.
    pub fn names(&self) -> &[String] {
        if self.members.is_empty() {
            std::slice::from_ref(&self.name)
        } else {
            &self.members
        }
    }
}

/// What changed between two versions of a file, in the newer one's order.
pub fn changes(old: &File, new: &File) -> Vec<Change> {
    let names = union(&old.items, &new.items);
    let names = names.filter(|name| changed(&old.text(name), &new.text(name)));
    let changes = names.map(|name| Change {
        members: changed_members(old, new, name),
        name: name.to_owned(),
    });
    changes.collect()
}

fn changed_members(old: &File, new: &File, name: &str) -> Vec<String> {
    let (before, after) = (old.find(name), new.find(name));
    if let (Some(before), Some(after)) = (before, after)
        && changed(&before.rest(&old.lines), &after.rest(&new.lines))
    {
        return Vec::new();
    }
    let members = |item: Option<&'_ Item>| item.map_or_else(Vec::new, |item| item.members.clone());
    let (before, after) = (members(before), members(after));
    let names = union(&before, &after);
    let names = names.filter(|name| changed(&old.text(name), &new.text(name)));
    names.map(str::to_owned).collect()
}

/// The names of both, those of the newer first.
fn union<'a>(old: &'a [Item], new: &'a [Item]) -> impl Iterator<Item = &'a str> {
    let gone = old
        .iter()
        .filter(|item| new.iter().all(|other| other.name != item.name));
    new.iter().chain(gone).map(|item| item.name.as_str())
}

/// One line for each item that changed between two steps and is not shown.
pub fn uncovered(before: &Step, step: &Step, shown: &Shown) -> Result<Vec<String>, String> {
    let mut missing = Vec::new();
    let gone = before
        .files
        .keys()
        .filter(|path| !step.files.contains_key(*path));
    for path in step.files.keys().chain(gone).filter(|path| counts(path)) {
        if before.files.get(path) == step.files.get(path) {
            continue;
        }
        let [old, new] = [before, step].map(|step| step.files.contains_key(path));
        let changes = changes(&before.parse(path)?, &step.parse(path)?);
        let shown = |name: &String| shown.get(path).is_some_and(|items| items.contains(name));
        let missed: Vec<String> = changes
            .iter()
            .filter(|change| !(path == "Cargo.toml" && is_package(&change.name)))
            .filter(|change| !shown(&change.name))
            .flat_map(Change::names)
            .filter(|name| !shown(name))
            .cloned()
            .collect();
        let names = changes.iter().flat_map(Change::names).count();
        if old != new && !missed.is_empty() && missed.len() == names {
            let what = if new { "new" } else { "gone" };
            missing.push(format!("{path} is {what} and is not shown"));
        } else {
            let lines = missed.iter();
            missing.extend(lines.map(|name| format!("{path} {name} changed and is not shown")));
        }
    }
    Ok(missing)
}

/// The files that a chapter must account for.
fn counts(path: &str) -> bool {
    let folders = ["src/", "templates/", "migrations/"];
    path == "Cargo.toml" || folders.iter().any(|folder| path.starts_with(folder))
}

/// A step's name and description differ from those of every other step.
fn is_package(item: &str) -> bool {
    item == "[package]" || item == "[[bin]]"
}
