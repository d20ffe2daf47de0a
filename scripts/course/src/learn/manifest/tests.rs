use super::*;
use crate::learn::{lessons, test_root, test_steps};
use std::{fs, process::Command};

const COURSE: &str = r#"
[workspace.package]
version = "0.1.0"
edition = "2024"

[workspace.dependencies]
kit = { path = "shared/kit" }
time = "0.3"
mongodb-2 = { package = "mongodb", version = "2.8.2", features = ["x"] }

[profile.dev]
debug = "line-tables-only"

[profile.dev.package.bcrypt]
opt-level = 3
"#;

const STEP: &str = "
[dependencies]
kit.workspace = true
time.workspace = true
mongodb-2 = { workspace = true }

[dev-dependencies]
checks.workspace = true
";

fn some(names: &[&str]) -> Dependencies {
    let all = dependencies(COURSE, STEP, "..").unwrap().into_iter();
    all.filter(|(name, _)| names.contains(&&**name)).collect()
}

#[test]
fn a_steps_dependencies_are_resolved_with_versions_and_paths() {
    let all = dependencies(COURSE, STEP, "../course").unwrap();
    let all = all.iter().map(|(name, what)| format!("{name} ={what}"));
    let expected = [
        r#"kit = { path = "../course/shared/kit" }"#,
        r#"time = "0.3""#,
        r#"mongodb-2 = { package = "mongodb", version = "2.8.2", features = ["x"] }"#,
    ];
    assert_eq!(all.collect::<Vec<_>>(), expected);
}

#[test]
fn what_would_be_lost_is_refused() {
    for (step, complaint) in [
        (
            "kit = { workspace = true, features = [\"x\"] }",
            "kit: expected `kit.workspace = true`",
        ),
        ("kit = \"1\"", "kit: expected `kit.workspace = true`"),
        ("serde.workspace = true", "serde: not in the workspace"),
    ] {
        let step = format!("[dependencies]\n{step}\n");
        let refused = dependencies(COURSE, &step, "..").unwrap_err();
        assert_eq!(refused, complaint);
    }
}

#[test]
fn every_step_of_the_course_resolves() {
    let course = fs::read_to_string(test_root().join("Cargo.toml")).unwrap();
    let steps = test_steps();
    for lesson in lessons::all(&steps) {
        let all = dependencies(&course, &lesson.step.files["Cargo.toml"], "..").unwrap();
        let has = |wanted: &str| all.iter().any(|(name, _)| name == wanted);
        assert!(has("axum") && has("kit"), "{}", lesson.number());
        assert!(!new(&course, &all).unwrap().contains("workspace = true"));
    }
}

#[test]
fn a_new_manifest_has_a_workspace_of_its_own() {
    let manifest = new(COURSE, &some(&["kit", "time"])).unwrap();
    let expected = r#"
[package]
name = "my-app"
version = "0.1.0"
edition = "2024"

[dependencies]
kit = { path = "../shared/kit" }
time = "0.3"

[workspace]
"#;
    let (head, rest) = manifest.split_once("\n[package]").unwrap();
    assert!(head.lines().all(|line| line.starts_with("# ")), "{head}");
    assert_eq!(format!("\n[package]{rest}"), expected);
    assert_eq!(name(&manifest), Some(NAME.to_owned()));
    assert_eq!(name("[package]"), None);
    assert_eq!(name("["), None);
}

#[test]
fn what_is_missing_is_added_and_what_is_there_stays() {
    let mine = "\
# Mine.
[package]
name = \"my-app\" # and mine

[dependencies]
time = \"0.2\"
rand = \"0.9\"

[workspace]
";
    let (manifest, added) = add_missing(mine, &some(&["kit", "time"])).unwrap();
    assert_eq!(added, ["kit"]);
    let kit = "rand = \"0.9\"\nkit = { path = \"../shared/kit\" }\n";
    assert_eq!(manifest, mine.replace("rand = \"0.9\"\n", kit));
    let (again, added) = add_missing(&manifest, &some(&["kit", "time"])).unwrap();
    assert_eq!((again, added), (manifest, Vec::new()));

    let (manifest, _) = add_missing("[package]\n", &some(&["time"])).unwrap();
    assert_eq!(manifest, "[package]\n\n[dependencies]\ntime = \"0.3\"\n");
    assert!(add_missing("dependencies = 1", &some(&["time"])).is_err());
    let broken = add_missing("[package", &some(&["time"])).unwrap_err();
    assert_eq!(broken.lines().count(), 1, "{broken}");
}

#[test]
fn the_config_has_the_courses_profiles_and_keeps_the_learners() {
    let root = Path::new("/a folder/of mine");
    let config = |old| super::config(old, COURSE, root, "../target").unwrap();
    let new = config(None);
    assert!(new.starts_with(CONFIG_HEAD), "{new}");
    let manifest = root.join("Cargo.toml").display().to_string();
    for line in [
        "target-dir = \"../target\"",
        "[profile.dev.package.bcrypt]",
        &manifest,
    ] {
        assert!(new.contains(line), "{line}: {new}");
    }
    assert_eq!(config(Some(&new)), new);

    let mine = "[net]\noffline = true # mine\n\n[build]\njobs = 1\ntarget-dir = \"x\"\n";
    let kept = config(Some(mine));
    for line in [
        "offline = true # mine",
        "jobs = 1",
        "target-dir = \"../target\"",
    ] {
        assert!(kept.contains(line), "{line}: {kept}");
    }
    assert!(super::config(Some("build = 1"), COURSE, root, "x").is_err());
}

/// Cargo joins the lists of two folders, and splits words at spaces: here is a course
/// whose folder has one, with a program that says what it was asked.
#[test]
fn cargo_course_works_in_my_app_and_below() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("the course");
    let write = |path: &str, text: &str| {
        let path = root.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    let here = include_str!("../../../../../.cargo/config.toml");
    write(".cargo/config.toml", here);
    let program = "fn main() { println!(\"{:?}\", std::env::args().skip(1).collect::<Vec<_>>()); }";
    write("course/src/main.rs", program);
    let package = "[package]\nname = \"course\"\nedition = \"2024\"\n";
    write("course/Cargo.toml", package);
    write(
        "Cargo.toml",
        &format!("[workspace]\nmembers = [\"course\"]\nresolver = \"3\"\n{COURSE}"),
    );
    write("my-app/Cargo.toml", &new(COURSE, &Vec::new()).unwrap());
    write("my-app/src/main.rs", "fn main() {}");
    let config = config(None, COURSE, &root, "../target").unwrap();
    write("my-app/.cargo/config.toml", &config);
    for place in ["my-app", "my-app/src", ""] {
        let cargo = Command::new(env!("CARGO"))
            .current_dir(root.join(place))
            .env_remove("CARGO_TARGET_DIR")
            .args(["course", "start", "03", "--fresh"])
            .output()
            .unwrap();
        let told = String::from_utf8_lossy(&cargo.stdout);
        let complaint = String::from_utf8_lossy(&cargo.stderr);
        assert_eq!(told, "[\"start\", \"03\", \"--fresh\"]\n", "{complaint}");
        assert_eq!(complaint, "", "{place}");
    }
    assert!(!root.join("my-app/target").exists());
}
