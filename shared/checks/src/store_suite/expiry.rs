//! How long a record lives.

use super::opened::{HOUR, Opened, done, promises, record, same, sleep_past};
use crate::verdict::{Stop, Verdict, expect};
use serde_json::json;
use std::time::Duration;
use time::{OffsetDateTime, UtcOffset};
use tower_sessions::session::Record;

promises! {
    what_has_expired_is_not_loaded,
    what_expired_long_ago_is_no_error,
    saving_what_has_expired_does_not_bring_it_back,
    the_expiry_is_kept_to_within_a_second,
    a_save_moves_the_expiry,
}

/// Long enough that a store which rounds down to whole seconds has them for one.
const SOON: Duration = Duration::from_secs(2);

/// Ten that expire one after the other. Whatever clears a store once a second has not
/// yet been at all of them when their time is over.
async fn short_lived(opened: &Opened) -> Result<Vec<Record>, Stop> {
    let mut records = Vec::new();
    for n in 0..10 {
        let lifetime = SOON + n * Duration::from_millis(100);
        let record = opened.create(&json!({ "n": n }), lifetime).await?;
        there(opened, &record).await?;
        records.push(record);
    }
    Ok(records)
}

/// It is there, unless its last second has begun while we asked.
async fn there(opened: &Opened, record: &Record) -> Verdict {
    let loaded = opened.load(&record.id).await?;
    let last = record.expiry_date - OffsetDateTime::now_utc() <= Duration::from_secs(1);
    if loaded.is_none() && last {
        return Ok(());
    }
    same(record, loaded.as_ref())
}

async fn what_has_expired_is_not_loaded(opened: Opened) -> Verdict {
    let promise = "what has expired is gone at once";
    for record in short_lived(&opened).await? {
        sleep_past(&record).await;
        opened.expect_gone(&record.id, promise).await?;
    }
    let mut late = record(&json!({ "beers": 1 }), HOUR);
    late.expiry_date = OffsetDateTime::now_utc() - HOUR;
    done("create", opened.store.create(&mut late).await)?;
    opened.expect_gone(&late.id, promise).await
}

async fn what_expired_long_ago_is_no_error(opened: Opened) -> Verdict {
    let epoch = OffsetDateTime::UNIX_EPOCH;
    for expiry in [epoch, epoch - 24 * HOUR] {
        let promise = "what expired long ago is gone";
        let mut late = record(&json!({ "beers": 1 }), HOUR);
        late.expiry_date = expiry;
        done("create", opened.store.create(&mut late).await)?;
        opened.expect_gone(&late.id, promise).await?;

        let mut ended = opened.create(&json!({ "beers": 1 }), HOUR).await?;
        ended.expiry_date = expiry;
        opened.save(&ended).await?;
        opened.expect_gone(&ended.id, promise).await?;
    }
    Ok(())
}

async fn saving_what_has_expired_does_not_bring_it_back(opened: Opened) -> Verdict {
    for mut record in short_lived(&opened).await? {
        sleep_past(&record).await;
        record.expiry_date = OffsetDateTime::now_utc() + HOUR;
        opened.save(&record).await?;
        let promise = "a session that is over stays so";
        opened.expect_gone(&record.id, promise).await?;
    }
    Ok(())
}

async fn the_expiry_is_kept_to_within_a_second(opened: Opened) -> Verdict {
    let now = OffsetDateTime::now_utc();
    let east = UtcOffset::from_hms(5, 45, 0).map_err(Stop::harness)?;
    let day = 24 * HOUR;
    for expiry in [
        now + HOUR,
        now + HOUR + Duration::from_millis(999),
        (now + HOUR).to_offset(east),
        now + 14 * day,
        // The end of 32 bits, and about the end of what people write.
        now + 50 * 365 * day,
        now + 7900 * 365 * day,
    ] {
        let mut created = record(&json!({ "beers": 1 }), HOUR);
        created.expiry_date = expiry;
        done("create", opened.store.create(&mut created).await)?;
        opened.expect_there(&created).await?;
        let mut saved = opened.create(&json!({ "beers": 1 }), HOUR).await?;
        saved.expiry_date = expiry;
        opened.save(&saved).await?;
        opened.expect_there(&saved).await?;
    }
    Ok(())
}

async fn a_save_moves_the_expiry(opened: Opened) -> Verdict {
    let data = json!({ "beers": 1 });
    let mut longer = opened.create(&data, SOON).await?;
    let first = longer.clone();
    longer.expiry_date = OffsetDateTime::now_utc() + HOUR;
    opened.save(&longer).await?;
    let in_time = OffsetDateTime::now_utc() < first.expiry_date - Duration::from_secs(1);
    let slow = || Stop::Harness("one second was not enough for a save".to_owned());
    in_time.then_some(()).ok_or_else(slow)?;

    let mut shorter = opened.create(&data, HOUR).await?;
    shorter.expiry_date = OffsetDateTime::now_utc() + SOON;
    opened.save(&shorter).await?;
    there(&opened, &shorter).await?;
    let mut over = opened.create(&data, HOUR).await?;
    over.expiry_date = OffsetDateTime::now_utc() - HOUR;
    opened.save(&over).await?;
    let promise = "a save moves the end nearer";
    opened.expect_gone(&over.id, promise).await?;

    sleep_past(&first).await;
    sleep_past(&shorter).await;
    opened.expect_gone(&shorter.id, promise).await?;
    let there = opened.load(&longer.id).await?;
    expect(there.is_some(), "a save puts the end off", "it is gone")?;
    same(&longer, there.as_ref())
}
