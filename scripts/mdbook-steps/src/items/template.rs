use super::{Item, trimmed};

/// One item for each outermost block of a template, `block content`; what is
/// outside of all of them is `page`.
pub fn items(text: &str) -> Vec<Item> {
    let file: Vec<&str> = text.lines().collect();
    let mut items: Vec<Item> = Vec::new();
    let mut page = Vec::new();
    let mut depth = 0;
    let mut free = 0;
    for (at, line) in file.iter().enumerate() {
        for tag in line.split("{%").skip(1) {
            let mut words = tag.trim_start_matches(['-', '+']).split_whitespace();
            match words.next() {
                Some("block") => {
                    if depth == 0 {
                        page.push(trimmed(&file, free..at.max(free)));
                        let name = words.next().unwrap_or_default();
                        items.push(Item::new(format!("block {name}"), at..at + 1));
                    }
                    depth += 1;
                }
                Some("endblock") if depth > 0 => {
                    depth -= 1;
                    free = at + 1;
                    if let Some(block) = items.last_mut() {
                        block.pieces[0].end = free;
                    }
                }
                _ => {}
            }
        }
    }
    page.push(trimmed(&file, free..file.len().max(free)));
    page.retain(|piece| !piece.is_empty());
    if !page.is_empty() {
        items.push(Item {
            name: "page".to_owned(),
            pieces: page,
            members: Vec::new(),
        });
    }
    items.sort_by_key(|item| item.pieces[0].start);
    items
}
