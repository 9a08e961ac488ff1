//! Which objects a crawler looks at.

use crawler::Error;

use crate::lake::{Lake, lake, names};

const SONGS: &str = "title,year\nHello,2015\nSkyfall,2012\n";

/// The folder of AWS's guide.
async fn departments() -> Lake {
    let mut lake = lake().at("myfolder/");
    for key in [
        "departments/finance.json",
        "departments/market-us.json",
        "departments/market-emea.json",
        "departments/market-ap.json",
        "employees/hr.json",
        "employees/john.csv",
        "employees/jane.csv",
        "employees/juan.txt",
    ] {
        let body = if key.ends_with("json") {
            "{\"a\":1}"
        } else {
            SONGS
        };
        lake = lake.with(&format!("myfolder/{key}"), body).await;
    }
    lake
}

async fn objects_without(exclusion: &str) -> u64 {
    departments().await.without(exclusion).crawl().await.objects
}

#[tokio::test]
async fn exclusions_are_read_as_the_guide_says() {
    assert_eq!(objects_without("departments/**").await, 4);
    assert_eq!(objects_without("departments/market*").await, 5);
    assert_eq!(objects_without("**.csv").await, 6);
    assert_eq!(objects_without("employees/*.csv").await, 6);
    assert_eq!(objects_without("*.csv").await, 8);
    assert_eq!(objects_without("**.{csv,txt}").await, 5);
    assert_eq!(objects_without("employees/j[ao]*.???").await, 6);
    assert_eq!(objects_without("employees/[!j]*").await, 7);
    assert_eq!(objects_without("dep**").await, 4);
    assert_eq!(objects_without("employees\\/hr.json").await, 7);
}

#[tokio::test]
async fn the_guides_first_week_of_a_year_is_left() {
    let mut lake = lake()
        .without("2015/01/{[!0],0[8-9]}**")
        .without("2015/0[2-9]/**")
        .without("2015/1[0-2]/**");
    for (month, day) in (1..=12).flat_map(|month| (1..=28).map(move |day| (month, day))) {
        lake = lake
            .with(&format!("2015/{month:02}/{day:02}/a.csv"), SONGS)
            .await;
    }
    assert_eq!(lake.crawl().await.objects, 7);
}

#[tokio::test]
async fn an_exclusion_that_is_not_valid_is_an_error_that_names_it() {
    for pattern in ["a[b", "{a,b", "{a,{b}}", "a\\", "[z-a]"] {
        let error = lake().without(pattern).try_crawl().await.unwrap_err();
        assert!(matches!(error, Error::Exclusion { .. }));
        assert!(error.to_string().contains(pattern), "{error}");
    }
}

#[tokio::test]
async fn a_pattern_of_many_asterisks_takes_no_time() {
    let key = format!("{}/b.csv", "a".repeat(800));
    let lake = lake()
        .without(&format!("{}c", "**a*".repeat(60)))
        .with(&key, SONGS)
        .await;
    assert_eq!(lake.crawl().await.objects, 1);
}

#[tokio::test]
async fn hidden_empty_and_marker_objects_are_no_data() {
    let crawled = lake()
        .with("t/a.csv", SONGS)
        .await
        .with("t/_SUCCESS", "x")
        .await
        .with("t/.part.crc", "x")
        .await
        .with("t/_temporary/0/a.json", "{}")
        .await
        .with("t/empty.csv", "")
        .await
        .with("t_$folder$", "x")
        .await
        .crawl()
        .await;
    assert_eq!(crawled.objects, 1);
    assert_eq!(names(&crawled), ["t"]);
    let places: Vec<&str> = crawled.warnings.iter().map(|w| &w.location[..]).collect();
    assert_eq!(places, ["s3://my-lake/t/empty.csv"]);
}

#[tokio::test]
async fn a_folder_with_nothing_in_it_gives_a_warning_alone() {
    for path in ["nothing/", "nothing"] {
        let mut crawled = lake().at(path).crawl().await;
        assert_eq!(crawled.warnings.len(), 1);
        crawled.warnings.clear();
        assert_eq!(crawled, crawler::Crawled::default());
    }
}

#[tokio::test]
async fn a_file_of_no_format_is_a_warning_and_no_table() {
    let crawled = lake()
        .with("t/a.bin", vec![0, 1, 2, 3])
        .await
        .with("t/b.csv", SONGS)
        .await
        .crawl()
        .await;
    assert_eq!(names(&crawled), ["t"]);
    assert_eq!(crawled.tables[0].parameters["objectCount"], "1");
    assert_eq!(crawled.warnings.len(), 1);
    assert_eq!(crawled.warnings[0].location, "s3://my-lake/t/a.bin");
}
