use super::{Item, gather};

/// One item for each table header, named like it: `[dependencies]`, `[[test]]`.
/// What stands before the first header is `head`.
pub fn items(text: &str) -> Vec<Item> {
    let file: Vec<&str> = text.lines().collect();
    let mut found: Vec<Item> = Vec::new();
    for (at, line) in file.iter().enumerate() {
        let content = line.split('#').next().unwrap_or_default().trim_end();
        if line.starts_with('[') && content.ends_with(']') {
            found.push(Item::new(content, at..at + 1));
        } else if !content.is_empty() {
            match found.last_mut() {
                Some(table) => table.pieces[0].end = at + 1,
                None => found.push(Item::new("head", at..at + 1)),
            }
        }
    }
    gather(&file, 0..file.len(), found)
}
