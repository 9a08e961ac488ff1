//! The same objects give the same tables, in whatever order they are listed and read, and whether or
//! not a crawl remembers them.

use std::sync::Arc;

use crawler::{Crawled, Options, Target, crawl, recrawl};

use crate::csv::gzip;
use crate::damage::Random;
use crate::lake::{Lake, lake};
use crate::memory::Notes;
use crate::parquet::{empty_file, file_of_rows};
use crate::shuffled::Shuffled;

/// How many lakes are made up; `ATHGLUE_LAKES=N` makes others, that many.
const LAKES: u64 = 150;

/// The target whose objects are listed and read in an order of its own.
fn shuffled(lake: &Lake, seed: u64) -> Target {
    Target {
        store: Arc::new(Shuffled {
            inner: lake.store(),
            seed,
            denied: None,
        }),
        ..lake.target()
    }
}

/// Rows or records of one of a few schemas, in one of the formats.
fn body(random: &mut Random) -> Vec<u8> {
    let number = random.below(5);
    let csv = format!("a{},b\n{number},x\n{number}.5,y\n", random.below(3));
    let json = format!(
        "{{\"id\":{number},\"Field{}\":[1],\"f\":{{\"x{}\":null}}}}\n",
        random.below(3),
        random.below(3)
    );
    match random.below(12) {
        0..3 => csv.into_bytes(),
        3..6 => json.into_bytes(),
        6 => gzip(&csv),
        7 => gzip(&json),
        8 => {
            empty_file(random.one_of(&["optional int32 a;", "optional int64 A; optional int32 b;"]))
        }
        9 => file_of_rows(1 + number, 3),
        10 => "all,text\nx,y\nz,w\n".into(),
        _ => b"\x01a note".to_vec(),
    }
}

/// Folders of `key=value`, plain and hidden ones, in two levels or three.
fn key(random: &mut Random) -> String {
    let table = random.one_of(&["films", "Songs", "a b"]);
    let year = random.below(4);
    let folder = match random.below(8) {
        0..4 => format!("year={year}"),
        4..6 => format!("{year}"),
        6 => format!("year={year}/month={}", random.below(2)),
        _ => random.one_of(&["", "_hidden", "Year=1"]).to_owned(),
    };
    let key = format!("{table}/{folder}/{}", random.below(30));
    key.replace("//", "/")
}

async fn made_up(random: &mut Random) -> Lake {
    let mut lake = lake();
    for _ in 0..random.below(40) {
        let (key, body) = (key(random), body(random));
        lake = lake.with(&key, body).await;
    }
    if random.below(3) == 0 {
        lake = lake.sampling(1 + random.below(3) as u32);
    }
    lake
}

fn options(random: &mut Random) -> Options {
    Options {
        combine_compatible_schemas: random.below(3) == 0,
        table_level: (random.below(4) == 0).then(|| 2 + random.below(2) as u32),
        ..Options::default()
    }
}

/// What was found, whatever was read for it.
fn found(crawled: Crawled) -> Crawled {
    Crawled {
        bytes_read: 0,
        reads: 0,
        ..crawled
    }
}

#[tokio::test]
async fn any_objects_give_the_same_tables_in_any_order() {
    let given = std::env::var("ATHGLUE_LAKES").ok();
    let lakes = given.map_or(LAKES, |lakes| lakes.parse().unwrap());
    let first = if lakes == LAKES { 0 } else { LAKES };
    for seed in first..first + lakes {
        let random = &mut Random::new(seed);
        let (lake, options) = (made_up(random).await, options(random));
        let expected = crawl(&[lake.target()], &options, &|_| ()).await.unwrap();
        for order in 1..4 {
            let target = [shuffled(&lake, order)];
            let crawled = crawl(&target, &options, &|_| ()).await.unwrap();
            assert_eq!(crawled, expected, "lake {seed}, order {order}");
        }
        let notes = Notes::default();
        for order in 4..6 {
            let target = [shuffled(&lake, order)];
            let crawled = recrawl(&target, &options, Some(&notes), &|_| ())
                .await
                .unwrap();
            assert_eq!(
                found(crawled),
                found(expected.clone()),
                "lake {seed}, remembered"
            );
        }
    }
}

#[tokio::test]
async fn the_same_objects_give_the_same_tables_in_any_order() {
    let mut lake = lake();
    for number in 0..40 {
        let part = number % 4;
        lake = lake
            .with(
                &format!("songs/year={}/part-{number}.json", 2020 + part),
                format!(
                    "{{\"id\":{number},\"Field{}\":1,\"field{part}\":2.5}}",
                    number % 7
                ),
            )
            .await
            .with(
                &format!("mixed/{number}.csv"),
                format!("a{part},b\n{number},x\n{number},y\n"),
            )
            .await
            .with(
                &format!("plain/{}/{number}.csv", number % 3),
                format!("name,n\nx,{number}\n"),
            )
            .await;
    }
    lake = lake
        .with("songs/year=2021/odd.csv", "a,b\n1,2\n")
        .await
        .with("other/data/x.parquet", empty_file("optional int32 a;"))
        .await
        .with("third/data/x.csv", gzip("a,b\n1,2\n"))
        .await
        .with("third/note.txt", "a note")
        .await;
    let expected = lake.crawl().await;
    assert!(expected.tables.len() > 5);
    for seed in 0..20 {
        let target = [shuffled(&lake, seed)];
        let crawled = crawl(&target, &Options::default(), &|_| ()).await.unwrap();
        assert_eq!(crawled, expected);
    }
}
