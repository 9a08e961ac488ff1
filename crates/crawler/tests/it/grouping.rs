//! Which folders become tables, and which become partitions.

use crawler::{Crawled, Options};

use crate::csv::gzip;
use crate::lake::{columns, keys, lake, names, values};

const SONGS: &str = "title,year\nHello,2015\nSkyfall,2012\n";
const FILMS: &str = "film,minutes,stars\nAlien,117,8.5\nHeat,170,8.3\n";

fn locations(crawled: &Crawled) -> Vec<&str> {
    crawled
        .tables
        .iter()
        .map(|table| &table.location[..])
        .collect()
}

#[tokio::test]
async fn files_at_the_root_of_a_bucket_are_a_table_of_its_name() {
    let table = lake().with("songs.csv", SONGS).await.table().await;
    assert_eq!(table.name, "my_lake");
    assert_eq!(table.location, "s3://my-lake/");
    assert!(table.partition_keys.is_empty());
}

#[tokio::test]
async fn folders_named_key_value_are_partitions() {
    let table = lake()
        .with("sales/year=2019/month=Jan/day=1/a.csv", SONGS)
        .await
        .with("sales/year=2019/month=Feb/day=1/a.csv", SONGS)
        .await
        .with("sales/year=2019/month=Feb/day=2/a.csv", SONGS)
        .await
        .table()
        .await;
    assert_eq!(table.name, "sales");
    assert_eq!(keys(&table), "year string, month string, day string");
    assert_eq!(values(&table), ["2019/Feb/1", "2019/Feb/2", "2019/Jan/1"]);
    let partition = &table.partitions[0];
    assert_eq!(
        partition.location,
        "s3://my-lake/sales/year=2019/month=Feb/day=1/"
    );
    assert_eq!(partition.columns, table.columns);
    assert_eq!(partition.parameters["objectCount"], "1");
    assert_eq!(table.parameters["objectCount"], "3");
}

#[tokio::test]
async fn one_folder_named_key_value_is_a_partition_too() {
    let table = lake()
        .with("sales/Year=2019/a.csv", SONGS)
        .await
        .table()
        .await;
    assert_eq!(table.name, "sales");
    assert_eq!(keys(&table), "year string");
    assert_eq!(values(&table), ["2019"]);
}

#[tokio::test]
async fn similar_folders_of_plain_names_are_numbered_partitions() {
    let mut lake = lake().at("folder1/");
    for key in [
        "table1/p1",
        "table1/p2",
        "table1/p3",
        "table2/p4",
        "table2/p5",
    ] {
        lake = lake.with(&format!("folder1/{key}/file.txt"), SONGS).await;
    }
    let table = lake.table().await;
    assert_eq!(table.name, "folder1");
    assert_eq!(keys(&table), "partition_0 string, partition_1 string");
    assert_eq!(
        values(&table),
        [
            "table1/p1",
            "table1/p2",
            "table1/p3",
            "table2/p4",
            "table2/p5"
        ]
    );
}

#[tokio::test]
async fn levels_may_be_named_and_numbered() {
    let table = lake()
        .with("sales/eu/year=2024/a.csv", SONGS)
        .await
        .with("sales/us/year=2024/a.csv", SONGS)
        .await
        .table()
        .await;
    assert_eq!(keys(&table), "partition_0 string, year string");
}

#[tokio::test]
async fn different_sibling_folders_are_tables() {
    let crawled = lake()
        .with("songs/a.csv", SONGS)
        .await
        .with("films/a.csv", FILMS)
        .await
        .crawl()
        .await;
    assert_eq!(names(&crawled), ["films", "songs"]);
}

#[tokio::test]
async fn a_table_that_shares_a_few_columns_stays_apart() {
    let crawled = lake()
        .with("artists/a.csv", "id,name\n1,x\n2,y\n")
        .await
        .with("albums/a.csv", "id,name,year\n1,x,1990\n2,y,1991\n")
        .await
        .crawl()
        .await;
    assert_eq!(names(&crawled), ["albums", "artists"]);
}

#[tokio::test]
async fn different_tables_keep_their_own_partitions() {
    let crawled = lake()
        .with("songs/year=2024/a.csv", SONGS)
        .await
        .with("songs/year=2025/a.csv", SONGS)
        .await
        .with("films/year=2024/a.csv", FILMS)
        .await
        .crawl()
        .await;
    assert_eq!(names(&crawled), ["films", "songs"]);
    assert_eq!(crawled.tables[0].partitions.len(), 1);
    assert_eq!(crawled.tables[1].partitions.len(), 2);
}

#[tokio::test]
async fn folders_of_different_formats_or_compressions_are_tables() {
    let crawled = lake()
        .with("t/a/x", SONGS)
        .await
        .with("t/b/x", gzip(SONGS))
        .await
        .with("t/c/x", "{\"title\":\"x\",\"year\":1}")
        .await
        .crawl()
        .await;
    assert_eq!(names(&crawled), ["a", "b", "c"]);
}

#[tokio::test]
async fn a_folder_that_is_the_only_one_is_no_level() {
    let table = lake()
        .with("raw/music/songs/a.csv", SONGS)
        .await
        .table()
        .await;
    assert_eq!(table.name, "songs");
    assert_eq!(table.location, "s3://my-lake/raw/music/songs/");
    assert!(table.partition_keys.is_empty());
}

#[tokio::test]
async fn partitions_whose_columns_are_all_different_are_tables() {
    let lake = lake()
        .at("table1/")
        .with("table1/year=2017/data1.json", "{\"A\": 1, \"B\": 2}")
        .await
        .with("table1/year=2018/data2.json", "{\"C\": 3, \"D\": 4}")
        .await;
    assert_eq!(names(&lake.crawl().await), ["year_2017", "year_2018"]);
    let combined = lake.options(Options {
        combine_compatible_schemas: true,
        ..Options::default()
    });
    let table = combined.table().await;
    assert_eq!(table.name, "table1");
    assert_eq!(columns(&table), "a int, b int, c int, d int");
    assert_eq!(keys(&table), "year string");
}

#[tokio::test]
async fn a_column_that_came_later_goes_last_and_leaves_older_partitions_as_they_are() {
    let table = lake()
        .with("t/year=2023/a.csv", "id,name\n1,x\n2,y\n")
        .await
        .with("t/year=2024/a.csv", "id,score,name\n1,2.5,x\n2,3.5,y\n")
        .await
        .table()
        .await;
    assert_eq!(columns(&table), "id bigint, name string, score double");
    assert_eq!(table.partitions[0].columns.len(), 2);
    assert_eq!(table.partitions[1].columns.len(), 3);
}

#[tokio::test]
async fn four_fifths_of_a_folders_files_decide_for_the_rest() {
    let mut lake = lake();
    for file in 0..8 {
        lake = lake.with(&format!("t/a{file}.csv"), SONGS).await;
    }
    lake = lake
        .with("t/b1.csv", FILMS)
        .await
        .with("t/b2.csv", FILMS)
        .await;
    let table = lake.table().await;
    assert_eq!(
        columns(&table),
        "title string, year bigint, film string, minutes bigint, stars double"
    );
}

#[tokio::test]
async fn seven_tenths_of_a_folders_files_do_not_decide() {
    let mut lake = lake();
    for file in 0..7 {
        lake = lake.with(&format!("t/a{file}.csv"), SONGS).await;
    }
    for file in 0..3 {
        lake = lake.with(&format!("t/b{file}.csv"), FILMS).await;
    }
    let crawled = lake.crawl().await;
    assert_eq!(crawled.tables.len(), 10);
    assert_eq!(crawled.tables[0].name, "a0_csv");
    assert_eq!(crawled.tables[0].location, "s3://my-lake/t/a0.csv");
    assert!(crawled.warnings[0].message.contains("each is a table"));
}

#[tokio::test]
async fn files_of_different_formats_in_a_folder_are_tables_each() {
    let crawled = lake()
        .with("t/songs.csv", SONGS)
        .await
        .with("t/songs.json", "{\"title\":\"x\",\"year\":1}")
        .await
        .crawl()
        .await;
    assert_eq!(names(&crawled), ["songs_csv", "songs_json"]);
    assert_eq!(
        locations(&crawled),
        ["s3://my-lake/t/songs.csv", "s3://my-lake/t/songs.json"]
    );
}

#[tokio::test]
async fn a_file_beside_partitions_is_a_table_of_its_own() {
    let crawled = lake()
        .with("sales/manifest.json", "{\"version\":1}")
        .await
        .with("sales/year=2024/a.csv", SONGS)
        .await
        .with("sales/year=2025/a.csv", SONGS)
        .await
        .crawl()
        .await;
    assert_eq!(names(&crawled), ["sales", "manifest_json"]);
    assert_eq!(crawled.warnings[0].location, "s3://my-lake/sales/");
    assert!(crawled.warnings[0].message.contains("beside folders"));
    assert_eq!(keys(&crawled.tables[0]), "year string");
}

#[tokio::test]
async fn folders_of_different_depth_are_not_partitions_of_one_table() {
    let crawled = lake()
        .with("t/a/x.csv", SONGS)
        .await
        .with("t/b/year=2024/x.csv", SONGS)
        .await
        .crawl()
        .await;
    assert_eq!(names(&crawled), ["a", "b"]);
}

#[tokio::test]
async fn an_include_path_may_be_one_file() {
    let table = lake()
        .at("songs/a.csv")
        .with("songs/a.csv", SONGS)
        .await
        .with("songs/a.csv.old/b.csv", FILMS)
        .await
        .table()
        .await;
    assert_eq!(columns(&table), "title string, year bigint");
    assert_eq!(table.name, "a_csv");
    assert_eq!(table.location, "s3://my-lake/songs/a.csv");
    assert_eq!(table.parameters["objectCount"], "1");
}

#[tokio::test]
async fn an_include_path_that_is_one_file_leaves_out_the_others_of_its_folder() {
    for path in ["songs/a.csv", "a.csv"] {
        let table = lake()
            .at(path)
            .with(path, SONGS)
            .await
            .with("songs/b.csv", SONGS)
            .await
            .table()
            .await;
        assert_eq!(table.location, format!("s3://my-lake/{path}"));
        assert_eq!(table.parameters["objectCount"], "1");
    }
}

#[tokio::test]
async fn a_partitions_value_is_read_as_hive_writes_it() {
    let table = lake()
        .with("t/My%20ts=2024-01-01 00%3A00%3A00/a.csv", SONGS)
        .await
        .with("t/My%20ts=2024-01-02 00%3A00%3A00/a.csv", SONGS)
        .await
        .table()
        .await;
    assert_eq!(keys(&table), "my ts string");
    let times = ["2024-01-01 00:00:00", "2024-01-02 00:00:00"];
    assert_eq!(values(&table), times);
    assert_eq!(
        table.partitions[0].location,
        "s3://my-lake/t/My%20ts=2024-01-01 00%3A00%3A00/"
    );
}

#[tokio::test]
async fn folders_that_can_be_no_partition_are_named_and_the_others_are() {
    let crawled = lake()
        .with("t/k=/a.csv", SONGS)
        .await
        .with("t/k=a b/a.csv", SONGS)
        .await
        .with("t/k=a%20b/a.csv", SONGS)
        .await
        .crawl()
        .await;
    let table = &crawled.tables[0];
    assert_eq!(values(table), ["a b"]);
    assert_eq!(table.parameters["objectCount"], "1");
    let said: Vec<String> = crawled
        .warnings
        .iter()
        .map(|one| format!("{}: {}", one.location, one.message))
        .collect();
    assert_eq!(
        said,
        [
            "s3://my-lake/t/k=/: the folder is no partition: its name gives a key an empty value, \
             which the catalog does not take",
            "s3://my-lake/t/k=a%20b/: the folder is no partition: its name gives the keys the same \
             values as s3://my-lake/t/k=a b/",
        ]
    );
}

#[tokio::test]
async fn an_include_path_needs_no_slash_and_is_no_prefix_of_names() {
    let table = lake()
        .at("songs")
        .with("songs/a.csv", SONGS)
        .await
        .with("songs2/a.csv", FILMS)
        .await
        .table()
        .await;
    assert_eq!(table.location, "s3://my-lake/songs/");
}

#[tokio::test]
async fn a_table_level_says_where_tables_are() {
    let mut lake = lake();
    for key in ["a/x/1", "a/x/2", "a/y/1", "b/x/1"] {
        lake = lake.with(&format!("{key}/f.csv"), SONGS).await;
    }
    let lake = lake.options(Options {
        table_level: Some(2),
        ..Options::default()
    });
    let crawled = lake.crawl().await;
    assert_eq!(names(&crawled), ["a", "b"]);
    assert_eq!(
        keys(&crawled.tables[0]),
        "partition_0 string, partition_1 string"
    );
    assert_eq!(values(&crawled.tables[1]), ["x/1"]);
}

#[tokio::test]
async fn a_partition_key_that_is_also_a_column_is_there_once() {
    let csv = lake().with("t/year=2024/a.csv", SONGS).await.table().await;
    assert_eq!(columns(&csv), "title string, year_1 bigint");
    let json = lake()
        .with("t/year=2024/a.json", "{\"title\":\"x\",\"year\":2024}")
        .await
        .table()
        .await;
    assert_eq!(columns(&json), "title string");
    assert_eq!(json.format.serde_parameters["paths"], "title");
}

#[tokio::test]
async fn several_include_paths_are_tables_however_alike() {
    let lake = lake()
        .with("t/table1/a.csv", SONGS)
        .await
        .with("t/table2/a.csv", SONGS)
        .await;
    let targets = [lake.target(), lake.target()];
    let mut targets = Vec::from(targets);
    targets[0].prefix = "t/table1/".to_owned();
    targets[1].prefix = "t/table2/".to_owned();
    let crawled = crawler::crawl(&targets, &Options::default(), &|_| ())
        .await
        .unwrap();
    assert_eq!(names(&crawled), ["table1", "table2"]);
}

#[tokio::test]
async fn an_include_path_that_is_given_twice_gives_its_table_once() {
    let lake = lake().with("t/a.csv", SONGS).await;
    let targets = [lake.target(), lake.target()];
    let crawled = crawler::crawl(&targets, &Options::default(), &|_| ())
        .await
        .unwrap();
    assert_eq!(names(&crawled), ["t"]);
}
