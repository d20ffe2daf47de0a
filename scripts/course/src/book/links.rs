//! Whether all that the pages of the built book point to is there: pages, places on them,
//! pictures, scripts. And whether each picture has words for who does not see it.

use html5ever::tokenizer::{
    BufferQueue, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts,
    states::RawKind::{Rawtext, Rcdata, ScriptData},
};
use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet},
    fs, io,
    path::Path,
};
use url::Url;

/// Each in one line, page by page.
pub fn problems(folder: &Path) -> io::Result<Vec<String>> {
    let mut pages = BTreeMap::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_name().and_then(|name| name.to_str());
        let is_page = path.extension().is_some_and(|ending| ending == "html");
        // 404.html is shown at any address, and so its links begin at the site's root.
        if let Some(name) = name.filter(|name| is_page && *name != "404.html") {
            pages.insert(name.to_owned(), Page::read(&fs::read_to_string(&path)?));
        }
    }
    let problems = pages.iter().flat_map(|(name, page)| {
        let dead = page
            .links
            .iter()
            .filter(|link| !leads(name, link, folder, &pages));
        let dead = dead.map(move |link| format!("{name}: nothing is at `{link}`"));
        let mute = page.mute.iter();
        dead.chain(mute.map(move |picture| format!("{name}: `{picture}` has no words")))
    });
    Ok(problems.collect())
}

/// What a page has and what it asks for.
#[derive(Debug, Default)]
struct Page {
    ids: BTreeSet<String>,
    links: BTreeSet<String>,
    /// Pictures without an alternative text.
    mute: BTreeSet<String>,
}

impl Page {
    fn read(html: &str) -> Page {
        let input = BufferQueue::default();
        input.push_back(html.into());
        let tokenizer = Tokenizer::new(Reader::default(), TokenizerOpts::default());
        // It stops for nothing but a script that would run now.
        let _ = tokenizer.feed(&input);
        tokenizer.end();
        tokenizer.sink.0.into_inner()
    }
}

#[derive(Default)]
struct Reader(RefCell<Page>);

impl TokenSink for Reader {
    type Handle = ();

    fn process_token(&self, token: Token, _line: u64) -> TokenSinkResult<()> {
        let Token::TagToken(tag) = token else {
            return TokenSinkResult::Continue;
        };
        if tag.kind == TagKind::EndTag {
            return TokenSinkResult::Continue;
        }
        let page = &mut *self.0.borrow_mut();
        let mut words = String::new();
        let mut asked = None;
        for attribute in &tag.attrs {
            let value = attribute.value.to_string();
            match &*attribute.name.local {
                "id" => {
                    page.ids.insert(value);
                }
                "href" | "src" => asked = Some(value),
                "alt" => words = value,
                _ => {}
            }
        }
        if &*tag.name == "img" && words.is_empty() {
            page.mute.extend(asked.clone());
        }
        page.links.extend(asked);
        match &*tag.name {
            "script" => TokenSinkResult::RawData(ScriptData),
            "style" => TokenSinkResult::RawData(Rawtext),
            "title" => TokenSinkResult::RawData(Rcdata),
            _ => TokenSinkResult::Continue,
        }
    }
}

/// Whether it leads somewhere in the book. Of other places nothing is known.
fn leads(page: &str, link: &str, folder: &Path, pages: &BTreeMap<String, Page>) -> bool {
    if Url::parse(link).is_ok() {
        return true;
    }
    let (path, place) = link.split_once('#').unwrap_or((link, ""));
    let path = if path.is_empty() { page } else { path };
    let has_place = |page: &Page| place.is_empty() || page.ids.contains(place);
    folder.join(path).exists() && pages.get(path).is_none_or(has_place)
}
