//! The book's preprocessor: it draws differences, code, recorded requests and
//! the matrix from the repository, so that nothing in a chapter can go stale.
//!
//! A chapter is named like the folder of its step. Whatever changed in that step
//! and is not shown in it is an error, and so is a directive that has nothing to
//! show: the book is not built.
//!
//! ```text
//! {{#diff src/main.rs use, fn home}}   what changed since the step before
//! {{#diff src/visit.rs}}               a file that is new or gone, whole
//! {{#code step-01 src/main.rs fn app}} code as it stands, without a difference
//! {{#variant plain-count}}             a mistake from the step's variants/
//! {{#variant plain-count src/main.rs fn pour}}   its code, without a difference
//! {{#transcript first-visit 2..3}}     recorded exchanges, all or some
//! {{#sequence first-visit 2..3}}       the same as a diagram, and folded below it
//! {{#matrix}}                          the behaviours of all steps
//! {{#matrix step-02}}                  those that one step changed
//! {{#promises step-04 a_check, …}}     some of a step, with a column for each store
//! {{#stores}}                          what each session store of the course keeps
//! {{#asvs step-05}}                    the requirements of ASVS that it meets
//! {{#timeline step-06}}                how long its sessions live, as a drawing
//! {{#bench}}                           what sessions cost, as a drawing and a table
//! {{#bench stores}}                    the same of the stores
//! {{#capacity}}                        what millions of sessions need, as a table
//! {{#capacity plot}}                   the same as a drawing
//! {{#tutorials}}                       where each item of the tutorials is
//! ```

pub mod asvs;
pub mod bench;
pub mod capacity;
pub mod chapter;
pub mod cover;
pub mod diff;
pub mod directive;
pub mod html;
pub mod items;
pub mod lines;
pub mod markdown;
pub mod reproduced;
pub mod scene;
pub mod sequence;
pub mod snippet;
pub mod sources;
pub mod svg;
pub mod tables;
pub mod timeline;
pub mod tree;

use chapter::Chapter;
use mdbook_preprocessor::{
    Preprocessor, PreprocessorContext,
    book::Book,
    errors::{Error, Result},
};
use sources::Sources;
use std::path::Path;

/// The preprocessor, under the name that book.toml has for it.
#[derive(Debug)]
pub struct StepsPreprocessor;

impl Preprocessor for StepsPreprocessor {
    fn name(&self) -> &'static str {
        "steps"
    }

    /// The error has one line for each problem of the whole book.
    fn run(&self, context: &PreprocessorContext, book: Book) -> Result<Book> {
        draw(context, book).map_err(|problems| Error::msg(problems.join("\n")))
    }
}

fn draw(context: &PreprocessorContext, mut book: Book) -> Result<Book, Vec<String>> {
    // The book's folder lies in the repository's.
    let folder = context.root.file_name().unwrap_or_default();
    let src = Path::new(folder).join(&context.config.book.src);
    let sources = Sources::read(&context.root.join("..")).map_err(|error| vec![error])?;

    let mut problems = Vec::new();
    let mut missing: Vec<&str> = sources.steps.iter().map(|s| s.folder.as_str()).collect();
    book.for_each_chapter_mut(|chapter| {
        let Some(path) = &chapter.source_path else {
            return;
        };
        let name = path.file_stem().unwrap_or_default().to_string_lossy();
        missing.retain(|folder| *folder != name);
        let drawn = chapter::write(
            &sources,
            &Chapter {
                place: &slashes(&src.join(path)),
                name: &name,
                content: &chapter.content,
                html: context.renderer == "html",
            },
        );
        match drawn {
            Ok(text) => chapter.content = text,
            Err(wrong) => problems.extend(wrong),
        }
    });
    let missing = missing.iter().map(|folder| {
        let summary = slashes(&src.join("SUMMARY.md"));
        format!("{summary}: no chapter {folder}.md for steps/{folder}")
    });
    problems.extend(missing);
    if problems.is_empty() {
        Ok(book)
    } else {
        Err(problems)
    }
}

/// A path as it is written in this repository, also on Windows.
fn slashes(path: &Path) -> String {
    path.to_string_lossy().replace('\\', "/")
}
