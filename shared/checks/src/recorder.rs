//! Plays the scenes of a step's transcripts, and compares what happens with what
//! was recorded.

mod backstage;
mod names;
mod scene;
mod wire;
mod x_ray;

use crate::{
    is_on,
    lesson::Step,
    root,
    transcript::{self, Line},
    variant::read_text,
    verdict::{Stop, Verdict},
};
use scene::Scene;
use similar::TextDiff;
use std::path::{Path, PathBuf};

/// Where a step's transcripts are.
pub(crate) fn folder(step: &Step) -> PathBuf {
    root().join("book/transcripts").join(step.folder_name())
}

/// Plays one transcript. With `COURSE_BLESS=1` the file is written anew,
/// otherwise a difference breaks the promise.
pub(crate) async fn judge(path: &Path, step: &Step) -> Verdict {
    let recorded = read_text(path).map_err(Stop::Harness)?;
    let script = transcript::parse(&recorded)
        .map_err(|error| Stop::Harness(format!("{}: {error}", path.display())))?;
    let mut scene = Scene::new(step, &script).await?;
    let mut played = Vec::new();
    for line in script.into_iter().filter(Line::is_script) {
        played.extend(scene.play(line).await?);
    }
    let played = transcript::write(&played);
    if played == recorded {
        return Ok(());
    }
    if is_on("COURSE_BLESS") {
        return Ok(std::fs::write(path, played)?);
    }
    let diff = TextDiff::from_lines(&recorded, &played);
    let diff = diff
        .unified_diff()
        .context_radius(2)
        .header("recorded", "played")
        .to_string();
    let promise = format!(
        "what {} recorded (after a change on purpose: scripts/test --bless)",
        path.strip_prefix(root()).unwrap_or(path).display()
    );
    Err(Stop::broken(promise, format!("a difference\n{diff}")))
}
