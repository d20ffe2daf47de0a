//! Pages are minijinja templates that extend the course's `layout.html`.

use crate::Settings;
use axum::response::Html;
use minijinja::{Environment, Error, UndefinedBehavior, Value, path_loader, syntax::SyntaxConfig};
use std::{
    path::Path,
    sync::{Arc, LazyLock},
};

const LAYOUT: &str = include_str!("../templates/layout.html");

const OWN: [(&str, &str); 2] = [
    ("error.html", include_str!("../templates/error.html")),
    ("x-ray.html", include_str!("../templates/x-ray.html")),
];

/// A step's templates, ready to be rendered. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Pages(Arc<Environment<'static>>);

impl Pages {
    /// `embedded` are the step's templates by name, built into the binary.
    /// In development they are read from `folder`/templates instead, as long as
    /// that exists, so that a change shows at the next request.
    pub fn new(
        settings: &Settings,
        folder: &str,
        embedded: &'static [(&'static str, &'static str)],
    ) -> Pages {
        let mut pages = environment();
        let on_disk = path_loader(Path::new(folder).join("templates"));
        let reload = !settings.production();
        pages.set_loader(move |name| {
            if reload && let Some(template) = on_disk(name)? {
                return Ok(Some(template));
            }
            let embedded = embedded.iter().find(|(known, _)| *known == name);
            Ok(embedded.map(|(_, source)| minijinja::TemplateSource::new(*source)))
        });
        pages.set_auto_reload(reload);
        Pages(Arc::new(pages))
    }

    /// Renders a template with the values it names. Everything printed into it
    /// is escaped for HTML; a value that is missing is an error.
    pub fn html(&self, name: &str, values: Value) -> Result<Html<String>, Error> {
        Ok(Html(self.0.get_template(name)?.render(values)?))
    }
}

/// Renders one of the kit's own templates, which belong to no step.
pub(crate) fn render(name: &str, values: Value) -> Result<String, Error> {
    static KIT: LazyLock<Environment<'static>> = LazyLock::new(|| {
        let mut pages = environment();
        for (name, source) in OWN {
            let added = pages.add_template(name, source);
            added.expect("the template is part of this crate");
        }
        pages
    });
    KIT.get_template(name)?.render(values)
}

/// The layout alone.
fn environment() -> Environment<'static> {
    let mut pages = Environment::new();
    // A line that holds nothing but a tag leaves no blank line in the page.
    let tidy = SyntaxConfig::builder()
        .trim_blocks(true)
        .lstrip_blocks(true)
        .build();
    pages.set_syntax(tidy.expect("the delimiters are the default ones"));
    // `{% if beer %}` may ask for a value that is not there; printing one that
    // is not there is a typing error that should not go unseen.
    pages.set_undefined_behavior(UndefinedBehavior::SemiStrict);
    pages
        .add_template("layout.html", LAYOUT)
        .expect("the layout is part of this crate");
    pages
}

#[cfg(test)]
mod tests {
    use super::*;
    use minijinja::context;
    use std::fs;

    const EMBEDDED: &[(&str, &str)] = &[("a.html", "embedded {{ beer }}")];

    fn pages(mode: &str, folder: &Path) -> Pages {
        let mode = ("APP_ENV".into(), mode.into());
        let settings = Settings::from_variables([mode].into()).unwrap();
        Pages::new(&settings, &folder.to_string_lossy(), EMBEDDED)
    }

    fn draw(pages: &Pages) -> String {
        pages.html("a.html", context! { beer => "<b>" }).unwrap().0
    }

    #[test]
    fn in_development_a_template_on_disk_is_read_again_when_it_changes() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("templates/a.html");
        fs::create_dir(folder.path().join("templates")).unwrap();
        fs::write(&file, "first").unwrap();
        let pages = pages("development", folder.path());
        assert_eq!(draw(&pages), "first");
        fs::write(&file, "and second").unwrap();
        assert_eq!(draw(&pages), "and second");
    }

    #[test]
    fn in_production_and_without_a_folder_templates_are_the_embedded_ones() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(
            draw(&pages("development", folder.path())),
            "embedded &lt;b&gt;"
        );
        fs::create_dir(folder.path().join("templates")).unwrap();
        fs::write(folder.path().join("templates/a.html"), "on disk").unwrap();
        assert_eq!(
            draw(&pages("production", folder.path())),
            "embedded &lt;b&gt;"
        );
    }

    #[test]
    fn a_value_that_nobody_gave_is_an_error() {
        let pages = pages("production", Path::new("."));
        assert!(pages.html("a.html", context! {}).is_err());
    }
}
