//! Against real servers.

use super::*;
use std::time::Duration;

const HOUR: Duration = Duration::from_hours(1);

#[tokio::test]
async fn a_store_that_refuses_new_records_answers_reads_and_deletes() {
    for kind in [Kind::Redis, Kind::Mongodb] {
        let server = kind.server().unwrap();
        if server.program().is_none() && !crate::is_on("COURSE_STRICT") {
            eprintln!("not judged: needs {}", server.needs());
            continue;
        }
        let store = Store::alone(kind, None).await.unwrap();
        let junk = Junk::Bytes(b"other".to_vec());
        store.plant("a", HOUR).await.unwrap();
        store.plant("b", HOUR).await.unwrap();

        store.refuse_new_records().await.unwrap();
        let refused = store.plant("c", HOUR).await;
        assert!(matches!(refused, Err(Stop::Harness(_))), "{refused:?}");
        let refused = store.spoil("a", &junk).await;
        assert!(matches!(refused, Err(Stop::Harness(_))), "{refused:?}");
        assert_eq!(store.record("a").await, Ok(b"junk".to_vec()));
        store.forget("b").await.unwrap();
        assert_eq!(store.ids().await, Ok(vec!["a".to_owned()]));

        store.take_new_records().await.unwrap();
        store.spoil("a", &junk).await.unwrap();
        assert_eq!(store.record("a").await, Ok(b"other".to_vec()));
        store.plant("c", HOUR).await.unwrap();
        assert_eq!(store.ids().await.unwrap().len(), 2);
    }
}
