//! Users in MongoDB.

use crate::{
    mongo::{self, Mongo},
    users::{Error, Result, User, UserSession, UserStore},
};
use async_trait::async_trait;
use futures_util::TryStreamExt;
use mongodb::{
    Collection,
    bson::{DateTime, Document, doc, error as bson},
    options::IndexOptions,
};

#[derive(Debug)]
pub struct MongoUsers {
    mongo: Mongo,
    users: Collection<Document>,
    sessions: Collection<Document>,
    attempts: Collection<Document>,
}

/// Opens the collections. No two users have one address, and the server deletes what
/// is over.
pub async fn open(mongo: Mongo) -> Result<MongoUsers> {
    let users = mongo.database.collection("users");
    let unique = IndexOptions::builder().unique(true).build();
    mongo.index(&users, doc! { "email": 1 }, unique).await?;
    let sessions = mongo.database.collection("user_sessions");
    mongo
        .index(&sessions, doc! { "user": 1 }, IndexOptions::default())
        .await?;
    let attempts = mongo.database.collection("attempts");
    for (collection, date) in [(&sessions, "expiresAt"), (&attempts, "busyUntil")] {
        let expiring = IndexOptions::builder()
            .expire_after(mongo::AT_ITS_DATE)
            .build();
        mongo.index(collection, doc! { date: 1 }, expiring).await?;
    }
    Ok(MongoUsers {
        mongo,
        users,
        sessions,
        attempts,
    })
}

#[async_trait]
impl UserStore for MongoUsers {
    async fn find_by_email(&self, email: &str) -> Result<Option<User>> {
        self.find(doc! { "email": email }).await
    }

    async fn find_by_session(&self, session: &str) -> Result<Option<User>> {
        let found = self.sessions.find_one(doc! { "_id": session });
        let Some(found) = self.mongo.ask(found).await? else {
            return Ok(None);
        };
        let found = read(&found, user_session)?;
        let user = self.find(doc! { "_id": &found.user }).await?;
        Ok(user.map(|user| User {
            session: found.id,
            seen_at: found.seen_at,
            ..user
        }))
    }

    async fn insert(&self, user: &User) -> Result<()> {
        let now = DateTime::now();
        let new = doc! {
            "_id": &user.id,
            "email": &user.email,
            "role": &user.role,
            "password": &user.hash,
            "createdAt": now,
            "updatedAt": now,
        };
        self.mongo.ask(self.users.insert_one(new)).await?;
        Ok(())
    }

    async fn replace_hash(&self, user: &str, old: &str, new: &str) -> Result<bool> {
        let this = doc! { "_id": user, "password": old };
        let change = doc! { "$set": { "password": new, "updatedAt": DateTime::now() } };
        let update = self.users.update_one(this, change);
        Ok(self.mongo.ask(update).await?.modified_count == 1)
    }

    async fn delete(&self, user: &str) -> Result<()> {
        let this = doc! { "_id": user };
        self.mongo.ask(self.users.delete_one(this)).await?;
        let theirs = doc! { "user": user };
        self.mongo.ask(self.sessions.delete_many(theirs)).await?;
        Ok(())
    }

    async fn begin_session(&self, session: &UserSession) -> Result<()> {
        let new = doc! {
            "_id": &session.id,
            "user": &session.user,
            "browser": &session.browser,
            "seenAt": DateTime::from_millis(session.seen_at),
            "expiresAt": DateTime::from_millis(session.expires_at),
        };
        self.mongo.ask(self.sessions.insert_one(new)).await?;
        Ok(())
    }

    async fn see_session(&self, id: &str, now: i64, expires_at: i64) -> Result<()> {
        let change = doc! { "$set": {
            "seenAt": DateTime::from_millis(now),
            "expiresAt": DateTime::from_millis(expires_at),
        } };
        let update = self.sessions.update_one(doc! { "_id": id }, change);
        self.mongo.ask(update).await?;
        Ok(())
    }

    async fn sessions(&self, user: &str, now: i64) -> Result<Vec<UserSession>> {
        let alive = doc! { "$gte": DateTime::from_millis(now) };
        let these = doc! { "user": user, "expiresAt": alive };
        let found = self.mongo.ask(async {
            let cursor = self
                .sessions
                .find(these)
                .sort(doc! { "seenAt": -1 })
                .limit(100);
            cursor.await?.try_collect::<Vec<_>>().await
        });
        let found = found.await?;
        found
            .iter()
            .map(|found| read(found, user_session))
            .collect()
    }

    async fn end_session(&self, user: &str, id: &str) -> Result<bool> {
        let this = doc! { "_id": id, "user": user };
        let deleted = self.mongo.ask(self.sessions.delete_one(this)).await?;
        Ok(deleted.deleted_count == 1)
    }

    async fn end_other_sessions(&self, user: &str, id: &str) -> Result<()> {
        let others = doc! { "user": user, "_id": { "$ne": id } };
        self.mongo.ask(self.sessions.delete_many(others)).await?;
        Ok(())
    }

    async fn busy_until(&self, account: &str) -> Result<Option<i64>> {
        let find = self.attempts.find_one(doc! { "_id": account });
        let found = self.mongo.ask(find).await?;
        found
            .map(|found| read(&found, |found| millis(found, "busyUntil")))
            .transpose()
    }

    async fn put_off(&self, account: &str, old: Option<i64>, new: i64) -> Result<bool> {
        let new = DateTime::from_millis(new);
        let Some(old) = old else {
            let new = doc! { "_id": account, "busyUntil": new };
            return match self.mongo.ask(self.attempts.insert_one(new)).await {
                Err(mongo::Error::Taken) => Ok(false),
                inserted => Ok(inserted.map(|_| true)?),
            };
        };
        let this = doc! { "_id": account, "busyUntil": DateTime::from_millis(old) };
        let change = doc! { "$set": { "busyUntil": new } };
        let update = self.attempts.update_one(this, change);
        Ok(self.mongo.ask(update).await?.modified_count == 1)
    }

    async fn forgive(&self, account: &str) -> Result<()> {
        let this = doc! { "_id": account };
        self.mongo.ask(self.attempts.delete_one(this)).await?;
        Ok(())
    }
}

impl MongoUsers {
    async fn find(&self, this: Document) -> Result<Option<User>> {
        let found = self.mongo.ask(self.users.find_one(this)).await?;
        found.map(|found| read(&found, user)).transpose()
    }
}

fn user(document: &Document) -> bson::Result<User> {
    let text = |key| document.get_str(key).map(str::to_owned);
    let (id, email) = (text("_id")?, text("email")?);
    Ok(User::new(id, email, text("role")?, text("password")?))
}

fn user_session(document: &Document) -> bson::Result<UserSession> {
    let text = |key| document.get_str(key).map(str::to_owned);
    Ok(UserSession {
        id: text("_id")?,
        user: text("user")?,
        browser: text("browser")?,
        seen_at: millis(document, "seenAt")?,
        expires_at: millis(document, "expiresAt")?,
    })
}

fn millis(document: &Document, key: &str) -> bson::Result<i64> {
    Ok(document.get_datetime(key)?.timestamp_millis())
}

/// What a document should be: somebody else may have written another.
fn read<T>(document: &Document, as_one: fn(&Document) -> bson::Result<T>) -> Result<T> {
    Ok(as_one(document).map_err(|_| mongo::Error::Odd)?)
}

impl From<mongo::Error> for Error {
    fn from(error: mongo::Error) -> Error {
        match error {
            mongo::Error::Taken => Error::Taken,
            error => Error::Database(error.to_string()),
        }
    }
}
