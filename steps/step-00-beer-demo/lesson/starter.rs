//! Lesson 00 starts here: an app that says where it listens, and has no page yet.

use kit::{SettingError, Settings};

#[tokio::main]
async fn main() -> Result<(), SettingError> {
    let settings = Settings::load()?;
    kit::serve(&settings, axum::Router::new()).await
}
