use super::*;
use crate::{store, users};

const TEXT: &str = "caught by: it_counts\nseen: One beer\nThe count is\nlost.\n\n\
    file: a.rs\n<<<<<<<\n    one\n    two\n=======\n    three\n>>>>>>>\n\n\
    <<<<<<<\nfour\n=======\n>>>>>>>\n";

fn apply(step_file: &str) -> Result<Vec<(PathBuf, String)>, String> {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("a.rs"), step_file).unwrap();
    Variant::parse("lost", TEXT).unwrap().apply(folder.path())
}

#[test]
fn a_variant_says_what_is_wrong_and_who_notices() {
    let variant = Variant::parse("lost", TEXT).unwrap();
    assert_eq!(variant.check, "it_counts");
    assert_eq!(variant.backend, None);
    assert_eq!(variant.outcome, Outcome::Caught("One beer".into()));
    assert_eq!(variant.about, "The count is lost.");
    assert_eq!(variant.edits[0].old, "    one\n    two");
    assert_eq!(variant.edits[1].new, "");
}

#[test]
fn a_circumstance_says_what_must_hold_all_the_same() {
    let text = TEXT.replace(
        "caught by: it_counts\nseen: One beer\n",
        "still holds: it_counts on redis\n",
    );
    let variant = Variant::parse("lost", &text).unwrap();
    assert_eq!(variant.check, "it_counts");
    assert_eq!(variant.backend, Some(Backend::Store(store::Kind::Redis)));
    assert_eq!(variant.outcome, Outcome::StillHolds);
    assert_eq!(variant.about, "The count is lost.");
    let variant = Variant::parse("lost", &text.replace("redis", "mysql")).unwrap();
    assert_eq!(variant.backend, Some(Backend::Users(users::Kind::Mysql)));
}

#[test]
fn what_does_not_compile_says_what_the_compiler_says() {
    let text = TEXT.replace("caught by: it_counts", "refused by: the compiler");
    let variant = Variant::parse("lost", &text).unwrap();
    assert_eq!(variant.check, COMPILER);
    assert_eq!(variant.outcome, Outcome::Refused("One beer".into()));
    assert_eq!(variant.about, "The count is lost.");
    let text = text.replace("the compiler", "my friend");
    let error = Variant::parse("lost", &text).unwrap_err();
    assert!(error.starts_with("the first line is not"), "{error}");
}

#[test]
fn a_solution_is_in_its_exercises_folder_and_nowhere_else() {
    let solution = TEXT.replace(
        "caught by: it_counts\nseen: One beer\n",
        "solves: it_counts on memory\n",
    );
    let folder = tempfile::tempdir().unwrap();
    let put = |path: &str, text: &str| {
        let path = folder.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    };
    let solutions = || Variant::solutions_of_step(folder.path());
    assert_eq!(solutions().unwrap(), []);
    put("lesson/stretch/counting/solution.txt", &solution);
    let found = solutions().unwrap();
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].name, "counting");
    assert_eq!(found[0].check, "it_counts");
    assert_eq!(found[0].backend, Some(Backend::Store(store::Kind::Memory)));
    assert_eq!(found[0].outcome, Outcome::Solves);
    assert_eq!(found[0].about, "The count is lost.");
    put("lesson/stretch/counting/solution.txt", TEXT);
    let error = solutions().unwrap_err();
    assert!(
        error.ends_with("the first line is not `solves: …`"),
        "{error}"
    );
    put("variants/counting.txt", &solution);
    let error = Variant::of_step(folder.path()).unwrap_err();
    assert!(
        error.ends_with("has its place in lesson/stretch/"),
        "{error}"
    );
}

#[test]
fn an_exercise_without_a_solution_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir_all(folder.path().join("lesson/stretch/counting")).unwrap();
    let error = Variant::solutions_of_step(folder.path()).unwrap_err();
    assert!(error.contains("counting/solution.txt"), "{error}");
}

#[test]
fn edits_of_one_file_are_applied_together() {
    let files = apply("four\n    one\n    two\nend\n").unwrap();
    assert_eq!(
        files,
        [(PathBuf::from("a.rs"), "\n    three\nend\n".to_owned())]
    );
}

#[test]
fn an_edit_without_old_text_is_a_new_file() {
    let text = TEXT.replace(
        "file: a.rs\n<<<<<<<\n    one\n    two\n",
        "file: b.rs\n<<<<<<<\n",
    );
    let text = text.replace("\n<<<<<<<\nfour", "\nfile: a.rs\n<<<<<<<\nfour");
    let variant = Variant::parse("lost", &text).unwrap();
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("a.rs"), "four\n").unwrap();
    let [old, new] = ["a.rs", "b.rs"].map(PathBuf::from);
    let files = variant.apply(folder.path()).unwrap();
    let texts = [(old, "\n".to_owned()), (new, "    three\n".to_owned())];
    assert_eq!(files, texts);
    std::fs::write(folder.path().join("b.rs"), "").unwrap();
    let error = variant.apply(folder.path()).unwrap_err();
    assert!(error.starts_with("lost: b.rs: "), "{error}");
    assert!(error.contains("the file is there"), "{error}");
}

#[test]
fn windows_line_ends_make_no_difference() {
    assert!(apply("four\r\n    one\r\n    two\r\n").is_ok());
}

#[test]
fn an_old_text_stands_in_the_file_exactly_once() {
    let error = apply("    one\n    two\n").unwrap_err();
    assert!(
        error.starts_with("lost: a.rs: 0 matches of this text:\nfour"),
        "{error}"
    );
    let error = apply("    one\n    two\nfour four four").unwrap_err();
    assert!(error.starts_with("lost: a.rs: 3 matches"), "{error}");
}

#[test]
fn a_broken_variant_says_what_it_lacks() {
    for (text, complaint) in [
        ("caught by: x\nseen: y\nWrong.\n", "no `file:`"),
        (
            "Wrong.\nHow.\nfile: a\n<<<<<<<\n=======\n>>>>>>>",
            "the first line is not `caught by: …`, `refused by: the compiler`, `still holds: …` \
             or `solves: …`",
        ),
        (
            "caught by: x\nWrong.\nfile: a\n<<<<<<<\n=======\n>>>>>>>",
            "the second line is not `seen: …`",
        ),
        (
            "caught by: x\nseen: y\nfile: a\n<<<<<<<\n=======\n>>>>>>>",
            "no sentence about it",
        ),
        (
            "still holds: x on disk\nHow.\nfile: a\n<<<<<<<\n=======\n>>>>>>>",
            "no store and no database is called `disk`",
        ),
        (
            "caught by: x\nseen: y\nWrong.\nfile: a\n=======\n>>>>>>>",
            "no `<<<<<<<` after `file:`",
        ),
        (
            "caught by: x\nseen: y\nWrong.\nfile: a\n<<<<<<<\nold\n",
            "no `=======`",
        ),
        (
            "caught by: x\nseen: y\nWrong.\nfile: a\n<<<<<<<\n=======\n>>>>>>>",
            "an edit of a has no text",
        ),
        (
            "caught by: x\nseen: y\nWrong.\nfile: a\n<<<<<<<\no\n=======\n>>>>>>>\nand",
            "text between two edits",
        ),
    ] {
        assert_eq!(Variant::parse("v", text).unwrap_err(), complaint);
    }
}
