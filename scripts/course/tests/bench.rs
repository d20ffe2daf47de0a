//! The whole bench, in one round. It builds in release mode and loads the machine for
//! minutes, so that `cargo test` leaves it out:
//!
//! ```console
//! $ cargo test -p course --test bench
//! ```

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::{path::Path, process::Command};

#[test]
fn each_app_that_is_there_answers_under_load() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let output = Command::new(env!("CARGO_BIN_EXE_course"))
        .current_dir(root)
        .args(["bench", "--rounds", "1"])
        .output()
        .unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    let table = String::from_utf8_lossy(&output.stdout);
    assert!(table.lines().all(|line| line.len() <= 80), "{table}");

    let expected = [
        "step 03",
        "step 08",
        "bare",
        "Express, 1 process",
        "actix-web",
    ];
    for name in expected {
        let left_out = format!("{} is left out", name.split(',').next().unwrap());
        if table.contains(&left_out) {
            continue;
        }
        let row = table.lines().find(|line| line.starts_with(name));
        let row = row.unwrap_or_else(|| panic!("no {name}: {table}"));
        // One read and one write: what is compared is the same work.
        assert!(row.ends_with("1 GET, 1 SET"), "{table}");
        let rate: f64 = row[20..]
            .split_whitespace()
            .next()
            .unwrap()
            .parse()
            .unwrap();
        assert!(rate > 0.0, "{table}");
    }
}
