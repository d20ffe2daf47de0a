//! Names for what differs from run to run: session IDs, UUIDs, signatures, dates.

/// What was met so far, numbered in the order of appearance.
#[derive(Debug, Default)]
pub(super) struct Names {
    ids: Vec<String>,
    uuids: Vec<String>,
    signatures: Vec<String>,
}

/// 128 bits in base64url without padding.
const ID_LENGTH: usize = 22;

/// The groups of a UUID, in hexadecimal digits.
const UUID_GROUPS: [usize; 5] = [8, 4, 4, 4, 12];

/// An HMAC-SHA256 in base64, without its one `=`.
const SIGNATURE_LENGTH: usize = 43;

/// `Thu, 01 Jan 1970 00:00:00 GMT`
const DATE_LENGTH: usize = 29;

impl Names {
    /// The text with `<id 1>`, `<uuid 1>`, `<signature 1>` and `<date>` in it.
    pub(super) fn hide(&mut self, text: &str) -> String {
        let mut hidden = String::new();
        let mut rest = text;
        // Whether a token can begin here: not in the middle of a longer word.
        let mut begins = true;
        while let Some(next) = rest.chars().next() {
            let length = if !begins {
                0
            } else if let Some(length) = signature(rest) {
                hidden += &name("signature", &mut self.signatures, &rest[..length]);
                length
            } else if let Some(length) = id(rest) {
                hidden += &name("id", &mut self.ids, &rest[..length]);
                length
            } else if let Some(length) = uuid(rest) {
                hidden += &name("uuid", &mut self.uuids, &rest[..length]);
                length
            } else if let Some(length) = date(rest) {
                hidden += "<date>";
                length
            } else {
                0
            };
            if length == 0 {
                hidden.push(next);
                rest = &rest[next.len_utf8()..];
                begins = !is_base64url(next);
            } else {
                rest = &rest[length..];
                begins = true;
            }
        }
        hidden
    }
}

fn name(kind: &str, known: &mut Vec<String>, value: &str) -> String {
    let place = known
        .iter()
        .position(|old| old == value)
        .unwrap_or_else(|| {
            known.push(value.to_owned());
            known.len() - 1
        });
    format!("<{kind} {}>", place + 1)
}

fn is_base64url(character: char) -> bool {
    character.is_ascii_alphanumeric() || character == '-' || character == '_'
}

/// The length of the ID that `text` begins with.
fn id(text: &str) -> Option<usize> {
    let end = text
        .find(|character| !is_base64url(character))
        .unwrap_or(text.len());
    (end == ID_LENGTH).then_some(end)
}

/// The length of the UUID that `text` begins with.
fn uuid(text: &str) -> Option<usize> {
    let end = text
        .find(|character| !is_base64url(character))
        .unwrap_or(text.len());
    let groups = text[..end].split('-').map(str::len);
    groups.eq(UUID_GROUPS).then_some(end)
}

/// The ID behind the signature in a cookie's value.
pub(super) fn id_at_the_end(value: &str) -> Option<String> {
    let start = value.len().checked_sub(ID_LENGTH)?;
    let end = value.get(start..)?;
    id(end).map(|_| end.to_owned())
}

/// The length of the signature that `text` begins with. On the wire some of its
/// characters can be percent-encoded.
fn signature(text: &str) -> Option<usize> {
    let mut end = 0;
    for _ in 0..SIGNATURE_LENGTH {
        let rest = text.get(end..)?;
        let plain = rest.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '+' || c == '/');
        end += match rest.get(..3) {
            _ if plain => 1,
            Some("%2B" | "%2F") => 3,
            _ => return None,
        };
    }
    let rest = text.get(end..)?;
    let padding = ["=", "%3D"]
        .into_iter()
        .find(|padding| rest.starts_with(padding))?;
    Some(end + padding.len())
}

fn date(text: &str) -> Option<usize> {
    let date = text.get(..DATE_LENGTH)?;
    (date.ends_with(" GMT") && httpdate::parse_http_date(date).is_ok()).then_some(DATE_LENGTH)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "5xkLDsHq_0aUrhn-2h5s6A";
    const SIGNATURE: &str = "9h%2FQ%2Bz3nVbC1kq5r8sJtWmYp0aXeLdGfHiUoBvNcKjM%3D";

    #[test]
    fn ids_and_signatures_are_numbered_as_they_appear() {
        let mut names = Names::default();
        let line = format!("beer.sid={SIGNATURE}{ID}; Path=/");
        assert_eq!(names.hide(&line), "beer.sid=<signature 1><id 1>; Path=/");
        let other = "AAAAAAAAAAAAAAAAAAAAAA";
        let line = format!("Session ID: {other}, once {ID}");
        assert_eq!(names.hide(&line), "Session ID: <id 2>, once <id 1>");
    }

    #[test]
    fn uuids_are_numbered_too() {
        let mut names = Names::default();
        let uuid = "0197d3a4-5b6c-7d8e-9f00-112233445566";
        let line = format!("{{\"id\":\"{uuid}\"}}");
        assert_eq!(names.hide(&line), "{\"id\":\"<uuid 1>\"}");
        let word = "a-word-with-four-hyphens";
        assert_eq!(names.hide(word), word);
    }

    #[test]
    fn dates_are_hidden_and_words_are_not() {
        let mut names = Names::default();
        let line = "a=b; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Path=/";
        assert_eq!(names.hide(line), "a=b; Expires=<date>; Path=/");
        let words = "Größe, and a-word-of-more-than-twenty-two-letters = 100% GMT";
        assert_eq!(names.hide(words), words);
    }

    #[test]
    fn a_signature_of_another_length_stays() {
        let shorter = SIGNATURE.replacen('9', "", 1);
        assert_eq!(Names::default().hide(&shorter), shorter);
    }
}
