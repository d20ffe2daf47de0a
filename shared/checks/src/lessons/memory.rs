//! What sessions in one process's memory cannot do.

use super::prelude::*;
use std::time::Duration;

checks! {
    Needs::Process:
        the_count_survives_a_restart,
        two_processes_share_one_count;
    Needs::Memory:
        memory_is_given_back_when_sessions_expire;
}

async fn the_count_survives_a_restart(course: Course) -> Verdict {
    let mut app = course.app_with(&[]).await?;
    let mut ada = app.visitor().await?;
    ada.post("/", &[]).await?;
    expect_count(&ada.post("/", &[]).await?, 2)?;
    app.restart().await?;
    expect_count(&ada.get("/").await?, 2)
}

async fn two_processes_share_one_count(course: Course) -> Verdict {
    let app = course.app_with(&[]).await?;
    let second = app.second().await?;
    let mut ada = app.visitor().await?;
    expect_count(&ada.post("/", &[]).await?, 1)?;
    ada.visit(&second);
    expect_count(&ada.get("/").await?, 1)?;
    expect_count(&ada.post("/", &[]).await?, 2)?;
    ada.visit(&app);
    expect_count(&ada.get("/").await?, 2)
}

/// Sessions of one round: enough for a leak of a few hundred bytes each to show
/// beside what an allocator keeps for itself.
const SESSIONS: usize = 10_000;

const VISITORS: usize = 4;

/// What a round may add without anybody calling it a leak.
const NOISE_KIB: u64 = 2048;

/// Judged on resident memory, which only ever tells that memory grew. So there
/// are three rounds: the first fills the allocator's pools, the second shows
/// what a round costs, and the third costs nothing if that was given back.
async fn memory_is_given_back_when_sessions_expire(course: Course) -> Verdict {
    let app = course
        .app_with(&[("SESSION_TTL_SECS", "1"), ("RUST_LOG", "error")])
        .await?;
    let mut after_round = Vec::new();
    for _ in 0..3 {
        start_sessions(&app).await?;
        // All have expired, and a store that cleans up now and then had its turn.
        tokio::time::sleep(Duration::from_secs(3)).await;
        app.browser().get("/count").await?;
        after_round.push(app.resident_kib()?);
    }
    let second = after_round[1].saturating_sub(after_round[0]);
    let third = after_round[2].saturating_sub(after_round[1]);
    expect(
        third <= NOISE_KIB.max(second / 2),
        "the third round of sessions uses the memory that the second gave back",
        format!("memory grew by {second} KiB in the second round and by {third} KiB in the third"),
    )
}

async fn start_sessions(app: &App) -> Verdict {
    // Few at a time: a store that has to hurry answers late, and late is a 503.
    let visitors = (0..VISITORS).map(|_| {
        let mut browser = app.browser();
        async move {
            for _ in 0..SESSIONS / VISITORS {
                browser.forget_cookies();
                browser.get("/count").await?.expect_status(200)?;
            }
            Ok(())
        }
    });
    at_once(visitors).await
}
