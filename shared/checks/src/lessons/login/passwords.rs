//! Passwords: how long, never cut, and what they cost.

use super::{
    PASSWORD, SECRET, expect_home, expect_refused, expect_user, log_in, new_email, newcomer,
    register,
};
use crate::lessons::{Needs, password::change, prelude::*, stores::outages::tell};
use std::{
    num::NonZero,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::{Duration, Instant},
};
use tokio::task::JoinSet;

checks! {
    Needs::Url:
        a_password_of_8_characters_will_do_and_7_will_not,
        a_password_of_64_characters_will_do,
        a_password_is_never_cut,
        a_password_that_everybody_tries_is_refused,
        others_are_served_while_passwords_are_hashed;
    Needs::Process:
        the_tutorials_test_user_is_there_in_development_only;
    Needs::Linux:
        an_unknown_address_costs_as_much_as_a_known_one,
        few_passwords_are_hashed_at_a_time;
}

/// Registers with a password, and logs in with it, and with no other of these.
async fn takes(app: &App, password: &str, others: &[&str]) -> Verdict {
    let email = new_email("ada");
    expect_home(&register(&mut app.browser(), &email, password).await?)?;
    for other in others {
        expect_refused(&log_in(&mut app.browser(), &email, other).await?)?;
    }
    expect_home(&log_in(&mut app.browser(), &email, password).await?)
}

async fn refuses(app: &App, password: &str, sentence: &str) -> Verdict {
    let page = register(&mut app.browser(), &new_email("ada"), password).await?;
    page.expect_status(422)?;
    page.expect_text(sentence)
}

async fn a_password_of_8_characters_will_do_and_7_will_not(course: Course) -> Verdict {
    let app = course.app().await?;
    refuses(&app, "oak,ash", "8 characters").await?;
    takes(&app, "oak, ash", &["oak,ash"]).await?;
    // Characters, not bytes.
    refuses(&app, &"\u{1f37a}".repeat(7), "8 characters").await?;
    takes(&app, "smørrebr", &[]).await
}

async fn a_password_of_64_characters_will_do(course: Course) -> Verdict {
    let app = course.app().await?;
    // All kinds, in no order that is easy to guess.
    let longest: String = ('!'..='~').cycle().step_by(37).take(64).collect();
    takes(&app, &longest, &[&longest[..63]]).await?;
    // Nor does it matter which, spaces at its ends included.
    takes(&app, " two spaces  ", &["two spaces"]).await
}

async fn a_password_is_never_cut(course: Course) -> Verdict {
    let app = course.app().await?;
    let longest = "7 ales, kegs".repeat(6);
    let longer = format!("{longest}x");
    takes(&app, &longest, &[&longer, &longest[..71]]).await?;
    refuses(&app, &longer, "72 bytes").await?;
    // Bytes, not characters: 24 of three bytes each, and one more.
    let words: Vec<char> = ('一'..).step_by(97).take(25).collect();
    let [longest, longer] = [24, 25].map(|size| words[..size].iter().collect::<String>());
    takes(&app, &longest, &[&longer]).await?;
    refuses(&app, &longer, "72 bytes").await?;
    // A zero byte ends a text, for a library in C, and for bcrypt begins it anew.
    takes(&app, "oak, ash", &["oak, ash\0", "oak, ash\0oak, ash"]).await?;
    let page = register(&mut app.browser(), &new_email("ada"), "oak, ash\0one").await?;
    match page.status() {
        422 => Ok(()),
        _ => takes(&app, "oak, ash\0one", &["oak, ash\0two", "oak, ash"]).await,
    }
}

/// Of 8 characters or more, from the top of the lists of stolen ones.
const COMMON: [&str; 20] = [
    "12345678",
    "123456789",
    "1234567890",
    "password",
    "password1",
    "Password1",
    "passw0rd",
    "qwertyuiop",
    "qwerty123",
    "1qaz2wsx",
    "iloveyou",
    "football",
    "baseball1",
    "sunshine",
    "princess",
    "superman",
    "trustno1",
    "abc12345",
    "11111111",
    "whatever",
];

const TOO_COMMON: &str = "one of the first that anybody would try";

fn expect_too_common(page: &Page) -> Verdict {
    page.expect_status(422)?;
    page.expect_text(TOO_COMMON)?;
    let none = page.set_cookies().is_empty();
    expect(none, "no session with a refusal", page.summary())
}

async fn a_password_that_everybody_tries_is_refused(course: Course) -> Verdict {
    let app = course.app().await?;
    let (mut ada, _) = newcomer(&app, "ada").await?;
    let other = new_email("eve");
    for common in COMMON {
        refuses(&app, common, TOO_COMMON).await?;
        let account = [("email", &*other), ("password", common)];
        let page = app.browser().post("/api/v1/signup", &account).await?;
        expect_too_common(&page)?;
        expect_too_common(&change(&mut ada, PASSWORD, common).await?)?;
    }
    // Nothing was counted as an attempt, and nothing has changed.
    change(&mut ada, PASSWORD, "five little barrels")
        .await?
        .expect_status(303)?;
    takes(&app, "a stout, a porter", &[]).await
}

/// Logins that were all sent at once, and how many of them were answered: refused, or,
/// where the queue is too long for this machine, sent away with a 503.
fn crowd(app: &App, size: usize) -> (JoinSet<Verdict>, Arc<AtomicUsize>) {
    let answered = Arc::new(AtomicUsize::new(0));
    let one = |_| {
        let (mut browser, answered) = (app.browser(), Arc::clone(&answered));
        async move {
            let page = log_in(&mut browser, &new_email("nobody"), PASSWORD).await;
            answered.fetch_add(1, Ordering::Relaxed);
            match page? {
                page if page.status() == 503 => Ok(()),
                page => expect_refused(&page),
            }
        }
    };
    ((0..size).map(one).collect(), answered)
}

fn cores() -> usize {
    thread::available_parallelism().map_or(1, NonZero::get)
}

async fn others_are_served_while_passwords_are_hashed(course: Course) -> Verdict {
    // More than there are threads to block.
    let size = (8 * cores()).max(50);
    let app = course.app().await?;
    let visitor = app.visitor().await?;
    let (mut logins, answered) = crowd(&app, size);
    // From the first answer on, the app is in the middle of it.
    if let Some(first) = logins.join_next().await {
        first.map_err(Stop::harness)??;
    }
    let mut pages = 0;
    for _ in 0..10 {
        match visitor.copy().get("/").await {
            Ok(page) => page.expect_status(200)?,
            // One that never comes has waited for longer than that.
            Err(Stop::Broken(_)) => break,
            Err(stop) => return Err(stop),
        }
        pages += 1;
    }
    let answered = answered.load(Ordering::Relaxed);
    tell(&format!("{pages} pages after {answered} of {size} logins"));
    let promise = "ten pages do not wait for half of the passwords";
    let observed = format!("{pages} came after {answered} of {size} logins");
    expect(pages == 10 && answered < size / 2, promise, observed)
}

async fn few_passwords_are_hashed_at_a_time(course: Course) -> Verdict {
    // What an app of this kind has anyway, and some more.
    let most = 2 * cores() + 32;
    let app = course.app_with(&[]).await?;
    let (mut logins, answered) = crowd(&app, most + 32);
    let mut peak = 0;
    while answered.load(Ordering::Relaxed) < 8 && peak <= most {
        peak = peak.max(app.threads()?);
        if let Some(login) = logins.try_join_next() {
            login.map_err(Stop::harness)??;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    tell(&format!("{peak} threads"));
    let promise = format!("at most {most} threads while {} people log in", most + 32);
    expect(peak <= most, &promise, format!("{peak} threads at once"))
}

async fn the_tutorials_test_user_is_there_in_development_only(course: Course) -> Verdict {
    let secret = ("SESSION_SECRET", SECRET);
    // They share a database, in which the user is by then.
    let settings = [
        (vec![], true),
        (vec![("APP_ENV", "production"), secret], false),
        (vec![], true),
        (vec![("HOST", "0.0.0.0"), secret], false),
    ];
    for (settings, is_there) in settings {
        let app = course.app_with(&settings).await?;
        let mut browser = app.browser();
        let page = log_in(&mut browser, "  TEST@Example.COM ", "password").await?;
        if is_there {
            expect_home(&page)?;
            expect_user(&mut browser, "test@example.com").await?;
        } else {
            expect_refused(&page)?;
        }
    }
    Ok(())
}

/// Counted in the processor's time, which tells what was computed and not how busy
/// the machine is.
async fn an_unknown_address_costs_as_much_as_a_known_one(course: Course) -> Verdict {
    let app = course.app_with(&[]).await?;
    let (_, email) = app.registered("ada").await?;
    let attempts = [
        ("a login", &*email, PASSWORD),
        ("a wrong password", &email, "another password"),
        ("an unknown address", "nobody@example.com", PASSWORD),
    ];
    let mut costs = [const { Vec::new() }; 3];
    let mut times = [const { Vec::new() }; 3];
    for _ in 0..5 {
        for (nth, (_, email, password)) in attempts.iter().enumerate() {
            let (start, before) = (Instant::now(), app.processor_ticks()?);
            log_in(&mut app.browser(), email, password).await?;
            costs[nth].push(app.processor_ticks()? - before);
            times[nth].push(start.elapsed());
        }
    }
    let costs = costs.map(median);
    let observed = format!("{} ticks", costs[0]);
    expect(costs[0] >= 2, "a login takes work", observed)?;
    let times = times.map(median);
    for nth in [1, 2] {
        #[allow(clippy::cast_precision_loss, reason = "a few hundred")]
        let cost = costs[nth] as f64 / costs[0] as f64;
        let who = attempts[nth].0;
        let ratio = times[nth].as_secs_f64() / times[0].as_secs_f64();
        tell(&format!(
            "{who}: {cost:.2} of the work, {ratio:.2} of the time"
        ));
        let promise = format!("{who} costs one hash, as a login does");
        let observed = format!("{who} costs {cost:.1} of a login");
        expect((0.5..1.5).contains(&cost), &promise, observed)?;
    }
    Ok(())
}

fn median<T: Ord + Copy>(mut values: Vec<T>) -> T {
    values.sort_unstable();
    values[values.len() / 2]
}
