//! Against real programs: `date`, and Redis. Without libfaketime a failure under
//! COURSE_STRICT, and a line on stderr otherwise.

use super::Clock;
use std::{
    process::Command,
    time::{Duration, UNIX_EPOCH},
};

const DAY: Duration = Duration::from_hours(24);

fn clock() -> Option<Clock> {
    if !Clock::is_there() && !crate::is_on("COURSE_STRICT") {
        eprintln!("not judged: needs libfaketime");
        return None;
    }
    Some(Clock::new().unwrap())
}

/// What a program that goes by the clock says that it is, and what we say.
fn seconds(clock: &Clock) -> (u64, u64) {
    let mut date = Command::new("date");
    let output = date.arg("+%s").envs(clock.variables()).output().unwrap();
    let told = String::from_utf8(output.stdout).unwrap();
    let now = clock.now().duration_since(UNIX_EPOCH).unwrap();
    (told.trim().parse().unwrap(), now.as_secs())
}

#[test]
fn a_program_goes_by_the_clock_and_we_do_not() {
    let Some(clock) = clock() else { return };
    let (before, ours) = seconds(&clock);
    assert!(before.abs_diff(ours) <= 2, "{before} {ours}");
    clock.forward(29 * DAY).unwrap();
    clock.forward(DAY).unwrap();
    let (after, ours) = seconds(&clock);
    assert!(after.abs_diff(ours) <= 2, "{after} {ours}");
    let days = Duration::from_secs(after - before).as_secs_f64() / DAY.as_secs_f64();
    assert!((30.0..30.1).contains(&days), "{days} days");
}

#[tokio::test]
async fn an_app_goes_by_the_clock_of_its_course() {
    use crate::{Course, Target};
    use std::os::unix::fs::PermissionsExt;
    if clock().is_none() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let (program, draft) = (folder.path().join("app"), folder.path().join("draft"));
    let script = "#!/bin/sh\necho listening on http://127.0.0.1:1/$(date +%s)\nexec sleep 60\n";
    std::fs::write(&draft, script).unwrap();
    std::fs::set_permissions(&draft, std::fs::Permissions::from_mode(0o755)).unwrap();
    std::fs::rename(draft, &program).unwrap();
    let course = Course::new(Target::App(program));
    let started = async |course: &Course| {
        let url = course.app_with(&[]).await.unwrap().url();
        let (_, seconds) = url.rsplit_once('/').unwrap();
        seconds.parse::<u64>().unwrap()
    };
    let (fast, clock) = course.with_a_clock_of_its_own().await.unwrap();
    clock.forward(DAY).unwrap();
    let ahead = started(&fast).await - started(&course).await;
    assert!(ahead.abs_diff(DAY.as_secs()) <= 5, "{ahead} seconds");
}

#[cfg(all(feature = "mongodb", feature = "redis"))]
#[tokio::test]
async fn redis_expires_by_the_clock_and_starts_again_with_it() {
    use crate::{
        is_on,
        servers::Server,
        store::{Kind, Store},
    };
    if Server::Redis.program().is_none() && !is_on("COURSE_STRICT") {
        eprintln!("not judged: needs redis-server");
        return;
    }
    let Some(clock) = clock() else { return };
    let store = Store::alone(Kind::Redis, Some(&clock)).await.unwrap();
    for _ in 0..2 {
        store.plant("key", Duration::from_mins(15)).await.unwrap();
        clock.forward(Duration::from_secs(800)).unwrap();
        let left = store.seconds_to_live("key").await.unwrap().unwrap();
        assert!((80.0..=100.0).contains(&left), "{left}");
        assert!(store.record_exists("key").await.unwrap());
        clock.forward(Duration::from_secs(101)).unwrap();
        assert!(!store.record_exists("key").await.unwrap());
        store.kill().await.unwrap();
        store.start_again().await.unwrap();
    }
}
