//! Numbers as a person reads them: three digits that count, or whole ones.

const UNITS: [(f64, &str); 3] = [(1e12, "T"), (1e9, "G"), (1e6, "M")];

/// Such as `0.44`, `36.7`, `333,333` or `1.23 M`: seven characters at most.
pub fn figure(number: f64) -> String {
    match number {
        0.0 => "0".to_owned(),
        ..0.01 => "<0.01".to_owned(),
        ..9.995 => format!("{number:.2}"),
        ..99.95 => format!("{number:.1}"),
        _ => whole(number),
    }
}

/// Such as `7`, `333,333` or `1.23 M`.
pub fn whole(number: f64) -> String {
    let large = UNITS
        .into_iter()
        .find(|(size, _)| number >= *size * 0.999_999_5);
    match large {
        Some((size, unit)) => {
            let number = number / size;
            let digits = match number {
                ..9.995 => 2,
                ..99.95 => 1,
                _ => 0,
            };
            format!("{number:.digits$} {unit}")
        }
        None => grouped(&format!("{number:.0}")),
    }
}

/// A round number in short, such as `10 M`; another as it is.
pub fn round(number: f64) -> String {
    let unit = UNITS.into_iter().find(|(size, _)| number % size == 0.0);
    match unit {
        Some((size, unit)) if number > 0.0 => format!("{} {unit}", whole(number / size)),
        _ => whole(number),
    }
}

/// A comma between thousands.
fn grouped(digits: &str) -> String {
    match digits.len().checked_sub(3) {
        None | Some(0) => digits.to_owned(),
        Some(at) => format!("{},{}", grouped(&digits[..at]), &digits[at..]),
    }
}

#[cfg(test)]
mod tests {
    use super::{figure, round, whole};

    #[test]
    fn three_digits_count() {
        for (number, text) in [
            (0.0, "0"),
            (0.004, "<0.01"),
            (0.444, "0.44"),
            (9.994, "9.99"),
            (9.996, "10.0"),
            (99.96, "100"),
            (333_333.3, "333,333"),
            (999_999.4, "999,999"),
            (999_999.6, "1.00 M"),
            (12_345_678.0, "12.3 M"),
            (999_960_000.0, "1000 M"),
            (1e9, "1.00 G"),
            (3.2e14, "320 T"),
        ] {
            assert_eq!(figure(number), text);
        }
        assert_eq!([1.0, 40.0, 1200.0].map(whole), ["1", "40", "1,200"]);
        assert_eq!(
            [1e6, 1e8, 2.5e5, 1.5e6].map(round),
            ["1 M", "100 M", "250,000", "1.50 M"]
        );
    }
}
