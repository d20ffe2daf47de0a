//! Commands and answers as the driver's log writes them, put into a few words.

use crate::xray::store::shorten;
use std::time::{SystemTime, UNIX_EPOCH};

/// One part of a command or an answer.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Part {
    Word(String),
    /// Something longer, in bytes.
    Long(usize),
}

/// Reads what `{:?}` wrote: `String("GET")`, `Bytes([1, 2])`, `Integer(1)`.
pub(super) fn parts(text: &str) -> Vec<Part> {
    /// Longer than an ID, and nobody wants to read it in a strip.
    const LONGEST_WORD: usize = 30;

    let mut parts = Vec::new();
    let mut rest = text;
    while let Some((kind, value)) = rest.split_once('(') {
        let end = if kind.ends_with("String") {
            let quoted = value.strip_prefix('"').unwrap_or(value);
            let word = unquote(quoted);
            parts.push(if word.len() <= LONGEST_WORD {
                Part::Word(word)
            } else {
                Part::Long(word.len())
            });
            quote(quoted) + 1
        } else {
            let end = value.find(')').unwrap_or(value.len());
            parts.push(if kind.ends_with("Bytes") {
                Part::Long(value[..end].split(',').count())
            } else {
                Part::Word(value[..end].to_owned())
            });
            end
        };
        rest = value.get(end + 1..).unwrap_or_default();
    }
    parts
}

/// Where the closing quote is.
fn quote(text: &str) -> usize {
    let mut escaped = false;
    text.bytes()
        .position(|byte| {
            let ends = byte == b'"' && !escaped;
            escaped = byte == b'\\' && !escaped;
            ends
        })
        .unwrap_or(text.len())
}

/// The text in front of the closing quote. An escape such as `\u{1}` counts as one
/// character; it stands for a byte of a record, which is not shown.
fn unquote(text: &str) -> String {
    let mut word = String::new();
    let mut rest = text[..quote(text)].chars();
    while let Some(character) = rest.next() {
        if character == '\\' && rest.next() == Some('u') {
            rest.by_ref().find(|character| *character == '}');
        }
        word.push(character);
    }
    word
}

/// `SET 5xkLDs… ⟨153 bytes⟩ EXAT ⟨in 60 s⟩ NX`
pub(super) fn command(parts: &[Part]) -> String {
    let mut words = Vec::new();
    let mut is_time = false;
    for (place, part) in parts.iter().enumerate() {
        words.push(match part {
            Part::Word(time) if is_time => in_seconds(time),
            Part::Word(key) if place == 1 => shorten(key),
            Part::Word(word) => word.clone(),
            Part::Long(bytes) => format!("⟨{bytes} bytes⟩"),
        });
        is_time = *part == Part::Word("EXAT".to_owned());
    }
    words.join(" ")
}

/// A time in seconds since 1970, counted from now.
fn in_seconds(time: &str) -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    let (Ok(then), Ok(now)) = (time.parse::<u64>(), now) else {
        return time.to_owned();
    };
    // Redis knows whole seconds only, and so do we.
    format!("⟨in {} s⟩", then.saturating_sub(now.as_secs()))
}

pub(super) fn answer(frame: &str) -> String {
    match (parts(frame).as_slice(), refusal(frame)) {
        (_, Some(kind)) => format!("refused: {kind}"),
        ([Part::Word(word)], _) => word.clone(),
        ([Part::Long(bytes)], _) => format!("{bytes} bytes"),
        (parts, _) => format!("{} values", parts.len()),
    }
}

/// `OOM` of `OOM command not allowed …`. A record never begins with a word: its
/// first byte says that it is an array.
fn refusal(frame: &str) -> Option<&str> {
    let (kind, _) = frame.strip_prefix("String(\"")?.split_once(' ')?;
    let is_kind = kind.len() > 2 && kind.bytes().all(|byte| byte.is_ascii_uppercase());
    is_kind.then_some(kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_that_happens_to_be_text_has_its_size() {
        // {:?} writes a control character in 5 letters.
        let record = format!("{}{}", "\u{1}".repeat(30), r#"a "quoted\" b"#);
        let frame = format!("String({record:?}), String(\"XX\")])");
        let expected = [Part::Long(43), Part::Word("XX".to_owned())];
        assert_eq!(parts(&frame), expected);
    }

    #[test]
    fn an_answer_says_what_came_back() {
        assert_eq!(answer("Bytes([147, 196, 16])"), "3 bytes");
        assert_eq!(answer("Integer(1)"), "1");
        assert_eq!(
            answer("String(\"OOM command not allowed when used memory > 'maxmemory'.\")"),
            "refused: OOM"
        );
    }

    #[test]
    fn an_expiry_is_counted_from_now() {
        assert_eq!(in_seconds("1"), "⟨in 0 s⟩");
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
        let soon = (now.as_secs() + 1000).to_string();
        assert!(["⟨in 1000 s⟩", "⟨in 999 s⟩"].contains(&in_seconds(&soon).as_str()));
    }
}
