//! `peek redis|mongo|sql [ID]`: `cargo course peek` runs it.

use std::{
    env,
    io::{self, Write},
    process::ExitCode,
};

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let (store, id) = match arguments.as_slice() {
        [store] => (*store, None),
        [store, id] => (*store, Some(*id)),
        _ => {
            eprintln!("peek: expected redis, mongo or sql, and perhaps a session's ID");
            return ExitCode::from(2);
        }
    };
    match peek::peek(store, id).await {
        Ok(report) => {
            // Whoever reads may stop early, as `head` does.
            let _ = io::stdout().write_all(harmless(&report).as_bytes());
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("peek: {error}");
            ExitCode::FAILURE
        }
    }
}

/// A visitor's name may hold what moves a terminal's cursor or turns its lines round.
fn harmless(text: &str) -> String {
    let turns = |c| matches!(c, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let harmless = |c: char| match c {
        '\n' => c.to_string(),
        c if c.is_control() || turns(c) => c.escape_unicode().to_string(),
        c => c.to_string(),
    };
    text.chars().map(harmless).collect()
}

#[cfg(test)]
mod tests {
    use super::harmless;

    #[test]
    fn nothing_moves_the_terminal() {
        let text = "{\"name\":\"a\u{9b}b\u{202e}c\u{1b}[2J\"}\nÄ";
        let shown = "{\"name\":\"a\\u{9b}b\\u{202e}c\\u{1b}[2J\"}\nÄ";
        assert_eq!(harmless(text), shown);
    }
}
