//! One chapter: its directives carried out, its rules checked.

use crate::{
    asvs, capacity,
    cover::{Shown, uncovered},
    directive::{Directive, Part},
    html,
    lines::{fence_marks, is_prose, is_typed_rust},
    markdown, reproduced,
    scene::Scene,
    sequence::Sequence,
    snippet::{Snippet, code, step_diff, variant_code, variant_diffs},
    sources::Sources,
    tables,
    timeline::Timeline,
    tree::Step,
};
use checks::{
    matrix::{Backend, Cell, Row},
    store_suite::step_and_store,
};
use std::ops::RangeInclusive;

/// A chapter as mdBook hands it over.
#[derive(Debug)]
pub struct Chapter<'a> {
    /// Its file from the repository's root, to name it in problems.
    pub place: &'a str,
    /// The file's name without its ending; a step's folder has the chapter of
    /// the same name.
    pub name: &'a str,
    pub content: &'a str,
    /// Whether HTML is asked for, or plain Markdown.
    pub html: bool,
}

/// The chapter's text with every directive replaced. The error is everything
/// that is wrong with it, each in one line: `book/src/step-02….md:41: …`.
pub fn write(sources: &Sources, chapter: &Chapter) -> Result<String, Vec<String>> {
    let mut writer = Writer {
        sources,
        chapter,
        step: sources
            .steps
            .iter()
            .find(|step| step.folder == chapter.name),
        shown: Shown::new(),
        unexplained: None,
        text: String::new(),
        problems: Vec::new(),
    };
    writer.lines();
    writer.cover();
    if writer.problems.is_empty() {
        Ok(writer.text)
    } else {
        Err(writer.problems)
    }
}

struct Writer<'a> {
    sources: &'a Sources,
    chapter: &'a Chapter<'a>,
    step: Option<&'a Step>,
    shown: Shown,
    /// The line of a diff that no prose has followed yet.
    unexplained: Option<usize>,
    text: String,
    problems: Vec<String>,
}

impl<'a> Writer<'a> {
    fn lines(&mut self) {
        let mut fence = None;
        for (at, line) in (1..).zip(self.chapter.content.lines()) {
            let bare = line.trim_start_matches([' ', '\t', '>']);
            if let Some(directive) = Directive::parse(line) {
                self.end_of_part();
                let drawn = match fence {
                    Some(_) => Err("a directive means nothing in a fence".to_owned()),
                    None => directive.and_then(|directive| self.carry_out(&directive, at)),
                };
                match drawn {
                    Ok(drawn) => self.text.extend(["\n", &drawn, "\n"]),
                    Err(error) => self.problem(at, &error),
                }
                continue;
            }
            match fence {
                Some(marks) if bare.trim_end() == marks => fence = None,
                Some(_) => {}
                None => {
                    fence = fence_marks(bare);
                    if fence.is_some() && is_typed_rust(bare) {
                        let advice =
                            "show the real code with diff or code, or tag the fence `rust,sketch`";
                        self.problem(at, &format!("Rust that was typed by hand: {advice}"));
                    } else if bare.starts_with('#') {
                        self.end_of_part();
                    } else if fence.is_none() && is_prose(bare) {
                        self.unexplained = None;
                    }
                }
            }
            self.text += line;
            self.text.push('\n');
        }
        self.end_of_part();
    }

    /// Notes each line of the text as a problem of its own.
    fn problem(&mut self, line: usize, text: &str) {
        let place = self.chapter.place;
        let problems = text.lines().map(|text| format!("{place}:{line}: {text}"));
        self.problems.extend(problems);
    }

    /// Another directive, a heading or the chapter's end: what was shown before
    /// has to be explained by now.
    fn end_of_part(&mut self) {
        if let Some(line) = self.unexplained.take() {
            self.problem(line, "no paragraph after this diff explains it");
        }
    }

    fn cover(&mut self) {
        let Some(step) = self.step else { return };
        let empty = Step::default();
        let before = self.sources.steps.before(step).unwrap_or(&empty);
        let place = self.chapter.place;
        match uncovered(before, step, &self.shown) {
            Ok(missing) => {
                let missing = missing.into_iter().map(|line| format!("{place}: {line}"));
                self.problems.extend(missing);
            }
            Err(error) => self.problems.push(format!("{place}: {error}")),
        }
    }

    fn carry_out(&mut self, directive: &Directive, line: usize) -> Result<String, String> {
        match directive {
            Directive::Diff(part) => {
                let step = self.step.ok_or("a diff belongs in a step's chapter")?;
                self.unexplained = Some(line);
                let before = self.sources.steps.before(step);
                let snippet = step_diff(before, step, part)?;
                self.show(before, step, part)?;
                Ok(self.draw(&snippet))
            }
            Directive::Code { step, part } => {
                let step = self.step(step.as_deref())?;
                let before = self.sources.steps.before(step);
                let snippet = code(before, step, part)?;
                // In the first step, code is the difference to nothing.
                let own = self.step.is_some_and(|own| own.folder == step.folder);
                if own && before.is_none() {
                    self.show(None, step, part)?;
                }
                Ok(self.draw(&snippet))
            }
            Directive::Variant { step, name, part } => {
                let step = self.step(step.as_deref())?;
                let (variant, changed) = self.sources.variant(step, name)?;
                let snippets = match part {
                    Some(part) => vec![variant_code(step, &changed, part)?],
                    None => variant_diffs(step, &changed)?,
                };
                let draw = if self.chapter.html {
                    html::variant
                } else {
                    markdown::variant
                };
                Ok(draw(&variant, &snippets))
            }
            Directive::Transcript {
                step,
                name,
                exchanges,
            } => {
                let scene = self.scene(step.as_deref(), name, exchanges.as_ref())?;
                Ok(if self.chapter.html {
                    html::scene(&scene)
                } else {
                    markdown::scene(&scene)
                })
            }
            Directive::Sequence {
                step,
                name,
                exchanges,
            } => {
                let scene = self.scene(step.as_deref(), name, exchanges.as_ref())?;
                let sequence = Sequence::of(&scene);
                Ok(if self.chapter.html {
                    let step = self.step(step.as_deref())?.name();
                    let drawn = sequence.svg(&format!("{step}-{name}"));
                    drawn + &html::folded("In full", &html::scene(&scene))
                } else {
                    markdown::sequence(&sequence) + "\n" + &markdown::scene(&scene)
                })
            }
            Directive::Matrix { step } => self.matrix(step.as_deref()),
            Directive::Promises { step, names } => self.promises(step.as_deref(), names),
            Directive::Reproduced { package, names } => {
                reproduced::list(self.sources, package, names)
            }
            Directive::Stores => self.stores(),
            Directive::Asvs { step } => {
                let step = self.step(step.as_deref())?.name();
                let requirements = self.sources.asvs()?;
                let draw = self.marks();
                let table = asvs::table(&requirements, &self.sources.matrix, step, draw)?;
                Ok(self.wide(&table))
            }
            Directive::Timeline { step } => {
                let step = self.step(step.as_deref())?;
                let timeline = Timeline::read(step)?;
                Ok(if self.chapter.html {
                    timeline.svg(step.name())
                } else {
                    timeline.text()
                })
            }
            Directive::Bench { stores } => {
                let name = if *stores { "stores" } else { "bench" };
                let bench = self.sources.bench(name)?;
                let table = self.wide(&bench.table());
                Ok(if self.chapter.html {
                    bench.svg(name) + "\n" + &table
                } else {
                    table
                })
            }
            Directive::Capacity { plot } => self.capacity(*plot),
            Directive::Tutorials => {
                let tutorials = self.sources.tutorials()?;
                let Sources { steps, matrix, .. } = self.sources;
                tables::tutorials(&tutorials, matrix, steps).map_err(|wrong| wrong.join("\n"))
            }
        }
    }

    /// What live sessions need.
    fn capacity(&self, plot: bool) -> Result<String, String> {
        let recorded = self.sources.capacity()?;
        Ok(match (plot, self.chapter.html) {
            (false, true) => capacity::html(&recorded),
            (false, false) => capacity::text(&recorded),
            (true, true) => capacity::plots(&recorded).svg(),
            (true, false) => capacity::plots(&recorded).text(),
        })
    }

    /// The step of this name, or the chapter's own.
    fn step(&self, name: Option<&str>) -> Result<&'a Step, String> {
        let Some(name) = name else {
            return self.step.ok_or_else(|| "of which step?".to_owned());
        };
        let step = self.sources.steps.find(name);
        step.ok_or_else(|| format!("there is no {name}"))
    }

    /// Notes which items a diff shows.
    fn show(&mut self, before: Option<&Step>, step: &Step, part: &Part) -> Result<(), String> {
        let shown = self.shown.entry(part.file.clone()).or_default();
        shown.extend(part.items.iter().cloned());
        if part.items.is_empty() {
            for step in before.into_iter().chain([step]) {
                let items = step.parse(&part.file)?.items;
                shown.extend(items.into_iter().map(|item| item.name));
            }
        }
        Ok(())
    }

    fn draw(&self, snippet: &Snippet) -> String {
        if self.chapter.html {
            html::snippet(snippet)
        } else {
            markdown::snippet(snippet)
        }
    }

    /// All of the matrix; or what one step changed in it, beside the step before.
    fn matrix(&self, step: Option<&str>) -> Result<String, String> {
        let Sources { steps, matrix, .. } = self.sources;
        let link = |name: &str| match steps.find(name) {
            Some(step) => format!("[{name}]({}.md)", step.folder),
            None => name.to_owned(),
        };
        let mut matrix = matrix.clone();
        let mut columns = tables::columns(&matrix, link);
        if let Some(name) = step {
            let now = self.step(Some(name))?;
            let before = steps.before(now).map(Step::name);
            columns.retain(|column| column.step == now.name() || Some(&*column.step) == before);
            if let Some(before) = before {
                // As it is drawn: a promise that is now kept on more stores is
                // no change that a reader sees.
                let drawn = |row: &Row, step| row.cell(step).map(tables::mark_and_text);
                matrix
                    .rows
                    .retain(|row| drawn(row, before) != drawn(row, now.name()));
            }
        }
        let table = tables::matrix(&matrix, &columns, self.marks());
        Ok(self.wide(&table))
    }

    /// What each session store keeps, below its name and its step.
    fn stores(&self) -> Result<String, String> {
        let table = self.sources.stores()?;
        let mut columns = Vec::new();
        for column in &table.steps {
            let (step, store) = step_and_store(column)
                .ok_or_else(|| format!("stores.toml: `{column}` names a step, and no store"))?;
            let folder = &self.step(Some(step))?.folder;
            columns.push(tables::Column {
                step: column.clone(),
                head: format!("`{store}` [{step}]({folder}.md)"),
            });
        }
        Ok(self.wide(&tables::matrix(&table, &columns, self.marks())))
    }

    fn scene(
        &self,
        step: Option<&str>,
        name: &str,
        exchanges: Option<&RangeInclusive<usize>>,
    ) -> Result<Scene, String> {
        let scene = self.sources.scene(self.step(step)?, name)?;
        let Some(range) = exchanges else {
            return Ok(scene);
        };
        let cut = scene.cut(range);
        cut.map_err(|error| format!("{name}: {error}"))
    }

    /// Some rows of a step's column, with a column for each of its stores.
    fn promises(&self, step: Option<&str>, names: &[String]) -> Result<String, String> {
        let step = self.step(step)?.name();
        let mut table = self.sources.matrix.clone();
        let stores = table.backends(step).stores.clone();
        let mut rows = Vec::new();
        for name in names {
            let row = table.row(name);
            let row = row.ok_or_else(|| format!("no check is called `{name}`"))?;
            let cells = stores.iter().map(|store| {
                let cell = row.cell_on(step, table.backends(step), Backend::Store(*store));
                (store.to_string(), cell)
            });
            rows.push(Row {
                group: String::new(),
                cells: cells.collect(),
                ..row.clone()
            });
        }
        table.rows = rows;
        table.steps = stores.iter().map(ToString::to_string).collect();
        let columns = tables::columns(&table, str::to_owned);
        Ok(self.wide(&tables::matrix(&table, &columns, self.marks())))
    }

    /// How a cell of the matrix is drawn.
    fn marks(&self) -> fn(&Cell) -> String {
        if self.chapter.html {
            tables::mark_with_title
        } else {
            tables::mark_and_text
        }
    }

    /// A table that may need more room than a page has.
    fn wide(&self, table: &str) -> String {
        if self.chapter.html {
            format!("<div class=\"matrix\">\n\n{table}\n</div>\n")
        } else {
            table.to_owned()
        }
    }
}
