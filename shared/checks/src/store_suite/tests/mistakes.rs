//! What stores do wrong.

use super::wrong::Mistake as M;
use serde_json::Value;

/// For each promise a mistake that breaks it, and some of what is seen then.
pub const MISTAKES: &[(&str, M, &str)] = &[
    (
        "a_taken_id_is_not_given_away",
        M::CreateOverwrites,
        "it has the first one's",
    ),
    (
        "a_hundred_creates_with_one_id_make_a_hundred_sessions",
        M::CreateLooksFirst,
        "different among 100",
    ),
    ("an_unknown_id_loads_nothing", M::LoadInvents, "it is there"),
    (
        "an_unknown_id_can_be_deleted",
        M::DeleteComplains,
        "an error: no such session",
    ),
    (
        "a_deleted_record_is_gone_and_no_other",
        M::DeleteClears,
        "there is none",
    ),
    (
        "saving_a_deleted_record_does_not_bring_it_back",
        M::SaveInserts,
        "it is there",
    ),
    (
        "saving_an_unknown_record_adds_nothing",
        M::SaveInserts,
        "it is there",
    ),
    (
        "a_delete_among_saves_is_final",
        M::SaveLooksFirst,
        "it is there",
    ),
    (
        "what_has_expired_is_not_loaded",
        M::LoadsWhatHasExpired,
        "it is there",
    ),
    (
        "what_expired_long_ago_is_no_error",
        M::RefusesThePast,
        "an error: no such time",
    ),
    (
        "saving_what_has_expired_does_not_bring_it_back",
        M::SaveRevives,
        "it is there",
    ),
    (
        "the_expiry_is_kept_to_within_a_second",
        M::ShortensTheLife,
        "its expiry is",
    ),
    (
        "a_save_moves_the_expiry",
        M::SaveKeepsTheExpiry,
        "its expiry is",
    ),
    ("a_save_replaces_all_data", M::SaveMerges, "other data"),
    (
        "empty_data_comes_back",
        M::Data(without_empty_ones),
        "other data",
    ),
    ("nested_data_comes_back", M::Data(not_so_deep), "other data"),
    (
        "null_and_booleans_come_back",
        M::Data(booleans_are_numbers),
        "other data",
    ),
    (
        "numbers_come_back",
        M::Data(numbers_are_floats),
        "other data",
    ),
    (
        "numbers_beyond_i64_come_back",
        M::Data(numbers_are_i64),
        "other data",
    ),
    ("unicode_comes_back", M::Data(ascii), "other data"),
    (
        "keys_with_dots_and_dollars_come_back",
        M::Data(no_dots),
        "other data",
    ),
    (
        "what_looks_like_extended_json_comes_back",
        M::Data(extended_json),
        "other data",
    ),
    (
        "a_text_of_a_megabyte_comes_back",
        M::Data(short_texts),
        "other data",
    ),
    (
        "ten_thousand_keys_come_back",
        M::Data(few_keys),
        "other data",
    ),
    (
        "zero_bytes_are_kept_or_refused",
        M::Data(up_to_a_zero),
        "other data",
    ),
    (
        "what_is_too_large_is_kept_or_refused",
        M::StoresWhatItRefuses,
        "it is there",
    ),
    (
        "saves_at_the_same_time_leave_one_of_them",
        M::SaveInHalves,
        "of several of them",
    ),
    (
        "a_store_s_debug_output_has_no_session",
        M::DebugTells,
        "tells the ID",
    ),
    (
        "errors_have_neither_the_id_nor_the_data",
        M::None,
        "it counts as done",
    ),
];

fn keys(value: Value, change: impl Fn(&str) -> String) -> Value {
    match value {
        Value::Object(map) => map
            .into_iter()
            .map(|(key, it)| (change(&key), it))
            .collect(),
        Value::String(text) => change(&text).into(),
        other => other,
    }
}

fn without_empty_ones(value: Value) -> Value {
    let empty = |it: &Value| it.as_array().is_some_and(Vec::is_empty);
    match value {
        Value::Object(map) => map.into_iter().filter(|(_, it)| !empty(it)).collect(),
        other => other,
    }
}

fn not_so_deep(value: Value) -> Value {
    fn depth(value: &Value) -> usize {
        match value {
            Value::Array(list) => 1 + list.iter().map(depth).max().unwrap_or(0),
            Value::Object(map) => 1 + map.values().map(depth).max().unwrap_or(0),
            _ => 0,
        }
    }
    if depth(&value) == 20 {
        Value::Null
    } else {
        value
    }
}

fn booleans_are_numbers(value: Value) -> Value {
    value.as_bool().map_or(value, |it| u8::from(it).into())
}

fn numbers_are_floats(value: Value) -> Value {
    value.as_f64().map_or(value, Value::from)
}

fn numbers_are_i64(value: Value) -> Value {
    match value.as_u64() {
        Some(number) => i64::try_from(number).unwrap_or(i64::MAX).into(),
        None => value,
    }
}

fn ascii(value: Value) -> Value {
    keys(value, |text| text.replace(|it: char| !it.is_ascii(), "?"))
}

fn no_dots(value: Value) -> Value {
    keys(value, |text| text.replace('.', "_"))
}

fn extended_json(value: Value) -> Value {
    match value.get("$numberLong").and_then(Value::as_str) {
        Some(number) => number.parse::<i64>().unwrap().into(),
        None => value,
    }
}

fn short_texts(value: Value) -> Value {
    keys(value, |text| text.chars().take(65_535).collect())
}

fn few_keys(value: Value) -> Value {
    match value {
        Value::Object(map) => map.into_iter().take(1_000).collect(),
        other => other,
    }
}

fn up_to_a_zero(value: Value) -> Value {
    keys(value, |text| text.split('\0').next().unwrap().to_owned())
}
