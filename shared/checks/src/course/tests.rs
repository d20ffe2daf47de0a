use super::*;

const DATABASES: [users::Kind; 2] = [users::Kind::Sqlite, users::Kind::Mysql];

fn backends(stores: &[Kind], databases: &[users::Kind]) -> Backends {
    Backends {
        stores: stores.to_vec(),
        databases: databases.to_vec(),
    }
}

fn both() -> Backends {
    backends(&[Kind::Redis, Kind::Memory], &[])
}

fn variable(place: Place) -> Option<&'static str> {
    place.variable
}

#[test]
fn an_app_is_told_where_its_default_store_is_or_which_one_to_take() {
    let default = |stores: &[Kind]| variable(Place::default_of(&backends(stores, &[])));
    assert_eq!(default(&[]), None);
    assert_eq!(default(&[Kind::Memory]), None);
    assert_eq!(default(&[Kind::Redis, Kind::Memory]), Some("REDIS_URL"));
    assert_eq!(default(&[Kind::Mongodb, Kind::Redis]), Some("MONGODB_URL"));
    for kind in [Kind::Redis, Kind::Memory] {
        let chosen = Place::chosen(Backend::Store(kind), &both());
        assert_eq!(
            (chosen.kind, variable(chosen)),
            (kind, Some("SESSION_STORE"))
        );
    }
    // Where there is no choice, there is no setting for it.
    let redis = backends(&[Kind::Redis], &[]);
    let only = Place::chosen(Backend::Store(Kind::Redis), &redis);
    assert_eq!(variable(only), Some("REDIS_URL"));
}

#[test]
fn a_chosen_store_has_the_default_database_and_the_other_way_round() {
    let backends = backends(&[Kind::Memory, Kind::Redis], &DATABASES);
    let chosen = |backend| Place::chosen(backend, &backends);
    let redis = chosen(Backend::Store(Kind::Redis));
    let users = Some(users::Kind::Sqlite);
    assert_eq!((redis.kind, redis.users), (Kind::Redis, users));
    let mysql = chosen(Backend::Users(users::Kind::Mysql));
    let users = Some(users::Kind::Mysql);
    assert_eq!((mysql.kind, mysql.users), (Kind::Memory, users));
    assert_eq!(variable(mysql), None);
    let course = Course::at(Target::App("app".into()), mysql, &backends);
    assert_eq!(course.servers(Needs::Process), [Server::Mysql]);
    let servers = course.servers(Needs::Stores);
    assert_eq!(servers, [Server::Redis, Server::Mysql]);
}

#[tokio::test]
async fn an_app_with_users_is_told_where_they_are() {
    let target = || Target::App("app".into());
    let with = backends(&[Kind::Memory], &DATABASES);
    let course = Course::at(target(), Place::default_of(&with), &with);
    let url = async |course: &Course, own: &[(&str, &str)]| {
        let launch = course.launch(own).await.unwrap();
        let mut all = launch.settings.into_iter().rev();
        let last = all.find(|(known, _)| known == "DATABASE_URL");
        last.map(|(_, value)| value)
    };
    let users = course.users().await.unwrap();
    assert_eq!(url(&course, &[]).await, Some(users.url()));
    // The apps of one check have the same users, another program has others.
    assert_eq!(url(&course.clone(), &[]).await, Some(users.url()));
    let other = course.with_program("other".into());
    assert_ne!(url(&other, &[]).await, Some(users.url()));
    let own = ("DATABASE_URL", "disk:");
    assert_eq!(url(&course, &[own]).await.as_deref(), Some("disk:"));

    let without = Course::at(target(), Place::default_of(&both()), &both());
    assert!(matches!(without.users().await, Err(Stop::NotJudged(_))));
}

#[tokio::test]
async fn what_a_check_itself_says_wins() {
    let course = |place| Course::at(Target::App("app".into()), place, &both());
    let memory = course(Place::chosen(Backend::Store(Kind::Memory), &both()));
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
    let default = course(Place::default_of(&Backends::NONE));
    assert_eq!(settings(&default, &[]).await, (None, "0".to_owned()));
}
