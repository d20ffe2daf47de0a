//! What the forms and the API do alike: accounts are made, and people get in. Each then
//! says in its own way how it went.

use crate::{
    App,
    error::{AppError, Words},
    login::Login,
    password,
    users::{self, User},
    visit::Visit,
};
use axum::{
    Extension,
    extract::{ConnectInfo, FromRequestParts},
    http::{
        StatusCode,
        header::{HeaderName, RETRY_AFTER},
    },
    response::{IntoResponse, Response},
};
use passwords::analyzer::is_common_password;
use serde::Deserialize;
use std::net::SocketAddr;

/// RFC 5321, section 4.5.3.1.3, lets an address have 254 bytes.
const LONGEST_EMAIL: usize = 254;

const NOT_CURRENT: Refusal = Refusal::Invalid {
    field: "current",
    sentence: "That is not your current password.",
};

/// Why somebody does not get in, or gets no account.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    #[error("Please login first!")]
    Stranger,
    #[error("Invalid credentials.")]
    Credentials,
    #[error("Registration failed. That e-mail might already be taken.")]
    Taken,
    #[error("{sentence}")]
    Invalid {
        field: &'static str,
        sentence: &'static str,
    },
    #[error("Too many attempts. Please try again in {seconds} seconds.")]
    TooMany { seconds: u128 },
    #[error(transparent)]
    Failed(#[from] AppError),
}

impl Refusal {
    pub fn status(&self) -> StatusCode {
        match self {
            Refusal::Stranger | Refusal::Credentials => StatusCode::UNAUTHORIZED,
            Refusal::Taken => StatusCode::CONFLICT,
            Refusal::Invalid { .. } => StatusCode::UNPROCESSABLE_ENTITY,
            Refusal::TooMany { .. } => StatusCode::TOO_MANY_REQUESTS,
            Refusal::Failed(error) => error.status(),
        }
    }

    /// Which field of a form it is about.
    pub fn field(&self) -> &'static str {
        match self {
            Refusal::Taken => "email",
            Refusal::Invalid { field, .. } => field,
            _ => "",
        }
    }

    /// When it is worth another try.
    pub fn retry_after(&self) -> Option<[(HeaderName, String); 1]> {
        match self {
            Refusal::TooMany { seconds } => Some([(RETRY_AFTER, seconds.to_string())]),
            _ => None,
        }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let (status, wait) = (self.status(), self.retry_after());
        match self {
            Refusal::Failed(error) => error.into_response(),
            refusal => {
                let sentence = refusal.to_string();
                (status, wait, Extension(Words { sentence })).into_response()
            }
        }
    }
}

/// What goes wrong on the way is a refusal, too.
impl From<users::Error> for Refusal {
    fn from(error: users::Error) -> Refusal {
        match error {
            users::Error::Taken => Refusal::Taken,
            error => Refusal::Failed(error.into()),
        }
    }
}

impl From<tower_sessions::session::Error> for Refusal {
    fn from(error: tower_sessions::session::Error) -> Refusal {
        Refusal::Failed(error.into())
    }
}

/// An e-mail address and a password, as somebody sent them.
#[derive(Clone, Deserialize)]
pub struct Account {
    pub email: String,
    pub password: String,
}

/// Somebody at the door: what the functions below need to know of a request.
#[derive(FromRequestParts)]
#[from_request(state(App))]
pub struct Door {
    #[from_request(via(axum::extract::State))]
    app: App,
    login: Login,
    visit: Visit,
    #[from_request(via(ConnectInfo))]
    address: SocketAddr,
}

impl Door {
    /// Makes an account, and logs its owner in.
    pub async fn sign_up(&mut self, account: Account) -> Result<User, Refusal> {
        let went = self.add(account).await;
        self.note("sign-up", went.as_ref());
        went
    }

    pub async fn sign_in(
        &mut self,
        account: Account,
        remember: bool,
    ) -> Result<User, Refusal> {
        let went = self.let_in(account, remember).await;
        self.note("sign-in", went.as_ref());
        went
    }

    pub async fn sign_out(&mut self) -> Result<(), AppError> {
        if let Some(user) = self.login.sign_out().await? {
            self.note("sign-out", Ok(&user));
        }
        Ok(())
    }

    /// With a cookie alone nobody takes an account over: the current password is asked
    /// for, too (ASVS 5.0, 6.2.3).
    pub async fn change_password(
        &mut self,
        user: &User,
        current: String,
        new: String,
    ) -> Result<User, Refusal> {
        let went = self.replace_password(user, current, new).await;
        self.note("password change", went.as_ref());
        went
    }

    /// How it went is for the log, too (ASVS 5.0, 16.3.1).
    fn note(&self, what: &str, went: Result<&User, &Refusal>) {
        let address = self.address.ip();
        match went {
            Ok(user) => tracing::info!(%address, user = user.id, "{what}"),
            // Not the e-mail as it was typed: it may be a password in the wrong field.
            Err(refusal) => {
                let user = self.login.user().map(|user| user.id.as_str());
                tracing::warn!(%address, user, "{what} refused: {refusal}");
            }
        }
    }

    async fn add(
        &mut self,
        Account { email, password }: Account,
    ) -> Result<User, Refusal> {
        self.app.attempts.by_address(self.address.ip())?;
        let email = normalized(&email);
        check_email(&email)?;
        check_password("password", &password)?;
        let user = self.app.users.add(&email, password).await?;
        self.login.sign_in(&user, &self.visit, false).await?;
        Ok(user)
    }

    async fn let_in(
        &mut self,
        Account { email, password }: Account,
        remember: bool,
    ) -> Result<User, Refusal> {
        let email = normalized(&email);
        let attempts = &self.app.attempts;
        attempts.by_address(self.address.ip())?;
        attempts.at_account(&email).await?;
        let user = self.login.check(Account { email, password }).await?;
        let user = user.ok_or(Refusal::Credentials)?;
        attempts.forgive(&user.email).await?;
        self.login.sign_in(&user, &self.visit, remember).await?;
        Ok(user)
    }

    async fn replace_password(
        &mut self,
        user: &User,
        current: String,
        new: String,
    ) -> Result<User, Refusal> {
        check_password("new", &new)?;
        // Counted by the user's ID: strangers, who know the e-mail address alone, use
        // up none of these.
        let (attempts, users) = (&self.app.attempts, &self.app.users);
        attempts.by_address(self.address.ip())?;
        attempts.at_account(&user.id).await?;
        let changed = users.verify_and_hash(user, current, new).await?;
        let changed = changed.ok_or(NOT_CURRENT)?;
        attempts.forgive(&user.id).await?;
        // Before the password changes: can the session's store write? MongoDB says yes
        // to what it has already, so the record is renewed.
        self.visit.renew().await?;
        self.visit.save().await?;
        let store = &users.store;
        if !store
            .replace_hash(&user.id, &user.hash, &changed.hash)
            .await?
        {
            return Err(NOT_CURRENT);
        }
        store.end_other_sessions(&user.id, &user.session).await?;
        self.login.change_id(&changed, &self.visit).await?;
        Ok(changed)
    }
}

/// Addresses are compared without case and without the spaces around them.
pub fn normalized(email: &str) -> String {
    email.trim().to_lowercase()
}

/// Whether an address exists is for an e-mail to find out, so little is asked of it.
fn check_email(email: &str) -> Result<(), Refusal> {
    let parts = email.split_once('@');
    let plausible =
        parts.is_some_and(|(name, host)| !name.is_empty() && !host.is_empty());
    let odd = |c: char| c.is_whitespace() || c.is_control();
    if !plausible || email.len() > LONGEST_EMAIL || email.contains(odd) {
        return Err(Refusal::Invalid {
            field: "email",
            sentence: "That is not an e-mail address.",
        });
    }
    Ok(())
}

fn check_password(field: &'static str, password: &str) -> Result<(), Refusal> {
    let sentence = if password.chars().count() < 8 {
        "A password has at least 8 characters."
    } else if password.contains('\0') {
        "A password has no zero byte."
    } else if password.len() > password::LONGEST {
        "A password has at most 72 bytes, and some letters take two to four."
    } else if is_common_password(password) {
        // From the lists of stolen ones, some 100,000 (ASVS 5.0, 6.2.4).
        "That password is one of the first that anybody would try."
    } else {
        return Ok(());
    };
    Err(Refusal::Invalid { field, sentence })
}
