//! The lines in a chapter that ask for something computed.

use std::ops::RangeInclusive;

/// A directive stands alone on its line: `{{#diff src/main.rs use, fn app}}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Directive {
    /// What changed between the step before and the chapter's.
    Diff(Part),
    /// Code as it stands, in this chapter's step or in another.
    Code { step: Option<String>, part: Part },
    /// A small mistake, as the change it makes; or some of its code as it stands.
    Variant {
        step: Option<String>,
        name: String,
        part: Option<Part>,
    },
    /// Recorded requests and answers; all, or from one number to another.
    Transcript {
        step: Option<String>,
        name: String,
        exchanges: Option<RangeInclusive<usize>>,
    },
    /// Recorded exchanges as a sequence diagram, and in full.
    Sequence {
        step: Option<String>,
        name: String,
        exchanges: Option<RangeInclusive<usize>>,
    },
    /// The behaviours of all steps, or of one beside the one before it.
    Matrix { step: Option<String> },
    /// Some behaviours of a step, by their checks' names, on each of its stores.
    Promises {
        step: Option<String>,
        names: Vec<String>,
    },
    /// The tests that show something, with the command that runs each: variants and
    /// checks of a step, or tests of the package `checks`.
    Reproduced { package: String, names: Vec<String> },
    /// What the session stores of the course keep.
    Stores,
    /// The requirements of ASVS that a step's checks prove.
    Asvs { step: Option<String> },
    /// How long a step's sessions live.
    Timeline { step: Option<String> },
    /// What `cargo course bench` has measured, of the stores or of the peers.
    Bench { stores: bool },
    /// What live sessions need, as a table or as a drawing.
    Capacity { plot: bool },
    /// Where each item of the tutorials is.
    Tutorials,
}

/// Some items of a file. None named means all of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    pub file: String,
    pub items: Vec<String>,
}

impl Directive {
    /// None for a line without a directive. `{{#title}}` is mdBook's own and
    /// harmless; its other ones fall silent when what they name is gone.
    pub fn parse(line: &str) -> Option<Result<Self, String>> {
        let at = line.find("{{#")?;
        if line[at..].starts_with("{{#title ") {
            return None;
        }
        let inside = line.trim_end().strip_prefix("{{#");
        match inside.and_then(|inside| inside.strip_suffix("}}")) {
            Some(inside) if !inside.contains("{{") => Some(directive(inside)),
            _ => Some(Err(
                "a directive stands alone on its line, at its very beginning".to_owned(),
            )),
        }
    }
}

fn directive(inside: &str) -> Result<Directive, String> {
    let (command, rest) = inside.split_once(' ').unwrap_or((inside, ""));
    let (step, rest) = match rest.trim().split_once(' ') {
        Some((first, rest)) if first.starts_with("step-") => (Some(first.to_owned()), rest.trim()),
        _ => (None, rest.trim()),
    };
    let mut words = rest.split_whitespace();
    let mut word = || words.next().map(str::to_owned);
    let directive = match command {
        "diff" if step.is_some() => {
            return Err(
                "a diff is always of the chapter's own step; use code for another".to_owned(),
            );
        }
        "diff" => Directive::Diff(part(rest)?),
        "code" => Directive::Code {
            step,
            part: part(rest)?,
        },
        "variant" => {
            let (name, rest) = rest.split_once(' ').unwrap_or((rest, ""));
            if name.is_empty() {
                return Err("which variant?".to_owned());
            }
            Directive::Variant {
                step,
                name: name.to_owned(),
                part: Some(rest)
                    .filter(|rest| !rest.is_empty())
                    .map(part)
                    .transpose()?,
            }
        }
        "transcript" => Directive::Transcript {
            step,
            name: word().ok_or("which transcript?")?,
            exchanges: word().map(|range| exchanges(&range)).transpose()?,
        },
        "sequence" => Directive::Sequence {
            step,
            name: word().ok_or("which transcript?")?,
            exchanges: word().map(|range| exchanges(&range)).transpose()?,
        },
        "matrix" => Directive::Matrix { step: word() },
        "promises" => Directive::Promises {
            step,
            names: names(rest),
        },
        "reproduced" => {
            let (package, tests) = match (step, rest.split_once(' ')) {
                (Some(step), _) => (step, rest),
                (None, Some(("checks", rest))) => ("checks".to_owned(), rest),
                _ => return Err("reproduced by which step, or by checks?".to_owned()),
            };
            let names = names(tests);
            if names.is_empty() {
                return Err("reproduced by which test?".to_owned());
            }
            Directive::Reproduced { package, names }
        }
        "stores" => Directive::Stores,
        "asvs" => Directive::Asvs { step: word() },
        "timeline" => Directive::Timeline { step: word() },
        "bench" => Directive::Bench {
            stores: match word().as_deref() {
                None => false,
                Some("stores") => true,
                Some(other) => return Err(format!("bench has stores, and no `{other}`")),
            },
        },
        "capacity" => Directive::Capacity {
            plot: match word().as_deref() {
                None => false,
                Some("plot") => true,
                Some(other) => return Err(format!("capacity has a plot, and no `{other}`")),
            },
        },
        "tutorials" => Directive::Tutorials,
        _ => return Err(format!("unknown directive `{command}`")),
    };
    let more = match &directive {
        Directive::Diff(_)
        | Directive::Code { .. }
        | Directive::Variant { .. }
        | Directive::Promises { .. }
        | Directive::Reproduced { .. } => None,
        _ => word(),
    };
    match more {
        Some(more) => Err(format!("`{more}` is too much for {command}")),
        None => Ok(directive),
    }
}

/// Names with commas between them.
fn names(text: &str) -> Vec<String> {
    let names = text.split(',').map(str::trim);
    let names = names.filter(|name| !name.is_empty());
    names.map(str::to_owned).collect()
}

fn part(rest: &str) -> Result<Part, String> {
    let (file, items) = rest.split_once(' ').unwrap_or((rest, ""));
    if file.is_empty() {
        return Err("which file?".to_owned());
    }
    Ok(Part {
        file: file.to_owned(),
        items: names(items),
    })
}

/// `2..3` or `2`, both ends included, counted from 1.
fn exchanges(range: &str) -> Result<RangeInclusive<usize>, String> {
    let (first, last) = range.split_once("..").unwrap_or((range, range));
    match (first.parse(), last.parse()) {
        (Ok(first), Ok(last)) if 0 < first && first <= last => Ok(first..=last),
        _ => Err(format!("`{range}` is no range of exchanges, such as 2..3")),
    }
}
