//! What the checks found: read from their JSON, and told to a person.

use super::terminal::{WIDTH, bad, bold, cut, labelled, wrap};
use serde_json::Value;

/// Programs that checks start, and that may be missing.
const PROGRAMS: [&str; 4] = ["redis-server", "mongod", "mariadbd", "haproxy"];

/// What the checks found.
#[derive(Debug, Default)]
pub struct Report {
    /// How many there are, once they have said so.
    pub total: Option<usize>,
    cases: Vec<Case>,
}

#[derive(Debug)]
struct Case {
    name: String,
    ending: Ending,
}

#[derive(Debug)]
enum Ending {
    Held,
    Broken(Box<Broken>),
    /// With the reason.
    NotJudged(String),
}

#[derive(Debug)]
struct Broken {
    promise: String,
    expected: String,
    observed: String,
    exchanges: String,
    /// A file of the course.
    read: String,
}

impl Report {
    /// Takes a line of the checks' stdout. `true`: a case has ended.
    pub fn read(&mut self, line: &str) -> bool {
        let Ok(line) = serde_json::from_str::<Value>(line) else {
            // Somebody printed something beside the report.
            return false;
        };
        if let Some(total) = line["cases"].as_u64() {
            self.total = usize::try_from(total).ok();
            return false;
        }
        let text = |key: &str| line[key].as_str().unwrap_or_default().to_owned();
        let ending = match line["verdict"].as_str() {
            Some("held") => Ending::Held,
            Some("broken") => Ending::Broken(Box::new(Broken {
                promise: text("promise"),
                expected: text("expected"),
                observed: text("observed"),
                exchanges: text("exchanges"),
                read: text("read"),
            })),
            // A check that failed itself has not judged anything.
            Some("harness") => Ending::NotJudged(format!("a check failed: {}", text("reason"))),
            Some("not judged") => Ending::NotJudged(text("reason")),
            _ => return false,
        };
        let name = text("name");
        self.cases.push(Case { name, ending });
        true
    }

    /// Whether nothing is missing.
    pub fn is_whole(&self) -> bool {
        self.total == Some(self.cases.len())
    }

    /// Whether nothing is broken, and something was judged.
    pub fn holds(&self) -> bool {
        self.broken().next().is_none() && self.held() > 0
    }

    pub fn held(&self) -> usize {
        let held = |case: &&Case| matches!(case.ending, Ending::Held);
        self.cases.iter().filter(held).count()
    }

    fn broken(&self) -> impl Iterator<Item = (&str, &Broken)> {
        self.cases.iter().filter_map(|case| match &case.ending {
            Ending::Broken(broken) => Some((&*case.name, &**broken)),
            _ => None,
        })
    }

    /// Each reason, with how many it was.
    fn not_judged(&self) -> Vec<(&str, usize)> {
        let mut reasons: Vec<(&str, usize)> = Vec::new();
        for case in &self.cases {
            let Ending::NotJudged(reason) = &case.ending else {
                continue;
            };
            let reason = reason.lines().next().unwrap_or_default();
            match reasons.iter_mut().find(|(known, _)| *known == reason) {
                Some((_, count)) => *count += 1,
                None => reasons.push((reason, 1)),
            }
        }
        reasons
    }

    /// Whether anything was judged at all.
    pub fn has_judged(&self) -> bool {
        let judged = |case: &Case| !matches!(case.ending, Ending::NotJudged(_));
        self.cases.iter().any(judged)
    }

    /// Whether something was not judged for want of a server's program.
    pub fn misses_a_server(&self) -> bool {
        let missing = |(reason, _): (&str, usize)| {
            reason.starts_with("needs ") && PROGRAMS.iter().any(|name| reason.ends_with(name))
        };
        self.not_judged().into_iter().any(missing)
    }

    /// What was not judged, and why; nothing if all was.
    pub fn tell_not_judged(&self) -> String {
        let reasons = self.not_judged();
        let lines = reasons.iter().map(|(reason, count)| {
            let line = format!("{count} not judged: {reason}");
            wrap(&line, WIDTH).join("\n") + "\n"
        });
        let mut lines: Vec<String> = lines.collect();
        if self.misses_a_server() {
            lines.push("`cargo course up --programs` finds or installs programs.\n".to_owned());
        }
        lines.concat()
    }

    /// The first broken promise, and how many others there are.
    pub fn tell_broken(&self, what: &str) -> String {
        let mut broken = self.broken();
        let Some((name, first)) = broken.next() else {
            return format!(
                "{what}: nothing could be judged.\n{}",
                self.tell_not_judged()
            );
        };
        let others = match broken.count() {
            0 => "No other fails.".to_owned(),
            1 => "One other fails.".to_owned(),
            others => format!("{others} others fail."),
        };
        let advice = advice(&first.observed).map(|advice| labelled("advice", advice));
        let parts = [
            format!("{}\n", bold(&self.count(what))),
            self.tell_not_judged(),
            "\n".to_owned(),
            labelled("promise", &first.promise),
            labelled("expected", &shorten(&first.expected)),
            bad(&labelled("observed", &shorten(&first.observed))).to_string(),
            exchange(&first.exchanges),
            "\n".to_owned(),
            labelled("check", name),
            labelled("read", &chapter(&first.read)),
            advice.unwrap_or_default(),
            "\n".to_owned(),
            others,
        ];
        parts.concat()
    }

    /// One line on what held and what did not.
    fn count(&self, what: &str) -> String {
        let not_judged: usize = self.not_judged().iter().map(|(_, count)| count).sum();
        let rest = match not_judged {
            0 => String::new(),
            count => format!(", {count} not judged"),
        };
        let (held, broken) = (self.held(), self.broken().count());
        format!("{what}: {held} hold, {broken} broken{rest}")
    }
}

/// The chapters' files have directives where a reader sees code.
fn chapter(file: &str) -> String {
    if file.starts_with("book/") {
        return format!("{file} (`cargo course book` draws it)");
    }
    file.to_owned()
}

/// The lines of the last requests, each on one line of the terminal.
fn exchange(exchanges: &str) -> String {
    let line = |line: &str| format!("\n          {}", cut(line, WIDTH - 10).trim_end());
    let lines: String = exchanges.lines().map(line).collect();
    if lines.is_empty() {
        return lines;
    }
    lines + "\n"
}

/// A whole page says no more than its beginning.
fn shorten(text: &str) -> String {
    const ENOUGH: usize = 400;
    match text.char_indices().nth(ENOUGH) {
        Some((end, _)) => format!("{} …", &text[..end]),
        None => text.to_owned(),
    }
}

/// A way on, where what was seen has one.
fn advice(observed: &str) -> Option<&'static str> {
    // As kit says it; Linux and macOS; Windows.
    let taken = [
        "in use by another program",
        "Address already in use",
        "os error 10048",
    ];
    if taken.iter().any(|words| observed.contains(words)) {
        return Some(
            "A port is taken. Listen on the one that PORT names: a check starts the app \
             with PORT=0, several at a time.",
        );
    }
    let failed = observed.starts_with("status 500");
    failed.then_some(
        "Your app's log says why: run it, and ask for that page. A template may miss a \
         value that the lesson's task names.",
    )
}

#[cfg(test)]
pub mod tests {
    use super::*;

    const BROKEN: &str = r#"{"name":"it_counts on redis","verdict":"broken",
        "promise":"It counts.","expected":"two beers","observed":"one beer",
        "exchanges":"> GET /\n< 200 OK\n","read":"book/src/step-02.md"}"#;

    pub fn report(lines: &[&str]) -> Report {
        let mut report = Report::default();
        report.read(&format!("{{\"cases\":{}}}", lines.len()));
        for line in lines {
            assert!(report.read(line), "{line}");
        }
        assert!(report.is_whole());
        report
    }

    const HELD: &str = r#"{"name":"a","verdict":"held"}"#;
    const SKIPPED: &str = r#"{"name":"b","verdict":"not judged","reason":"needs redis"}"#;
    const HARNESS: &str = r#"{"name":"c","verdict":"harness","reason":"no file\nat all"}"#;

    #[test]
    fn it_holds_when_nothing_is_broken_and_something_was_judged() {
        assert!(report(&[HELD]).holds());
        assert!(report(&[HELD, SKIPPED, HARNESS]).holds());
        assert!(!report(&[HELD, BROKEN]).holds());
        for nothing in [&[][..], &[SKIPPED], &[HARNESS]] {
            assert!(!report(nothing).holds(), "{nothing:?}");
        }
    }

    #[test]
    fn what_was_not_judged_is_told_by_reason() {
        let told = report(&[SKIPPED, HELD, HARNESS, SKIPPED]).tell_not_judged();
        let expected = "2 not judged: needs redis\n1 not judged: a check failed: no file\n";
        assert_eq!(told, expected);
        assert_eq!(report(&[HELD]).tell_not_judged(), "");
        let missing = SKIPPED.replace("needs redis", "needs redis-server");
        let told = report(&[&missing]).tell_not_judged();
        assert!(told.contains("`cargo course up --programs`"), "{told}");
        assert!(!report(&[&missing]).has_judged());
        assert!(report(&[HELD, &missing]).misses_a_server());
        assert!(!report(&[HELD, SKIPPED, HARNESS]).misses_a_server());
        assert!(report(&[SKIPPED, BROKEN]).has_judged());
    }

    #[test]
    fn the_first_failure_is_told_whole_and_the_others_counted() {
        console::set_colors_enabled(false);
        let second = BROKEN.replace("it_counts", "another");
        let told = report(&[HELD, BROKEN, SKIPPED, &second]).tell_broken("Lesson 02");
        let expected = "\
Lesson 02: 1 hold, 2 broken, 1 not judged
1 not judged: needs redis

 promise  It counts.
expected  two beers
observed  one beer

          > GET /
          < 200 OK

   check  it_counts on redis
    read  book/src/step-02.md (`cargo course book` draws it)

One other fails.";
        assert_eq!(told, expected);
    }

    #[test]
    fn a_report_is_whole_when_each_case_has_ended() {
        let mut report = Report::default();
        assert!(!report.is_whole());
        for (line, ended) in [
            ("seen: something else", false),
            ("{\"cases\":2}", false),
            (HELD, true),
            ("{}", false),
        ] {
            assert_eq!(report.read(line), ended, "{line}");
        }
        assert!(!report.is_whole());
        report.read(HELD);
        assert!(report.is_whole());
    }

    #[test]
    fn a_taken_port_and_a_failing_app_have_a_way_on() {
        let kit = "the app ended with code Some(1): PORT=3000: in use by another program";
        assert!(advice(kit).is_some());
        assert!(advice("status 500 Internal Server Error: …").is_some());
        assert_eq!(advice("status 404"), None);
    }

    #[test]
    fn whatever_was_seen_it_fits() {
        let long = "x".repeat(3000);
        let line = BROKEN.replace("one beer", &long).replace("> GET /", &long);
        let told = report(&[&line]).tell_broken("Lesson 02");
        assert!(
            told.lines().all(|line| line.chars().count() <= WIDTH),
            "{told}"
        );
        assert!(told.lines().count() < 30, "{told}");
    }
}
