//! What every step of the course needs and no lesson is about: settings,
//! logs, the address and the ready line, a clean stop, the page layout, the
//! error page, static files, and the X-ray.
//!
//! A step uses it in two lines:
//!
//! ```no_run
//! # async fn run(app: axum::Router) -> Result<(), kit::SettingError> {
//! let settings = kit::Settings::load()?;
//! kit::serve(&settings, app).await
//! # }
//! ```

mod error_page;
mod logs;
mod pages;
mod secret;
mod serve;
mod settings;
mod xray;

pub use error_page::error_page;
pub use pages::Pages;
pub use serve::{listen, serve, surround};
pub use settings::{SettingError, Settings};
