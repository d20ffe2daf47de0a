//! The pictures in the book, light and dark: a step's page after a pour, and the
//! pages of a login.

use crate::{
    app::App,
    browser::FORM,
    chromium::{Chromium, Tab},
    course::Course,
    is_on,
    lesson::{Pages, Step},
    root,
    target::Target,
    verdict::{Stop, Verdict},
};
use png::{Decoder, Transformations};
use serde_json::json;
use std::{fs, io::Cursor, path::PathBuf, time::Duration};

/// In CSS pixels: a window in which the page has its margins.
const WIDTH: u32 = 900;

/// How far a colour may be off before a pixel counts as different: what
/// smoothed edges of letters differ by from one machine to another.
const NEAR: u8 = 48;

/// How many pixels of a thousand may differ: fonts are drawn a little differently
/// from system to system. A button more or less is more than that; a short word may
/// not be. So before a picture is recorded anew on purpose, remove it.
const TOLERATED_PER_MILLE: usize = 2;

/// How often a picture that differs is taken, and how long after each other.
const TRIES: usize = 10;
const PAUSE: Duration = Duration::from_millis(200);

/// Where a page says something else each time: IDs, signatures, seconds.
const WHAT_VARIES: &str = r"
    const varies = document.querySelectorAll('#x-ray dd, .panel p');
    return [...varies].map((part) => {
        const { left, top, right, bottom } = part.getBoundingClientRect();
        return [left, top, right, bottom];
    });
";

/// Whether pages are drawn with the font of the recorded pictures. Where it is
/// not installed, the second width is that of another font.
const IS_OUR_FONT: &str = r#"
    const pen = document.createElement("canvas").getContext("2d");
    const width = (font) => { pen.font = `100px ${font}`; return pen.measureText("Pour").width; };
    return width("system-ui") === width("'DejaVu Sans', monospace");
"#;

const HAS_SESSIONS: &str = r#"return document.querySelector("a[href='/sessions']") !== null"#;

/// What another browser calls itself.
const PHONE: (&str, &[u8]) = (
    "user-agent",
    b"Mozilla/5.0 (Android 16; Mobile; rv:145.0) Gecko/145.0 Firefox/145.0",
);

/// Takes the pictures. With `COURSE_BLESS=1` they are recorded anew, otherwise
/// a difference breaks the promise.
pub(crate) async fn judge(step: &Step, pages: Pages) -> Verdict {
    let program = Target::Own(PathBuf::from(step.binary));
    let course = Course::of_step(step.name, program).map_err(Stop::Harness)?;
    let app = course.app().await?;
    let chromium = Chromium::start().await?;
    let tab = chromium.profile().await?;
    tab.open(&app.url()).await?;
    if tab.evaluate(IS_OUR_FONT).await? != true {
        let reason = "the pictures are drawn with DejaVu Sans, and pages here are not";
        return Err(Stop::NotJudged(reason.into()));
    }
    match pages {
        Pages::Home => {
            if !app.is_open().await? {
                // The form has taken the page's place.
                tab.click_link("Register").await?;
                tab.wait_for_text("Register").await?;
                send(&tab, "Register").await?;
            }
            tab.click_button("Pour Another").await?;
            tab.wait_for_text("( ").await?;
            take(&tab, step.name).await
        }
        Pages::Login => login(&tab, &app, step.name).await,
    }
}

/// A login that fails, a registration, and who is logged in then, and where.
async fn login(tab: &Tab, app: &App, name: &str) -> Verdict {
    tab.click_link("Log In").await?;
    send(tab, "Log In").await?;
    tab.wait_for_text("Invalid credentials.").await?;
    take(tab, &format!("{name}-login")).await?;
    tab.click_link("Register").await?;
    tab.wait_for_text("Register").await?;
    take(tab, &format!("{name}-register")).await?;
    send(tab, "Register").await?;
    tab.wait_for_text("Logged in as").await?;
    tab.open(&format!("{}/profile", app.url())).await?;
    tab.wait_for_text("Hello").await?;
    take(tab, &format!("{name}-profile")).await?;
    if tab.evaluate(HAS_SESSIONS).await? != true {
        return Ok(());
    }
    let account = "email=ada%40example.com&password=correct+horse";
    let page = app
        .browser()
        .request("POST", "/login", &[FORM, PHONE], account)
        .await?;
    page.expect_status(303)?;
    tab.open(&format!("{}/sessions", app.url())).await?;
    tab.wait_for_text("Android").await?;
    take(tab, &format!("{name}-sessions")).await
}

async fn send(tab: &Tab, button: &str) -> Verdict {
    tab.fill("E-mail", "ada@example.com").await?;
    tab.fill("Password", "correct horse").await?;
    tab.click_button(button).await
}

async fn take(tab: &Tab, name: &str) -> Verdict {
    resize(tab).await?;
    let varies = tab.evaluate(WHAT_VARIES).await?;
    let varies: Vec<[f64; 4]> = serde_json::from_value(varies).map_err(Stop::harness)?;
    for scheme in ["light", "dark"] {
        let feature = json!({ "name": "prefers-color-scheme", "value": scheme });
        tab.devtools(
            "Emulation.setEmulatedMedia",
            json!({ "features": [feature] }),
        )
        .await?;
        compare(tab, &format!("{name}-{scheme}.png"), &varies).await?;
    }
    Ok(())
}

/// Makes the window as high as the page, in steps of 100 pixels, so that a font
/// that is a little higher makes no other size.
async fn resize(tab: &Tab) -> Verdict {
    let size = |height: u64| json!({ "width": WIDTH, "height": height, "deviceScaleFactor": 1, "mobile": false });
    tab.devtools("Emulation.setDeviceMetricsOverride", size(100))
        .await?;
    let height = tab
        .evaluate("return document.documentElement.scrollHeight")
        .await?;
    let height = height.as_u64().unwrap_or(0).next_multiple_of(100);
    tab.devtools("Emulation.setDeviceMetricsOverride", size(height))
        .await
}

async fn compare(tab: &Tab, name: &str, varies: &[[f64; 4]]) -> Verdict {
    let path = root().join("book/src/pictures").join(name);
    let recorded = fs::read(&path).ok();
    let mut taken = Vec::new();
    let mut observed = String::new();
    // A window that was resized is painted piece by piece, and a screenshot may come
    // in between. So one that differs is taken again.
    for _ in 0..TRIES {
        taken = tab.screenshot().await?;
        let difference = match &recorded {
            Some(recorded) => difference(recorded, &taken, varies)?,
            None => Some("there is no such picture yet".to_owned()),
        };
        let Some(difference) = difference else {
            return Ok(());
        };
        observed = difference;
        tokio::time::sleep(PAUSE).await;
    }
    if is_on("COURSE_BLESS") {
        fs::create_dir_all(path.parent().unwrap_or(&path))?;
        return Ok(fs::write(&path, taken)?);
    }
    // To look at what was drawn instead.
    let folder = root().join("target/pictures");
    fs::create_dir_all(&folder)?;
    fs::write(folder.join(name), taken)?;
    let promise = format!("the picture {name} (after a change on purpose: scripts/test --bless)");
    let observed = format!("{observed}: target/pictures/{name}");
    Err(Stop::broken(promise, observed))
}

/// What two PNGs differ in outside of the rectangles that vary (left, top, right,
/// bottom, in pixels), if it is more than is tolerated.
fn difference(recorded: &[u8], taken: &[u8], varies: &[[f64; 4]]) -> Result<Option<String>, Stop> {
    let (recorded, taken) = (decode(recorded)?, decode(taken)?);
    if recorded.size != taken.size {
        return Ok(Some(format!(
            "{:?} pixels instead of {:?}",
            taken.size, recorded.size
        )));
    }
    let (width, height) = taken.size;
    let places = (0..height).flat_map(|y| (0..width).map(move |x| (f64::from(x), f64::from(y))));
    let pixels = recorded.pixels.chunks(recorded.channels);
    let pairs = pixels.zip(taken.pixels.chunks(taken.channels));
    let different = places.zip(pairs).filter(|((x, y), (a, b))| {
        let inside = |[left, top, right, bottom]: &[f64; 4]| {
            (*left..*right).contains(x) && (*top..*bottom).contains(y)
        };
        a.iter().zip(*b).any(|(a, b)| a.abs_diff(*b) > NEAR) && !varies.iter().any(inside)
    });
    let (different, all) = (different.count(), recorded.pixels.len() / recorded.channels);
    let too_many = different * 1000 > all * TOLERATED_PER_MILLE;
    Ok(too_many.then(|| format!("{different} of {all} pixels differ")))
}

struct Image {
    size: (u32, u32),
    channels: usize,
    pixels: Vec<u8>,
}

fn decode(png: &[u8]) -> Result<Image, Stop> {
    let mut decoder = Decoder::new(Cursor::new(png));
    decoder.set_transformations(Transformations::normalize_to_color8());
    let mut reader = decoder.read_info().map_err(Stop::harness)?;
    let mut pixels = vec![0; reader.output_buffer_size().unwrap_or(0)];
    let frame = reader.next_frame(&mut pixels).map_err(Stop::harness)?;
    pixels.truncate(frame.buffer_size());
    Ok(Image {
        size: (frame.width, frame.height),
        channels: frame.color_type.samples(),
        pixels,
    })
}

#[cfg(test)]
mod tests {
    use super::difference;

    /// A grey picture of 1000 pixels whose first `changed` have another colour.
    fn picture(width: u32, changed: usize, colour: u8) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut encoder = png::Encoder::new(&mut bytes, width, 1000 / width);
        encoder.set_color(png::ColorType::Grayscale);
        let mut pixels = vec![100; 1000];
        pixels[..changed].fill(colour);
        let mut writer = encoder.write_header().unwrap();
        writer.write_image_data(&pixels).unwrap();
        drop(writer);
        bytes
    }

    #[test]
    fn two_pixels_of_a_thousand_may_differ() {
        let recorded = picture(10, 0, 0);
        let found = |taken: Vec<u8>| difference(&recorded, &taken, &[]).unwrap();
        assert_eq!(found(picture(10, 2, 255)), None);
        let differs = found(picture(10, 3, 255)).unwrap();
        assert_eq!(differs, "3 of 1000 pixels differ");
        assert_eq!(found(picture(10, 1000, 148)), None);
    }

    #[test]
    fn what_varies_may_differ() {
        let top_line = [[0.0, 0.0, 10.0, 1.0]];
        let recorded = picture(10, 0, 0);
        let found = |taken: Vec<u8>| difference(&recorded, &taken, &top_line).unwrap();
        assert_eq!(found(picture(10, 10, 255)), None);
        let differs = found(picture(10, 13, 255)).unwrap();
        assert_eq!(differs, "3 of 1000 pixels differ");
    }

    #[test]
    fn another_size_is_a_difference() {
        let found = difference(&picture(10, 0, 0), &picture(20, 0, 0), &[]).unwrap();
        assert_eq!(found.unwrap(), "(20, 50) pixels instead of (10, 100)");
    }
}
