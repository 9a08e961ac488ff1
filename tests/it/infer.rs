use crate::world::World;

const FILMS: &str = "id,title,score\n1,Alien,8.5\n2,Brazil,7.9\n";

fn lake() -> World {
    let world = World::new();
    for year in ["2023", "2024"] {
        world.write(&format!("films/year={year}/part.csv"), FILMS);
    }
    world
}

#[test]
fn a_folder_is_a_table_without_any_cloud() {
    let world = lake();
    insta::assert_snapshot!(world.run(&["infer", "films"]).ok(), @r"
    films  csv, 2 objects, 4 rows, 80 B, 2 partitions
    ┌────────┬────────┬───────────┐
    │ column ┆ type   ┆ key       │
    ╞════════╪════════╪═══════════╡
    │ id     ┆ bigint ┆           │
    │ title  ┆ string ┆           │
    │ score  ┆ double ┆           │
    │ year   ┆ string ┆ partition │
    └────────┴────────┴───────────┘
    ");
    assert!(!world.path().join(".athglue").exists());
}

#[test]
fn of_a_large_file_the_rows_are_a_guess_and_a_table_without_keys_has_two_columns() {
    let world = World::new();
    world.write(
        "films.csv",
        &format!("id,title\n{}", "1,Alien\n".repeat(200_000)),
    );
    let shown = world.run(&["infer", "films.csv"]).ok();
    assert!(shown.contains("1 object, about "), "{shown}");
    assert!(shown.contains("│ id     ┆ bigint │\n"), "{shown}");
}

#[test]
fn what_is_worth_knowing_of_a_table_is_said_shortly() {
    let world = World::new();
    world.write(
        "films/a.csv",
        "\"id\",\"title\"\n\"x\",\"Alien\"\n\"y\",\"Brazil\"\n",
    );
    let ran = world.run(&["infer", "films"]);
    assert!(
        ran.err.contains("whether the first row is a header"),
        "{}",
        ran.err
    );
    assert!(ran.err.contains("are in quotes"), "{}", ran.err);
    let told = world.run(&["infer", "films", "--output", "json"]).json();
    assert_eq!(told["warnings"].as_array().map(Vec::len), Some(2));
}

#[test]
fn a_schema_as_ddl_and_as_a_block_of_the_stack() {
    let world = lake();
    let ddl = ["infer", "films", "--format", "ddl", "--database", "lake"];
    let ddl = [&ddl[..], &["--location", "s3://lake/films"]].concat();
    insta::assert_snapshot!(world.run(&ddl).ok(), @r"
    CREATE EXTERNAL TABLE `lake`.`films` (
      `id` bigint,
      `title` string,
      `score` double
    )
    PARTITIONED BY (
      `year` string
    )
    ROW FORMAT SERDE 'org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe'
    WITH SERDEPROPERTIES (
      'field.delim' = ','
    )
    STORED AS INPUTFORMAT 'org.apache.hadoop.mapred.TextInputFormat'
    OUTPUTFORMAT 'org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat'
    LOCATION 's3://lake/films/'
    TBLPROPERTIES (
      'areColumnsQuoted' = 'false',
      'classification' = 'csv',
      'columnsOrdered' = 'true',
      'compressionType' = 'none',
      'delimiter' = ',',
      'skip.header.line.count' = '1',
      'typeOfData' = 'file'
    )
    ");
    insta::assert_snapshot!(world.run(&["infer", "films", "--format", "toml"]).ok(), @r#"
    [tables.films]
    database = "DATABASE"
    location = "s3://BUCKET/"
    format = "csv"
    columns = [
      { name = "id", type = "bigint" },
      { name = "title", type = "string" },
      { name = "score", type = "double" },
    ]
    partition_keys = [
      { name = "year", type = "string" },
    ]
    parameters = { "areColumnsQuoted" = "false", "columnsOrdered" = "true", "compressionType" = "none", "delimiter" = ",", "skip.header.line.count" = "1", "typeOfData" = "file" }
    "#);
}

#[test]
fn the_block_is_taken_by_validate_and_the_ddl_by_athena() {
    let world = lake();
    world.write(
        "stack.toml",
        "[stack]\nname = \"s\"\nregion = \"eu-west-1\"\n[buckets.results]\n[databases.lake]\n[workgroups.main]\nresults = \"s3://${buckets.results}/\"\n",
    );
    let toml = [
        "infer",
        "films",
        "--format",
        "toml",
        "--location",
        "s3://s-results-000000000000/films/",
    ];
    let block = world.run(&toml).ok();
    let stack = std::fs::read_to_string(world.path().join("stack.toml")).expect("it is there");
    world.write("stack.toml", &format!("{stack}{block}"));
    world.run(&["up", "--yes"]).ok();
    let described = world.run(&["describe", "films", "--output", "json"]).json();
    let names: Vec<&str> = described["columns"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|c| c["name"].as_str())
        .collect();
    assert_eq!(names, ["id", "title", "score", "year"]);
    let ddl = [
        "infer",
        "films/year=2023",
        "--format",
        "ddl",
        "--location",
        "s3://s-results-000000000000/x/",
    ];
    let ddl = world.run(&ddl).ok();
    world.run(&["query", &ddl]).ok();
}

#[test]
fn what_is_not_there_and_what_is_no_data_is_said() {
    let world = lake();
    let ran = world.run(&["infer", "nothing"]);
    assert_eq!(ran.code, 1);
    assert!(ran.err.contains("cannot read nothing"), "{}", ran.err);
    world.write("empty/x.bin", "\u{0}\u{1}\u{2}");
    let ran = world.run(&["infer", "empty"]);
    assert_eq!(ran.code, 1);
    assert!(ran.err.contains("empty has no table in it"), "{}", ran.err);
}

#[test]
fn tables_side_by_side_keep_their_places() {
    let world = World::new();
    world.write("in/films/a.csv", FILMS);
    world.write("in/mixed/a.csv", FILMS);
    world.write("in/mixed/b.json", "{\"a\": 1}\n");
    let places = |more: &[&str]| -> Vec<String> {
        let ddl = world.run(&[&["infer", "in", "--format", "ddl"][..], more].concat());
        let ddl = ddl.ok();
        let places = ddl
            .lines()
            .filter_map(|line| line.strip_prefix("LOCATION "));
        places.map(str::to_owned).collect()
    };
    assert_eq!(
        places(&["--location", "s3://lake/x"]),
        [
            "'s3://lake/x/films/'",
            "'s3://lake/x/mixed/a.csv'",
            "'s3://lake/x/mixed/b.json'"
        ]
    );
    assert_eq!(places(&[])[0], "'s3://BUCKET/films/'");
    let told = world.run(&["infer", "in", "--output", "json"]).json();
    assert_eq!(told["tables"][0]["location"], "in/films/");
    let refused = world.run(&["infer", "in", "--location", "nonsense"]);
    assert_eq!(refused.code, 1);
    assert!(
        refused.err.contains("is written s3://BUCKET/PREFIX"),
        "{}",
        refused.err
    );
}

#[test]
fn a_table_without_a_serde_has_none_in_ddl_and_toml() {
    let world = World::new();
    world.write("x/a.xml", "<all><row><a>1</a></row></all>");
    let ddl = world.run(&["infer", "x", "--format", "ddl"]).ok();
    assert!(!ddl.contains("SERDE"), "{ddl}");
    assert!(ddl.starts_with("-- Athena has no SerDe for XML"), "{ddl}");
    let block = world.run(&["infer", "x", "--format", "toml"]).ok();
    assert!(!block.contains("serde"), "{block}");
    assert!(
        block.starts_with("# Athena has no SerDe for XML"),
        "{block}"
    );
}

#[test]
fn the_ddl_of_a_delta_table_has_its_place_alone() {
    let world = World::new();
    let schema = r#"{\"type\":\"struct\",\"fields\":[{\"name\":\"id\",\"type\":\"long\",\"nullable\":true,\"metadata\":{}}]}"#;
    let log = format!(
        "{{\"protocol\":{{\"minReaderVersion\":1,\"minWriterVersion\":2}}}}\n{{\"metaData\":{{\"id\":\"1\",\"format\":{{\"provider\":\"parquet\",\"options\":{{}}}},\"schemaString\":\"{schema}\",\"partitionColumns\":[],\"configuration\":{{}}}}}}\n"
    );
    world.write("lake/t/_delta_log/00000000000000000000.json", &log);
    let ddl = [
        "infer",
        "lake/t",
        "--format",
        "ddl",
        "--location",
        "s3://lake/t",
    ];
    insta::assert_snapshot!(world.run(&ddl).ok(), @r"
    CREATE EXTERNAL TABLE `t`
    LOCATION 's3://lake/t/'
    TBLPROPERTIES (
      'table_type' = 'DELTA'
    )
    ");
}

#[test]
fn fields_that_the_ddl_of_athena_refuses_are_named() {
    let world = World::new();
    world.write("x/a.json", "{\"s\":{\"x\":1,\"Y-z\":\"a\"}}\n");
    let ran = world.run(&["infer", "x", "--format", "ddl"]);
    assert!(
        ran.err.contains("between double quotes alone"),
        "{}",
        ran.err
    );
    assert!(ran.err.contains("s.Y-z"), "{}", ran.err);
    let ddl = ran.ok();
    let expected = "-- Athena's DDL takes no fields of structs with other letters than a-z, 0-9 and _, as Y-z:";
    assert!(ddl.starts_with(expected), "{ddl}");
}

#[test]
fn blocks_of_any_column_names_are_taken_by_the_stack() {
    let world = World::new();
    world.write("x/a.csv", "id,Größe in €,a-b\n1,2,x\n2,3,y\n");
    world.write("y/a.xml", "<all><row><a>1</a></row></all>");
    let mut stack = "[stack]\nname = \"s\"\nregion = \"eu-west-1\"\n[databases.lake]\n".to_owned();
    world.write("stack.toml", &stack);
    for folder in ["x", "y"] {
        let location = format!("s3://s-data/{folder}/");
        let toml = ["infer", folder, "--format", "toml", "--location", &location];
        let ran = world.run(&toml);
        if folder == "x" {
            assert!(ran.err.contains("between double quotes"), "{}", ran.err);
        }
        stack.push_str(&ran.ok());
    }
    world.write("stack.toml", &stack);
    world.run(&["up", "--yes"]).ok();
    let described = world.run(&["describe", "x", "--output", "json"]).json();
    assert_eq!(described["columns"][1]["name"], "größe in €");
}

#[test]
fn a_file_that_becomes_no_table_is_named_by_its_path() {
    let world = World::new();
    world.write("f/zips/a.zip", "\u{0}\u{1}\u{2}");
    let ran = world.run(&["infer", "f/zips"]);
    assert!(ran.err.contains("warning: f/zips/a.zip: "), "{}", ran.err);
    std::fs::create_dir(world.path().join("empty")).expect("a folder");
    let ran = world.run(&["infer", "empty"]);
    assert!(
        ran.err.contains("warning: empty/: there is no object here"),
        "{}",
        ran.err
    );
}

#[test]
fn a_sample_is_as_large_as_a_crawlers() {
    let world = lake();
    for size in ["0", "250"] {
        let ran = world.run(&["infer", "films", "--sample", size]);
        assert_eq!(ran.code, 2, "{}", ran.err);
        assert!(ran.err.contains("1..=249"), "{}", ran.err);
    }
    world.run(&["infer", "films", "--sample", "1"]).ok();
}

#[test]
#[cfg(unix)]
fn what_is_no_file_is_said_to_be_none() {
    let world = World::new();
    let ran = world.run_with_input(&["infer", "/dev/stdin"], FILMS);
    assert_eq!(ran.code, 1);
    assert!(
        ran.err
            .contains("/dev/stdin is neither a file nor a folder"),
        "{}",
        ran.err
    );
}

#[test]
#[cfg(unix)]
fn a_symbolic_link_that_leads_back_is_named_by_its_path() {
    let world = lake();
    let folder = world.path().join("films");
    std::os::unix::fs::symlink(&folder, folder.join("again")).expect("a link");
    let ran = world.run(&["infer", "films"]);
    assert_eq!(ran.code, 1);
    assert!(ran.err.contains("films/again"), "{}", ran.err);
    assert!(!ran.err.contains("s3://"), "{}", ran.err);
}
