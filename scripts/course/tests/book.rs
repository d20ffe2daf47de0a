//! The book in Chromium, as its offline copy, opened from the files: whether everybody can
//! read each page, on a phone, too, and get from each to the next.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod copy;

use checks::{Chromium, Stop, Tab, node, servers};
use serde_json::{Value, json};
use std::{fs, path::Path};
use url::Url;

/// axe's findings that keep somebody from reading. `RULES` are those of one run.
const AXE: &str = "
return axe.run(document, { resultTypes: ['violations'], RULES }).then(found =>
    found.violations
        .filter(finding => ['serious', 'critical'].includes(finding.impact))
        .flatMap(finding => finding.nodes.map(node => `${finding.id}: ${node.target.join(' ')}`)));
";

const COLOURS: &str = "runOnly: ['color-contrast']";
const ALL_ELSE: &str = "rules: { 'color-contrast': { enabled: false } }";

/// What is folded is not looked at.
const UNFOLD: &str = "document.querySelectorAll('details').forEach(fold => { fold.open = true; })";

/// Of what looks alike, by the classes of all that is around it, four are enough: axe looks
/// at the colours of each word by itself, and a diff has thousands.
const THIN_OUT: &str = "
const seen = new Map();
for (const leaf of document.querySelectorAll('main *')) {
    if (leaf.childElementCount > 0) continue;
    let looks = '';
    for (let at = leaf; at; at = at.parentElement) looks += ` ${at.tagName} ${at.getAttribute('class')}`;
    seen.set(looks, (seen.get(looks) ?? 0) + 1);
    if (seen.get(looks) > 4) leaf.remove();
}
";

/// What reaches beyond a phone's edge, or is moved sideways and is no code.
const TOO_WIDE: &str = "
const wide = [...document.querySelectorAll('body *')].filter(at =>
    at.scrollWidth > at.clientWidth && at.clientWidth > 0
    && ['auto', 'scroll'].includes(getComputedStyle(at).overflowX)
    && !at.closest('pre, code'));
if (document.documentElement.scrollWidth > innerWidth) wide.push(document.documentElement);
return wide.map(at => `${at.tagName} ${at.className}: ${at.scrollWidth} of ${at.clientWidth}`);
";

#[tokio::test]
async fn everybody_can_read_every_page_and_turn_to_the_next() {
    let strict = checks::is_on("COURSE_STRICT");
    if !strict && (node::expect().is_err() || servers::find("chromedriver").is_none()) {
        eprintln!("not judged: needs chromedriver, node and npm");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let copy = folder.path().join("a copy");
    copy::offline(&copy);
    let axe = axe();

    let chromium = Chromium::start().await.unwrap();
    let tab = chromium.profile().await.unwrap();
    let pages = turn_all(&tab, &copy).await.unwrap();
    search(&tab, &copy).await.unwrap();

    // Two at a time.
    let other = chromium.profile().await.unwrap();
    let (one, two) = pages.split_at(pages.len() / 2);
    let (one, two) = tokio::join!(
        judge(&tab, &copy, one, &axe),
        judge(&other, &copy, two, &axe)
    );
    let findings = [one.unwrap(), two.unwrap()].concat();
    assert!(findings.is_empty(), "{}", findings.join("\n"));
}

fn axe() -> String {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/book");
    let folder = servers::folder().join("../axe");
    node::install(&source, &folder).unwrap();
    fs::read_to_string(folder.join("node_modules/axe-core/axe.min.js")).unwrap()
}

fn url(copy: &Path, page: &str) -> String {
    Url::from_file_path(copy.join(page)).unwrap().into()
}

/// From the first page to the last as a reader turns them; each has the way back and a way
/// to print. Returns their names.
async fn turn_all(tab: &Tab, copy: &Path) -> Result<Vec<String>, Stop> {
    const WAYS: &str = "
        const to = link => document.querySelector(link)?.getAttribute('href') ?? '';
        return [to('a[rel~=next]'), to('a[rel~=prev]'), to('a[title=\"Print this book\"]')];
    ";
    let mut pages: Vec<String> = Vec::new();
    let mut page = "introduction.html".to_owned();
    while !page.is_empty() {
        tab.open(&url(copy, &page)).await?;
        let ways = tab.evaluate(WAYS).await?;
        let before = pages.last().map_or("", String::as_str);
        assert_eq!(ways[1], before, "back from {page}");
        assert_eq!(ways[2], "print.html", "{page}");
        let next = ways[0].as_str().unwrap_or_default().to_owned();
        assert!(!pages.contains(&page), "{page} comes twice");
        pages.push(std::mem::replace(&mut page, next));
    }
    let chapters =
        "return document.querySelectorAll('#mdbook-sidebar .chapter a[href$=html]').length";
    assert_eq!(tab.evaluate(chapters).await?, json!(pages.len()));
    Ok(pages)
}

/// What somebody looks for is found, without a server.
async fn search(tab: &Tab, copy: &Path) -> Result<(), Stop> {
    const FIND: &str = "
        document.querySelector('#mdbook-search-toggle').click();
        const bar = document.querySelector('#mdbook-searchbar');
        bar.value = 'session fixation';
        bar.dispatchEvent(new Event('input', { bubbles: true }));
        return new Promise(found => {
            const look = () => {
                const result = document.querySelector('#mdbook-searchresults a');
                if (result) found(result.getAttribute('href')); else setTimeout(look, 50);
            };
            look();
        });
    ";
    tab.open(&url(copy, "introduction.html")).await?;
    let found = tab.evaluate(FIND).await?;
    let found = found.as_str().unwrap_or_default();
    assert!(found.contains(".html"), "{found}");
    Ok(())
}

/// One line for each finding.
async fn judge(tab: &Tab, copy: &Path, pages: &[String], axe: &str) -> Result<Vec<String>, Stop> {
    let mut findings = Vec::new();
    for page in pages {
        let mut tell = |what: &str, found: &Value| {
            let found = found.as_array().unwrap();
            findings.extend(found.iter().map(|found| format!("{page}, {what}: {found}")));
        };
        tab.open(&url(copy, page)).await?;
        tab.evaluate(UNFOLD).await?;
        let phone = json!({ "width": 390, "height": 844, "deviceScaleFactor": 1, "mobile": true });
        tab.devtools("Emulation.setDeviceMetricsOverride", phone)
            .await?;
        tell("on a phone", &tab.evaluate(TOO_WIDE).await?);
        tab.devtools("Emulation.clearDeviceMetricsOverride", json!({}))
            .await?;

        tab.evaluate(axe).await?;
        tell("axe", &tab.evaluate(&AXE.replace("RULES", ALL_ELSE)).await?);
        tab.evaluate(THIN_OUT).await?;
        for theme in ["light", "navy"] {
            let switch = format!("document.querySelector('#mdbook-theme-{theme}').click()");
            tab.evaluate(&switch).await?;
            tell(theme, &tab.evaluate(&AXE.replace("RULES", COLOURS)).await?);
        }
    }
    Ok(findings)
}
