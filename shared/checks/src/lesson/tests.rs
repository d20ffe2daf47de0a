use super::*;
use crate::attack::plan::step_folder;

const ROW: &str = "two_browsers_have_two_counts";

fn names(step: &str, target: &Target) -> Vec<String> {
    let cases = plan(step, target).unwrap().into_iter();
    cases.map(|case| case.name).collect()
}

fn count(names: &[String], start: &str) -> usize {
    names.iter().filter(|name| name.starts_with(start)).count()
}

#[test]
fn a_cell_per_store_is_a_test_for_each_store() {
    let app = Target::App("app".into());
    let names = names("step-04", &app);
    for store in ["mongodb", "redis", "memory"] {
        assert!(names.contains(&format!("{ROW} on {store}")), "{names:?}");
    }
    assert_eq!(count(&names, ROW), 3);
    // What must fail is not asked of somebody else's app.
    let restart = "the_count_survives_a_restart";
    assert_eq!(count(&names, restart), 2);
    let own = self::names("step-04", &Target::Own("app".into()));
    assert_eq!(count(&own, restart), 3);
}

#[test]
fn a_cell_everywhere_is_a_test_for_each_store_and_each_other_database() {
    let row = "registering_logs_in";
    let names = names("step-05", &Target::App("app".into()));
    for place in ["memory", "redis", "mongodb", "mysql"] {
        assert!(names.contains(&format!("{row} on {place}")), "{names:?}");
    }
    assert_eq!(count(&names, row), 4);
    // Without a word about it, the users are in the default database.
    assert_eq!(count(&names, ROW), 3);
}

#[test]
fn a_step_with_one_store_has_one_test_for_each_row() {
    let names = names("step-03", &Target::App("app".into()));
    assert_eq!(count(&names, ROW), 1);
    assert!(names.contains(&ROW.to_owned()), "{names:?}");
}

#[test]
fn a_server_that_somebody_runs_is_judged_once() {
    let url = Target::url("http://127.0.0.1:1").unwrap();
    let cases = plan("step-04", &url).unwrap();
    assert!(cases.iter().all(|case| !case.name.contains(" on ")));
    let judged = |name: &str| {
        let case = cases.iter().find(|case| case.name == name);
        case.map(|case| case.not_judged.is_none())
    };
    assert_eq!(judged(ROW), Some(true));
    let down = "a_store_that_is_down_is_a_503_page_and_comes_back_by_itself";
    assert_eq!(judged(down), Some(false));
}

/// What `cargo course` shows fits a terminal of 80 columns.
fn read_text_that_fits(path: &Path) -> String {
    let text = std::fs::read_to_string(path).unwrap_or_default();
    assert!(!text.trim().is_empty(), "{}: no text", path.display());
    let wide = text.lines().find(|line| line.chars().count() > 80);
    assert_eq!(wide, None, "{}", path.display());
    text
}

#[test]
fn every_lesson_has_the_texts_of_an_exercise() {
    for step in Matrix::of_the_course().unwrap().steps {
        let (name, folder) = step_folder(&step).unwrap();
        let read = |file: &str| read_text_that_fits(&folder.join("lesson").join(file));
        let task = read("task.md");
        let mut lines = task.lines();
        let title = format!("# Lesson {}: ", step.trim_start_matches("step-"));
        assert!(lines.next().unwrap().starts_with(&title), "{name}");
        assert!(lines.next().unwrap().starts_with("Time: "), "{name}");
        for file in ["hint-1.md", "hint-2.md", "hint-3.md", "passed.md"] {
            read(file);
        }
        let solutions = Variant::solutions_of_step(&folder).unwrap();
        assert!(
            solutions.len() >= 2,
            "{name}: {} to stretch",
            solutions.len()
        );
        for solution in solutions {
            let task = read(&format!("stretch/{}/task.md", solution.name));
            assert!(task.starts_with("# "), "{name}: {}", solution.name);
        }
    }
}
