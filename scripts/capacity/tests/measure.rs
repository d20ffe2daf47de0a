//! What the book has recorded is measured once more, with fewer sessions.

use capacity::{
    measure::{self, Plan},
    recorded::{Recorded, Request, Size, Store},
};
use std::{path::Path, time::Duration};

const PLAN: Plan = Plan {
    sessions: 192,
    users: 6,
    requests: 60,
    rush: Duration::from_millis(500),
};

const ADVICE: &str = "book/capacity.toml is out of date: cargo course capacity --measure";

#[test]
fn what_the_book_has_recorded_is_what_a_session_costs() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let recorded = Recorded::read(&root).unwrap();
    let measured = measure::run(PLAN, |line| println!("{line}")).unwrap();
    println!("{}", measured.text().unwrap());

    same_store(&measured.redis, &recorded.redis);
    same_store(&measured.mongodb, &recorded.mongodb);
    let statements = |recorded: &Recorded| {
        let users = &recorded.users;
        [users.read, users.write, users.renewal, users.login]
    };
    assert_eq!(statements(&measured), statements(&recorded), "{ADVICE}");
    // SQLite has pages of 4096 bytes.
    close(measured.users.row, recorded.users.row, 0.25);
    assert!(
        measured.users.hash_seconds > 0.05,
        "bcrypt is slow on purpose"
    );
}

fn same_store(measured: &Store, recorded: &Store) {
    for (measured, recorded) in [
        (&measured.begin, &recorded.begin),
        (&measured.login, &recorded.login),
        (&measured.read, &recorded.read),
        (&measured.write, &recorded.write),
        (&measured.renewal, &recorded.renewal),
    ] {
        same_request(measured, recorded);
    }
    let sizes = |store: &Store| [store.anonymous, store.logged_in];
    for (size, recorded_size) in sizes(measured).into_iter().zip(sizes(recorded)) {
        close(size.record, recorded_size.record, 0.03);
        // Another version may have other tables around it.
        if measured.server == recorded.server {
            same_memory(size, recorded_size);
        }
        assert!(size.memory > size.record, "{size:?}");
    }
    assert!(measured.rate > 100.0, "{measured:?}");
}

fn same_memory(measured: Size, recorded: Size) {
    close(measured.memory, recorded.memory, 0.05);
    let written = |size: Size| size.just_written.unwrap_or(size.memory);
    close(written(measured), written(recorded), 0.1);
}

fn same_request(measured: &Request, recorded: &Request) {
    assert_eq!(measured.commands, recorded.commands, "{ADVICE}");
    // Of so few requests each has its part of a heartbeat that came or did not come.
    close(measured.sent, recorded.sent, 10.0 / recorded.sent + 0.05);
    close(
        measured.received,
        recorded.received,
        10.0 / recorded.received + 0.05,
    );
}

fn close(measured: f64, recorded: f64, part: f64) {
    let near = (measured - recorded).abs() <= part * recorded;
    assert!(near, "measured {measured}, recorded {recorded}. {ADVICE}");
}
