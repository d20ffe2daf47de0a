//! What a person reads, from what the book has recorded.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use capacity::{options::Options, recorded::Recorded, sheet::Sheet};
use std::path::Path;

fn sheet(line: &str) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let words: Vec<&str> = line.split_whitespace().collect();
    let options = Options::read(&words).unwrap();
    Sheet::new(&Recorded::read(&root).unwrap(), &options).to_string()
}

const LARGEST: &str = "--sessions 1000000000000 --visits-per-hour 36000 --writes-percent 100 \
    --idle 1 --minutes 0.1 --bytes 16777216 --replicas 49 --node-memory 0.1 --fill 1 --rate 1";

#[test]
fn a_sheet_fits_into_80_columns_whatever_is_asked() {
    for line in ["", "--sessions 1", "--anonymous", "--bytes 999", LARGEST] {
        for line in sheet(line).lines() {
            assert!(line.chars().count() <= 80, "{line}");
        }
    }
}

#[test]
fn the_stores_stand_side_by_side() {
    let sheet = sheet("");
    let heads = ["1 M", "10 M", "100 M"].map(|head| format!("{head:>8}"));
    let heads = format!("live sessions{:17}{}\n", "", heads.concat().repeat(2));
    assert!(sheet.contains(&heads), "{sheet}");
    let numbers = |label: &str| {
        let line = sheet.lines().find(|line| line.starts_with(label)).unwrap();
        line[label.len()..].split_whitespace().count()
    };
    assert_eq!(numbers("primaries for the memory"), 6);
    assert_eq!(numbers("logins a second"), 3);
}

#[test]
fn all_that_it_rests_on_is_told() {
    let plain = sheet("").replace("\n ", "");
    for option in [
        "--visits-per-hour 120:",
        "--writes-percent 10:",
        "--idle 900:",
        "--minutes 60:",
        "--node-memory 16:",
        "--fill: unset",
        "--rate: unset",
        "--cores 4",
        "--replicas: unset",
    ] {
        assert!(plain.contains(option), "{option}: {plain}");
    }
    let given = sheet(LARGEST).replace("\n ", "");
    for (option, value) in LARGEST
        .split_whitespace()
        .collect::<Vec<_>>()
        .chunks(2)
        .filter_map(|two| {
            let [option, value] = two else { return None };
            (*option != "--sessions").then_some((*option, *value))
        })
    {
        let told = match option {
            "--bytes" => "--bytes, with as much around it".to_owned(),
            option => format!("{option} {value}"),
        };
        assert!(given.contains(&told), "{told}: {given}");
    }
    assert!(sheet("--anonymous").contains("--anonymous, a stranger's session"));
}
