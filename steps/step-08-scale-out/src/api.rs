//! The same for programs: JSON or a form in, JSON out, and problems as RFC 9457 has
//! them. `openapi.json` describes it.

use crate::{
    App,
    access::{Account, Door, Refusal},
    error::{AppError, Words},
    login::Login,
    users::User,
};
use axum::{
    Extension, Form, Json, RequestExt, Router,
    extract::{FromRequest, Request},
    http::{
        StatusCode,
        header::{CONTENT_TYPE, HeaderValue},
    },
    response::IntoResponse,
    routing::{get, post},
};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

pub fn routes() -> Router<App> {
    Router::new()
        .route("/signup", post(sign_up))
        .route("/signin", post(sign_in))
        .route("/signout", post(sign_out))
        .route("/me", get(me))
        .route("/openapi.json", get(openapi))
        .fallback(not_found)
        .method_not_allowed_fallback(not_allowed)
}

async fn sign_up(
    mut door: Door,
    Sent(account): Sent<Account>,
) -> Result<impl IntoResponse, Refusal> {
    let user = door.sign_up(account).await?;
    Ok((StatusCode::CREATED, about(&user)))
}

async fn sign_in(
    mut door: Door,
    Sent(account): Sent<Account>,
) -> Result<impl IntoResponse, Refusal> {
    let user = door.sign_in(account, false).await?;
    Ok(about(&user))
}

async fn sign_out(mut door: Door) -> Result<StatusCode, AppError> {
    door.sign_out().await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn me(login: Login) -> Result<Json<Value>, Refusal> {
    Ok(about(login.user().ok_or(Refusal::Stranger)?))
}

fn about(user: &User) -> Json<Value> {
    let User {
        id, email, role, ..
    } = user;
    Json(json!({ "user": { "id": id, "email": email, "role": role } }))
}

async fn openapi() -> impl IntoResponse {
    let json = HeaderValue::from_static("application/json");
    ([(CONTENT_TYPE, json)], include_str!("openapi.json"))
}

async fn not_found() -> impl IntoResponse {
    let sentence = "There is nothing here.".to_owned();
    (StatusCode::NOT_FOUND, Extension(Words { sentence }))
}

async fn not_allowed() -> impl IntoResponse {
    let sentence = "This path does not answer to that method.".to_owned();
    (
        StatusCode::METHOD_NOT_ALLOWED,
        Extension(Words { sentence }),
    )
}

/// What a program sent: JSON, or else a form, as Express takes both.
struct Sent<T>(T);

impl<S: Send + Sync, T: DeserializeOwned + 'static> FromRequest<S> for Sent<T> {
    type Rejection = AppError;

    async fn from_request(request: Request, _: &S) -> Result<Sent<T>, AppError> {
        let content = request.headers().get(CONTENT_TYPE);
        let content = content.and_then(|value| value.to_str().ok());
        let is_form = content
            .is_some_and(|kind| kind.starts_with("application/x-www-form-urlencoded"));
        Ok(Sent(if is_form {
            let Form(form) = request.extract().await?;
            form
        } else {
            let Json(json) = request.extract().await?;
            json
        }))
    }
}
