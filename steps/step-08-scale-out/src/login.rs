//! Everything that this app knows of axum-login.

use crate::{
    SessionLayer,
    access::Account,
    commit,
    error::AppError,
    next,
    sessions::Browser,
    store::Store,
    users::{self, User, Users},
    visit::Visit,
};
use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, StatusCode, header::ACCEPT, request::Parts},
    response::{IntoResponse, Redirect, Response},
};
use axum_login::{
    AuthManagerLayer, AuthManagerLayerBuilder, AuthSession, AuthUser, AuthnBackend,
    UserId,
};
use tower_sessions::service::SignedCookie;

/// The session layer, with one inside it that looks up who is logged in.
pub type LoginLayer = AuthManagerLayer<Users, Store, SignedCookie>;

pub fn layer(users: Users, sessions: SessionLayer) -> LoginLayer {
    AuthManagerLayerBuilder::new(users, sessions).build()
}

impl AuthUser for User {
    type Id = String;

    /// Goes into the session's record: not the user, but this login of theirs. So one
    /// login can be ended without the others.
    fn id(&self) -> String {
        self.session.clone()
    }

    /// Goes into the session's record. When it does not fit any more, axum-login
    /// ends the session.
    fn session_auth_hash(&self) -> &[u8] {
        &self.digest
    }
}

/// What Passport calls a strategy: how somebody proves who they are.
impl AuthnBackend for Users {
    type User = User;
    type Credentials = Account;
    type Error = users::Error;

    async fn authenticate(
        &self,
        Account { email, password }: Account,
    ) -> Result<Option<User>, users::Error> {
        self.check(&email, password).await
    }

    /// Passport's `deserializeUser`, on every request of somebody who is logged in.
    async fn get_user(&self, id: &UserId<Self>) -> Result<Option<User>, users::Error> {
        match self.store.find_by_session(id).await {
            // Deleted, or this login was ended. A user whose digest fits no session ends
            // this one.
            Ok(None) => Ok(Some(User::gone())),
            Ok(user) => Ok(user),
            // Not known at the moment: a stranger for this request, and the session
            // stays. An error here would be one on every page.
            Err(error) => {
                tracing::error!("{error}");
                Ok(None)
            }
        }
    }
}

/// Who sends a request, if we know. A handler takes it as an argument.
#[derive(FromRequestParts)]
pub struct Login(AuthSession<Users>, Browser);

impl Login {
    pub fn user(&self) -> Option<&User> {
        self.0.user.as_ref()
    }

    /// The user with this address and password, if there is one.
    pub async fn check(&self, account: Account) -> Result<Option<User>, AppError> {
        Ok(self.0.authenticate(account).await?)
    }

    /// Passport's `req.login`. Clear and cycle are what Express calls regenerate: all
    /// that was in the session goes, and so does its ID. axum-login does less, and
    /// nothing where somebody is logged in already.
    pub async fn sign_in(
        &mut self,
        user: &User,
        visit: &Visit,
        remember: bool,
    ) -> Result<(), AppError> {
        if let Some(before) = self.0.user.take() {
            commit::note_left(before);
        }
        self.0.session.clear().await;
        self.0.session.cycle_id().await?;
        let life = visit.begin(remember).await?;
        self.0.backend.begin_session(user, &self.1, life).await?;
        commit::note_begun(user.clone());
        Ok(self.0.login(user).await?)
    }

    /// The same person has a new password: a new ID, and the rest stays. Sessions that
    /// hold the old digest end. Whoever has logged out meanwhile stays out.
    pub async fn change_id(
        &mut self,
        user: &User,
        visit: &Visit,
    ) -> Result<(), AppError> {
        self.0.session.load().await?;
        if visit.has_begun().await? {
            self.0.session.cycle_id().await?;
            self.0.login(user).await?;
            visit.renew().await?;
        }
        Ok(())
    }

    /// Passport's `req.logout`: the whole session goes. Says whose it was.
    pub async fn sign_out(&mut self) -> Result<Option<User>, AppError> {
        let user = self.0.logout().await?;
        if let Some(user) = &user {
            let store = &self.0.backend.store;
            store.end_session(&user.id, &user.session).await?;
        }
        commit::note_cookie();
        Ok(user)
    }
}

/// The guard: a handler that takes this runs for somebody who is logged in, and for
/// nobody else.
pub struct SignedIn(pub User);

impl<S: Send + Sync> FromRequestParts<S> for SignedIn {
    type Rejection = Response;

    async fn from_request_parts(
        parts: &mut Parts,
        state: &S,
    ) -> Result<Self, Response> {
        let login = Login::from_request_parts(parts, state).await?;
        match login.0.user {
            Some(user) => Ok(SignedIn(user)),
            None if wants_a_page(&parts.headers) => {
                // 303: the browser asks for the form with GET, whatever it asked here.
                Err(Redirect::to(&next::login_url(&parts.uri)).into_response())
            }
            None => {
                Err((StatusCode::UNAUTHORIZED, "Please login first!").into_response())
            }
        }
    }
}

fn wants_a_page(headers: &HeaderMap) -> bool {
    let accepted = headers.get(ACCEPT).and_then(|value| value.to_str().ok());
    accepted.is_some_and(|accepted| accepted.contains("text/html"))
}
