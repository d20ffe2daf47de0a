//! Somebody new: an account, and a browser that is logged in.

use crate::{app::App, browser::Browser, page::Page, verdict::Stop};

/// A password of nobody else.
pub const PASSWORD: &str = "four little barrels";

/// An address that nobody has: the app may be one that runs for a while.
pub(crate) fn new_email(name: &str) -> String {
    format!("{name}-{:08x}@example.com", fastrand::u32(..))
}

impl App {
    /// A browser of somebody new who has logged in, with the address.
    ///
    /// A registration takes as long as a hash is meant to take, and most checks are not
    /// about it. So where the users' database is the check's own, the account is put
    /// there with a cheap hash. To an app that keeps its users in another way it is
    /// nobody's, and there they register.
    pub(crate) async fn newcomer(&self, name: &str) -> Result<(Browser, String), Stop> {
        let (mut browser, email) = (self.browser(), new_email(name));
        if self.takes_in(&email).await {
            let page = enter(&mut browser, "/login", &email).await?;
            if page.status() != 401 {
                expect_home(&page)?;
                return Ok((browser, email));
            }
        }
        self.registered(name).await
    }

    /// A browser that has registered, and so is logged in, with the address.
    pub(crate) async fn registered(&self, name: &str) -> Result<(Browser, String), Stop> {
        let (mut browser, email) = (self.browser(), new_email(name));
        expect_home(&enter(&mut browser, "/register", &email).await?)?;
        Ok((browser, email))
    }
}

async fn enter(browser: &mut Browser, door: &str, email: &str) -> Result<Page, Stop> {
    let fields = [("email", email), ("password", PASSWORD)];
    browser.post(door, &fields).await
}

/// Sent to the home page, with GET.
pub(crate) fn expect_home(page: &Page) -> Result<(), Stop> {
    page.expect_status(303)?;
    page.expect_header("location", "/")
}

#[cfg(feature = "sql")]
impl App {
    /// Puts an account into the users' database.
    async fn takes_in(&self, email: &str) -> bool {
        match self.users() {
            Some(users) => users.add(email).await.is_ok(),
            None => false,
        }
    }

    /// From now on the logins of somebody who has registered with [`PASSWORD`] are quick,
    /// where the users' database is the check's own. The user's sessions end by it.
    pub(crate) async fn make_cheap(&self, email: &str) {
        if let Some(users) = self.users() {
            // Or they take their time, as they would without it.
            let _ = users.make_cheap(email).await;
        }
    }
}

#[cfg(not(feature = "sql"))]
#[expect(
    clippy::unused_async,
    reason = "without a client nothing is waited for"
)]
impl App {
    async fn takes_in(&self, _: &str) -> bool {
        false
    }

    pub(crate) async fn make_cheap(&self, _: &str) {}
}
