//! How often the two commands of a session ran: what is counted by the server itself
//! cannot be miscounted by us.

use checks::servers::Redis;

#[derive(Debug, Clone, Copy)]
pub struct Counts {
    pub get: f64,
    pub set: f64,
}

pub fn reset_counts(redis: &mut Redis) -> Result<(), String> {
    redis.ask("CONFIG RESETSTAT").map(drop)
}

pub fn counts(redis: &mut Redis) -> Result<Counts, String> {
    let stats = redis.ask("INFO commandstats")?;
    let calls = |command: &str| {
        let head = format!("cmdstat_{command}:calls=");
        let line = stats.lines().find_map(|line| line.strip_prefix(&head));
        let calls = line.and_then(|line| line.split(',').next());
        calls.and_then(|calls| calls.parse().ok()).unwrap_or(0.0)
    };
    Ok(Counts {
        get: calls("get"),
        set: calls("set"),
    })
}
