//! What a person sees and answers: 80 columns, colours where they are wanted.

use super::job::Cancel;
use console::{StyledObject, style};
use std::{
    io::{self, IsTerminal, Write},
    sync::{
        OnceLock,
        mpsc::{self, RecvTimeoutError},
    },
    thread,
    time::Duration,
};

/// The width that everything fits into, but for code.
pub const WIDTH: usize = 80;

/// Without the newlines at its end, but for one. Whoever reads may stop early, as
/// `head` does.
pub fn say(text: &str) {
    let _ = writeln!(io::stdout(), "{}", text.trim_end());
}

/// Whether a question reaches a person.
pub fn is_there() -> bool {
    io::stdin().is_terminal() && io::stdout().is_terminal()
}

/// Asks, and takes `y` or `yes` for yes. Without a terminal nobody is asked: `None`.
pub fn ask(question: &str) -> Option<bool> {
    let answer = answer(&format!("{question} [y/N] "))?;
    Some(["y", "yes"].contains(&answer.to_lowercase().as_str()))
}

/// A line of the terminal. `None` without one, and at its end. To Ctrl-C the answer is
/// `q`: no, and enough.
pub fn answer(prompt: &str) -> Option<String> {
    if !is_there() {
        return None;
    }
    print!("{prompt}");
    io::stdout().flush().ok()?;
    // Nothing interrupts a read, so that it waits elsewhere.
    let (sender, line) = mpsc::channel();
    thread::spawn(move || {
        let mut line = String::new();
        let length = io::stdin().read_line(&mut line);
        let _ = sender.send(length.map(|length| (length > 0).then_some(line)));
    });
    loop {
        match line.recv_timeout(Duration::from_millis(50)) {
            Ok(line) => return Some(line.ok()??.trim().to_owned()),
            Err(RecvTimeoutError::Disconnected) => return None,
            Err(RecvTimeoutError::Timeout) => {}
        }
        if INTERRUPTED.get().is_some_and(Cancel::is_cancelled) {
            println!();
            return Some("q".to_owned());
        }
    }
}

/// Somebody has pressed Ctrl-C, or asked this program to end.
static INTERRUPTED: OnceLock<Cancel> = OnceLock::new();

/// From here on Ctrl-C ends what we have started first.
pub fn interrupts() -> Result<Cancel, String> {
    let cancel = INTERRUPTED.get_or_init(Cancel::default);
    ctrlc::set_handler(|| cancel.cancel()).map_err(|error| format!("course: {error}"))?;
    Ok(cancel.clone())
}

pub fn bold(text: &str) -> StyledObject<&str> {
    style(text).bold()
}

pub fn good(text: &str) -> StyledObject<&str> {
    style(text).green()
}

pub fn bad(text: &str) -> StyledObject<&str> {
    style(text).red()
}

/// A lesson's text: its headings stand out.
pub fn page(text: &str) -> String {
    let line = |line: &str| {
        if line.starts_with('#') {
            return format!("{}\n", bold(line));
        }
        format!("{line}\n")
    };
    text.lines().map(line).collect()
}

/// A label of ten columns, and the text beside it, in lines that fit.
pub fn labelled(label: &str, text: &str) -> String {
    let lines = wrap(text, WIDTH - 10);
    let lines = lines.iter().enumerate().map(|(nth, line)| {
        let label = if nth == 0 { label } else { "" };
        format!("{label:>8}  {line}").trim_end().to_owned() + "\n"
    });
    lines.collect()
}

/// The text in lines of this width, cut between words where that is possible.
pub fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines = Vec::new();
    for paragraph in text.lines() {
        let mut line = String::new();
        for word in paragraph.split_whitespace() {
            let mut word = word;
            if !line.is_empty() && length(&line) + 1 + length(word) > width {
                lines.push(std::mem::take(&mut line));
            }
            // A word that no line can hold.
            while line.is_empty() && length(word) > width {
                let end = word
                    .char_indices()
                    .nth(width)
                    .map_or(word.len(), |(at, _)| at);
                lines.push(word[..end].to_owned());
                word = &word[end..];
            }
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
        lines.push(line);
    }
    lines
}

/// The line, if it fits; else its beginning, and a sign that it goes on.
pub fn cut(line: &str, width: usize) -> String {
    // A terminal would move by them.
    let line: String = line
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    if length(&line) <= width {
        return line;
    }
    line.chars().take(width - 1).chain(['…']).collect()
}

fn length(text: &str) -> usize {
    text.chars().count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_wrapped_between_words() {
        assert_eq!(wrap("one two three", 7), ["one two", "three"]);
        assert_eq!(wrap("one\n\n  two", 7), ["one", "", "two"]);
        assert_eq!(wrap("a overlooong b", 4), ["a", "over", "looo", "ng b"]);
        assert_eq!(wrap("föür", 4), ["föür"]);
    }

    #[test]
    fn a_label_stands_before_the_first_line() {
        let text = "word ".repeat(20);
        let told = labelled("promise", &text);
        let lines: Vec<&str> = told.lines().collect();
        assert_eq!(lines.len(), 2);
        assert!(lines[0].starts_with(" promise  word "), "{told}");
        assert!(lines[1].starts_with("          word"), "{told}");
        assert!(lines.iter().all(|line| line.len() <= WIDTH), "{told}");
    }

    #[test]
    fn a_long_line_is_cut_and_says_so() {
        assert_eq!(cut("beer", 4), "beer");
        assert_eq!(cut("beers", 4), "bee…");
        assert_eq!(cut("\u{1b}[2Jb", 80), " [2Jb");
    }
}
