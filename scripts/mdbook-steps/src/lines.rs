//! What a line of Markdown is.

/// The marks that open a fence.
pub fn fence_marks(line: &str) -> Option<&str> {
    let mark = line.chars().next().filter(|mark| "`~".contains(*mark))?;
    let end = line.find(|c| c != mark).unwrap_or(line.len());
    // With backticks behind it, it is code in a line of text.
    (end >= 3 && !line[end..].contains('`')).then_some(&line[..end])
}

/// Whether a fence's first line promises Rust that is not tagged as a sketch.
pub fn is_typed_rust(fence: &str) -> bool {
    let mut words = fence
        .trim_start_matches(['`', '~'])
        .trim()
        .split([',', ' ']);
    let rust = words
        .next()
        .is_some_and(|language| ["rust", "rs"].contains(&language));
    rust && words.all(|word| word != "sketch")
}

/// Whether a line is part of a paragraph, a list or a quotation.
pub fn is_prose(line: &str) -> bool {
    let first = line.trim().chars().next();
    first.is_some_and(|first| !"<|#".contains(first))
        && !line.starts_with("![")
        && !line.starts_with("---")
}
