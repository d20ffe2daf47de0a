//! Which attacks there are on an app, and what is in the way of each.

use super::{Attack, Attacks};
use crate::{
    case::{Case, Work},
    course::{Course, Place},
    lesson,
    matrix::{Backend, Backends, Cell, Matrix, Row},
    root,
    store::Kind,
    target::Target,
    variants,
};
use std::path::{Path, PathBuf};

impl Attacks {
    /// Attacks on a step such as `step-05`, on one of its variants, on a program or
    /// a crate, or on a server that somebody runs, `http://…`. What is not built is
    /// built first. What is no step is taken for one that can do what the last can.
    pub fn on(target: &str, variant: Option<&str>, store: Option<&str>) -> Result<Self, String> {
        let matrix = Matrix::of_the_course()?;
        let aim = Aim::at(target, variant, &matrix)?;
        let step = aim.step;
        let backends = matrix.backends(step);
        let place = place(step, backends, target, store)?;
        let app = aim.app()?;
        let course = Course::at(app.clone(), place, backends);
        let rows = matrix.rows.iter().filter_map(|row| {
            let case = || lesson::check(&row.name, &app, course.clone(), Work::Hold);
            Some(Attack {
                row: row.name.clone(),
                story: row.attack.clone()?,
                case: plan(row, step, backends, place.kind, case),
            })
        });
        let all: Vec<Attack> = rows.collect();
        let some = all.iter().any(|attack| attack.case.is_ok());
        let name = aim.name();
        Ok(Attacks {
            about: match app {
                Target::Url(_) => name,
                _ => format!("{name}, sessions in {}", place.kind),
            },
            course: some.then_some(course),
            all,
        })
    }
}

/// What somebody names to be tried: a step such as `step-05`, one of its variants, a
/// program or a crate, or a server that somebody runs, `http://…`.
pub(crate) struct Aim<'a> {
    target: &'a str,
    variant: Option<&'a str>,
    /// What it can do: for what is no step, as much as the last.
    pub(crate) step: &'a str,
    /// The step's name and its folder, if it is one.
    folder: Option<(String, PathBuf)>,
}

impl<'a> Aim<'a> {
    pub(crate) fn at(
        target: &'a str,
        variant: Option<&'a str>,
        matrix: &'a Matrix,
    ) -> Result<Aim<'a>, String> {
        let folder = step_folder(target);
        let step = match &folder {
            Some((name, _)) => matrix.steps.iter().find(|step| *step == name),
            None => matrix.steps.last(),
        };
        let step = step.ok_or_else(|| format!("{target}: the matrix has no such step"))?;
        Ok(Aim {
            target,
            variant,
            step,
            folder,
        })
    }

    /// The app, built if it is not.
    pub(crate) fn app(&self) -> Result<Target, String> {
        match (&self.folder, self.variant) {
            (Some((name, folder)), Some(variant)) => {
                let program = variants::program_alone(name, folder, variant)?;
                Ok(Target::App(program))
            }
            (None, Some(_)) => Err("a variant is of a step, such as step-05".to_owned()),
            (Some((_, folder)), None) => Target::app(folder),
            (None, None) => no_step(self.target),
        }
    }

    /// Such as `step 05 with plain-login`.
    pub(crate) fn name(&self) -> String {
        let name = match &self.folder {
            Some((name, _)) => name.replace('-', " "),
            None => self.target.to_owned(),
        };
        let variant = self.variant.map(|variant| format!(" with {variant}"));
        name + &variant.unwrap_or_default()
    }
}

/// The checks themselves would name the variable that they read.
fn no_step(target: &str) -> Result<Target, String> {
    if target.contains("://") {
        return Target::url(target).map_err(|_| format!("{target}: expected http://…"));
    }
    if !Path::new(target).exists() {
        return Err(format!("{target}: not there"));
    }
    Target::app(Path::new(target))
}

/// The step of this name or in this folder, such as `step-05`, and the folder.
pub(crate) fn step_folder(target: &str) -> Option<(String, PathBuf)> {
    let steps = root().join("steps").canonicalize().ok()?;
    let given = Path::new(target).canonicalize().ok();
    let folders = steps.read_dir().ok()?.filter_map(Result::ok);
    folders.map(|folder| folder.path()).find_map(|folder| {
        let whole = folder.file_name()?.to_str()?;
        let end = whole.match_indices('-').nth(1)?.0;
        let name = &whole[..end];
        let there = folder.join("Cargo.toml").exists();
        let meant = target == name || target == whole || given.as_ref() == Some(&folder);
        (there && meant).then(|| (name.to_owned(), folder.clone()))
    })
}

fn place(
    step: &str,
    backends: &Backends,
    target: &str,
    store: Option<&str>,
) -> Result<Place, String> {
    let Some(name) = store else {
        return Ok(Place::default_of(backends));
    };
    if target.contains("://") {
        return Err("the store of a server that runs was chosen already".to_owned());
    }
    let kind = name.parse().ok();
    let kind = kind.filter(|kind: &Kind| backends.stores.contains(kind));
    let kind = kind.ok_or_else(|| {
        let stores: Vec<String> = backends.stores.iter().map(ToString::to_string).collect();
        let stores = match stores.as_slice() {
            [] => "nothing to choose from".to_owned(),
            stores => stores.join(", "),
        };
        format!("{step} has no store `{name}`; there is {stores}")
    })?;
    Ok(Place::chosen(Backend::Store(kind), backends))
}

fn plan(
    row: &Row,
    step: &str,
    backends: &Backends,
    store: Kind,
    case: impl FnOnce() -> Case,
) -> Result<Case, String> {
    let cell = match row.cell(step) {
        Some(Cell::PerBackend(cells)) => {
            let here = cells.iter().find(|(at, _)| *at == Backend::Store(store));
            here.map(|(_, cell)| cell)
        }
        cell => cell,
    };
    if matches!(cell, None | Some(Cell::Absent)) {
        let step = step.replace('-', " ");
        return Err(match backends.databases.as_slice() {
            [] => format!("{step} has no login"),
            _ => format!("{step} has nothing like it"),
        });
    }
    let case = case();
    match case.not_judged {
        Some(reason) => Err(reason),
        None => Ok(case),
    }
}
