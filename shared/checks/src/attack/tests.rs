use super::{plan::step_folder, *};
use crate::verdict::Broken;

fn broken(promise: &str, observed: &str) -> Verdict {
    Err(Stop::Broken(Broken {
        promise: promise.into(),
        observed: observed.into(),
        exchanges: String::new(),
    }))
}

#[test]
fn an_attack_gets_in_is_kept_out_or_was_none() {
    let gets_in = outcome(broken("a new ID", "the same ID: abc\nand more"));
    assert_eq!(gets_in, Outcome::GetsIn("the same ID: abc".into()));
    let gets_in = outcome(broken("the page says `Not logged in`", "Logged in as: v"));
    assert_eq!(gets_in, Outcome::GetsIn("Logged in as: v".into()));
    assert_eq!(outcome(Ok(())), Outcome::KeptOut);
    for (verdict, why) in [
        (
            broken("status 303", "status 500"),
            "expected status 303, observed status 500",
        ),
        (
            broken("the page says `Logged in as: v`", "Hello"),
            "expected the page says `Logged in as: v`, observed Hello",
        ),
        (Err(Stop::Harness("no bcrypt".into())), "no bcrypt"),
        (Err(Stop::NotJudged("no redis".into())), "no redis"),
    ] {
        assert_eq!(outcome(verdict), Outcome::NotTried(why.into()));
    }
}

#[test]
fn a_step_is_found_by_its_name_and_by_its_folder() {
    let (name, folder) = step_folder("step-05").unwrap();
    assert_eq!(name, "step-05");
    let path = folder.to_str().unwrap();
    for target in [path, "step-05-axum-login"] {
        let found = step_folder(target);
        assert_eq!(found, Some(("step-05".into(), folder.clone())));
    }
    for target in [
        "step-0",
        "step",
        "step-99",
        "no/such/folder",
        "http://step-05",
    ] {
        assert_eq!(step_folder(target), None);
    }
}

#[test]
fn what_cannot_be_attacked_is_said_in_one_line() {
    for (target, variant, store, complaint) in [
        ("no/such/app", None, None, "no/such/app: not there"),
        ("ftp://x", None, None, "ftp://x: expected http://…"),
        (
            "http://127.0.0.1:1",
            None,
            Some("redis"),
            "the store of a server that runs was chosen already",
        ),
        (
            "http://127.0.0.1:1",
            Some("x"),
            None,
            "a variant is of a step, such as step-05",
        ),
        (
            "step-05",
            None,
            Some("disk"),
            "step-05 has no store `disk`; there is memory, redis, mongodb",
        ),
        (
            "step-02",
            None,
            Some("redis"),
            "step-02 has no store `redis`; there is nothing to choose from",
        ),
    ] {
        assert_eq!(Attacks::on(target, variant, store).unwrap_err(), complaint);
    }
}
