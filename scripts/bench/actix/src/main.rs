//! GET /count with a session in Redis, as step 03 has it, in actix-web. `cargo course
//! bench` runs it. `REDIS_URL`, `SESSION_SECRET`, `SESSION_TTL_SECS`, `HOST` and `PORT`
//! are what they are for the steps.
//!
//! How it is set up, so that the comparison is fair:
//!
//! - One worker a core, which is the default, and one connection for all of them, which
//!   is what the documentation of `RedisSessionStore` shows. It is a multiplexed one,
//!   as fred's is.
//! - The cookie is signed. The default is to encrypt it, which costs more and which
//!   neither of the others does.
//! - It is HttpOnly, SameSite=Lax and not Secure, and with a persistent session it goes
//!   out with each change and has a Max-Age: all as in step 03. This is the record's
//!   TTL as well.

use actix_session::{
    Session, SessionMiddleware,
    config::{CookieContentSecurity, PersistentSession},
    storage::RedisSessionStore,
};
use actix_web::{
    App, HttpServer, Result,
    cookie::{Key, SameSite, time::Duration},
    web,
};
use std::{env, error::Error};

#[actix_web::main]
async fn main() -> std::result::Result<(), Box<dyn Error>> {
    let store = RedisSessionStore::new(env::var("REDIS_URL")?).await?;
    let key = Key::derive_from(env::var("SESSION_SECRET")?.as_bytes());
    let ttl = Duration::seconds(env::var("SESSION_TTL_SECS")?.parse()?);
    let address = (env::var("HOST")?, env::var("PORT")?.parse()?);

    let server = HttpServer::new(move || {
        let sessions = SessionMiddleware::builder(store.clone(), key.clone())
            .cookie_name("beer.sid".to_owned())
            .cookie_content_security(CookieContentSecurity::Signed)
            .cookie_same_site(SameSite::Lax)
            .cookie_secure(false)
            .session_lifecycle(PersistentSession::default().session_ttl(ttl))
            .build();
        App::new()
            .wrap(sessions)
            .route("/count", web::get().to(count))
    });
    let server = server.bind(address)?;
    for address in server.addrs() {
        println!("listening on http://{address}");
    }
    Ok(server.run().await?)
}

async fn count(session: Session) -> Result<String> {
    let views = session.get("views")?.unwrap_or(0u64) + 1;
    session.insert("views", views)?;
    Ok(format!("Views: {views}"))
}
