//! Whether a session's data comes back as it was.

use super::{
    opened::{HOUR, Opened, done, promises, record, same},
    secrets::{SECRET, silent},
};
use crate::verdict::{Stop, Verdict, expect};
use serde_json::{Map, Value, json};
use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};
use tokio::task::JoinSet;
use tower_sessions::session::Record;

promises! {
    a_save_replaces_all_data,
    empty_data_comes_back,
    nested_data_comes_back,
    null_and_booleans_come_back,
    numbers_come_back,
    numbers_beyond_i64_come_back,
    unicode_comes_back,
    keys_with_dots_and_dollars_come_back,
    what_looks_like_extended_json_comes_back,
    a_text_of_a_megabyte_comes_back,
    ten_thousand_keys_come_back,
    zero_bytes_are_kept_or_refused,
    what_is_too_large_is_kept_or_refused,
    saves_at_the_same_time_leave_one_of_them,
}

/// It comes back after a create, and after a save over something else.
async fn comes_back(opened: &Opened, data: &Value) -> Verdict {
    let created = opened.create(data, HOUR).await?;
    opened.expect_there(&created).await?;
    let other = json!({ "beers": 1, "a key of its own": [1] });
    let mut saved = opened.create(&other, HOUR).await?;
    saved.data.clone_from(&created.data);
    opened.save(&saved).await?;
    opened.expect_there(&saved).await
}

async fn a_save_replaces_all_data(opened: Opened) -> Verdict {
    let before = json!({ "user": "Ada", "beers": [1, 2], "deep": { "kept": 1, "gone": 2 } });
    let after = json!({ "beers": [3], "deep": { "kept": 1 } });
    let mut session = opened.create(&before, HOUR).await?;
    session.data = record(&after, HOUR).data;
    opened.save(&session).await?;
    opened.expect_there(&session).await
}

async fn empty_data_comes_back(opened: Opened) -> Verdict {
    comes_back(&opened, &json!({})).await?;
    comes_back(&opened, &json!({ "text": "", "list": [], "map": {} })).await?;
    comes_back(&opened, &json!({ "": "under an empty key" })).await
}

async fn nested_data_comes_back(opened: Opened) -> Verdict {
    let mut deep = json!({ "leaf": [1, "two", null, { "three": [3.5] }] });
    for n in 0..15 {
        deep = json!({ "n": n, "list": [deep, [n]] });
    }
    comes_back(&opened, &json!({ "deep": deep })).await
}

async fn null_and_booleans_come_back(opened: Opened) -> Verdict {
    let data = json!({ "null": null, "yes": true, "no": false, "list": [null, true, [false]] });
    comes_back(&opened, &data).await
}

async fn numbers_come_back(opened: Opened) -> Verdict {
    let whole = [
        0,
        1,
        -1,
        127,
        -128,
        255,
        i64::from(i32::MAX),
        i64::from(i32::MAX) + 1,
        i64::from(i32::MIN),
        i64::from(i32::MIN) - 1,
        // Not in a float.
        (1 << 53) + 1,
        i64::MAX,
        i64::MIN,
    ];
    let broken = [
        0.0,
        1.0,
        -1.0,
        0.1,
        -2.5e-7,
        1e300,
        f64::MAX,
        f64::MIN_POSITIVE,
        f64::EPSILON,
    ];
    let data = json!({ "whole": whole, "floats": broken, "one": 1, "one as a float": 1.0 });
    comes_back(&opened, &data).await
}

async fn numbers_beyond_i64_come_back(opened: Opened) -> Verdict {
    let least = i64::MAX.unsigned_abs() + 1;
    let data = json!({ "most": u64::MAX, "list": [least, u64::MAX - 1] });
    comes_back(&opened, &data).await
}

async fn unicode_comes_back(opened: Opened) -> Verdict {
    let texts = [
        "é",
        // The same to the eye.
        "e\u{301}",
        "Ünïcödé",
        "ключ",
        "鍵",
        "مفتاح",
        "🍺\u{1f3f4}\u{e0067}\u{e0062}\u{e007f}",
        "\u{feff}mark",
        "\u{7f}\u{80}\u{2028}\u{fffd}\u{ffff}\u{10ffff}",
        "line\r\nline\ttab \"quoted\" \\ 'single'",
    ];
    let pairs = texts.map(|text| (text.to_owned(), json!([text])));
    let data: Map<String, Value> = pairs.into_iter().collect();
    comes_back(&opened, &json!({ "deep": data })).await?;
    comes_back(&opened, &data.into()).await
}

async fn keys_with_dots_and_dollars_come_back(opened: Opened) -> Verdict {
    let keys = [
        "a.b",
        "a",
        ".",
        "..",
        "a.",
        ".a",
        "a.0",
        "$",
        "$set",
        "$where",
        "a$b",
        "$a.b",
        "_id",
        "data",
        "expireAt",
        "__proto__",
        "%",
        "*",
        "{}",
        "[0]",
        "0",
    ];
    let pairs = keys.map(|key| (key.to_owned(), json!(key)));
    let data: Map<String, Value> = pairs.into_iter().collect();
    comes_back(&opened, &json!({ "deep": [data] })).await?;
    comes_back(&opened, &data.into()).await
}

/// The words with which MongoDB writes its types in JSON. In a session they are data.
async fn what_looks_like_extended_json_comes_back(opened: Opened) -> Verdict {
    for data in [
        json!({ "$numberLong": "5" }),
        json!({ "$numberInt": "5" }),
        json!({ "$numberDouble": "5" }),
        json!({ "$oid": "507f1f77bcf86cd799439011" }),
        json!({ "$oid": "no such thing" }),
        json!({ "$date": { "$numberLong": "0" } }),
        json!({ "$date": "1970-01-01T00:00:00Z" }),
        json!({ "$binary": { "base64": "AAAA", "subType": "00" } }),
        json!({ "$undefined": true }),
        json!({ "$minKey": 1 }),
        json!({ "$symbol": "a" }),
        json!({ "$regularExpression": { "pattern": "a", "options": "" } }),
    ] {
        comes_back(&opened, &json!({ "value": data, "list": [data] })).await?;
        comes_back(&opened, &data).await?;
    }
    Ok(())
}

async fn a_text_of_a_megabyte_comes_back(opened: Opened) -> Verdict {
    let text = "0123456789abcdeß".repeat(1 << 16);
    comes_back(&opened, &json!({ "text": text })).await
}

async fn ten_thousand_keys_come_back(opened: Opened) -> Verdict {
    let pairs = (0..10_000).map(|n| (format!("key {n}"), json!(n)));
    let data: Map<String, Value> = pairs.collect();
    comes_back(&opened, &data.into()).await
}

async fn zero_bytes_are_kept_or_refused(opened: Opened) -> Verdict {
    for data in [
        json!({ "text": "before\0after" }),
        json!({ "text": "\0" }),
        json!({ "key\0": 1 }),
        json!({ "\0": 1 }),
        json!({ "a": 1, "deep": [{ "key\0key": 1 }] }),
    ] {
        kept_or_refused(&opened, &data).await?;
    }
    Ok(())
}

async fn what_is_too_large_is_kept_or_refused(opened: Opened) -> Verdict {
    let text = "0123456789abcdef".repeat(17 << 16);
    kept_or_refused(&opened, &json!({ "a": 1, "text": text })).await
}

/// The store takes it whole; or it says so, and nothing has changed.
async fn kept_or_refused(opened: &Opened, data: &Value) -> Verdict {
    let mut new = record(data, HOUR);
    new.data.insert("secret".to_owned(), SECRET.into());
    match opened.store.create(&mut new).await {
        Ok(()) => opened.expect_there(&new).await?,
        Err(error) => {
            clear(&error.to_string(), &new)?;
            let promise = "what was refused is not there";
            opened.expect_gone(&new.id, promise).await?;
        }
    }
    let old = opened.create(&json!({ "a": 0, "b": 0 }), HOUR).await?;
    let mut changed = old.clone();
    changed.data.clone_from(&new.data);
    match opened.store.save(&changed).await {
        Ok(()) => opened.expect_there(&changed).await,
        Err(error) => {
            clear(&error.to_string(), &changed)?;
            opened.expect_there(&old).await
        }
    }
}

/// An error that a person can read, and a log may have.
fn clear(error: &str, record: &Record) -> Verdict {
    let one = !error.trim().is_empty() && error.lines().count() == 1 && error.len() < 300;
    expect(one, "an error is one line that says what is wrong", error)?;
    silent("an error", error, record)
}

/// Each writes the same number everywhere. A reader meets no mixture meanwhile.
async fn saves_at_the_same_time_leave_one_of_them(opened: Opened) -> Verdict {
    let written = |n: usize| {
        let pairs = (0..100).map(|key| (format!("key {key}"), json!([n, n.to_string()])));
        let mut data: Map<String, Value> = pairs.collect();
        data.insert(format!("only {n}"), json!("x".repeat(10_000)));
        Value::Object(data)
    };
    let first = opened.create(&written(0), HOUR).await?;
    let saved: Vec<_> = (0..50)
        .map(|n| {
            let mut saved = first.clone();
            saved.data = record(&written(n), HOUR).data;
            saved
        })
        .collect();
    let whole = async |opened: &Opened| {
        let loaded = opened.load(&first.id).await?;
        let known = saved.iter().find(|one| same(one, loaded.as_ref()).is_ok());
        let observed = match &loaded {
            Some(loaded) => format!("{} keys, of several of them", loaded.data.len()),
            None => "there is none".to_owned(),
        };
        expect(known.is_some(), "one of the saved records, whole", observed)
    };
    let done_saving = Arc::new(AtomicBool::new(false));
    let mut tasks = JoinSet::new();
    for (n, record) in saved.iter().cloned().enumerate() {
        let store = Arc::clone([&opened.store, &opened.again][n % 2]);
        tasks.spawn(async move {
            for _ in 0..5 {
                done("save", store.save(&record).await)?;
            }
            Ok(())
        });
    }
    let over = Arc::clone(&done_saving);
    let all = tokio::spawn(async move {
        let all = tasks.join_all().await;
        over.store(true, Ordering::Release);
        all.into_iter().collect::<Verdict>()
    });
    while !done_saving.load(Ordering::Acquire) {
        whole(&opened).await?;
        tokio::task::yield_now().await;
    }
    all.await.map_err(Stop::harness)??;
    whole(&opened).await
}
