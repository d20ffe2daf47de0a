//! An offline copy of the book.

use std::{path::Path, process::Command};

/// Makes one in this folder, which is empty or not there.
pub fn offline(folder: &Path) {
    let course = Command::new(env!("CARGO_BIN_EXE_course"))
        .args(["book", "--to"])
        .arg(folder)
        .status();
    assert!(course.unwrap().success());
}
