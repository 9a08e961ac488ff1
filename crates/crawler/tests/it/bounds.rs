//! What holds of every crawl: the same tables in any order, bounded reads, and no panic.

use std::sync::Arc;
use std::time::{Duration, Instant};

use crawler::{Crawled, Error, Options, Progress, crawl};

use crate::csv::gzip;
use crate::damage::Random;
use crate::lake::{lake, values};
use crate::parquet::{empty_file, file_of_rows};
use crate::shuffled::Shuffled;

#[tokio::test]
async fn an_object_that_may_not_be_read_fails_the_crawl_and_is_named() {
    let lake = lake()
        .with("t/a.csv", "a,b\n1,2\n")
        .await
        .with("t/secret.csv", "a,b\n1,2\n")
        .await;
    let mut target = lake.target();
    target.store = Arc::new(Shuffled {
        inner: lake.store(),
        seed: 1,
        denied: Some("t/secret.csv".to_owned()),
    });
    let error = crawl(&[target], &Options::default(), &|_| ())
        .await
        .unwrap_err();
    let Error::Store { location, source } = error else {
        panic!("{error}");
    };
    assert_eq!(location, "s3://my-lake/t/secret.csv");
    assert!(matches!(
        source,
        object_store::Error::PermissionDenied { .. }
    ));
}

#[tokio::test]
async fn an_include_path_that_may_not_be_asked_for_is_said_to_have_nothing_that_may_be_read() {
    let lake = lake().at("t/a.csv").with("t/a.csv", "a,b\n1,2\n").await;
    let mut target = lake.target();
    target.store = Arc::new(Shuffled {
        inner: lake.store(),
        seed: 1,
        denied: Some("t/a.csv".to_owned()),
    });
    let crawled = crawl(&[target], &Options::default(), &|_| ()).await;
    let crawled = crawled.unwrap();
    assert_eq!(crawled.tables, []);
    let message = &crawled.warnings[0].message;
    assert_eq!(message, "there is no object here, or none that may be read");
}

#[tokio::test]
async fn of_a_long_text_only_the_beginning_is_read() {
    let text = format!("id,name\n{}", "1,some name\n".repeat(800_000));
    let crawled = lake().with("t/a.csv", text).await.crawl().await;
    assert!(crawled.bytes_read <= 1024 * 1024, "{}", crawled.bytes_read);
    assert_eq!(crawled.tables.len(), 1);
}

#[tokio::test]
async fn thousands_of_partitions_are_quick() {
    let mut lake = lake();
    for number in 0..5000 {
        lake = lake
            .with(
                &format!("t/day={}/hour={}/a.json", number / 24, number % 24),
                format!("{{\"id\":{number}}}"),
            )
            .await;
    }
    let start = Instant::now();
    let table = lake.table().await;
    assert_eq!(values(&table).len(), 5000);
    assert!(start.elapsed() < Duration::from_secs(20));
}

#[tokio::test]
async fn ever_new_keys_are_quick() {
    let records: Vec<String> = (0..40_000)
        .map(|number| format!("{{\"m\":{{\"key{number}\":1}}}}"))
        .collect();
    let records = records.join("\n");
    let start = Instant::now();
    let table = lake().with("t/a.json", records).await.table().await;
    assert!(
        table.columns[0]
            .data_type
            .starts_with("struct<key0:int,key1:int")
    );
    assert!(start.elapsed() < Duration::from_secs(20));
}

#[tokio::test]
async fn a_header_of_one_name_many_times_is_quick() {
    let line = vec!["a"; 100_000].join(",");
    let numbers = vec!["1"; 100_000].join(",");
    let start = Instant::now();
    let table = lake()
        .with("t/a.csv", format!("{line}\n{numbers}\n"))
        .await
        .table()
        .await;
    assert_eq!(table.columns.len(), 100_000);
    assert!(start.elapsed() < Duration::from_secs(20));
}

#[tokio::test]
async fn no_damage_to_a_file_makes_the_crawler_panic() {
    let seeds = [
        file_of_rows(20, 20),
        empty_file("optional group a (LIST) { repeated group list { optional int32 element; } }"),
        gzip("id,name\n1,ann\n2,bob\n"),
        b"{\"a\":{\"b\":[1,{\"c\":null}]}}\n[1,2]\n{\"a\":2}".to_vec(),
        "\u{feff}\"id\";\"näme\"\r\n1;\"a\"\"b\"\r\n2;\u{1}\r\n".into(),
    ];
    let mut random = Random::default();
    for round in 0..100 {
        let mut lake = lake();
        for (number, seed) in seeds.iter().enumerate() {
            let body = random.damage(seed);
            lake = lake.with(&format!("t{number}/{round}"), body).await;
        }
        let crawled: Crawled = lake.crawl().await;
        assert!(crawled.objects <= seeds.len() as u64);
    }
}

#[tokio::test]
async fn deep_nesting_is_no_trouble() {
    let deep = format!("{}1{}", "{\"a\":[".repeat(5000), "]}".repeat(5000));
    let folders = format!("{}a.csv", "d/".repeat(400));
    let crawled = lake()
        .with("t/a.json", deep)
        .await
        .with(&folders, "a,b\n1,2\n")
        .await
        .crawl()
        .await;
    assert_eq!(crawled.tables.len(), 1);
}

#[tokio::test]
async fn progress_only_grows_and_ends_at_the_whole() {
    let mut lake = lake();
    for number in 0..50 {
        lake = lake
            .with(&format!("t/{number}.csv"), "a,b\n1,2\n3,4\n")
            .await;
    }
    let seen = std::sync::Mutex::new(Vec::<Progress>::new());
    let report = |progress| seen.lock().unwrap().push(progress);
    let crawled = crawl(&[lake.target()], &Options::default(), &report)
        .await
        .unwrap();
    let seen = seen.into_inner().unwrap();
    assert!(seen.is_sorted_by_key(|progress| (progress.objects, progress.bytes_read)));
    assert_eq!(
        seen.last(),
        Some(&Progress {
            objects: crawled.objects,
            bytes_read: crawled.bytes_read
        })
    );
}
