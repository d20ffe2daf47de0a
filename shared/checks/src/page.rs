//! An answer of the app, with the questions that checks ask about it.

use crate::{
    html::{self, Element},
    verdict::{Stop, Verdict, expect},
};
use reqwest::{
    StatusCode,
    header::{HeaderMap, HeaderName, HeaderValue},
};

/// A response: status, headers and text.
#[derive(Debug, Clone)]
pub struct Page {
    status: StatusCode,
    headers: HeaderMap,
    body: String,
    text: String,
}

impl Page {
    pub(crate) fn new(status: StatusCode, headers: HeaderMap, body: String) -> Page {
        let mut page = Page {
            status,
            headers,
            text: String::new(),
            body,
        };
        page.text = if page.is_html() {
            html::visible_text(&page.body)
        } else {
            page.body.clone()
        };
        page
    }

    pub fn status(&self) -> u16 {
        self.status.as_u16()
    }

    /// The status as its line has it, such as `404 Not Found`.
    pub fn status_line(&self) -> String {
        self.status.to_string()
    }

    /// The first header of this name, if it is text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// All headers of this name that are text.
    pub(crate) fn headers(&self, name: &str) -> Vec<&str> {
        let lines = self.headers.get_all(name).iter();
        lines.filter_map(|line| line.to_str().ok()).collect()
    }

    /// All headers, as `name: value`.
    pub(crate) fn header_lines(&self) -> Vec<String> {
        let line = |(name, value): (&HeaderName, &HeaderValue)| {
            format!("{name}: {}", String::from_utf8_lossy(value.as_bytes()))
        };
        self.headers.iter().map(line).collect()
    }

    /// The raw Set-Cookie lines.
    pub fn set_cookies(&self) -> Vec<&str> {
        self.headers("set-cookie")
    }

    pub fn is_html(&self) -> bool {
        self.header("content-type")
            .is_some_and(|kind| kind.starts_with("text/html"))
    }

    /// What a person reads: of a page in HTML the visible text of `<main>`, a
    /// line per block; of anything else the body.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The same without labels and buttons: what this answer tells.
    pub(crate) fn told(&self) -> String {
        if self.is_html() {
            html::text_outside_forms(&self.body)
        } else {
            self.body.clone()
        }
    }

    /// The page as it came.
    pub(crate) fn body(&self) -> &str {
        &self.body
    }

    /// The elements of this name, such as `input`.
    pub(crate) fn elements(&self, name: &str) -> Vec<Element> {
        let elements = html::elements(&self.body).into_iter();
        elements.filter(|element| element.name == name).collect()
    }

    /// What stands in the tab.
    pub(crate) fn title(&self) -> Option<String> {
        let (_, title) = self.body.split_once("<title>")?;
        Some(title.split_once("</title>")?.0.to_owned())
    }

    /// The input of this name.
    pub(crate) fn field(&self, name: &str) -> Result<Element, Stop> {
        let mut inputs = self.elements("input").into_iter();
        let found = inputs.find(|input| input.attribute("name") == Some(name));
        found.ok_or_else(|| Stop::broken(format!("a field `{name}`"), self.body()))
    }

    /// The text on one line, and not too much of it.
    pub fn summary(&self) -> String {
        shorten(&self.text.replace('\n', " | "))
    }

    /// The rest of the line after the first `words`.
    pub fn text_after(&self, words: &str) -> Option<String> {
        let (_, after) = self.text.split_once(words)?;
        Some(after.lines().next().unwrap_or_default().to_owned())
    }

    /// The whole number that follows the first `words`.
    pub fn number_after(&self, words: &str) -> Option<i64> {
        let after = self.text_after(words)?;
        let end = after.find(|c: char| !(c.is_ascii_digit() || c == '-'));
        after[..end.unwrap_or(after.len())].parse().ok()
    }

    pub fn expect_status(&self, status: u16) -> Verdict {
        let observed = format!("status {}: {}", self.status_line(), self.summary());
        expect(
            self.status() == status,
            &format!("status {status}"),
            observed,
        )
    }

    pub fn expect_text(&self, text: &str) -> Verdict {
        expect(
            self.text.contains(text),
            &format!("the page says `{text}`"),
            self.summary(),
        )
    }

    pub fn expect_no_text(&self, text: &str) -> Verdict {
        let promise = format!("the page does not say `{text}`");
        expect(!self.text.contains(text), &promise, self.summary())
    }

    pub fn expect_header(&self, name: &str, value: &str) -> Verdict {
        let found = self.header(name);
        let observed = match found {
            Some(found) => format!("{name}: {found}"),
            None => format!("no header {name}"),
        };
        expect(found == Some(value), &format!("{name}: {value}"), observed)
    }

    /// The rest of the line after the first `words`, which must be there.
    pub fn expect_text_after(&self, words: &str) -> Result<String, Stop> {
        let promise = format!("the page says `{words}…`");
        self.text_after(words)
            .ok_or_else(|| Stop::broken(promise, self.summary()))
    }
}

/// At most 300 characters.
pub(crate) fn shorten(text: &str) -> String {
    match text.char_indices().nth(300) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}
