//! `attack TARGET [--variant NAME] [--store NAME]`: `cargo course attack` runs it.

use checks::attack::{Attacks, Outcome};
use std::{
    env,
    io::{self, Write},
    process::ExitCode,
};

const USAGE: &str =
    "attack: expected a step, a path or http://…, and perhaps --variant NAME, --store NAME";

/// Nothing was tried: a wrong command line, or an app that cannot be attacked.
const NOTHING_TRIED: u8 = 2;

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let Some(order) = Order::read(&arguments) else {
        eprintln!("{USAGE}");
        return ExitCode::from(NOTHING_TRIED);
    };
    match order.carry_out() {
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            eprintln!("attack: {error}");
            ExitCode::from(NOTHING_TRIED)
        }
    }
}

/// The command line.
#[derive(Debug, Default, PartialEq, Eq)]
struct Order<'a> {
    target: &'a str,
    variant: Option<&'a str>,
    store: Option<&'a str>,
}

impl<'a> Order<'a> {
    fn read(arguments: &'a [String]) -> Option<Self> {
        let mut order = Order::default();
        let mut words = arguments.iter().map(String::as_str);
        while let Some(word) = words.next() {
            let option = match word {
                "--variant" => &mut order.variant,
                "--store" => &mut order.store,
                target if order.target.is_empty() && !target.starts_with('-') => {
                    order.target = target;
                    continue;
                }
                _ => return None,
            };
            if option.is_some() {
                return None;
            }
            *option = Some(words.next()?);
        }
        (!order.target.is_empty()).then_some(order)
    }

    /// 0 when nobody gets in, 1 when somebody does.
    fn carry_out(&self) -> Result<u8, String> {
        if !self.target.contains("://") {
            eprintln!("building {}", self.target);
        }
        let attacks = Attacks::on(self.target, self.variant, self.store)?;
        say(&format!("attacks on {}\n", attacks.about));
        let (mut gets_in, mut kept_out, mut not_tried) = (0, 0, 0);
        attacks.run(|attack, outcome| {
            let story = &attack.story;
            match outcome {
                Outcome::GetsIn(seen) => {
                    gets_in += 1;
                    say(&format!("gets in    {story}: {}", cut(&seen)));
                }
                Outcome::KeptOut => {
                    kept_out += 1;
                    say(&format!("kept out   {story}"));
                }
                Outcome::NotTried(why) => {
                    not_tried += 1;
                    say(&format!("not tried  {story}: {why}"));
                }
            }
        })?;
        let verb = if gets_in == 1 { "gets" } else { "get" };
        say(&format!(
            "\n{gets_in} {verb} in, {kept_out} kept out, {not_tried} not tried"
        ));
        Ok(match (gets_in, kept_out) {
            (0, 0) => NOTHING_TRIED,
            (0, _) => 0,
            _ => 1,
        })
    }
}

/// A whole cookie or page says no more than its beginning.
fn cut(seen: &str) -> String {
    match seen.char_indices().nth(64) {
        Some((end, _)) => format!("{}…", &seen[..end]),
        None => seen.to_owned(),
    }
}

/// Whoever reads may stop early, as `head` does.
fn say(line: &str) {
    let _ = writeln!(io::stdout(), "{line}");
}

#[cfg(test)]
mod tests {
    use super::Order;

    fn read(line: &str) -> Option<(String, Option<String>, Option<String>)> {
        let words: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
        let order = Order::read(&words)?;
        let [variant, store] = [order.variant, order.store].map(|it| it.map(str::to_owned));
        Some((order.target.to_owned(), variant, store))
    }

    #[test]
    fn a_target_may_have_a_variant_and_a_store_each_once() {
        let both = ("step-06".to_owned(), Some("x".into()), Some("redis".into()));
        assert_eq!(
            read("step-06 --variant x --store redis"),
            Some(both.clone())
        );
        assert_eq!(read("--store redis step-06 --variant x"), Some(both));
        assert_eq!(read("app"), Some(("app".into(), None, None)));
        for wrong in [
            "",
            "a b",
            "a --variant",
            "--store redis",
            "a --store x --store y",
            "a --fast",
        ] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }
}
