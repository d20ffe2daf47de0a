//! How much memory an app has, asked of `ps`.

use std::{collections::BTreeMap, process::Command};

/// What a process and its descendants have in memory, in MB; none without `ps`. A page
/// that two of them share counts twice.
pub fn of(process: u32) -> Option<f64> {
    let mut ps = Command::new("ps");
    let output = ps.args(["-A", "-o", "pid=,ppid=,rss="]).output().ok()?;
    let kilobytes = sum(&String::from_utf8_lossy(&output.stdout), process)?;
    Some(kilobytes / 1024.0)
}

/// Lines of process, parent and kilobytes.
fn sum(table: &str, process: u32) -> Option<f64> {
    let rows = table.lines().filter_map(|line| {
        let numbers = line.split_whitespace().map(str::parse);
        let numbers: Vec<u32> = numbers.collect::<Result<_, _>>().ok()?;
        let [process, parent, kilobytes] = numbers[..] else {
            return None;
        };
        Some((process, (parent, kilobytes)))
    });
    let rows: BTreeMap<u32, (u32, u32)> = rows.collect();
    rows.get(&process)?;
    let is_part = |mut this: u32| {
        while this != process {
            match rows.get(&this) {
                Some((parent, _)) if *parent != this => this = *parent,
                _ => return false,
            }
        }
        true
    };
    let parts = rows.iter().filter(|(this, _)| is_part(**this));
    Some(parts.map(|(_, (_, kilobytes))| f64::from(*kilobytes)).sum())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_app_is_all_of_its_processes() {
        let table = "    0     0  7000\n    1     0  9000\n   20     1  100\n   21    20   30\n\
            \u{20}  22    21     4\n   30     1  500\n   31    99     8\nodd\n";
        assert_eq!(sum(table, 20), Some(134.0));
        assert_eq!(sum(table, 22), Some(4.0));
        assert_eq!(sum(table, 99), None);
    }
}
