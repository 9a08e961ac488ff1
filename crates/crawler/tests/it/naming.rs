//! The names of tables.

use crawler::Options;

use crate::lake::{lake, names};

const SONGS: &str = "title,year\nHello,2015\nSkyfall,2012\n";
const FILMS: &str = "film,minutes,stars\nAlien,117,8.5\nHeat,170,8.3\n";

#[tokio::test]
async fn names_are_lower_case_letters_digits_and_underscores() {
    let table = lake()
        .with("My Songs-2024.Été/a.csv", SONGS)
        .await
        .table()
        .await;
    assert_eq!(table.name, "my_songs_2024__t_");
}

#[tokio::test]
async fn a_prefix_goes_in_front() {
    let table = lake()
        .options(Options {
            table_prefix: "Raw_".to_owned(),
            ..Options::default()
        })
        .with("songs/a.csv", SONGS)
        .await
        .table()
        .await;
    assert_eq!(table.name, "raw_songs");
}

#[tokio::test]
async fn a_name_that_is_taken_gets_a_hash_of_the_location() {
    let lake = lake()
        .with("a/data/a.csv", SONGS)
        .await
        .with("b/data/a.csv", FILMS)
        .await;
    let crawled = lake.crawl().await;
    assert_eq!(crawled.tables[0].name, "data");
    let hashed = &crawled.tables[1].name;
    assert_eq!(hashed.len(), "data_".len() + 32);
    assert!(hashed.starts_with("data_"));
    assert_eq!(names(&lake.crawl().await), names(&crawled));
}

#[tokio::test]
async fn a_long_name_is_cut() {
    let lake = lake()
        .with(&format!("a/{}/a.csv", "x".repeat(300)), SONGS)
        .await
        .with(&format!("b/{}/a.csv", "x".repeat(300)), FILMS)
        .await;
    let crawled = lake.crawl().await;
    assert_eq!(crawled.tables[0].name.len(), 128);
    assert_eq!(crawled.tables[1].name.len(), 128);
    assert_ne!(crawled.tables[0].name, crawled.tables[1].name);
}
