//! What the book insists on. Most tests use two small steps made in a temporary
//! folder; the last ones use the course's own chapters.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use mdbook_preprocessor::{
    Preprocessor, PreprocessorContext,
    book::{Book, BookItem, Chapter as BookChapter},
    config::Config,
};
use mdbook_steps::{
    StepsPreprocessor,
    chapter::{Chapter, write},
    items::items,
    sources::Sources,
};
use std::{
    fs,
    path::{Path, PathBuf},
};
use tempfile::TempDir;

const FIRST: &str = "step-00-first";
const SECOND: &str = "step-01-second";

/// A chapter that shows all that the second step changed.
const CHAPTER: &str = "\
# Second

{{#diff src/main.rs docs, mod, use, fn greet, fn main}}

About main.

{{#diff src/visit.rs}}

About visit.

{{#diff src/gone.rs}}

About what is gone.

{{#diff templates/index.html block content}}

About the page.

{{#diff Cargo.toml [dependencies]}}

About the manifest.
";

/// A repository with two steps.
struct Repository {
    folder: TempDir,
}

impl Repository {
    fn new() -> Self {
        let folder = TempDir::new().unwrap();
        let repository = Self { folder };
        for (path, text) in [
            ("steps/step-00-first/Cargo.toml", FIRST_MANIFEST),
            ("steps/step-00-first/src/main.rs", FIRST_MAIN),
            ("steps/step-00-first/src/gone.rs", "pub fn gone() {}\n"),
            ("steps/step-00-first/templates/index.html", FIRST_PAGE),
            ("steps/step-01-second/Cargo.toml", SECOND_MANIFEST),
            ("steps/step-01-second/src/main.rs", SECOND_MAIN),
            ("steps/step-01-second/src/visit.rs", VISIT),
            ("steps/step-01-second/templates/index.html", SECOND_PAGE),
            ("steps/step-01-second/variants/rude.txt", VARIANT),
            ("shared/checks/matrix.toml", MATRIX),
            ("shared/checks/asvs.toml", REQUIREMENTS),
            ("shared/checks/tutorials.toml", TUTORIALS),
            ("book/transcripts/step-01-second/visits.txt", TRANSCRIPT),
        ] {
            repository.write(path, text);
        }
        repository
    }

    fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// Replaces a text in a file.
    fn edit(&self, path: &str, old: &str, new: &str) {
        let text = fs::read_to_string(self.path(path)).unwrap();
        assert!(text.contains(old), "{path} has no {old}");
        self.write(path, &text.replace(old, new));
    }

    fn draw(&self, name: &str, content: &str, html: bool) -> Result<String, Vec<String>> {
        let sources = Sources::read(self.folder.path()).unwrap();
        let chapter = Chapter {
            place: "here.md",
            name,
            content,
            html,
        };
        write(&sources, &chapter)
    }

    /// A page of the book that is about no step.
    fn page(&self, content: &str) -> String {
        self.draw("page", content, true).unwrap()
    }

    /// What is wrong with the second step's chapter when it reads like this.
    fn problems(&self, content: &str) -> Vec<String> {
        self.draw(SECOND, content, true).err().unwrap_or_default()
    }

    /// What is wrong with the second step's chapter with this line behind it.
    fn problem(&self, line: &str) -> String {
        let problems = self.problems(&format!("{CHAPTER}\n{line}\n\nProse.\n"));
        assert_eq!(problems.len(), 1, "{line}: {problems:?}");
        let place = format!("here.md:{}: ", CHAPTER.lines().count() + 2);
        problems[0].strip_prefix(&place).unwrap().to_owned()
    }
}

const FIRST_MANIFEST: &str = "[package]\nname = \"step-00\"\n\n[dependencies]\naxum = \"1\"\n";
const SECOND_MANIFEST: &str =
    "[package]\nname = \"step-01\"\n\n[dependencies]\naxum = \"1\"\nserde = \"1\"\n";
const FIRST_PAGE: &str = "<main>\n{% block content %}\n<p>Hello</p>\n{% endblock %}\n</main>\n";
const SECOND_PAGE: &str =
    "<main>\n{% block content %}\n<p>Hello again</p>\n{% endblock %}\n</main>\n";

const FIRST_MAIN: &str = r#"//! First.

mod gone;

use std::env;

// Said to everybody.
fn greet() -> &'static str {
    "Hello"
}

/// Stays as it is.
struct Same;

fn main() {
    println!("{} {:?}", greet(), env::args());
}
"#;

const SECOND_MAIN: &str = r#"//! Second.

mod visit;

use std::env;
use visit::Visit;

// Said to everybody.
fn greet() -> &'static str {
    "Hello again"
}

/// Stays as it is.
struct Same;

fn main() {
    println!("{} {:?} {}", greet(), env::args(), Visit.count());
}
"#;

const VISIT: &str = "\
pub struct Visit;

impl Visit {
    /// Counts.
    pub fn count(&self) -> u32 {
        self.one() + 1
    }

    fn one(&self) -> u32 {
        1
    }
}
";

const VARIANT: &str = "\
caught by: the_app_greets
seen: WHAT
It is not polite to `shout`.

file: src/main.rs
<<<<<<<
\"Hello again\"
=======
\"WHAT\"
>>>>>>>
";

const STORES: &str = r#"
[an_id_is_one]
group = "IDs"
promise = "An ID is `one`."
step-00-Box = { fail = "<two>" }
step-01-Big-Box = "pass"
"#;

const MATRIX: &str = r#"
[stores]
step-01 = ["memory", "redis", "mongodb"]

[databases]
step-01 = ["sqlite", "mysql"]

[the_app_greets]
group = "Manners"
promise = "The app says `Hello`."
asvs = ["11.4.2"]
step-00 = "pass"
step-01 = "pass"

[the_app_remembers]
group = "Memory"
promise = "The second visit is known."
asvs = ["7.2.1", "11.4.2"]
step-00 = { fail = "Who are <you>?" }
step-01 = { memory = "pass", redis = { fail = "gone" }, mongodb = "pass", mysql = "pass" }

[the_app_counts]
group = "Memory"
promise = "The app counts."
step-00 = "pass"
step-01 = "pass everywhere"

[the_app_lasts]
group = "Memory"
promise = "The app lasts."
asvs = ["7.2.2"]
step-00 = "–"
step-01 = { memory = "–", redis = "pass", mongodb = "pass" }

[later]
group = "Memory"
promise = "Not yet."
step-00 = "–"
step-01 = "–"
"#;

const REQUIREMENTS: &str = r#"
"7.2.1" = { level = 1, what = "Ask <the server>" }
"7.2.2" = { level = 2, what = "Two" }
"11.4.2" = { level = 3, what = "Slow `hashes`" }
"7.5.1" = { level = 2, what = "Ask again", why_not = "Nobody <changes> it." }
"#;

const TUTORIALS: &str = r#"
[[item]]
tutorial = 1
what = "Greets `<name>` and <more>"
step = "step-00"
check = "the_app_greets"

[[item]]
tutorial = 2
what = "Redis"
step = "step-03"
check = "todo"
"#;

const CAPACITY: &str = r#"
command = "measure"
step = "step-01"
cores = 2
processor = "abacus"
sessions = 96

[users]
database = "SQLite"
row = 200.0
hash_seconds = 0.25
read = 1
write = 1
renewal = 2
login = 7

[redis]
server = "Redis 7"
rate = 100000.0
anonymous = { record = 100.0, memory = 300.0 }
logged_in = { record = 500.0, memory = 1024.0 }
begin = { commands = ["set"], sent = 100.0, received = 10.0 }
login = { commands = ["del", "set"], sent = 100.0, received = 10.0 }
read = { commands = ["get"], sent = 100.0, received = 10.0 }
write = { commands = ["get", "set"], sent = 100.0, received = 10.0 }
renewal = { commands = ["get", "set"], sent = 100.0, received = 10.0 }

[mongodb]
server = "MongoDB <7>"
rate = 100000.0
anonymous = { record = 100.0, memory = 300.0 }
logged_in = { record = 500.0, memory = 2048.0, disk = 400.0 }
begin = { commands = ["set"], sent = 100.0, received = 10.0 }
login = { commands = ["del", "set"], sent = 100.0, received = 10.0 }
read = { commands = ["get"], sent = 100.0, received = 10.0 }
write = { commands = ["get", "set"], sent = 100.0, received = 10.0 }
renewal = { commands = ["get", "set"], sent = 100.0, received = 10.0 }
"#;

const TRANSCRIPT: &str = "\
# Two visits.
! settings TTL=60

> ada GET /
< 200 OK
< set-cookie: id=<id 1>
| Hello, <b>!

! restart
! store down
> ada POST /name name=Ada
> cookie: id=<id 1>
$ redis GET <id 1>
< 303 See Other
";

// ---- What a chapter has to show ---------------------------------------------

#[test]
fn a_chapter_that_shows_every_change_is_drawn() {
    let drawn = Repository::new().draw(SECOND, CHAPTER, true).unwrap();
    assert!(drawn.contains(r#"<span class="del">//! First."#), "{drawn}");
    assert!(
        drawn.contains(r#"<span class="ins">//! Second."#),
        "{drawn}"
    );
    assert!(
        drawn.contains("steps/step-01-second/src/visit.rs"),
        "{drawn}"
    );
    assert!(drawn.contains("steps/step-00-first/src/gone.rs"), "{drawn}");
    assert!(
        drawn.contains("<details><summary>removed, lines: 1</summary>"),
        "{drawn}"
    );
    assert!(drawn.contains("About the manifest."), "{drawn}");
}

#[test]
fn each_change_that_is_not_shown_is_named() {
    let repository = Repository::new();
    for (shown, instead, missing) in [
        (", fn greet", "", "src/main.rs fn greet changed"),
        ("docs, ", "", "src/main.rs docs changed"),
        ("mod, use, ", "use, ", "src/main.rs mod changed"),
        ("use, ", "", "src/main.rs use changed"),
        ("{{#diff src/visit.rs}}", "", "src/visit.rs is new"),
        ("{{#diff src/gone.rs}}", "", "src/gone.rs is gone"),
        (
            "{{#diff templates/index.html block content}}",
            "",
            "templates/index.html block content changed",
        ),
        (
            "{{#diff Cargo.toml [dependencies]}}",
            "",
            "Cargo.toml [dependencies] changed",
        ),
    ] {
        let problems = repository.problems(&CHAPTER.replace(shown, instead));
        assert_eq!(problems, [format!("here.md: {missing} and is not shown")]);
    }
}

#[test]
fn a_comment_belongs_to_the_item_below_it() {
    let repository = Repository::new();
    let main = "steps/step-01-second/src/main.rs";
    repository.edit(main, "/// Stays", "// New.\n\n/// Stays");
    let problems = repository.problems(CHAPTER);
    let missing = "here.md: src/main.rs struct Same changed and is not shown";
    assert_eq!(problems, [missing]);
}

#[test]
fn blank_lines_and_trailing_spaces_are_no_change() {
    let repository = Repository::new();
    let main = "steps/step-01-second/src/main.rs";
    repository.edit(main, "/// Stays as it is.\n", "\n\n/// Stays as it is. \n");
    repository.edit(main, "struct Same;\n", "struct\n\nSame;\n");
    repository.edit(
        "steps/step-00-first/src/main.rs",
        "struct Same;\n",
        "struct\nSame;\n",
    );
    assert_eq!(repository.problems(CHAPTER), Vec::<String>::new());
}

#[test]
fn imports_in_another_order_are_a_change() {
    let repository = Repository::new();
    repository.write("steps/step-00-first/src/gone.rs", "use a::A;\nuse b::B;\n");
    repository.write("steps/step-01-second/src/gone.rs", "use b::B;\nuse a::A;\n");
    let chapter = CHAPTER.replace("{{#diff src/gone.rs}}", "");
    let problems = repository.problems(&chapter);
    assert_eq!(
        problems,
        ["here.md: src/gone.rs use changed and is not shown"]
    );
}

#[test]
fn an_impl_may_be_shown_method_by_method() {
    let repository = Repository::new();
    let by_method = "{{#diff src/visit.rs struct Visit, impl Visit::count, impl Visit::one}}";
    let chapter = CHAPTER.replace("{{#diff src/visit.rs}}", by_method);
    assert_eq!(repository.problems(&chapter), Vec::<String>::new());

    let whole = chapter.replace("impl Visit::count, impl Visit::one", "impl Visit");
    assert_eq!(repository.problems(&whole), Vec::<String>::new());

    let problems = repository.problems(&chapter.replace(", impl Visit::one", ""));
    let missing = "here.md: src/visit.rs impl Visit::one changed and is not shown";
    assert_eq!(problems, [missing]);
}

#[test]
fn a_new_head_of_an_old_impl_takes_the_whole_impl() {
    let repository = Repository::new();
    repository.write("steps/step-00-first/src/visit.rs", VISIT);
    let visit = "steps/step-01-second/src/visit.rs";
    repository.edit(visit, "impl Visit", "#[rustfmt::skip]\nimpl Visit");
    repository.edit(visit, "self.one() + 1", "2");
    let whole = "{{#diff src/visit.rs impl Visit}}";
    let chapter = CHAPTER.replace("{{#diff src/visit.rs}}", whole);
    assert_eq!(repository.problems(&chapter), Vec::<String>::new());

    let problems = repository.problems(&chapter.replace("impl Visit}}", "impl Visit::count}}"));
    let missing = "here.md: src/visit.rs impl Visit changed and is not shown";
    assert_eq!(problems, [missing]);
}

#[test]
fn code_is_no_diff_and_covers_nothing() {
    let repository = Repository::new();
    let chapter = CHAPTER.replace("diff src/visit.rs", "code src/visit.rs");
    let problems = repository.problems(&chapter);
    assert_eq!(problems, ["here.md: src/visit.rs is new and is not shown"]);
}

#[test]
fn in_the_first_step_everything_is_new_and_code_shows_it_without_marks() {
    let repository = Repository::new();
    let chapter = "\
{{#code src/main.rs}}
{{#code src/gone.rs fn gone}}
{{#diff templates/index.html page, block content}}

Prose.

{{#diff Cargo.toml [dependencies]}}

Prose.
";
    let drawn = repository.draw(FIRST, chapter, true).unwrap();
    assert!(!drawn.contains("class=\"ins\""), "{drawn}");

    let less = chapter.replace("page, ", "");
    let problems = repository.draw(FIRST, &less, true).unwrap_err();
    let missing = "here.md: templates/index.html page changed and is not shown";
    assert_eq!(problems, [missing]);
}

// ---- What a directive may say -----------------------------------------------

#[test]
fn what_is_not_there_is_named() {
    let repository = Repository::new();
    for (directive, problem) in [
        (
            "{{#diff src/no.rs}}",
            "there is no file src/no.rs in step-00 or step-01",
        ),
        (
            "{{#code step-01 src/gone.rs}}",
            "there is no file src/gone.rs in step-01",
        ),
        ("{{#code step-09 src/main.rs}}", "there is no step-09"),
        ("{{#matrix step-09}}", "there is no step-09"),
        (
            "{{#code src/visit.rs fn no}}",
            "there is no `fn no` in src/visit.rs, which has struct Visit, impl Visit",
        ),
        ("{{#draw src/main.rs}}", "unknown directive `draw`"),
        ("{{#include src/main.rs}}", "unknown directive `include`"),
    ] {
        assert_eq!(repository.problem(directive), problem);
    }
    let transcript = repository.problem("{{#transcript no}}");
    assert!(
        transcript.starts_with("book/transcripts/step-01-second/no.txt: "),
        "{transcript}"
    );
    let variant = repository.problem("{{#variant no}}");
    assert!(
        variant.starts_with("steps/step-01-second/variants/no.txt: "),
        "{variant}"
    );
}

#[test]
fn an_empty_diff_and_a_whole_old_file_are_refused() {
    let repository = Repository::new();
    let empty = repository.problem("{{#diff src/main.rs struct Same}}");
    assert_eq!(empty, "src/main.rs struct Same is the same as in step-00");
    let whole = repository.problem("{{#diff src/main.rs}}");
    let items = "(docs, mod, use, fn greet, fn main)";
    assert_eq!(
        whole,
        format!("src/main.rs is not a new file: say which of its items {items}")
    );
}

#[test]
fn code_too_shows_only_a_new_file_whole() {
    let repository = Repository::new();
    let problem = repository.problem("{{#code src/main.rs}}");
    let items = "(docs, mod, use, fn greet, struct Same, fn main)";
    assert_eq!(
        problem,
        format!("src/main.rs is not a new file: say which of its items {items}")
    );
    repository.page("{{#code step-01 src/visit.rs}}\n");
}

#[test]
fn a_diff_outside_of_a_steps_chapter_is_refused() {
    let drawn = Repository::new().draw("page", "{{#diff src/main.rs use}}\n\nProse.\n", true);
    let problem = "here.md:1: a diff belongs in a step's chapter";
    assert!(drawn.unwrap_err().contains(&problem.to_owned()));
}

#[test]
fn a_diff_without_prose_behind_it_is_refused() {
    let repository = Repository::new();
    for after in [
        "",
        "## Heading\n\nProse.",
        "{{#matrix}}\n\nProse.",
        "```console\n$ ls\n```",
        "| a |",
    ] {
        let chapter = format!("{CHAPTER}\n{{{{#diff src/main.rs use}}}}\n\n{after}\n");
        let line = CHAPTER.lines().count() + 2;
        let problem = format!("here.md:{line}: no paragraph after this diff explains it");
        assert_eq!(repository.problems(&chapter), [problem], "{after}");
    }
}

#[test]
fn rust_typed_by_hand_is_refused_unless_it_is_a_sketch() {
    let repository = Repository::new();
    let fence = |tag: &str| format!("{CHAPTER}\n```{tag}\nfn main() {{}}\n```\n");
    for tag in ["rust", "rust,ignore", "rs"] {
        let problems = repository.problems(&fence(tag));
        assert!(problems[0].contains("typed by hand"), "{tag}: {problems:?}");
    }
    for tag in ["rust,sketch", "console", ""] {
        assert_eq!(repository.problems(&fence(tag)), Vec::<String>::new());
    }
}

#[test]
fn a_directive_stands_alone_on_its_line() {
    let repository = Repository::new();
    for line in [
        "- {{#matrix}}",
        "  {{#matrix}}",
        "See {{#matrix}}",
        "{{#matrix}}{{#matrix}}",
    ] {
        let problem = repository.problem(line);
        assert_eq!(
            problem,
            "a directive stands alone on its line, at its very beginning"
        );
    }
    let chapter = format!("{CHAPTER}\n```text\n{{{{#matrix}}}}\n```\n");
    let problems = repository.problems(&chapter);
    assert!(
        problems[0].ends_with("a directive means nothing in a fence"),
        "{problems:?}"
    );
}

// ---- How it is drawn --------------------------------------------------------

#[test]
fn marks_stand_on_lines_and_long_unchanged_runs_are_folded() {
    let repository = Repository::new();
    let lines = |changed: &str| {
        let lines: Vec<String> = (0..12).map(|n| format!("    f({n});\n")).collect();
        format!("fn long() {{\n{}    {changed};\n}}\n", lines.concat())
    };
    repository.write("steps/step-00-first/src/gone.rs", &lines("old()"));
    repository.write("steps/step-01-second/src/gone.rs", &lines("new(\"<&\")"));
    let chapter = CHAPTER.replace("src/gone.rs", "src/gone.rs fn long");
    let drawn = repository.draw(SECOND, &chapter, true).unwrap();
    let expected = "<span class=\"same\">fn long() &#123;\n\
        </span><span class=\"same\">    f(0);\n\
        </span><span class=\"same\">    f(1);\n\
        </span><span class=\"fold\">    …\n\
        </span><span class=\"same\">    f(9);\n\
        </span><span class=\"same\">    f(10);\n\
        </span><span class=\"same\">    f(11);\n\
        </span><span class=\"del\">    old();\n\
        </span><span class=\"ins\">    new(&quot;&lt;&amp;&quot;);\n\
        </span><span class=\"same\">}\n</span>";
    assert!(drawn.contains(expected), "{drawn}");
}

#[test]
fn no_blank_line_ends_a_figure_early() {
    let drawn = Repository::new().draw(SECOND, CHAPTER, true).unwrap();
    for figure in drawn.split("<figure").skip(1) {
        let figure = figure.split("</figure>").next().unwrap();
        assert!(!figure.contains("\n\n"), "{figure}");
    }
}

#[test]
fn other_renderers_get_fences() {
    let repository = Repository::new();
    let chapter = format!("{CHAPTER}\n{{{{#transcript visits}}}}\n\n{{{{#variant rude}}}}\n");
    let drawn = repository.draw(SECOND, &chapter, false).unwrap();
    assert!(
        drawn.contains("```diff\n-//! First.\n+//! Second.\n"),
        "{drawn}"
    );
    assert!(drawn.contains("> ada GET /\n< 200 OK\n"), "{drawn}");
    assert!(
        drawn.contains("-    \"Hello again\"\n+    \"WHAT\"\n"),
        "{drawn}"
    );
    assert!(
        !drawn.contains("<figure") && !drawn.contains("<span"),
        "{drawn}"
    );
}

#[test]
fn code_of_another_step_is_shown_by_name() {
    let drawn = Repository::new().page("{{#code step-00 src/main.rs fn greet}}\n");
    assert!(drawn.contains("steps/step-00-first/src/main.rs"), "{drawn}");
    assert!(drawn.contains("// Said to everybody.\n"), "{drawn}");
    assert!(
        drawn.contains("\"same\">    &quot;Hello&quot;\n"),
        "{drawn}"
    );
    assert!(!drawn.contains("fn main"), "{drawn}");
}

#[test]
fn a_variant_is_a_diff_with_its_sentence_and_its_check() {
    let repository = Repository::new();
    let drawn = repository.page("{{#variant step-01 rude}}\n");
    assert!(
        drawn.contains("It is not polite to <code>shout</code>."),
        "{drawn}"
    );
    assert!(
        drawn.contains("Caught by <code>the_app_greets</code>"),
        "{drawn}"
    );
    assert!(
        drawn.contains("\"del\">    &quot;Hello again&quot;\n"),
        "{drawn}"
    );
    assert!(drawn.contains("\"ins\">    &quot;WHAT&quot;\n"), "{drawn}");

    let rude = "steps/step-01-second/variants/rude.txt";
    let first = "caught by: the_app_greets\nseen: WHAT\n";
    repository.edit(rude, first, "still holds: the_app_greets on memory\n");
    let held = repository.page("{{#variant step-01 rude}}\n");
    assert!(
        held.contains("<code>the_app_greets on memory</code> still holds"),
        "{held}"
    );
    repository.edit(rude, " on memory", " on redis");
    let problem = repository.problem("{{#variant step-01 rude}}");
    let complaint = "its check `the_app_greets on redis` is no pass in step-01";
    assert_eq!(problem, format!("{rude}: {complaint}"));
    repository.edit(rude, "still holds: the_app_greets on redis\n", first);

    let drawn = repository.page("{{#variant step-01 rude src/main.rs fn greet}}\n");
    assert!(drawn.contains("\"same\">    &quot;WHAT&quot;\n"), "{drawn}");
    assert!(!drawn.contains("\"del\""), "{drawn}");
    let problem = repository.problem("{{#variant rude src/main.rs fn gone}}");
    assert!(problem.contains("fn gone"), "{problem}");

    let variant = "steps/step-01-second/variants/rude.txt";
    repository.edit(variant, "the_app_greets", "later");
    let problem = repository.problem("{{#variant rude}}");
    assert_eq!(
        problem,
        format!("{variant}: its check `later` is no pass in step-01")
    );
}

#[test]
fn a_transcript_is_drawn_as_an_exchange() {
    let repository = Repository::new();
    let drawn = repository.page("{{#transcript step-01 visits}}\n");
    for part in [
        "<figcaption>Two visits.</figcaption>",
        "The app runs with <code>TTL=60</code>.",
        "<b>ada</b><div class=\"ask\"><code>GET /</code></div>",
        "<code>200 OK</code><code>set-cookie: id=&lt;id 1&gt;</code>",
        "<p>Hello, &lt;b&gt;!</p>",
        "The app is killed and starts anew.",
        "The store is killed.",
        "<div class=\"store\"><code>redis GET &lt;id 1&gt;</code></div><div class=\"answer\">",
        "<code>POST /name name=Ada</code><code>cookie: id=&lt;id 1&gt;</code>",
    ] {
        assert!(drawn.contains(part), "{part}: {drawn}");
    }
}

#[test]
fn a_part_of_a_transcript_has_its_exchanges_and_what_led_to_them() {
    let repository = Repository::new();
    let drawn = repository.page("{{#transcript step-01 visits 2..2}}\n");
    assert!(drawn.contains("killed") && drawn.contains("303"), "{drawn}");
    assert!(
        !drawn.contains("TTL") && !drawn.contains("200 OK"),
        "{drawn}"
    );

    let problem = repository.problem("{{#transcript visits 2..3}}");
    assert_eq!(problem, "visits: there are 2 exchanges, not 3");
}

#[test]
fn a_transcript_without_its_recording_is_refused() {
    let repository = Repository::new();
    let visits = "book/transcripts/step-01-second/visits.txt";
    repository.edit(visits, "< 303 See Other\n", "");
    let problem = repository.problem("{{#transcript visits}}");
    assert_eq!(
        problem,
        format!("{visits}: not recorded yet: run scripts/test --bless")
    );
}

#[test]
fn the_matrix_shows_marks_and_what_is_seen_where_a_promise_is_broken() {
    let drawn = Repository::new().page("{{#matrix}}\n");
    assert!(drawn.contains("[step-01](step-01-second.md)"), "{drawn}");
    assert!(
        drawn.contains("| **Manners** |  |  |\n| The app says `Hello`. | ✓ | ✓ |"),
        "{drawn}"
    );
    assert!(
        drawn.contains("title=\"What is seen: Who are &lt;you&gt;?\">✗ "),
        "{drawn}"
    );
    assert!(
        drawn.contains("| ✓ memory, mongodb, mysql · <span"),
        "{drawn}"
    );
    assert!(drawn.contains("</span> redis |"), "{drawn}");
    assert!(drawn.contains("| The app counts. | ✓ | ✓ |"), "{drawn}");
    assert!(
        drawn.contains("| The app lasts. | – | ✓ redis, mongodb |"),
        "{drawn}"
    );
    assert!(!drawn.contains("Not yet."), "{drawn}");
}

#[test]
fn one_steps_matrix_has_what_it_changed_beside_the_step_before() {
    let repository = Repository::new();
    let second = repository.page("{{#matrix step-01}}\n");
    assert!(
        second.contains("| [step-00](step-00-first.md) | [step-01](step-01-second.md) |\n"),
        "{second}"
    );
    assert!(second.contains("Who are"), "{second}");
    assert!(!second.contains("The app says `Hello`."), "{second}");
    assert!(!second.contains("The app counts."), "{second}");
    let first = repository.page("{{#matrix step-00}}\n");
    assert!(
        first.contains("| Behaviour | [step-00](step-00-first.md) |\n"),
        "{first}"
    );
    assert!(first.contains("The app says `Hello`."), "{first}");
}

#[test]
fn the_stores_stand_beside_their_steps() {
    let repository = Repository::new();
    let stores = "shared/checks/stores.toml";
    repository.write(stores, STORES);
    let drawn = repository.page("{{#stores}}\n");
    let expected = "\
| Behaviour | `Box` [step-00](step-00-first.md) | `Big-Box` [step-01](step-01-second.md) |
| --- | :-: | :-: |
| **IDs** |  |  |
| An ID is `one`. | <span class=\"fails\" title=\"What is seen: &lt;two&gt;\">\
✗ <small>“&lt;two&gt;”</small></span> | ✓ |";
    assert!(drawn.contains(expected), "{drawn}");
    let plain = repository.draw("page", "{{#stores}}\n", false).unwrap();
    assert!(plain.contains("| ✗ `<two>` | ✓ |"), "{plain}");

    repository.edit(stores, "step-01-Big-Box", "step-02-Big-Box");
    assert_eq!(repository.problem("{{#stores}}"), "there is no step-02");
    repository.edit(stores, "step-02-Big-Box", "step-01");
    let problem = "stores.toml: `step-01` names a step, and no store";
    assert_eq!(repository.problem("{{#stores}}"), problem);
    repository.edit(stores, "\"pass\"", "\"passes\"");
    let problem = repository.problem("{{#stores}}");
    assert!(problem.starts_with(stores), "{problem}");
}

#[test]
fn a_steps_requirements_stand_in_their_order_with_the_checks_that_prove_them() {
    let repository = Repository::new();
    let drawn = repository.page("{{#asvs step-00}}\n");
    let expected = "\
| ASVS 5.0 | It asks for | Proved by | step-00 |
|---|---|---|:-:|
| 7.2.1 (level 1) | Ask &lt;the server&gt; | `the_app_remembers` | \
<span class=\"fails\" title=\"What is seen: Who are &lt;you&gt;?\">\
✗ <small>“Who are &lt;you&gt;?”</small></span> |
| 11.4.2 (level 3) | Slow `hashes` | `the_app_greets` | ✓ |
|  |  | `the_app_remembers` | ";
    assert!(drawn.contains(expected), "{drawn}");
    assert!(!drawn.contains("the_app_lasts"), "{drawn}");

    let chapter = format!("{CHAPTER}\n{{{{#asvs}}}}\n");
    let own = repository.draw(SECOND, &chapter, false).unwrap();
    let lasts = "| 7.2.2 (level 2) | Two | `the_app_lasts` | ✓ redis, mongodb |\n";
    assert!(own.contains(lasts), "{own}");
    // What has no check stands in the last step alone.
    let why_not = "| 7.5.1 (level 2) | Ask again | Nobody &lt;changes&gt; it. | – |\n";
    assert!(own.contains(why_not), "{own}");
    assert!(!drawn.contains("7.5.1"), "{drawn}");
}

#[test]
fn a_requirement_that_is_not_true_is_refused() {
    let repository = Repository::new();
    let matrix = "shared/checks/matrix.toml";
    let requirements = "shared/checks/asvs.toml";
    repository.edit(requirements, "\"7.2.2\"", "\"7.2.3\"");
    assert_eq!(
        repository.problem("{{#asvs step-00}}"),
        "`the_app_lasts` names 7.2.2, which asvs.toml does not have"
    );
    repository.edit(requirements, "\"7.2.3\"", "\"7.2.2\"");
    let why_not = ", why_not = \"Nobody <changes> it.\"";
    repository.edit(requirements, why_not, "");
    assert_eq!(
        repository.problem("{{#asvs step-00}}"),
        "7.5.1 has neither a check nor a why_not"
    );
    let reason = ", why_not = \"x\" }\n\"7.5.1\"";
    repository.edit(requirements, " }\n\"7.5.1\"", reason);
    assert_eq!(
        repository.problem("{{#asvs step-00}}"),
        "11.4.2 has a check and a why_not"
    );
    repository.edit(requirements, "level = 2", "rank = 2");
    let problem = repository.problem("{{#asvs}}");
    assert!(problem.starts_with(requirements), "{problem}");

    let unnamed = MATRIX.replace("asvs = ", "why = \"\" # ");
    repository.write(matrix, &unnamed);
    let without_a_check = "\"7.5.1\" = { level = 2, what = \"Ask\", why_not = \"No\" }\n";
    repository.write(requirements, without_a_check);
    let problem = repository.problem("{{#asvs step-01}}");
    assert_eq!(problem, "no check of step-01 names a requirement");
}

#[test]
fn a_timeline_is_drawn_from_the_steps_numbers() {
    let repository = Repository::new();
    let life = "steps/step-01-second/src/life.rs";
    repository.write(
        life,
        "const IDLE: i64 = 20 * 60;\nconst MAX: i64 = 8 * 60 * 60;\n\
         const REMEMBER: i64 = 14 * 24 * 60 * 60;\nconst RENEWALS: i64 = 10;\n",
    );
    let drawn = repository.page("{{#timeline step-01}}\n");
    for part in [
        "<figure class=\"timeline\"",
        "role=\"img\" aria-labelledby=\"step-01-timeline step-01-timeline-rows\"",
        "<title id=\"step-01-timeline\">How long a session lives: 20 min of silence, 8 h in all",
        "<desc id=\"step-01-timeline-rows\">Now and then: each visit begins the 20 min anew",
        ">40 min</text>",
        ">8 h</text>",
        ">14 days</text>",
        "within 2 min of a write",
    ] {
        assert!(drawn.contains(part), "{part}: {drawn}");
    }
    assert!(!drawn.trim().contains("\n\n"), "{drawn}");
    assert!(
        !drawn.contains("style="),
        "the theme has the colours: {drawn}"
    );
    let told = repository.draw("page", "{{#timeline step-01}}\n", false);
    let told = told.unwrap();
    assert!(told.contains("\n- All the time: 8 h after"), "{told}");
    assert!(!told.contains('<'), "{told}");

    repository.edit(life, "const MAX", "const MOST");
    let error = repository.draw("page", "{{#timeline step-01}}\n", true);
    let complaint = format!("here.md:1: {life}: the timeline needs a const MAX");
    assert_eq!(error.unwrap_err(), [complaint]);
    for (directive, complaint) in [
        ("{{#timeline}}", "here.md:1: of which step?"),
        (
            "{{#timeline step-00}}",
            "here.md:1: steps/step-00-first/src/life.rs: not there",
        ),
    ] {
        let error = repository.draw("page", directive, true);
        assert_eq!(error.unwrap_err(), [complaint]);
    }
}

/// What `cargo course bench --record` writes.
const BENCH: &str = "\
measured_by = \"cargo course bench\"
command = \"wrk -c32\"
rounds = 11
cores = 2

[[app]]
name = \"step 03\"
to_bare = 0.8
to_express = 6.25
p99_to_bare = 1.5
memory_mb = 12.0
commands = \"1 GET, 1 SET\"

[[app]]
name = \"<actix>\"
to_bare = 1.25
to_express = 9.8
p99_to_bare = 0.9
memory_mb = 10.0
commands = \"1 GET, 1 SET\"
";

#[test]
fn a_bench_is_drawn_from_what_was_recorded() {
    let repository = Repository::new();
    repository.write("book/bench.toml", BENCH);
    let drawn = repository.page("{{#bench}}\n");
    for part in [
        "<figure class=\"bench\"",
        "role=\"img\" aria-labelledby=\"bench-title bench-told\"",
        "<title id=\"bench-title\">Requests a second, where the bare handler's are 1</title>",
        "<desc id=\"bench-told\">step 03: 0.80. &lt;actix&gt;: 1.25.</desc>",
        // The longest bar has all the room, and where 1 is, there is a line.
        "<rect class=\"other\" x=\"140\" y=\"32\" width=\"200.0\"",
        "<rect class=\"ours\" x=\"140\" y=\"6\" width=\"128.0\"",
        "<line class=\"one\" x1=\"300.0\"",
        "| step 03 | 0.80 | 6.2 | 1.5 | 12 MB | 1 GET, 1 SET |",
        "`cargo course bench`: medians of 11 rounds of `wrk -c32` on 2 cores.",
    ] {
        assert!(drawn.contains(part), "{part}: {drawn}");
    }
    let svg = drawn.trim().split("</figure>").next().unwrap();
    assert!(!svg.contains("\n\n"), "{drawn}");
    assert!(!drawn.contains("style="), "the theme has the colours");
    let told = repository.draw("page", "{{#bench}}\n", false).unwrap();
    assert!(told.contains("| step 03 | 0.80 |"), "{told}");
    assert!(!told.contains("<svg"), "{told}");
}

#[test]
fn promises_have_a_column_for_each_store_of_the_step() {
    let repository = Repository::new();
    let directive = "{{#promises step-01 the_app_lasts, the_app_greets, the_app_remembers}}\n";
    let table = repository.draw("page", directive, false).unwrap();
    let expected = "\
| Behaviour | memory | redis | mongodb |
| --- | :-: | :-: | :-: |
| The app lasts. | – | ✓ | ✓ |
| The app says `Hello`. | ✓ | – | – |
| The second visit is known. | ✓ | ✗ `gone` | ✓ |";
    assert_eq!(table.trim(), expected);
    assert_eq!(
        repository.problem("{{#promises step-01 the_app_dreams}}"),
        "no check is called `the_app_dreams`"
    );
}

#[test]
fn a_symptom_names_the_tests_that_show_it() {
    let repository = Repository::new();
    let list = |directive: &str| repository.draw("page", directive, false).unwrap();
    assert_eq!(
        list("{{#reproduced step-01 rude, the_app_greets, the_app_remembers}}\n").trim(),
        "\
- `cargo test -p step-01 rude`: It is not polite to `shout`. `the_app_greets` finds it.
- `cargo test -p step-01 the_app_greets`: The app says `Hello`. It holds.
- `cargo test -p step-01 the_app_remembers`: The second visit is known. \
Store by store: ✓ memory, mongodb, mysql · ✗ `gone` redis"
    );
    assert_eq!(
        list("{{#reproduced step-00 the_app_remembers}}\n").trim(),
        "- `cargo test -p step-00 the_app_remembers`: The second visit is known. \
         It does not hold."
    );
    let refused = VARIANT.replace("caught by: the_app_greets", "refused by: the compiler");
    repository.write("steps/step-01-second/variants/mute.txt", &refused);
    assert_eq!(
        list("{{#reproduced step-01 mute}}\n").trim(),
        "- `cargo test -p step-01 mute`: It is not polite to `shout`. \
         And the compiler says `WHAT`."
    );
    repository.write(
        "shared/checks/src/lib.rs",
        "mod tests {\n    #[test]\n    fn one_is_one() {}\n\n    fn helper() {}\n}\n",
    );
    assert_eq!(
        list("{{#reproduced checks one_is_one}}\n").trim(),
        "- `cargo test -p checks one_is_one`: a test of the checks' own package."
    );
    for (directive, problem) in [
        (
            "step-01 polite",
            "step-01 has neither a variant nor a check `polite`",
        ),
        (
            "step-00 rude",
            "step-00 has neither a variant nor a check `rude`",
        ),
        ("step-01 later", "`later` is not judged in step-01"),
        ("step-07 rude", "there is no step-07"),
        (
            "checks helper",
            "shared/checks/src/lib.rs: no test is called `helper`",
        ),
        ("rude", "reproduced by which step, or by checks?"),
        ("checks ,", "reproduced by which test?"),
    ] {
        assert_eq!(
            repository.problem(&format!("{{{{#reproduced {directive}}}}}")),
            problem
        );
    }
}

#[test]
fn a_bench_of_stores_tells_of_a_session_and_not_of_express() {
    let repository = Repository::new();
    let stores = BENCH
        .replacen("to_express = 6.25", "session_bytes = 512.0", 1)
        .replacen("to_express = 9.8\n", "", 1);
    repository.write("book/stores.toml", &stores);
    let drawn = repository.page("{{#bench stores}}\n");
    for part in [
        "aria-labelledby=\"stores-title stores-told\"",
        "| step 03 | 0.80 | 1.5 | 512 bytes | 12 MB | 1 GET, 1 SET |",
        "| 1.25 | 0.9 | – | 10 MB | 1 GET, 1 SET |",
    ] {
        assert!(drawn.contains(part), "{part}: {drawn}");
    }
    assert!(!drawn.contains("Express"), "{drawn}");
    assert_eq!(
        repository.problem("{{#bench peers}}"),
        "bench has stores, and no `peers`"
    );
}

#[test]
fn a_bench_that_cannot_be_drawn_is_refused() {
    let repository = Repository::new();
    let problem = || {
        let drawn = repository.draw("page", "{{#bench}}\n", true);
        drawn.unwrap_err().concat()
    };
    assert!(problem().starts_with("here.md:1: book/bench.toml: "));
    for (old, new, complaint) in [
        ("rounds = 11\n", "", "missing field `rounds`"),
        (
            "to_bare = 0.8",
            "to_bare = 0.0",
            "`step 03` has a ratio that is none",
        ),
        ("1.25", "nan", "`<actix>` has a ratio that is none"),
        (
            "memory_mb = 12.0",
            "memory = 12.0",
            "unknown field `memory`",
        ),
    ] {
        repository.write("book/bench.toml", &BENCH.replacen(old, new, 1));
        let problem = problem();
        let start = format!("here.md:1: book/bench.toml: {complaint}");
        assert!(problem.starts_with(&start), "{problem}");
    }
}

#[test]
fn capacity_is_a_table_with_what_it_rests_on() {
    let repository = Repository::new();
    repository.write("book/capacity.toml", CAPACITY);
    let drawn = repository.page("{{#capacity}}\n");
    for part in [
        "| Live sessions | 1 M | 10 M | 100 M |\n| --- | --: | --: | --: |\n",
        // 120 in an hour.
        "| requests a second | 33,333 | 333,333 | 3.33 M |\n",
        "| **Redis** |  |  |  |\n",
        // 1024 bytes, and with the replicas of each store.
        "| memory, one copy, GiB | 0.95 | 9.54 | 95.4 |\n",
        "| memory, all copies, GiB | 1.91 | 19.1 | 191 |\n",
        "| memory, all copies, GiB | 5.72 | 57.2 | 572 |\n",
        "- `--visits-per-hour` 120: requests",
        "MongoDB &lt;7&gt;",
        "once in 90 s at most",
    ] {
        assert!(drawn.contains(part), "{part}: {drawn}");
    }
    // Redis has none.
    assert_eq!(drawn.matches("| disk,").count(), 1, "{drawn}");
    let told = repository.draw("page", "{{#capacity}}\n", false).unwrap();
    assert!(
        told.contains("| **MongoDB** |") && told.contains("MongoDB <7>"),
        "{told}"
    );
    assert!(!told.contains("<div"), "{told}");
}

#[test]
fn capacity_is_drawn_from_what_was_recorded() {
    let repository = Repository::new();
    repository.write("book/capacity.toml", CAPACITY);
    let drawn = repository.page("{{#capacity plot}}\n");
    for part in [
        "<figure class=\"plots\" aria-label=\"Memory and writes for",
        "role=\"img\" aria-labelledby=\"capacity-memory capacity-memory-about\"",
        "<title id=\"capacity-writes\">Writes a second, in Redis</title>",
        "<desc id=\"capacity-memory-about\">MongoDB, 0.19 for 0.1 M live sessions, and 1,907 for",
        ">live sessions</text>",
        ">one node has 16 GiB</text>",
        ">at most once in 90 s</text>",
    ] {
        assert!(drawn.contains(part), "{part}: {drawn}");
    }
    assert_eq!(drawn.matches("<svg ").count(), 2, "{drawn}");
    // 0.19 is 1.28 decades above 0.01, and six of them have 34 units each: 236 - 43.5.
    let line = "<line class=\"upper\" x1=\"58.0\" y1=\"192.5\" x2=\"368.0\"";
    assert!(drawn.contains(line), "{drawn}");
    assert!(!drawn.trim().contains("\n\n"), "{drawn}");
    assert!(
        !drawn.contains("style="),
        "the theme has the colours: {drawn}"
    );
    let told = repository
        .draw("page", "{{#capacity plot}}\n", false)
        .unwrap();
    assert!(
        told.contains("- Memory of one copy, in GiB: MongoDB, 0.19"),
        "{told}"
    );
    assert!(!told.contains('<'), "{told}");
}

#[test]
fn capacity_needs_what_was_recorded() {
    let repository = Repository::new();
    let missing = repository.problem("{{#capacity}}");
    assert!(missing.starts_with("book/capacity.toml: "), "{missing}");
    repository.write("book/capacity.toml", &CAPACITY.replace("row", "rows"));
    let unknown = repository.problem("{{#capacity plot}}");
    assert!(
        unknown.starts_with("book/capacity.toml: unknown field `rows`"),
        "{unknown}"
    );
    for (directive, complaint) in [
        ("{{#capacity plots}}", "capacity has a plot, and no `plots`"),
        ("{{#capacity plot now}}", "`now` is too much for capacity"),
    ] {
        assert_eq!(repository.problem(directive), complaint);
    }
}

#[test]
fn the_tutorials_items_name_their_steps_and_checks() {
    let drawn = Repository::new().page("{{#tutorials}}\n");
    let greets =
        "| Greets `<name>` and &lt;more&gt; | [step-00](step-00-first.md) | `the_app_greets` |";
    assert!(drawn.contains(greets), "{drawn}");
    assert!(drawn.contains("## Tutorial 2"), "{drawn}");
    assert!(drawn.contains("| Redis | step-03 | todo |"), "{drawn}");
}

#[test]
fn a_tutorials_item_that_is_not_true_is_refused() {
    let repository = Repository::new();
    let tutorials = "shared/checks/tutorials.toml";
    repository.edit(tutorials, "\"the_app_greets\"", "\"no_such_check\"");
    repository.edit(tutorials, "step-03", "step-01");
    let content = format!("{CHAPTER}\n{{{{#tutorials}}}}\n");
    let line = CHAPTER.lines().count() + 2;
    let expected = [
        format!(
            "here.md:{line}: tutorial 1, “Greets `<name>` and <more>”: `no_such_check` is no pass in step-00"
        ),
        format!(
            "here.md:{line}: tutorial 2, “Redis”: step-01 exists, so that todo is no answer any more"
        ),
    ];
    assert_eq!(repository.problems(&content), expected);
}

// ---- Items ------------------------------------------------------------------

#[test]
fn items_have_the_names_that_chapters_use() {
    let rust = "\
//! Docs.
#![allow(dead_code)]

use a::B;

mod c;
mod d;

use e::F;

const G: u8 = 1;
static H: u8 = 2;
type I = u8;
enum J {}
trait K {
    fn l(&self);
}
impl<'a, T: From<u8>> K<T> for M<'a, T> {
    fn l(&self) {}
}
impl std::fmt::Display for &M<'_> {}
mod tests {}
";
    let items = items("x.rs", rust).unwrap();
    let names: Vec<&str> = items.iter().map(|item| item.name.as_str()).collect();
    let expected = [
        "docs",
        "use",
        "mod",
        "const G",
        "static H",
        "type I",
        "enum J",
        "trait K",
        "impl K for M",
        "impl Display for M",
        "mod tests",
    ];
    assert_eq!(names, expected);
    assert_eq!(items[1].pieces, [3..4, 8..9]);
    assert_eq!(items[2].pieces[0], 5..7);
    assert_eq!(items[7].members[0].name, "trait K::l");
    assert_eq!(items[8].members[0].name, "impl K for M::l");
}

#[test]
fn a_template_has_its_outermost_blocks_and_the_page_around_them() {
    let page = "<a>\n{% block x %}{% block y %}\n{% endblock %}\n{% endblock %}\n</a>\n{%- block z -%}{% endblock %}\n";
    let items = items("x.html", page).unwrap();
    let found: Vec<String> = items
        .iter()
        .map(|item| format!("{} {:?}", item.name, item.pieces))
        .collect();
    assert_eq!(
        found,
        ["page [0..1, 4..5]", "block x [1..4]", "block z [5..6]"]
    );
}

// ---- The whole book ---------------------------------------------------------

fn build(root: &Path, chapters: &[(&str, &str)]) -> Result<Book, String> {
    let chapters = chapters.iter().map(|(path, content)| {
        BookItem::Chapter(BookChapter::new(
            path,
            (*content).to_owned(),
            *path,
            Vec::new(),
        ))
    });
    let book = Book::new_with_items(chapters.collect());
    let context = PreprocessorContext::new(root.join("book"), Config::default(), "html".to_owned());
    let built = StepsPreprocessor.run(&context, book);
    built.map_err(|error| error.to_string())
}

#[test]
fn all_problems_of_a_book_are_told_together() {
    let repository = Repository::new();
    let second = "step-01-second.md";
    let chapters = [
        ("page.md", "{{#draw}}"),
        (second, &CHAPTER.replace("docs, ", "")),
    ];
    let problems = build(repository.folder.path(), &chapters).unwrap_err();
    let expected = "\
book/src/page.md:1: unknown directive `draw`
book/src/step-01-second.md: src/main.rs docs changed and is not shown
book/src/SUMMARY.md: no chapter step-00-first.md for steps/step-00-first";
    assert_eq!(problems, expected);
}

/// A copy of what the real book is made from.
fn copy_of_the_course() -> Repository {
    let folder = TempDir::new().unwrap();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    for part in ["steps", "book/src", "book/transcripts"] {
        copy(&root.join(part), &folder.path().join(part));
    }
    let checks = folder.path().join("shared/checks");
    fs::create_dir_all(&checks).unwrap();
    for file in ["matrix.toml", "tutorials.toml"] {
        fs::copy(root.join("shared/checks").join(file), checks.join(file)).unwrap();
    }
    Repository { folder }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let to = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &to);
        } else {
            fs::copy(entry.path(), to).unwrap();
        }
    }
}

const CHAPTER_02: &str = "step-02-memory-sessions";

/// What chapter 02 should show and does not. A transcript that waits for its
/// recording is no matter here.
fn missing_in_chapter_02(course: &Repository) -> Vec<String> {
    let path = course.path(&format!("book/src/{CHAPTER_02}.md"));
    let content = fs::read_to_string(path).unwrap();
    let mut problems = course
        .draw(CHAPTER_02, &content, true)
        .err()
        .unwrap_or_default();
    problems.retain(|problem| problem.ends_with("is not shown"));
    problems
}

#[test]
fn chapter_02_shows_what_step_02_changed() {
    assert_eq!(
        missing_in_chapter_02(&copy_of_the_course()),
        Vec::<String>::new()
    );
}

#[test]
fn a_diff_taken_out_of_chapter_02_is_missed() {
    let course = copy_of_the_course();
    let chapter = format!("book/src/{CHAPTER_02}.md");
    course.edit(&chapter, "{{#diff src/main.rs fn page}}", "");
    let missing = "here.md: src/main.rs fn page changed and is not shown";
    assert_eq!(missing_in_chapter_02(&course), [missing]);
}

#[test]
fn a_change_to_step_02_without_its_chapter_is_missed() {
    let course = copy_of_the_course();
    let main = format!("steps/{CHAPTER_02}/src/main.rs");
    course.edit(&main, "include_str!(", "include_str!( /* now */ ");
    let missing = "here.md: src/main.rs const TEMPLATES changed and is not shown";
    assert_eq!(missing_in_chapter_02(&course), [missing]);
}

#[test]
fn every_symptom_of_when_it_breaks_is_reproduced() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../book/src/when-it-breaks.md");
    let page = fs::read_to_string(path).unwrap();
    let symptoms: Vec<&str> = page.split("\n### ").skip(1).collect();
    assert!(symptoms.len() >= 20, "{}", symptoms.len());
    let lacks = |symptom: &&str| !symptom.contains("\n{{#reproduced ");
    assert_eq!(
        symptoms.into_iter().filter(lacks).collect::<Vec<_>>(),
        Vec::<&str>::new()
    );
    // Each stands in the index, which leads to nothing else.
    let headings = page.lines().filter(|line| line.starts_with("### "));
    let ids: Vec<&str> = headings
        .filter_map(|line| line.rsplit_once(" {#"))
        .map(|(_, rest)| rest.trim_end_matches('}'))
        .collect();
    let (index, _) = page.split_once("\n## ").unwrap();
    let links = index.lines().filter(|line| line.starts_with("- ["));
    let links: Vec<&str> = links
        .filter_map(|line| line.rsplit_once("(#"))
        .map(|(_, rest)| rest.trim_end_matches(')'))
        .collect();
    assert_eq!(links, ids);
}
