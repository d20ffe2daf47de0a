//! What a person reads on a page.

/// Elements that do not begin a line of their own.
const INLINE: [&str; 26] = [
    "a", "abbr", "b", "bdi", "bdo", "cite", "code", "data", "del", "dfn", "em", "i", "ins", "kbd",
    "mark", "q", "s", "samp", "small", "span", "strong", "sub", "sup", "time", "u", "wbr",
];

/// Elements whose content nobody reads.
const HIDDEN: [&str; 5] = ["head", "script", "style", "template", "title"];

/// The visible text of `<main>`, or of the whole page when it has none: tags
/// stripped, entities decoded, one line per block, no blank lines.
///
/// No HTML parser, so that the light steps need none: enough for well-formed
/// pages, and for the rest as good as a guess.
pub(crate) fn visible_text(html: &str) -> String {
    read(html, &[])
}

/// The same without the forms, whose labels and buttons say the same each time.
pub(crate) fn text_outside_forms(html: &str) -> String {
    read(html, &["form"])
}

fn read(html: &str, skipped: &[&str]) -> String {
    let mut lines = String::new();
    let mut rest = main(html);
    while let Some(start) = rest.find('<') {
        push(&mut lines, &rest[..start]);
        rest = &rest[start..];
        if let Some(comment) = rest.strip_prefix("<!--") {
            rest = comment.split_once("-->").map_or("", |(_, after)| after);
            continue;
        }
        let (tag, after) = tag(rest);
        rest = after;
        let name = tag_name(tag);
        if HIDDEN.contains(&name.as_str()) || skipped.contains(&name.as_str()) {
            let end = rest.to_ascii_lowercase().find(&format!("</{name}"));
            rest = end.map_or("", |end| &rest[end..]);
            // The end tag is skipped with the rest of the element.
            rest = rest.split_once('>').map_or("", |(_, after)| after);
        }
        if !INLINE.contains(&name.trim_start_matches('/')) {
            lines.push('\n');
        }
    }
    push(&mut lines, rest);
    let lines = lines.lines().map(str::trim).filter(|line| !line.is_empty());
    lines.map(decode).collect::<Vec<_>>().join("\n")
}

/// A start tag, as far as checks ask about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Element {
    pub(crate) name: String,
    attributes: Vec<(String, String)>,
    /// Whether it stands in a `<label>` with some text.
    pub(crate) is_labelled: bool,
}

impl Element {
    /// An attribute's value, with its entities decoded. One without a value has an
    /// empty one.
    pub(crate) fn attribute(&self, name: &str) -> Option<&str> {
        let found = self.attributes.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    }
}

/// All elements, in the order of the page.
pub(crate) fn elements(html: &str) -> Vec<Element> {
    let mut elements = Vec::new();
    let mut label = None;
    let mut rest = html;
    while let Some(start) = rest.find('<') {
        if let Some(label) = &mut label {
            *label = *label || !rest[..start].trim().is_empty();
        }
        let (tag, after) = tag(&rest[start..]);
        rest = after;
        let name = tag_name(tag);
        match name.as_str() {
            "label" => label = Some(false),
            "/label" => label = None,
            _ => {}
        }
        elements.push(Element {
            attributes: attributes(&tag[1..]),
            is_labelled: label == Some(true),
            name,
        });
    }
    elements
}

/// Of `input name="email" required`, without the first word.
fn attributes(tag: &str) -> Vec<(String, String)> {
    let mut attributes = Vec::new();
    let mut rest = tag
        .split_once(char::is_whitespace)
        .map_or("", |(_, rest)| rest);
    loop {
        rest = rest.trim_start_matches(|c: char| c.is_whitespace() || c == '/');
        let end = rest.find(|c: char| c.is_whitespace() || "=/".contains(c));
        let (name, after) = rest.split_at(end.unwrap_or(rest.len()));
        if name.is_empty() {
            return attributes;
        }
        let (value, after) = match after.trim_start().strip_prefix('=') {
            None => ("", after),
            Some(value) => match value.trim_start() {
                quoted if quoted.starts_with(['"', '\'']) => {
                    let (quote, value) = quoted.split_at(1);
                    value.split_once(quote).unwrap_or((value, ""))
                }
                bare => bare.split_at(bare.find(char::is_whitespace).unwrap_or(bare.len())),
            },
        };
        attributes.push((name.to_ascii_lowercase(), decode(value)));
        rest = after;
    }
}

fn main(html: &str) -> &str {
    let lower = html.to_ascii_lowercase();
    let start = ["<main>", "<main "].iter().find_map(|tag| lower.find(tag));
    let end = lower.rfind("</main>");
    match (start, end) {
        (Some(start), Some(end)) if start < end => &html[start..end],
        _ => html,
    }
}

/// The tag at the beginning of `html`, and what follows it. A `>` in an
/// attribute's quotes does not end a tag.
fn tag(html: &str) -> (&str, &str) {
    let mut quote = None;
    for (index, character) in html.char_indices() {
        match (quote, character) {
            (None, '>') => return (&html[..index], &html[index + 1..]),
            (None, '"' | '\'') => quote = Some(character),
            (Some(open), _) if open == character => quote = None,
            _ => {}
        }
    }
    (html, "")
}

/// `p` of `<p class="x"`, `/p` of `</p`.
fn tag_name(tag: &str) -> String {
    let end = |c: char| !(c.is_ascii_alphanumeric() || c == '/' || c == '-');
    let name = tag.trim_start_matches('<').split(end).next();
    let name = name.unwrap_or_default().to_ascii_lowercase();
    name.strip_suffix('/').map(str::to_owned).unwrap_or(name)
}

/// Appends text with its white space collapsed, as a browser does.
fn push(lines: &mut String, text: &str) {
    for character in text.chars() {
        let character = if character.is_ascii_whitespace() {
            ' '
        } else {
            character
        };
        if character != ' ' || !lines.ends_with([' ', '\n']) {
            lines.push(character);
        }
    }
}

fn decode(text: &str) -> String {
    let mut decoded = String::new();
    let mut rest = text;
    while let Some(start) = rest.find('&') {
        decoded.push_str(&rest[..start]);
        rest = &rest[start..];
        let entity = rest[1..]
            .split_once(';')
            .and_then(|(name, _)| Some((name, entity(name)?)));
        if let Some((name, character)) = entity {
            decoded.push(character);
            rest = &rest[name.len() + 2..];
        } else {
            decoded.push('&');
            rest = &rest[1..];
        }
    }
    decoded + rest
}

fn entity(name: &str) -> Option<char> {
    Some(match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        "nbsp" => ' ',
        "mdash" => '\u{2014}',
        "middot" => '\u{b7}',
        _ => {
            let digits = name.strip_prefix('#')?;
            let code = match digits.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                None => digits.parse().ok()?,
            };
            char::from_u32(code)?
        }
    })
}

#[cfg(test)]
mod tests {
    use super::{elements, text_outside_forms, visible_text};

    #[test]
    fn one_line_per_block_and_entities_decoded() {
        let page = "<title>T</title><nav>Home</nav><main class=x>\n<h1>Hello,  &lt;Ada&gt;!</h1>\
            <p title='a > b' class=\"x>\"><strong>Sm&#x2f;rt &amp; Sons</strong>\n ( K&#246;lsch )</p>\
            <!-- <p>no</p> --><br/><button>Pour</button><label>Name <input></label>\
            <SCRIPT>var a = '<p>';</SCRIPT></main><aside id=\"x-ray\">beer.sid</aside>";
        let text = "Hello, <Ada>!\nSm/rt & Sons ( Kölsch )\nPour\nName";
        assert_eq!(visible_text(page), text);
    }

    #[test]
    fn elements_have_attributes_and_labels() {
        let page = "<form METHOD=post action='/x'><label>Name <input name=\"a\" required\n\
            value=\"&quot;a > b&quot;\"/></label><label><input name = b></label><br><input>";
        let found = elements(page);
        let form = &found[0];
        assert_eq!(form.attribute("method"), Some("post"));
        assert_eq!(form.attribute("action"), Some("/x"));
        let inputs: Vec<_> = found.iter().filter(|e| e.name == "input").collect();
        assert_eq!(inputs[0].attribute("value"), Some("\"a > b\""));
        assert_eq!(inputs[0].attribute("required"), Some(""));
        assert_eq!(inputs[1].attribute("name"), Some("b"));
        assert_eq!(inputs[2].attribute("name"), None);
        let labelled: Vec<bool> = inputs.iter().map(|input| input.is_labelled).collect();
        assert_eq!(labelled, [true, false, false]);
    }

    #[test]
    fn forms_can_be_left_out() {
        let page = "<main><h1>Hi</h1><form><button>Pour</button></form>there</main>";
        assert_eq!(visible_text(page), "Hi\nPour\nthere");
        assert_eq!(text_outside_forms(page), "Hi\nthere");
    }

    #[test]
    fn a_page_without_main_is_read_as_a_whole() {
        let page = "<html><head><title>T</title></head><body>a &unknown; <b>b</b><p>c";
        assert_eq!(visible_text(page), "a &unknown; b\nc");
        assert_eq!(visible_text("no tags & nothing <"), "no tags & nothing");
    }

    #[test]
    fn escaped_text_is_decoded_once() {
        assert_eq!(visible_text("<p>&amp;lt;b&amp;gt;</p>"), "&lt;b&gt;");
    }
}
