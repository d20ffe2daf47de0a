//! The spelling of all that people read here: the book as it is built, and each text in
//! Markdown. British English, and the words of book/words.txt.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod copy;

use html5ever::tokenizer::{
    BufferQueue, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts,
};
use pulldown_cmark::{Options, Parser, html::push_html};
use std::{
    cell::{Cell, RefCell},
    collections::BTreeSet,
    fs,
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    thread,
};

/// Elements that hold no sentences.
const NO_WORDS: [&str; 5] = ["code", "pre", "script", "style", "svg"];

#[test]
fn every_word_is_a_word() {
    let strict = checks::is_on("COURSE_STRICT");
    let speller = unknown("");
    if !strict && speller.is_none() {
        eprintln!("not judged: needs hunspell with en_GB");
        return;
    }
    speller.expect("apt-get install hunspell hunspell-en-gb");

    let list = fs::read_to_string(root().join("book/words.txt")).unwrap();
    let list: Vec<&str> = list.lines().collect();
    assert!(list.is_sorted(), "book/words.txt is not sorted");
    let list: BTreeSet<&str> = list.into_iter().collect();
    let mut unused = list.clone();
    let mut wrong = Vec::new();
    for (name, html) in texts() {
        for word in unknown(&prose(&html)).unwrap() {
            unused.remove(&*word);
            if !list.contains(&*word) {
                wrong.push(format!("{name}: {word}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(
        unused.is_empty(),
        "no text has these of book/words.txt: {unused:?}"
    );
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// By name, as HTML.
fn texts() -> Vec<(String, String)> {
    let folder = tempfile::tempdir().unwrap();
    let copy = folder.path().join("book");
    copy::offline(&copy);
    let book = fs::read_to_string(copy.join("print.html")).unwrap();
    let mut texts = vec![("the book".to_owned(), book)];
    let mut folders = vec![root()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap();
            // A learner's texts are none of ours, and the book is there.
            let others = ["target", "book", "node_modules"].contains(&name);
            let others = others || name.starts_with('.') || name.starts_with("my-app");
            if path.is_dir() && !others {
                folders.push(path);
            } else if path.extension().is_some_and(|ending| ending == "md") {
                let text = fs::read_to_string(&path).unwrap();
                let mut html = String::new();
                push_html(&mut html, Parser::new_ext(&text, Options::ENABLE_TABLES));
                let name = path.strip_prefix(root()).unwrap().display().to_string();
                texts.push((name, html));
            }
        }
    }
    texts
}

/// What stands outside of code and drawings.
fn prose(html: &str) -> String {
    let input = BufferQueue::default();
    input.push_back(html.into());
    let tokenizer = Tokenizer::new(Reader::default(), TokenizerOpts::default());
    let _ = tokenizer.feed(&input);
    tokenizer.end();
    assert_eq!(
        tokenizer.sink.depth.get(),
        0,
        "what has no words never ends"
    );
    tokenizer.sink.text.into_inner()
}

#[derive(Default)]
struct Reader {
    text: RefCell<String>,
    /// How many elements without words are open.
    depth: Cell<usize>,
}

impl TokenSink for Reader {
    type Handle = ();

    fn process_token(&self, token: Token, _line: u64) -> TokenSinkResult<()> {
        let text = &mut *self.text.borrow_mut();
        match token {
            Token::TagToken(tag) => {
                if NO_WORDS.contains(&&*tag.name) && !tag.self_closing {
                    let depth = self.depth.get();
                    self.depth.set(match tag.kind {
                        TagKind::StartTag => depth + 1,
                        TagKind::EndTag => depth.saturating_sub(1),
                    });
                }
                if !["em", "strong", "b", "i", "a"].contains(&&*tag.name) {
                    text.push(' ');
                }
            }
            Token::CharacterTokens(words) if self.depth.get() == 0 => text.push_str(&words),
            _ => {}
        }
        TokenSinkResult::Continue
    }
}

/// The words of a text that nobody knows, each as often as it is there. `None` without
/// hunspell or its British dictionary.
fn unknown(text: &str) -> Option<Vec<String>> {
    let mut hunspell = Command::new("hunspell")
        .args(["-d", "en_GB", "-i", "utf-8", "-l"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .ok()?;
    let mut stdin = hunspell.stdin.take()?;
    let text = text.replace('’', "'").replace("'s", "");
    // It answers while it reads.
    let writer = thread::spawn(move || stdin.write_all(text.as_bytes()));
    let output = hunspell.wait_with_output().ok()?;
    writer
        .join()
        .ok()?
        .ok()
        .filter(|()| output.status.success())?;
    let words = String::from_utf8(output.stdout).ok()?;
    // `4xx`, `IPv6` and `MongoDB` are names.
    let is_name = |word: &&str| {
        word.contains(|c: char| c.is_ascii_digit()) || word.chars().skip(1).any(char::is_uppercase)
    };
    let words = words.lines().filter(|word| !is_name(word));
    Some(words.map(str::to_owned).collect())
}
