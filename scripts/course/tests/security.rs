//! SECURITY.md: its numbers are the program's, and its promises have checks.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use checks::matrix::Matrix;
use std::{fs, path::Path};

const STEP: &str = "step-07";
const SOURCE: &str = "steps/step-07-practical-example/src";

/// A file of the repository.
fn read(path: &str) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let text = fs::read_to_string(root.join(path)).unwrap();
    text.replace("\r\n", "\n")
}

/// What stands between backquotes.
fn code(text: &str) -> Vec<&str> {
    text.split('`').skip(1).step_by(2).collect()
}

/// The cells of the table's lines, without its head.
fn table(page: &str) -> Vec<[&str; 4]> {
    let lines = page.lines().filter(|line| line.starts_with("| "));
    let cells = lines.map(|line| line.trim_matches('|').split('|').map(str::trim));
    let rows = cells.map(|cells| cells.collect::<Vec<_>>().try_into().unwrap());
    rows.skip(1).collect()
}

/// Paragraphs, and the items of lists, each as one line. Not the table.
fn prose(page: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    for line in page.lines().filter(|line| !line.starts_with('|')) {
        if line.is_empty() || line.starts_with("- ") {
            parts.push(String::new());
        }
        let part = parts.last_mut().unwrap();
        part.push_str(line.trim_start());
        part.push(' ');
    }
    parts
}

/// A sentence with underscores is a check's name.
fn checks(text: &str) -> Vec<&str> {
    let sentence = |name: &&str| {
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
        name.chars().all(plain) && name.matches('_').count() > 1
    };
    code(text).into_iter().filter(sentence).collect()
}

/// The product at the end of a line such as `MAX: i64 = 12 * 60`.
fn product(source: &str) -> u64 {
    let factors = source.trim_end_matches(')').rsplit(['=', '<', '(']).next();
    let factors = factors.unwrap().split('*').map(str::trim);
    factors
        .map(|factor| factor.parse::<u64>().unwrap())
        .product()
}

/// `15 minutes` in milliseconds, and `10 attempts` as the number.
fn amount(told: &str) -> u64 {
    let (number, unit) = told.split_once(' ').unwrap_or((told, ""));
    let minute = 60 * 1000;
    let unit = match unit.trim_end_matches('s') {
        "minute" => minute,
        "hour" => 60 * minute,
        "day" => 24 * 60 * minute,
        _ => 1,
    };
    number.parse::<u64>().unwrap() * unit
}

#[test]
fn every_number_of_the_table_is_the_programs() {
    let page = read("SECURITY.md");
    let rows = table(&page);
    assert!(rows.len() > 9, "{rows:?}");
    for [_, told, place, _] in rows {
        let [line, file] = code(place)[..] else {
            panic!("`a line` in `a file`: {place}");
        };
        let program = read(&format!("{SOURCE}/{file}"));
        let (_, rest) = program
            .split_once(line)
            .unwrap_or_else(|| panic!("{file} has no `{line}`; SECURITY.md says {told}"));
        let goes_on = |c: char| c.is_ascii_alphanumeric() || "_*+-".contains(c);
        let ends = !rest.trim_start().starts_with(goes_on);
        assert!(ends, "{file} goes on after `{line}`: {told}");
        let seconds = place.contains("` s in");
        let value = product(line) * if seconds { 1000 } else { 1 };
        assert_eq!(
            amount(told),
            value,
            "SECURITY.md says {told}, {file} `{line}`"
        );
    }
}

/// A number in a sentence would be one that nobody compares.
#[test]
fn there_are_no_other_numbers() {
    let page = read("SECURITY.md");
    for part in prose(&page) {
        let text: String = part.split('`').step_by(2).collect();
        let known = text.replace("step 07", "").replace("ASVS 5.0", "");
        for word in known.split_whitespace() {
            let word = word.trim_matches(|c: char| !c.is_ascii_alphanumeric());
            let requirement = word.split('.').count() == 3;
            let number = word.contains(|c: char| c.is_ascii_digit());
            assert!(requirement || !number, "{word} in: {part}");
        }
    }
}

#[test]
fn every_promise_names_checks_that_the_step_passes() {
    let page = read("SECURITY.md");
    let matrix = Matrix::of_the_course().unwrap();
    for name in checks(&page) {
        assert!(matrix.passes(name, STEP), "`{name}` is no pass in {STEP}");
    }
    for row in table(&page) {
        assert!(!checks(row[3]).is_empty(), "no check: {row:?}");
    }
    let prose = prose(&page);
    let promises: Vec<_> = prose.iter().filter(|part| part.starts_with("- ")).collect();
    assert!(promises.len() > 5, "{promises:?}");
    for promise in promises {
        assert!(!checks(promise).is_empty(), "no check: {promise}");
    }
}

#[test]
fn every_setting_is_one() {
    let page = read("SECURITY.md");
    let settings = read(".env.example");
    let upper = |name: &&str| name.chars().all(|c| c.is_ascii_uppercase() || c == '_');
    for name in code(&page).into_iter().filter(upper) {
        assert!(settings.contains(&format!("# {name}=")), "{name}");
    }
}
