//! How both commands read their words.

use std::str::FromStr;

/// Whether it was not set before.
pub fn set<T>(option: &mut Option<T>, value: T) -> bool {
    option.replace(value).is_none()
}

/// A number in these bounds.
pub fn number<T: FromStr + PartialOrd>(word: &str, least: T, most: T) -> Option<T> {
    let number = word.parse().ok()?;
    (least..=most).contains(&number).then_some(number)
}
