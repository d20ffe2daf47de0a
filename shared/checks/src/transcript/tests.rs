use super::*;

const SCENE: &str = "\
# What it shows.
! settings SESSION_TTL_SECS=60 RUST_LOG=info
! store mongodb
! variant plain-count
! repeat 120 ada POST /

> ada GET /
> cookie: beers=<signature 1>1; user=Ada
$ redis SET <id 1> <record> EXAT <time> NX
< 200 OK
< set-cookie: beer.sid=<signature 1><id 1>; Max-Age=60
| Hello: you!
|
! second
! wait 2
! mallory cookie beers=a b=c
! copy ada mallory
! ada header sec-fetch-site=cross-site
! restart
! restart SESSION_SECRET=new SESSION_SECRET_OLD=old
! forget ada
! spoil ada
! freeze
! thaw
! store down
! store up
> ada@2 POST /name name=Ada+L
";

#[test]
fn a_transcript_is_written_as_it_was_read() {
    let lines = parse(SCENE).unwrap();
    assert_eq!(write(&lines), SCENE);
    assert_eq!(lines.iter().filter(|line| line.is_script()).count(), 21);
}

#[test]
fn a_second_process_and_a_form_are_part_of_the_request() {
    let lines = parse("> ada@2 POST /name name=Ada+L").unwrap();
    let request = Request {
        who: "ada".into(),
        process: 2,
        method: "POST".into(),
        path: "/name".into(),
        form: Some("name=Ada+L".into()),
    };
    assert_eq!(lines, [Line::Request(request)]);
}

#[test]
fn a_line_that_is_none_is_named() {
    for text in [
        "Hello",
        "> ada get /",
        "> ada GET /a b c",
        "> ada@3 GET /",
        "! wait soon",
        "! restart now",
        "! settings",
        "! store nowhere",
        "! forget",
        "! freeze ada",
        "%",
    ] {
        let error = parse(&format!("# Scene.\n{text}")).unwrap_err();
        assert_eq!(error, format!("line 2: `{text}`"));
    }
}
