//! Lesson 02's checks, as far as an address shows what they ask, against an app in
//! Express. Without node and npm a failure under COURSE_STRICT, and a line on stderr
//! otherwise.

use checks::{Stop, Target, node, plan, servers};
use std::{
    error::Error,
    io::{self, BufRead, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
};

/// Where Express does something else, which promise that breaks, and why: chapter 02
/// tells of each in "Coming from Express".
const EXPLAINED: [(&str, &str, &str); 1] = [(
    "cookies_are_httponly_lax_and_for_the_whole_site",
    "max-age= on every cookie that is kept",
    "express-session says with Expires how long a cookie lives, not with Max-Age",
)];

/// How many checks need nothing but an address. None of them is left out unnoticed.
const JUDGED: usize = 23;

#[test]
fn an_express_app_keeps_what_lesson_02_promises() -> Result<(), Box<dyn Error>> {
    let strict = checks::is_on("COURSE_STRICT");
    if !strict && node::expect().is_err() {
        eprintln!("not judged: needs node and npm");
        return Ok(());
    }
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/express");
    let folder = servers::folder().join("../express");
    node::install(&source, &folder)?;
    let server = Server::start(&folder.join("server.js"))?;
    let target = Target::url(&server.url)?;
    let mut judged = 0;
    let mut wrong = Vec::new();
    for case in plan("step-02", &target)? {
        // Chromium does not show more of Express than a client does.
        if case.not_judged.is_some() || case.name.contains("chromium") {
            continue;
        }
        judged += 1;
        let explained = EXPLAINED.iter().find(|(name, ..)| *name == case.name);
        match (case.run(), explained) {
            (Ok(()), None) => {}
            (Err(Stop::Broken(broken)), Some((_, promise, _))) if broken.promise == *promise => {}
            (Ok(()), Some((name, _, why))) => wrong.push(format!("{name} holds, but: {why}")),
            (Err(stop), _) => wrong.push(format!("{}\n{stop}", case.name)),
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(judged, JUDGED);
    Ok(())
}

/// Ours, and ended with the test.
struct Server {
    process: Child,
    url: String,
}

impl Server {
    fn start(program: &Path) -> io::Result<Server> {
        let process = Command::new("node")
            .arg(program)
            .env("PORT", "0")
            .env_remove("BEER_API_URL")
            .env_remove("SESSION_TTL_SECS")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()?;
        let mut server = Server {
            process,
            url: String::new(),
        };
        let mut line = String::new();
        if let Some(stdout) = server.process.stdout.take() {
            BufReader::new(stdout).read_line(&mut line)?;
        }
        let url = line.trim_end().strip_prefix("listening on ");
        server.url.push_str(url.unwrap_or_default());
        Ok(server)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
