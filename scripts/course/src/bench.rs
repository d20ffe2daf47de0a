//! `cargo course bench`: what the session layer costs. Step 03's `/count` and a
//! bare handler, which does one GET and one SET, under the same load in turn, on
//! a Redis of their own. The ratio of the two is what carries to other machines.

mod load;
mod redis;
mod runs;

use checks::servers::{self, Redis, Server};
use load::Load;
use runs::{App, Runs};
use std::{
    env,
    net::{Ipv4Addr, SocketAddr},
    path::Path,
    process::{Command, Stdio},
};

const ROUNDS: usize = 11;

/// Longer than the sessions could need to live.
const TTL: &str = "3600";

/// The report, when it is done: some minutes for the first build, then 50 s.
pub fn run(root: &Path) -> Result<String, String> {
    load::find_wrk()?;
    if Server::Redis.program().is_none() {
        return Err("course: no redis-server; `cargo course up --programs redis`".to_owned());
    }
    let programs = build(root)?;
    let data = tempfile::tempdir().map_err(|error| format!("course: {error}"))?;
    let port = servers::free_ports(1)?[0];
    let mut command = Server::Redis.command(port, data.path())?;
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let _server = Runs::start(&mut command, || Server::Redis.answers(address))?;
    let mut redis = Redis::connect(address)?;
    let url = Server::Redis.url(port);

    let app = |name: &str| {
        let mut command = Command::new(programs.join(name));
        command
            .env("REDIS_URL", &url)
            .env("SESSION_TTL_SECS", TTL)
            .env("SESSION_SECRET", "not a secret, for a bench on loopback")
            .env("APP_ENV", "production")
            .env("RUST_LOG", "error")
            .env("HOST", "127.0.0.1")
            .env("PORT", "0");
        command
    };
    let step = App::start(&mut app("step-03"))?;
    let cookie = load::cookie(step.address)?;
    let session = redis.ask("RANDOMKEY")?;
    let size = redis.ask(&format!("STRLEN {session}"))?;
    let bare = App::start(app("bare").env("RECORD_BYTES", &size))?;

    let loads = [
        Load::new("step 03", step.address, Some(cookie)),
        Load::new("bare", bare.address, None),
    ];
    measure(loads, &mut redis, &size)
}

/// In turn and in short rounds, so that a neighbour's load meets both.
fn measure(mut loads: [Load; 2], redis: &mut Redis, size: &str) -> Result<String, String> {
    for load in &mut loads {
        // Once unmeasured: connections, caches, the processor's clock.
        load.run(redis)?;
        load.forget();
    }
    let (mut rounds, mut ratios) = (Vec::new(), Vec::new());
    for round in 1..=ROUNDS {
        eprintln!("round {round} of {ROUNDS}");
        let (step, bare) = (loads[0].run(redis)?, loads[1].run(redis)?);
        rounds.push(row(&round.to_string(), step, bare, step / bare));
        ratios.push(step / bare);
    }
    let [step, bare] = loads.each_ref().map(Load::median);
    Ok(format!(
        "GET /count, requests a second, {} on one Redis,\nrecords of {size} bytes\n\n\
         round    step 03      bare   ratio\n{}\n{}\n{}",
        load::SHAPE,
        rounds.concat(),
        row("median", step, bare, load::median(&ratios)),
        loads.each_ref().map(Load::commands).concat(),
    ))
}

fn row(name: &str, step: f64, bare: f64, ratio: f64) -> String {
    format!("{name:>6}{step:>10.0}{bare:>10.0}{ratio:>8.2}\n")
}

/// Both programs in one build, so that they share every crate with its features.
fn build(root: &Path) -> Result<std::path::PathBuf, String> {
    eprintln!("building step 03 and the bare handler with --release");
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let built = Command::new(cargo)
        .args(["build", "--release", "--quiet"])
        .args(["--package", "step-03", "--package", "bench", "--bins"])
        .current_dir(root)
        .stdin(Stdio::null())
        .status();
    match built {
        Ok(status) if status.success() => Ok(servers::folder().join("../release")),
        Ok(_) => Err("course: step 03 or the bare handler does not build".to_owned()),
        Err(error) => Err(format!("course: cargo: {error}")),
    }
}
