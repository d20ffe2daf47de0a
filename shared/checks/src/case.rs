//! One thing to judge, and how its verdict is read.

#[cfg(feature = "store-suite")]
use crate::store_suite::{Promise, Subject};
use crate::{
    course::Course,
    is_on,
    lesson::{Step, starter},
    lessons::Check,
    recorder,
    variant::{Outcome, Variant},
    variants,
    verdict::{self, Broken, Stop, Verdict},
};
#[cfg(feature = "browser")]
use crate::{lesson::Pages, picture};
use std::path::PathBuf;

/// One thing to judge.
#[derive(Debug)]
pub struct Case {
    /// A sentence with underscores.
    pub name: String,
    /// What it is, when it is not a plain check: `must fail`, `variant`, …
    pub kind: &'static str,
    /// Why it cannot be judged here.
    pub not_judged: Option<String>,
    pub(crate) work: Work,
}

#[derive(Debug)]
pub(crate) enum Work {
    /// The promise must hold.
    Hold(&'static Check, Course),
    /// It must be broken, and this text observed.
    Break(&'static Check, Course, String),
    /// This mistake must break it, or this circumstance must not; and with this
    /// solution it must hold.
    Vary(&'static Check, Course, Step, Variant),
    /// This mistake must not compile.
    Refuse(Step, Variant),
    /// It must be broken, however.
    Lack(&'static Check, Course),
    /// What the lesson starts from must break it, and this be observed.
    Start(&'static Check, Course, Step, &'static str),
    /// The scene must be as it was recorded.
    Play(PathBuf, Step),
    /// These pages must look as in the book.
    #[cfg(feature = "browser")]
    Picture(Step, Pages),
    /// The store must keep this.
    #[cfg(feature = "store-suite")]
    Keep(&'static Promise, Subject),
    /// It must break it, and this text be observed.
    #[cfg(feature = "store-suite")]
    Fall(&'static Promise, Subject, String),
    /// It cannot be judged, for this reason.
    Impossible(String),
}

impl Case {
    /// Judges it, on a runtime of its own.
    pub fn run(&self) -> Verdict {
        verdict::forget_exchanges();
        #[cfg(feature = "store-suite")]
        match &self.work {
            Work::Keep(promise, store) => return promise.judge(store),
            Work::Fall(promise, store, text) => return must_break(promise.judge(store), text),
            _ => {}
        }
        // One thread: the verdict's exchanges are kept per thread.
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        runtime.block_on(self.judge())
    }

    async fn judge(&self) -> Verdict {
        match &self.work {
            Work::Hold(check, course) => (check.run)(course.clone()).await,
            Work::Break(check, course, text) => must_break((check.run)(course.clone()).await, text),
            Work::Vary(check, course, step, variant) => {
                let program = variants::program(step, &variant.key()).map_err(Stop::Harness)?;
                let course = course.with_program(program);
                judge_variant((check.run)(course).await, variant)
            }
            Work::Refuse(step, variant) => {
                let built = variants::program(step, &variant.key());
                judge_refusal(built.map(drop), variant)
            }
            Work::Lack(check, course) => must_lack((check.run)(course.clone()).await, check),
            Work::Start(check, course, step, text) => {
                let program = starter::program(step).map_err(Stop::Harness)?;
                let course = course.with_program(program);
                must_break((check.run)(course).await, text)
            }
            Work::Play(path, step) => recorder::judge(path, step).await,
            #[cfg(feature = "browser")]
            Work::Picture(step, pages) => picture::judge(step, *pages).await,
            // Stores have a runtime of their own.
            #[cfg(feature = "store-suite")]
            Work::Keep(promise, _) | Work::Fall(promise, ..) => Err(Stop::harness(promise.name)),
            Work::Impossible(reason) => Err(Stop::Harness(reason.clone())),
        }
    }
}

/// A `fail` cell: broken as the cell says, and in no other way.
pub(crate) fn must_break(verdict: Verdict, text: &str) -> Verdict {
    match verdict {
        Ok(()) => {
            let observed = "the cell says fail, but the promise held";
            Err(Stop::broken(
                format!("this step fails with `{text}`"),
                observed,
            ))
        }
        Err(Stop::Broken(broken)) if broken.observed.contains(text) => {
            tell(&broken);
            Ok(())
        }
        Err(Stop::Broken(mut broken)) => {
            broken.promise = format!("this step fails with `{text}`; {}", broken.promise);
            Err(Stop::Broken(broken))
        }
        Err(other) => Err(other),
    }
}

/// A variant: broken as it says, or held all the same.
fn judge_variant(verdict: Verdict, variant: &Variant) -> Verdict {
    match (verdict, &variant.outcome) {
        (verdict, Outcome::StillHolds | Outcome::Solves) => verdict,
        (Ok(()), Outcome::Caught(_)) => {
            let promise = format!("{} notices: {}", variant.check, variant.about);
            let observed = "the check did not notice the mistake";
            Err(Stop::broken(promise, observed))
        }
        (broken, Outcome::Caught(seen)) => must_break(broken, seen),
        (_, Outcome::Refused(_)) => Err(Stop::harness("no check judges what does not compile")),
    }
}

/// A variant that must not build, and why it did not.
fn judge_refusal(built: Result<(), String>, variant: &Variant) -> Verdict {
    let Outcome::Refused(seen) = &variant.outcome else {
        return Err(Stop::harness("a check judges what compiles"));
    };
    let promise = format!("the compiler says `{seen}`: {}", variant.about);
    match built {
        Err(complaint) if complaint.contains(seen) => Ok(()),
        Err(complaint) => Err(Stop::broken(promise, complaint)),
        Ok(()) => Err(Stop::broken(promise, "it compiles")),
    }
}

/// The check of a stretch exercise, and the step before somebody solves it.
fn must_lack(verdict: Verdict, check: &Check) -> Verdict {
    match verdict {
        Ok(()) => {
            let promise = format!("{} does not hold before it is solved", check.name);
            Err(Stop::broken(promise, "it holds"))
        }
        Err(Stop::Broken(broken)) => {
            tell(&broken);
            Ok(())
        }
        Err(other) => Err(other),
    }
}

/// What was seen of a promise that must break.
fn tell(broken: &Broken) {
    if is_on("COURSE_TELL") {
        println!("seen: {}", broken.observed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn broken() -> Verdict {
        Err(Stop::broken("two beers", "the page says: One beer"))
    }

    #[test]
    fn a_fail_cell_wants_the_promise_broken_in_its_own_way() {
        assert_eq!(must_break(broken(), "One beer"), Ok(()));
        let other = must_break(broken(), "Three beers").unwrap_err().to_string();
        assert!(
            other.contains("this step fails with `Three beers`; two beers"),
            "{other}"
        );
        let held = must_break(Ok(()), "One beer").unwrap_err().to_string();
        assert!(
            held.contains("the cell says fail, but the promise held"),
            "{held}"
        );
    }

    #[test]
    fn a_variant_wants_the_promise_broken_or_kept() {
        let mut variant = Variant {
            name: "v".into(),
            check: "it_counts".into(),
            backend: None,
            outcome: Outcome::Caught("One beer".into()),
            about: "It does not count.".into(),
            edits: Vec::new(),
        };
        assert_eq!(judge_variant(broken(), &variant), Ok(()));
        let crash = Err(Stop::broken("two beers", "no answer"));
        assert!(judge_variant(crash, &variant).is_err());
        let held = judge_variant(Ok(()), &variant).unwrap_err().to_string();
        assert!(
            held.contains("it_counts notices: It does not count."),
            "{held}"
        );
        assert!(
            held.contains("the check did not notice the mistake"),
            "{held}"
        );
        variant.outcome = Outcome::StillHolds;
        assert_eq!(judge_variant(Ok(()), &variant), Ok(()));
        assert_eq!(judge_variant(broken(), &variant), broken());
    }

    #[test]
    fn a_variant_that_must_not_compile_wants_its_error_and_no_other() {
        let variant = Variant {
            name: "v".into(),
            check: crate::variant::COMPILER.into(),
            backend: None,
            outcome: Outcome::Refused("not satisfied".into()),
            about: "Another trait.".into(),
            edits: Vec::new(),
        };
        let refusal = |built: Result<(), &str>| judge_refusal(built.map_err(Into::into), &variant);
        assert_eq!(refusal(Err("the bound is not satisfied")), Ok(()));
        let other = refusal(Err("expected `;`")).unwrap_err().to_string();
        assert!(other.contains("`not satisfied`: Another trait."), "{other}");
        assert!(other.contains("expected `;`"), "{other}");
        let built = refusal(Ok(())).unwrap_err().to_string();
        assert!(built.contains("it compiles"), "{built}");
        assert!(judge_variant(broken(), &variant).is_err());
    }

    #[test]
    fn what_nobody_has_solved_must_break_in_any_way_and_must_not_hold() {
        let check = crate::lessons::find("a_second_pour_counts_to_two").unwrap();
        assert_eq!(must_lack(broken(), check), Ok(()));
        let held = must_lack(Ok(()), check).unwrap_err().to_string();
        assert!(held.contains("does not hold before it is solved"), "{held}");
        for stop in [Stop::Harness("x".into()), Stop::NotJudged("x".into())] {
            assert_eq!(must_lack(Err(stop.clone()), check), Err(stop));
        }
    }

    #[test]
    fn a_failure_of_the_harness_proves_nothing() {
        for stop in [Stop::Harness("x".into()), Stop::NotJudged("x".into())] {
            assert_eq!(must_break(Err(stop.clone()), "x"), Err(stop));
        }
    }
}
