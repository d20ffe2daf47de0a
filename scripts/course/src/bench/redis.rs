//! Which commands ran how often: what is counted by the server itself cannot be
//! miscounted by us.

use checks::servers::Redis;
use std::collections::BTreeMap;

/// Calls of each command, in small letters.
pub type Counts = BTreeMap<String, f64>;

/// Ours, with which we ask.
const OURS: [&str; 2] = ["config|resetstat", "info"];

pub fn reset_counts(redis: &mut Redis) -> Result<(), String> {
    redis.ask("CONFIG RESETSTAT").map(drop)
}

pub fn counts(redis: &mut Redis) -> Result<Counts, String> {
    Ok(parse(&redis.ask("INFO commandstats")?))
}

fn parse(stats: &str) -> Counts {
    let counts = stats.lines().filter_map(|line| {
        let (command, numbers) = line.strip_prefix("cmdstat_")?.split_once(":calls=")?;
        let calls = numbers.split(',').next()?.parse().ok()?;
        Some((command.to_owned(), calls))
    });
    counts
        .filter(|(command, _)| !OURS.contains(&command.as_str()))
        .collect()
}

/// Of the one session that there is in the database 0, in bytes.
pub fn size_of_the_record(redis: &mut Redis) -> Result<String, String> {
    let session = redis.ask("RANDOMKEY")?;
    redis.ask(&format!("STRLEN {session}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_counted_and_ours_are_not() {
        let stats = "# Commandstats\r\n\
            cmdstat_get:calls=69035,usec=46,usec_per_call=11.50,rejected_calls=0\r\n\
            cmdstat_config|resetstat:calls=1,usec=9,usec_per_call=9.00\r\n\
            cmdstat_info:calls=1,usec=9,usec_per_call=9.00\r\n\
            cmdstat_set:calls=69034,usec=46,usec_per_call=11.50\r\n";
        let expected = [("get", 69035.0), ("set", 69034.0)];
        let expected = expected.map(|(command, calls)| (command.to_owned(), calls));
        assert_eq!(parse(stats), Counts::from(expected));
    }
}
