use super::*;
use crate::learn::test_steps;

fn lesson<'a>(steps: &'a Steps, number: &str) -> Lesson<'a> {
    find(steps, number).unwrap()
}

#[test]
fn a_lesson_is_found_by_its_number_and_its_steps_names() {
    let steps = test_steps();
    for name in ["3", "03", "step-03", "step-03-redis-store"] {
        assert_eq!(lesson(&steps, name).number(), "03", "{name}");
    }
    for name in ["", "0", "003", "33", "redis", "step"] {
        let found = find(&steps, name).map(|lesson| lesson.number());
        assert_eq!(found, (name == "0").then_some("00"), "{name}");
    }
}

#[test]
fn title_and_time_are_the_tasks() {
    let mut step = Step {
        folder: "step-03-redis-store".into(),
        files: Files::new(),
    };
    let bare = Lesson {
        step: &step,
        before: None,
    };
    assert_eq!(bare.title(), "redis store");
    assert_eq!(bare.time(), None);
    let task = "# Lesson 03: Sessions in Redis\n\nTime: 3 hours, in two parts\n\nBuild it.\n";
    step.files.insert("lesson/task.md".into(), task.into());
    let stretch = "# Two of them\n\nBuild two.\n";
    let path = "lesson/stretch/two/task.md";
    step.files.insert(path.into(), stretch.into());
    let path = "lesson/stretch/two/solution.txt";
    step.files.insert(path.into(), "solves: two".into());
    let lesson = Lesson {
        step: &step,
        before: None,
    };
    assert_eq!(lesson.title(), "Sessions in Redis");
    assert_eq!(lesson.time(), Some("3 hours"));
    let exercises = lesson.stretch();
    assert_eq!(exercises.len(), 1);
    assert_eq!(
        (exercises[0].name, exercises[0].title()),
        ("two", "Two of them")
    );
}

#[test]
fn a_start_is_the_step_before_with_the_templates_of_the_lesson() {
    let steps = test_steps();
    let (before, this) = (lesson(&steps, "01"), lesson(&steps, "02"));
    let start = this.start();
    assert_eq!(start["src/main.rs"], before.reference()["src/main.rs"]);
    assert!(!start.contains_key("src/visit.rs"), "{:?}", start.keys());
    let template = "templates/index.html";
    assert_eq!(start[template], this.reference()[template]);
    assert_ne!(start[template], before.reference()[template]);
}

#[test]
fn the_first_lesson_starts_from_an_app_without_pages() {
    let steps = test_steps();
    let start = lesson(&steps, "00").start();
    assert!(start["src/main.rs"].contains("Router::new()"));
    assert!(!start["src/main.rs"].contains(".route("));
    assert!(start.contains_key("templates/index.html"));
}

/// `step-05.db`, for one. Comments may tell of steps.
#[test]
fn no_step_is_named_in_the_code_that_my_app_gets() {
    let steps = test_steps();
    for lesson in all(&steps) {
        let name = lesson.step.name();
        for (path, text) in lesson.reference() {
            assert!(!text.contains(&format!("-p {name}")), "{path} of {name}");
            let code = text.lines().filter(|line| {
                let line = line.trim_start();
                line.contains("step-") && !line.starts_with("//") && !line.starts_with("--")
            });
            assert_eq!(code.collect::<Vec<_>>(), [""; 0], "{path} of {name}");
        }
    }
}

#[test]
fn a_text_of_the_course_is_known_in_every_step_and_with_other_line_ends() {
    let steps = test_steps();
    let text = &lesson(&steps, "03").reference()["templates/index.html"];
    let known = |text: &str| is_of_the_course(&steps, "templates/index.html", text);
    assert!(known(text));
    assert!(known(&text.replace('\n', "\r\n")));
    assert!(!known(&format!("{text}<!-- mine -->\n")));
    assert!(!is_of_the_course(&steps, "templates/other.html", text));
}
