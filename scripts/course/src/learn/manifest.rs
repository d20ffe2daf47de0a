//! my-app's Cargo.toml and `.cargo/config.toml`: a crate outside of the workspace that
//! builds as a step does, so that what they share is built once.

use std::path::Path;
use toml_edit::{Array, DocumentMut, Item, Table, TableLike, Value, value};

/// The name of the learner's package and program.
pub const NAME: &str = "my-app";

const HEAD: &str = "\
# Your app. `cargo course` adds what a later lesson needs, and leaves alone what is
# here. Profiles are in .cargo/config.toml, versions as in the course's Cargo.lock.
";

const CONFIG_HEAD: &str = "\
# Of `cargo course`: where my-app is built, and how, so that what it shares with the
# course's steps is built once. And `cargo course` works in this folder, too.
";

/// The dependencies of a step: of each the name, and what stands behind it.
pub type Dependencies = Vec<(String, Value)>;

/// What a step depends on, as the workspace has it. `way` leads from my-app to the
/// repository, where our own crates are.
pub fn dependencies(course: &str, step: &str, way: &str) -> Result<Dependencies, String> {
    let (course, step) = (parse(course)?, parse(step)?);
    let mut resolved = Dependencies::new();
    for (name, asked) in entries(find(&step, &["dependencies"])) {
        // More than this no step asks for, and it would be lost.
        let alone = asked.as_table_like().is_some_and(|asked| asked.len() == 1);
        let workspace = asked.get("workspace").and_then(Item::as_bool);
        if !alone || workspace != Some(true) {
            return Err(format!("{name}: expected `{name}.workspace = true`"));
        }
        let found = find(&course, &["workspace", "dependencies", name]);
        let found = found.and_then(Item::as_value);
        let found = found.ok_or_else(|| format!("{name}: not in the workspace"))?;
        let mut found = found.clone();
        if let Some(ours) = found.as_inline_table_mut()
            && let Some(path) = ours.get("path").and_then(Value::as_str)
        {
            let path = format!("{way}/{path}");
            ours.insert("path", path.into());
        }
        resolved.push((name.to_owned(), found.decorated(" ", "")));
    }
    Ok(resolved)
}

/// A Cargo.toml with these dependencies.
pub fn new(course: &str, dependencies: &Dependencies) -> Result<String, String> {
    let course = parse(course)?;
    let about = find(&course, &["workspace", "package"]);
    let mut manifest = DocumentMut::new();
    manifest["package"] = Item::Table(Table::new());
    manifest["package"]["name"] = value(NAME);
    for key in ["version", "edition", "rust-version", "publish"] {
        if let Some(same) = about.and_then(|about| about.get(key)) {
            manifest["package"][key] = same.clone();
        }
    }
    manifest["dependencies"] = Item::Table(Table::new());
    for (name, what) in dependencies {
        manifest["dependencies"][name] = Item::Value(what.clone());
    }
    // Its own, though it is in the course's folder.
    manifest["workspace"] = Item::Table(Table::new());
    Ok(format!("{HEAD}{manifest}"))
}

/// Adds those dependencies that are missing, and leaves all else alone. Returns their
/// names, too.
pub fn add_missing(
    manifest: &str,
    dependencies: &Dependencies,
) -> Result<(String, Vec<String>), String> {
    let mut manifest = parse(manifest)?;
    let table = manifest
        .entry("dependencies")
        .or_insert(Item::Table(Table::new()))
        .as_table_like_mut()
        .ok_or("`dependencies` is no table")?;
    let mut added = Vec::new();
    for (name, what) in dependencies {
        if !table.contains_key(name) {
            table.insert(name, Item::Value(what.clone()));
            added.push(name.clone());
        }
    }
    Ok((manifest.to_string(), added))
}

/// The package's name.
pub fn name(manifest: &str) -> Option<String> {
    let manifest = parse(manifest).ok()?;
    Some(manifest.get("package")?.get("name")?.as_str()?.to_owned())
}

/// `.cargo/config.toml`, `old` with what is ours in it: the profiles of the course, its
/// target folder, and the command.
pub fn config(
    old: Option<&str>,
    course: &str,
    root: &Path,
    target: &str,
) -> Result<String, String> {
    let course = parse(course)?;
    let mut config = parse(old.unwrap_or_default())?;
    table(&mut config, "build")?.insert("target-dir", value(target));
    let run = root.join("Cargo.toml").display().to_string();
    let run = [
        "run",
        "--quiet",
        "--manifest-path",
        &run,
        "--package",
        "course",
        "--",
    ];
    let alias = table(&mut config, "alias")?;
    // In two steps: cargo joins lists of the same name from this folder and from the
    // course's, and takes a word apart at its spaces, of which the path may have some.
    alias.insert("course", value("the-course"));
    alias.insert("the-course", value(run.into_iter().collect::<Array>()));
    for (name, profile) in entries(find(&course, &["profile"])) {
        table(&mut config, "profile")?.insert(name, profile.clone());
    }
    // A comment alone would end up behind what is added to it.
    let head = if old.is_none() { CONFIG_HEAD } else { "" };
    Ok(format!("{head}{config}"))
}

/// What is there by this path of keys.
fn find<'a>(file: &'a DocumentMut, keys: &[&str]) -> Option<&'a Item> {
    let mut item = file.as_item();
    for key in keys {
        item = item.get(key)?;
    }
    Some(item)
}

fn entries(item: Option<&Item>) -> impl Iterator<Item = (&str, &Item)> {
    let table = item.and_then(Item::as_table_like);
    table.into_iter().flat_map(|table| table.iter())
}

fn table<'a>(file: &'a mut DocumentMut, name: &str) -> Result<&'a mut dyn TableLike, String> {
    let table = file.entry(name).or_insert_with(|| {
        let mut table = Table::new();
        // Where it holds tables alone it needs no line of its own.
        table.set_implicit(true);
        Item::Table(table)
    });
    table
        .as_table_like_mut()
        .ok_or_else(|| format!("`{name}` is no table"))
}

fn parse(text: &str) -> Result<DocumentMut, String> {
    text.parse().map_err(|error: toml_edit::TomlError| {
        let why = error.to_string();
        let why = why.lines().map(str::trim).filter(|line| !line.is_empty());
        why.collect::<Vec<_>>().join(" ")
    })
}

#[cfg(test)]
mod tests;
