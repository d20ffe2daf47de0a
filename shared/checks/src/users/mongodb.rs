//! MongoDB: a collection `users` whose documents have an `email` and a `password`, and
//! a collection `user_sessions` whose documents have a `user`.

use crate::{
    store::mongodb::connect,
    verdict::{Stop, Verdict},
};
use mongodb::{
    Client, Collection,
    bson::{DateTime, Document, doc},
};

pub(super) async fn count(url: &str) -> Result<i64, Stop> {
    let count = users(url).await?.count_documents(doc! {}).await?;
    count.try_into().map_err(Stop::harness)
}

pub(super) async fn password_hash(url: &str, email: &str) -> Result<Option<String>, Stop> {
    let user = users(url).await?.find_one(doc! { "email": email }).await?;
    let Some(user) = user else { return Ok(None) };
    let hash = user.get_str("password").map_err(Stop::harness)?;
    Ok(Some(hash.to_owned()))
}

pub(super) async fn add(url: &str, id: &str, email: &str, hash: &str) -> Verdict {
    let now = DateTime::now();
    let user = doc! {
        "_id": id,
        "email": email,
        "role": "student",
        "password": hash,
        "createdAt": now,
        "updatedAt": now,
    };
    users(url).await?.insert_one(user).await?;
    Ok(())
}

/// Says how many were changed.
pub(super) async fn set(url: &str, email: &str, key: &str, value: &str) -> Result<u64, Stop> {
    let users = users(url).await?;
    let change = doc! { "$set": { key: value } };
    let changed = users.update_one(doc! { "email": email }, change).await?;
    Ok(changed.matched_count)
}

/// Says how many were deleted.
pub(super) async fn delete(url: &str, email: &str) -> Result<u64, Stop> {
    let users = users(url).await?;
    let deleted = users.delete_one(doc! { "email": email }).await?;
    Ok(deleted.deleted_count)
}

pub(super) async fn end_logins(url: &str, email: Option<&str>) -> Verdict {
    let mut these = doc! {};
    if let Some(email) = email {
        let user = users(url).await?.find_one(doc! { "email": email }).await?;
        let id = user.and_then(|user| user.get("_id").cloned());
        these.insert("user", id.ok_or_else(|| Stop::harness("no such user"))?);
    }
    sessions(url).await?.delete_many(these).await?;
    Ok(())
}

/// Without a collection of that name a lookup would find nobody, and be no error. So in
/// its place is a view that cannot be computed.
pub(super) async fn hide(url: &str, hidden: &str) -> Verdict {
    rename(url, "users", hidden).await?;
    let broken = doc! { "$set": { "nothing": { "$divide": [1, 0] } } };
    let view = doc! { "create": "users", "viewOn": hidden, "pipeline": [broken] };
    let (client, name) = database(url).await?;
    client.database(&name).run_command(view).await?;
    Ok(())
}

pub(super) async fn show(url: &str, hidden: &str) -> Verdict {
    users(url).await?.drop().await?;
    rename(url, hidden, "users").await
}

async fn rename(url: &str, from: &str, to: &str) -> Verdict {
    let (client, name) = database(url).await?;
    let [from, to] = [from, to].map(|collection| format!("{name}.{collection}"));
    let rename = doc! { "renameCollection": from, "to": to };
    client.database("admin").run_command(rename).await?;
    Ok(())
}

#[cfg(test)]
pub(super) async fn log_in(url: &str, email: &str) {
    let users = users(url).await.unwrap();
    let user = users.find_one(doc! { "email": email }).await.unwrap();
    let id = user.unwrap().remove("_id");
    let session = sessions(url).await.unwrap();
    session.insert_one(doc! { "user": id }).await.unwrap();
}

#[cfg(test)]
pub(super) async fn logins(url: &str) -> u64 {
    let count = sessions(url).await.unwrap().count_documents(doc! {}).await;
    count.unwrap()
}

async fn users(url: &str) -> Result<Collection<Document>, Stop> {
    let (client, name) = database(url).await?;
    Ok(client.database(&name).collection("users"))
}

async fn sessions(url: &str) -> Result<Collection<Document>, Stop> {
    let (client, name) = database(url).await?;
    Ok(client.database(&name).collection("user_sessions"))
}

async fn database(url: &str) -> Result<(Client, String), Stop> {
    let name = url.rsplit('/').next().unwrap_or_default();
    Ok((connect(url).await?, name.to_owned()))
}
