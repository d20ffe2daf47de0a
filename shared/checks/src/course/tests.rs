use super::*;

const BOTH: &[Kind] = &[Kind::Redis, Kind::Memory];

fn variable(place: Place) -> Option<&'static str> {
    place.variable
}

#[test]
fn an_app_is_told_where_its_default_store_is_or_which_one_to_take() {
    assert_eq!(variable(Place::default_of(&[])), None);
    assert_eq!(variable(Place::default_of(&[Kind::Memory])), None);
    assert_eq!(variable(Place::default_of(BOTH)), Some("REDIS_URL"));
    let mongodb = [Kind::Mongodb, Kind::Redis];
    assert_eq!(variable(Place::default_of(&mongodb)), Some("MONGODB_URL"));
    for kind in BOTH {
        let chosen = Place::chosen(*kind, BOTH);
        assert_eq!(
            (chosen.kind, variable(chosen)),
            (*kind, Some("SESSION_STORE"))
        );
    }
    // Where there is no choice, there is no setting for it.
    let only = Place::chosen(Kind::Redis, &[Kind::Redis]);
    assert_eq!(variable(only), Some("REDIS_URL"));
}

#[tokio::test]
async fn what_a_check_itself_says_wins() {
    let course = |place| Course::at(Target::App("app".into()), place, BOTH);
    let memory = course(Place::chosen(Kind::Memory, BOTH));
    let settings = async |course: &Course, own: &[(&str, &str)]| {
        let launch = course.launch(own).await.unwrap();
        let named = |name: &str| {
            let mut all = launch.settings.iter().rev();
            let last = all.find(|(known, _)| known == name);
            last.map(|(_, value)| value.clone())
        };
        (named("SESSION_STORE"), named("PORT").unwrap())
    };
    let usual = (Some("memory:".to_owned()), "0".to_owned());
    assert_eq!(settings(&memory, &[]).await, usual);
    let own = [("SESSION_STORE", "disk:"), ("PORT", "1")];
    let wins = (Some("disk:".to_owned()), "1".to_owned());
    assert_eq!(settings(&memory, &own).await, wins);
    let default = course(Place::default_of(&[]));
    assert_eq!(settings(&default, &[]).await, (None, "0".to_owned()));
}
