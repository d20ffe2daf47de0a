//! Builds my-app and a lesson's checks with cargo.

use super::{
    bar::Bar,
    job::{self, Cancel, Ended},
    manifest,
    my_app::MyApp,
};
use serde_json::Value;
use std::{
    env,
    io::{self, IsTerminal},
    path::{Path, PathBuf},
    process::Command,
};

/// What became of a build.
#[derive(Debug)]
pub enum Built {
    Program(PathBuf),
    /// With what cargo said.
    Not(String),
    Cancelled,
}

/// my-app's program.
pub fn my_app(app: &MyApp, bar: &Bar, cancel: &Cancel) -> Result<Built, String> {
    let mut cargo = cargo("build");
    // In its folder, where its configuration is.
    cargo.current_dir(&app.folder).arg("--bins");
    bar.begin(&format!("building {}", app.name()));
    let (programs, ended) = build(&mut cargo, bar, cancel, |made| {
        let name = made["target"]["name"].as_str()?;
        Some(name.to_owned())
    })?;
    if let Ended::Badly(why) = &ended
        && is_running(why)
    {
        return Err(format!(
            "course: {} is running; stop it, and check again",
            app.name()
        ));
    }
    if let Some(not) = not_built(ended) {
        return Ok(not);
    }
    // Somebody may have given it another name, or a second program.
    let named = programs.iter().find(|(name, _)| name == manifest::NAME);
    match (named, programs.as_slice()) {
        (Some((_, program)), _) | (None, [(_, program)]) => Ok(Built::Program(program.clone())),
        (None, []) => Err("course: my-app has no program; it needs src/main.rs".to_owned()),
        (None, _) => Err("course: my-app has several programs, and none is `my-app`".to_owned()),
    }
}

/// The program that judges a lesson, such as that of `step-03-redis-store`.
pub fn checks(root: &Path, folder: &str, bar: &Bar, cancel: &Cancel) -> Result<Built, String> {
    let package = folder.get(..7).unwrap_or(folder);
    let mut cargo = cargo("test");
    cargo
        .current_dir(root)
        .args(["--test", "lesson", "--no-run"]);
    // Where all is built already, with the features of all.
    if env::var_os("COURSE_WHOLE").is_some_and(|whole| whole == "1") {
        cargo.arg("--workspace");
    } else {
        cargo.args(["--package", package]);
    }
    bar.begin(&format!("building the checks of {package}"));
    let (programs, ended) = build(&mut cargo, bar, cancel, |made| {
        let manifest = Path::new(made["manifest_path"].as_str()?);
        let made_in = manifest.parent()?.file_name()?.to_str()?;
        let is_checks = made["target"]["name"] == "lesson";
        (is_checks && made_in == folder).then(|| made_in.to_owned())
    })?;
    if let Some(not) = not_built(ended) {
        return Ok(not);
    }
    match programs.as_slice() {
        [(_, program), ..] => Ok(Built::Program(program.clone())),
        [] => Err(format!(
            "course: {package} has no checks in tests/lesson.rs"
        )),
    }
}

/// Windows lets nobody replace a program that runs: cargo says so, or the linker.
fn is_running(why: &str) -> bool {
    let ours = format!("{}.exe", manifest::NAME);
    let refused = [
        "(os error 5)",
        "(os error 32)",
        "LNK1104",
        "Permission denied",
    ];
    why.contains(&ours) && refused.iter().any(|words| why.contains(words))
}

fn not_built(ended: Ended) -> Option<Built> {
    match ended {
        Ended::Well => None,
        Ended::Badly(why) => Some(Built::Not(why)),
        Ended::Cancelled => Some(Built::Cancelled),
    }
}

fn cargo(command: &str) -> Command {
    let mut cargo = checks::cargo::command();
    // On a terminal as it would write itself.
    let colours = io::stderr().is_terminal() && console::colors_enabled_stderr();
    cargo
        .args([
            command,
            "--quiet",
            "--message-format=json-render-diagnostics",
        ])
        .args(["--color", if colours { "always" } else { "never" }]);
    cargo
}

/// The programs that cargo makes, of those to which `name` gives one.
fn build(
    cargo: &mut Command,
    bar: &Bar,
    cancel: &Cancel,
    name: impl Fn(&Value) -> Option<String>,
) -> Result<(Vec<(String, PathBuf)>, Ended), String> {
    let mut programs = Vec::new();
    let ended = job::run(cargo, cancel, |line| {
        let made: Value = serde_json::from_str(line).unwrap_or_default();
        bar.at(made["target"]["name"].as_str().unwrap_or_default());
        if let Some(program) = made["executable"].as_str()
            && let Some(name) = name(&made)
        {
            programs.push((name, PathBuf::from(program)));
        }
    });
    let ended = ended.map_err(|error| format!("course: {error}"))?;
    Ok((programs, ended))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_that_cannot_be_replaced_is_running() {
        let cargo = "error: failed to remove file `D:\\target\\debug\\my-app.exe`\n\n\
                     Caused by:\n  Access is denied. (os error 5)\n";
        assert!(is_running(cargo));
        assert!(!is_running(
            "error[E0308]: mismatched types\n --> src\\main.rs:1:30\n"
        ));
    }
}
