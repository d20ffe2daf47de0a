//! The harness against programs that are no apps: shell scripts.

use crate::{
    course::Course,
    target::Target,
    verdict::{Stop, Verdict},
};
use rustix::process::{Pid, test_kill_process};
use std::{fs, os::unix::fs::PermissionsExt};
use tempfile::TempDir;

/// A script, and a course that judges it. The folder goes with the first value.
fn course(script: &str) -> (TempDir, Course) {
    let folder = tempfile::tempdir().unwrap();
    let program = folder.path().join("app");
    // Written under another name: a program that is open for writing cannot be
    // started, and a test beside this one may start a process right now.
    let draft = folder.path().join("draft");
    fs::write(&draft, format!("#!/bin/sh\n{script}\n")).unwrap();
    fs::set_permissions(&draft, fs::Permissions::from_mode(0o755)).unwrap();
    fs::rename(draft, &program).unwrap();
    (folder, Course::new(Target::App(program)))
}

fn observed(stop: Stop) -> String {
    match stop {
        Stop::Broken(broken) => broken.observed,
        other => panic!("{other}"),
    }
}

#[tokio::test]
async fn an_app_says_first_where_it_listens() {
    let (_folder, chatty) = course("echo hello; sleep 60");
    assert_eq!(observed(chatty.app().await.unwrap_err()), "hello");
    let (_folder, dead) = course("echo no beer >&2; exit 3");
    let text = observed(dead.app().await.unwrap_err());
    assert!(text.contains("code Some(3): no beer"), "{text}");
}

#[tokio::test]
async fn settings_and_an_empty_folder_are_all_that_an_app_sees() {
    let script = "echo listening on http://127.0.0.1:$PORT/$BEER_SEED/$X; ls -A >&2; exec sleep 60";
    let (_folder, course) = course(script);
    let app = course
        .app_with(&[("X", "y"), ("BEER_SEED", "7")])
        .await
        .unwrap();
    assert_eq!(app.url(), "http://127.0.0.1:0/7/y");
    assert_eq!(app.log(), "");
}

#[tokio::test]
async fn a_refusal_is_one_line_and_exit_code_1() {
    let refusal = |script: &'static str| async move {
        let (_folder, course) = course(script);
        course.run_to_exit(&[]).await?.expect_refusal(&["PORT"])
    };
    assert_eq!(refusal("echo bad PORT >&2; exit 1").await, Ok(()));
    for (script, text) in [
        ("echo bad PORT >&2; echo sorry >&2; exit 1", "sorry"),
        ("echo bad HOST >&2; exit 1", "bad HOST"),
        ("echo bad PORT >&2; exit 2", "exit code 2"),
        ("echo bad PORT >&2; echo oh; exit 1", "oh"),
        (
            "echo listening on http://127.0.0.1:1; exec sleep 60",
            "it runs",
        ),
    ] {
        let observed = observed(refusal(script).await.unwrap_err());
        assert!(observed.contains(text), "{script}: {observed}");
    }
}

#[tokio::test]
async fn a_process_ends_with_its_app() {
    let (_folder, course) = course("echo listening on http://127.0.0.1:1; exec sleep 60");
    let mut app = course.app().await.unwrap();
    let alive = |pid: u32| {
        let pid = Pid::from_raw(pid.try_into().unwrap()).unwrap();
        test_kill_process(pid).is_ok()
    };
    let first = app.pid().unwrap();
    app.restart().await.unwrap();
    let second = app.pid().unwrap();
    assert!(!alive(first) && alive(second));
    drop(app);
    assert!(!alive(second));
}

#[tokio::test]
async fn a_stopped_app_tells_how_it_ended() {
    let script = "trap 'echo bye; exit 0' TERM; echo listening on http://127.0.0.1:1; \
                  while :; do sleep 0.05; done";
    let (_folder, course) = course(script);
    let exit = course.app().await.unwrap().terminate().await.unwrap();
    assert_eq!(exit.expect_code(0), Ok(()));
    assert!(exit.stdout.ends_with("bye\n"), "{}", exit.stdout);
}

#[tokio::test]
async fn no_answer_breaks_a_promise_and_no_server_is_the_harness_failure() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let server = tokio::spawn(async move { while listener.accept().await.is_ok() {} });
    let mut browser = Course::new(Target::Url(url)).app().await.unwrap().browser();
    let text = observed(browser.get("/").await.unwrap_err());
    assert!(text.starts_with("no answer"), "{text}");
    server.abort();
    let _ = server.await;
    assert!(matches!(browser.get("/").await, Err(Stop::Harness(_))));
}

#[tokio::test]
async fn a_server_that_somebody_runs_is_not_stopped() {
    let course = Course::new(Target::url("http://127.0.0.1:1/").unwrap());
    let not_judged = |verdict: Verdict| matches!(verdict, Err(Stop::NotJudged(_)));
    let mut app = course.app().await.unwrap();
    assert_eq!(app.url(), "http://127.0.0.1:1");
    assert!(not_judged(app.restart().await));
    assert!(not_judged(app.second().await.map(drop)));
    assert!(not_judged(app.terminate().await.map(drop)));
    assert!(not_judged(course.app_with(&[]).await.map(drop)));
    assert!(not_judged(course.run_to_exit(&[]).await.map(drop)));
}
