//! The programs of a step's variants, of its stretch exercises' solutions, and of what
//! the first lesson starts from: built together, in a workspace that is generated under
//! the target folder.

use crate::{cargo, is_on, lesson::Step, root, target_folder, variant::Variant};
use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
    sync::OnceLock,
};
use toml::{Table, Value};

/// By their keys.
type Programs = BTreeMap<String, Result<PathBuf, String>>;

/// A crate, or a whole workspace: what is in each of its files.
type Files = BTreeMap<PathBuf, Vec<u8>>;

type Crate = (String, Result<Files, String>);

/// A member that is no variant. It asks for what the whole workspace asks for, so that
/// the variants' dependencies have the same features, and are there already.
const TOGETHER: &str = "together";

/// What a lesson starts from that no other step comes before, in the step's folder. It
/// takes the place of the step's `src`.
const STARTER_FILE: &str = "lesson/starter.rs";

/// The key of its program.
pub(crate) const STARTER: &str = "starter";

/// The program of one variant, by its key. All variants of the step are built when the
/// first is asked for.
///
/// # Errors
///
/// That it does not apply or does not build, with the reason.
pub(crate) fn program(step: &Step, key: &str) -> Result<PathBuf, String> {
    // A process judges one step.
    static PROGRAMS: OnceLock<Result<Programs, String>> = OnceLock::new();
    let programs = PROGRAMS
        .get_or_init(|| build(step.name, Path::new(step.folder), None))
        .as_ref()
        .map_err(Clone::clone)?;
    take(programs, key)
}

/// The same of a step such as `step-06`, where no other of its variants is asked for.
pub(crate) fn program_alone(step: &str, folder: &Path, key: &str) -> Result<PathBuf, String> {
    take(&build(step, folder, Some(key))?, key)
}

fn take(programs: &Programs, key: &str) -> Result<PathBuf, String> {
    let program = programs.get(key).cloned();
    program.unwrap_or_else(|| Err(format!("no variant `{key}`")))
}

/// Builds one variant of the step, or all.
fn build(step: &str, from: &Path, only: Option<&str>) -> Result<Programs, String> {
    // Where the step itself was built, so that its dependencies are not built
    // again.
    let target = target_folder();
    let folder = target.join("variants").join(step);
    let mut programs = Programs::new();
    let mut files = Files::new();
    let mut members = Vec::new();
    for (key, texts) in crates(from)? {
        match texts.and_then(|texts| named(texts, &package(step, &key))) {
            Ok(texts) => {
                let place = Path::new(&key);
                files.extend(
                    texts
                        .into_iter()
                        .map(|(path, text)| (place.join(path), text)),
                );
                members.push(key);
            }
            Err(error) => drop(programs.insert(key, Err(error))),
        }
    }
    let manifest = fs::read_to_string(root().join("Cargo.toml")).map_err(|e| e.to_string())?;
    let whole = is_on("COURSE_WHOLE");
    let mut all = members.clone();
    if whole {
        files.extend(together(&manifest)?);
        all.push(TOGETHER.to_owned());
    }
    files.insert(
        "Cargo.toml".into(),
        workspace(&manifest, &all)?.into_bytes(),
    );
    write(&folder, &files).map_err(|error| format!("{}: {error}", folder.display()))?;

    let target = target.to_string_lossy();
    let mut arguments = vec![
        "--offline",
        "--keep-going",
        "--bins",
        "--target-dir",
        &target,
    ];
    if let Some(name) = only {
        members.retain(|member| member == name);
    }
    let packages: Vec<String> = members.iter().map(|key| package(step, key)).collect();
    match packages.as_slice() {
        [] => return Ok(programs),
        [package] => {
            arguments.extend(["--package", package]);
            if whole {
                arguments.extend(["--package", TOGETHER]);
            }
        }
        _ => arguments.push("--workspace"),
    }
    let build = cargo::build(&folder.join("Cargo.toml"), &arguments)?;
    for key in members {
        let name = package(step, &key);
        let program = build.programs.get(&name).cloned();
        let program =
            program.ok_or_else(|| format!("{name} does not build:\n{}", build.complaint(&name)));
        programs.insert(key, program);
    }
    Ok(programs)
}

fn package(step: &str, key: &str) -> String {
    format!("{step}-{key}")
}

/// What is built of a step, by its key, or why it cannot be.
fn crates(folder: &Path) -> Result<Vec<Crate>, String> {
    let variants = Variant::of_step(folder)?.into_iter();
    let all = variants.chain(Variant::solutions_of_step(folder)?);
    let mut crates: Vec<Crate> = all
        .map(|variant| (variant.key(), changed(folder, &variant)))
        .collect();
    if folder.join(STARTER_FILE).exists() {
        crates.push((STARTER.to_owned(), starter(folder)));
    }
    Ok(crates)
}

/// The files of a variant: the step's, with the edits. Its tests stay behind.
fn changed(folder: &Path, variant: &Variant) -> Result<Files, String> {
    let mut files = parts(folder, &["Cargo.toml", "src", "templates", "migrations"])?;
    let edited = variant.apply(folder)?;
    files.extend(
        edited
            .into_iter()
            .map(|(path, text)| (path, text.into_bytes())),
    );
    Ok(files)
}

/// The files of a starter: the step's manifest, and one of its own.
fn starter(folder: &Path) -> Result<Files, String> {
    let mut files = parts(folder, &["Cargo.toml", STARTER_FILE])?;
    let main = files.remove(Path::new(STARTER_FILE)).unwrap_or_default();
    files.insert("src/main.rs".into(), main);
    Ok(files)
}

fn parts(folder: &Path, parts: &[&str]) -> Result<Files, String> {
    let mut files = Files::new();
    for part in parts {
        collect(folder, Path::new(part), &mut files)
            .map_err(|error| format!("{}/{part}: {error}", folder.display()))?;
    }
    Ok(files)
}

/// The same crate with another name.
fn named(mut files: Files, name: &str) -> Result<Files, String> {
    let manifest = files
        .get(Path::new("Cargo.toml"))
        .map(|text| String::from_utf8_lossy(text));
    let mut manifest: Table = toml::from_str(&manifest.unwrap_or_default())
        .map_err(|error| format!("{name}: Cargo.toml: {error}"))?;
    manifest.remove("dev-dependencies");
    manifest.remove("test");
    if let Some(about) = manifest.get_mut("package").and_then(Value::as_table_mut) {
        about.insert("name".into(), name.into());
    }
    files.insert("Cargo.toml".into(), manifest.to_string().into_bytes());
    Ok(files)
}

/// The files of [`TOGETHER`].
fn together(manifest: &str) -> Result<Files, String> {
    let [course, checks]: [Result<Table, _>; 2] =
        [manifest, include_str!("../Cargo.toml")].map(toml::from_str);
    let course = course.map_err(|error| error.to_string())?;
    let checks = checks.map_err(|error| error.to_string())?;
    let keys = |table: Option<&Value>| -> Vec<String> {
        let table = table.and_then(Value::as_table).into_iter().flatten();
        table.map(|(key, _)| key.clone()).collect()
    };
    let workspace = course.get("workspace");
    let dependencies = keys(workspace.and_then(|table| table.get("dependencies")));
    let features = keys(checks.get("features"));
    let dependencies = dependencies.iter().map(|name| {
        let features = if name == "checks" { &*features } else { &[] };
        format!("{name} = {{ workspace = true, features = {features:?} }}\n")
    });
    let dependencies: String = dependencies.collect();
    let package =
        format!("[package]\nname = \"{TOGETHER}\"\nedition = \"2024\"\n\n[dependencies]\n");
    let folder = Path::new(TOGETHER);
    Ok(BTreeMap::from([
        (
            folder.join("Cargo.toml"),
            (package + &dependencies).into_bytes(),
        ),
        (folder.join("src/lib.rs"), Vec::new()),
    ]))
}

fn collect(from: &Path, part: &Path, files: &mut Files) -> io::Result<()> {
    let path = from.join(part);
    if path.is_dir() {
        for entry in path.read_dir()? {
            collect(from, &part.join(entry?.file_name()), files)?;
        }
    } else if path.exists() {
        files.insert(part.to_owned(), fs::read(path)?);
    }
    Ok(())
}

/// The repository's manifest with other members, and with the paths of its own
/// crates made absolute: versions, lints and profiles are the course's.
fn workspace(manifest: &str, members: &[String]) -> Result<String, String> {
    let mut manifest: Table = toml::from_str(manifest).map_err(|error| error.to_string())?;
    let workspace = manifest.get_mut("workspace").and_then(Value::as_table_mut);
    let workspace = workspace.ok_or("Cargo.toml: no [workspace]")?;
    workspace.insert("members".into(), members.to_vec().into());
    let dependencies = workspace
        .get_mut("dependencies")
        .and_then(Value::as_table_mut);
    let root = root().canonicalize().map_err(|error| error.to_string())?;
    for (_, dependency) in dependencies.into_iter().flatten() {
        if let Some(Value::String(path)) = dependency.get_mut("path") {
            *path = root.join(&*path).to_string_lossy().into_owned();
        }
    }
    Ok(manifest.to_string())
}

/// Makes the folder hold these files and the course's lock. What is there
/// already is not touched, so that cargo builds what changed and nothing else.
fn write(folder: &Path, files: &Files) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    let mut old = BTreeMap::new();
    collect(folder, Path::new(""), &mut old)?;
    for (path, text) in files {
        if old.get(path) != Some(text) {
            let path = folder.join(path);
            fs::create_dir_all(path.parent().unwrap_or(folder))?;
            fs::write(path, text)?;
        }
    }
    for path in old.keys().filter(|path| !files.contains_key(*path)) {
        fs::remove_file(folder.join(path))?;
    }
    fs::copy(root().join("Cargo.lock"), folder.join("Cargo.lock"))?;
    Ok(())
}
