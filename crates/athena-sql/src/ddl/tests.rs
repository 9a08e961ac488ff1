//! Statements over a catalog in memory.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};

use async_trait::async_trait;
use futures::TryStreamExt;
use object_store::memory::InMemory;
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt};

use super::{ViewColumn, create_view, run, view_query};
use crate::answer::StatementType;
use crate::ast::Statement;
use crate::catalog::{Catalog, Database, Partition, Table};
use crate::error::Error;
use crate::parser::parse_statement;
use crate::session::{Cancel, Session};
use crate::test_lake::swap_metadata;

#[derive(Debug, Default)]
struct World {
    databases: BTreeMap<String, Database>,
    tables: BTreeMap<(String, String), Table>,
    partitions: BTreeMap<(String, String), Vec<Partition>>,
}

#[derive(Debug, Default)]
struct MemoryCatalog {
    world: Mutex<World>,
    /// Properties that somebody else gives a table, one before each update of it.
    meanwhile: Mutex<Vec<(String, String)>>,
    objects: Arc<InMemory>,
}

impl MemoryCatalog {
    fn world(&self) -> MutexGuard<'_, World> {
        self.world
            .lock()
            .expect("no test panics while it holds the world")
    }
}

fn key(table: &Table) -> (String, String) {
    (table.database.clone(), table.name.clone())
}

/// Another state of a table.
fn next_version(version: Option<&String>) -> Option<String> {
    let number = version.and_then(|version| version.parse::<u32>().ok());
    Some(number.map_or(0, |number| number + 1).to_string())
}

#[async_trait]
impl Catalog for MemoryCatalog {
    async fn databases(&self) -> Result<Vec<Database>, Error> {
        Ok(self.world().databases.values().cloned().collect())
    }

    async fn database(&self, name: &str) -> Result<Option<Database>, Error> {
        Ok(self.world().databases.get(name).cloned())
    }

    async fn create_database(&self, database: Database) -> Result<(), Error> {
        self.world()
            .databases
            .insert(database.name.clone(), database);
        Ok(())
    }

    async fn drop_database(&self, name: &str) -> Result<(), Error> {
        self.world().databases.remove(name);
        Ok(())
    }

    async fn tables(&self, database: &str) -> Result<Vec<Table>, Error> {
        let world = self.world();
        Ok(world
            .tables
            .values()
            .filter(|table| table.database == database)
            .cloned()
            .collect())
    }

    async fn table(&self, database: &str, name: &str) -> Result<Option<Table>, Error> {
        Ok(self
            .world()
            .tables
            .get(&(database.to_owned(), name.to_owned()))
            .cloned())
    }

    async fn create_table(&self, mut table: Table) -> Result<(), Error> {
        table.version_id = next_version(None);
        self.world().tables.insert(key(&table), table);
        Ok(())
    }

    async fn update_table(&self, mut table: Table) -> Result<bool, Error> {
        let property = self.meanwhile.lock().expect("no panic").pop();
        let mut world = self.world();
        let stored = world.tables.get_mut(&key(&table)).expect("the table");
        if let Some((name, value)) = property {
            stored.parameters.insert(name, value);
            stored.version_id = next_version(stored.version_id.as_ref());
        }
        if table.version_id != stored.version_id {
            return Ok(false);
        }
        table.version_id = next_version(stored.version_id.as_ref());
        *stored = table;
        Ok(true)
    }

    async fn swap_metadata(
        &self,
        table: &Table,
        expected: &str,
        metadata_location: &str,
    ) -> Result<bool, Error> {
        swap_metadata(self, table, expected, metadata_location).await
    }

    async fn drop_table(&self, database: &str, name: &str) -> Result<(), Error> {
        self.world()
            .tables
            .remove(&(database.to_owned(), name.to_owned()));
        Ok(())
    }

    async fn partitions(&self, table: &Table, _: Option<&str>) -> Result<Vec<Partition>, Error> {
        Ok(self
            .world()
            .partitions
            .get(&key(table))
            .cloned()
            .unwrap_or_default())
    }

    async fn create_partitions(&self, table: &Table, added: Vec<Partition>) -> Result<(), Error> {
        self.world()
            .partitions
            .entry(key(table))
            .or_default()
            .extend(added);
        Ok(())
    }

    async fn update_partition(&self, table: &Table, changed: Partition) -> Result<(), Error> {
        let mut world = self.world();
        let partitions = world.partitions.entry(key(table)).or_default();
        let mut stored = partitions.iter_mut();
        let stored = stored.find(|stored| stored.values == changed.values);
        *stored.expect("the partition") = changed;
        Ok(())
    }

    async fn drop_partitions(&self, table: &Table, values: Vec<Vec<String>>) -> Result<(), Error> {
        let mut world = self.world();
        let partitions = world.partitions.entry(key(table)).or_default();
        partitions.retain(|partition| !values.contains(&partition.values));
        Ok(())
    }

    async fn prepared_statement(&self, _: &str) -> Result<Option<String>, Error> {
        Ok(None)
    }

    async fn put_prepared_statement(&self, _: &str, _: &str) -> Result<(), Error> {
        Ok(())
    }

    async fn drop_prepared_statement(&self, _: &str) -> Result<(), Error> {
        Ok(())
    }

    fn object_store(&self, _: &str) -> Arc<dyn ObjectStore> {
        self.objects.clone()
    }
}

struct Lake {
    catalog: Arc<MemoryCatalog>,
    session: Session,
}

impl Lake {
    async fn new() -> Self {
        let catalog = Arc::new(MemoryCatalog::default());
        let session = Session {
            catalog: catalog.clone(),
            database: "lake".to_owned(),
            query_id: "q".to_owned(),
            output_location: "s3://results/".to_owned(),
            output_is_enforced: false,
            parameters: Vec::new(),
            now: chrono::DateTime::UNIX_EPOCH,
            cancel: Cancel::default(),
        };
        let lake = Self { catalog, session };
        lake.lines("CREATE DATABASE lake COMMENT 'ours'").await;
        lake
    }

    async fn with_songs() -> Self {
        let lake = Self::new().await;
        lake.lines(
            "CREATE EXTERNAL TABLE songs (title string COMMENT 'its name', tags array<string>)
             PARTITIONED BY (year int, genre string)
             ROW FORMAT DELIMITED FIELDS TERMINATED BY '\\t'
             LOCATION 's3://data/songs/' TBLPROPERTIES ('skip.header.line.count'='1')",
        )
        .await;
        lake
    }

    async fn run(&self, sql: &str) -> Result<Vec<String>, Error> {
        let statement = parse_statement(sql)?;
        let answer = run(&statement, &self.session).await?;
        let batches: Vec<_> = answer.rows.try_collect().await?;
        Ok(batches.into_iter().flatten().flatten().flatten().collect())
    }

    async fn lines(&self, sql: &str) -> Vec<String> {
        self.run(sql)
            .await
            .unwrap_or_else(|error| panic!("{sql}: {error}"))
    }

    async fn refusal(&self, sql: &str) -> String {
        match self.run(sql).await {
            Ok(lines) => panic!("{sql} gives {lines:?}"),
            Err(error) => error.to_string(),
        }
    }
}

#[tokio::test]
async fn a_table_is_created_shown_and_dropped() {
    let lake = Lake::with_songs().await;
    assert_eq!(lake.lines("SHOW DATABASES").await, ["lake"]);
    assert_eq!(lake.lines("SHOW TABLES").await, ["songs"]);
    assert_eq!(lake.lines("SHOW TABLES IN lake 'so*|x*'").await, ["songs"]);
    assert!(lake.lines("SHOW TABLES '*x'").await.is_empty());
    assert_eq!(
        lake.lines("SHOW COLUMNS IN songs").await,
        [
            "title               ",
            "tags                ",
            "year                ",
            "genre               "
        ]
    );
    assert_eq!(
        lake.lines("SHOW TBLPROPERTIES songs ('skip.header.line.count')")
            .await,
        ["1"]
    );
    assert_eq!(
        lake.refusal("CREATE EXTERNAL TABLE songs (a int) LOCATION 's3://data/x/'")
            .await,
        "FAILED: Execution Error, return code 1 from org.apache.hadoop.hive.ql.exec.DDLTask. \
         AlreadyExistsException(message:Table songs already exists)"
    );
    lake.lines("CREATE EXTERNAL TABLE IF NOT EXISTS songs (a int) LOCATION 's3://data/x/'")
        .await;
    lake.lines("DROP TABLE songs").await;
    lake.lines("DROP TABLE IF EXISTS songs").await;
    assert_eq!(
        lake.refusal("DROP TABLE lake.songs").await,
        "FAILED: SemanticException [Error 10001]: Table not found lake.songs"
    );
}

#[tokio::test]
async fn a_table_is_described_in_hives_layout() {
    let lake = Lake::with_songs().await;
    assert_eq!(
        lake.lines("DESCRIBE songs").await,
        [
            "title               \tstring              \tits name            ",
            "tags                \tarray<string>       \t                    ",
            "year                \tint                 \t                    ",
            "genre               \tstring              \t                    ",
            "\t \t ",
            "# Partition Information\t \t ",
            "# col_name          \tdata_type           \tcomment             ",
            "\t \t ",
            "year                \tint                 \t                    ",
            "genre               \tstring              \t                    ",
        ]
    );
    assert_eq!(
        lake.lines("DESCRIBE songs tags.`$elem$`").await,
        ["$elem$              \tstring              \tfrom deserializer   "]
    );
}

#[tokio::test]
async fn what_show_create_table_says_creates_the_same_table() {
    let lake = Lake::with_songs().await;
    let lines = lake.lines("SHOW CREATE TABLE songs").await;
    assert_eq!(
        lines.join("\n"),
        "CREATE EXTERNAL TABLE `songs`(\n  \
           `title` string COMMENT 'its name', \n  \
           `tags` array<string>)\n\
         PARTITIONED BY ( \n  \
           `year` int, \n  \
           `genre` string)\n\
         ROW FORMAT DELIMITED \n  \
           FIELDS TERMINATED BY '\\t' \n\
         STORED AS INPUTFORMAT \n  \
           'org.apache.hadoop.mapred.TextInputFormat' \n\
         OUTPUTFORMAT \n  \
           'org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat'\n\
         LOCATION\n  \
           's3://data/songs/'\n\
         TBLPROPERTIES (\n  \
           'skip.header.line.count'='1', \n  \
           'transient_lastDdlTime'='0')"
    );
    let before = lake.catalog.table("lake", "songs").await;
    lake.lines("DROP TABLE songs").await;
    lake.lines(&lines.join("\n")).await;
    assert_eq!(lake.catalog.table("lake", "songs").await, before);
}

#[tokio::test]
async fn partitions_are_added_shown_renamed_and_dropped() {
    let lake = Lake::with_songs().await;
    lake.lines(
        "ALTER TABLE songs ADD PARTITION (year = 2023, genre = 'a/b') \
         PARTITION (genre = 'pop', year = 2024) LOCATION 's3://data/elsewhere/'",
    )
    .await;
    assert_eq!(
        lake.lines("SHOW PARTITIONS songs").await,
        ["year=2023/genre=a%2Fb", "year=2024/genre=pop"]
    );
    assert!(
        lake.refusal("ALTER TABLE songs ADD PARTITION (year = 2024, genre = 'pop')")
            .await
            .contains("AlreadyExistsException")
    );
    lake.lines("ALTER TABLE songs ADD IF NOT EXISTS PARTITION (year = 2024, genre = 'pop')")
        .await;
    assert!(
        lake.refusal("ALTER TABLE songs ADD PARTITION (year = 2024)")
            .await
            .contains("doesn't contain all (2) partition columns")
    );
    lake.lines(
        "ALTER TABLE songs PARTITION (year = 2024, genre = 'pop') \
         RENAME TO PARTITION (year = 900, genre = 'pop')",
    )
    .await;
    // 900 < 2023 as numbers, not as text.
    lake.lines("ALTER TABLE songs DROP PARTITION (year < 2023)")
        .await;
    assert_eq!(
        lake.lines("SHOW PARTITIONS songs").await,
        ["year=2023/genre=a%2Fb"]
    );
    assert_eq!(
        lake.refusal("ALTER TABLE songs DROP PARTITION (year = 1)")
            .await,
        "FAILED: SemanticException [Error 10006]: Partition not found (year = '1')"
    );
    lake.lines("ALTER TABLE songs DROP IF EXISTS PARTITION (year = 1)")
        .await;
}

#[tokio::test]
async fn a_repair_adds_the_partitions_that_lie_below_the_table() {
    let lake = Lake::with_songs().await;
    for path in [
        "songs/year=2023/genre=pop/1.csv",
        "songs/Year=2024/genre=a b/1.csv",
        "songs/2025/pop/1.csv",
        "songs/year=2022/1.csv",
        "other/year=2021/genre=x/1.csv",
        "songs/year=2024/genre=/1.csv",
        "songs/year=/genre=pop/1.csv",
    ] {
        lake.catalog
            .objects
            .put(&Path::from(path), "x".into())
            .await
            .expect("memory takes an object");
    }
    lake.lines("ALTER TABLE songs ADD PARTITION (year = 2023, genre = 'pop')")
        .await;
    let left_out = "Left out, without a value of a key:\ts3://data/songs/year=/\t\
                    s3://data/songs/year=2024/genre=/";
    assert_eq!(
        lake.lines("MSCK REPAIR TABLE songs").await,
        [
            "Partitions not in metastore:\tsongs:year=2024/genre=a b",
            "Repair: Added partition to metastore songs:year=2024/genre=a b",
            left_out,
        ]
    );
    assert_eq!(lake.lines("MSCK REPAIR TABLE songs").await, [left_out]);
    let added =
        lake.catalog.world().partitions[&("lake".to_owned(), "songs".to_owned())][1].clone();
    assert_eq!(
        added.storage.location,
        "s3://data/songs/Year=2024/genre=a b/"
    );
}

#[tokio::test]
async fn columns_and_properties_are_altered() {
    let lake = Lake::with_songs().await;
    lake.lines("ALTER TABLE songs ADD COLUMNS (length double)")
        .await;
    lake.lines("ALTER TABLE songs CHANGE COLUMN title name string")
        .await;
    lake.lines("ALTER TABLE songs SET TBLPROPERTIES ('classification'='csv')")
        .await;
    lake.lines("ALTER TABLE songs SET LOCATION 's3://data/new/'")
        .await;
    let table = lake
        .catalog
        .table("lake", "songs")
        .await
        .ok()
        .flatten()
        .expect("the table is there");
    let names: Vec<_> = table
        .storage
        .columns
        .iter()
        .map(|column| column.name.as_str())
        .collect();
    assert_eq!(names, ["name", "tags", "length"]);
    assert_eq!(table.parameters["classification"], "csv");
    assert_eq!(table.storage.location, "s3://data/new/");
    assert_eq!(
        lake.refusal("ALTER TABLE songs ADD COLUMNS (Tags int)")
            .await,
        "FAILED: SemanticException [Error 10036]: Duplicate column name: tags"
    );
}

#[tokio::test]
async fn what_others_change_meanwhile_stays_changed() {
    let lake = Lake::with_songs().await;
    let meanwhile = |changes: Vec<(&str, &str)>| {
        let changes = changes.into_iter();
        let changes = changes.map(|(name, value)| (name.to_owned(), value.to_owned()));
        *lake.catalog.meanwhile.lock().expect("no panic") = changes.collect();
    };
    meanwhile(vec![("classification", "csv"), ("owner", "us")]);
    lake.lines("ALTER TABLE songs ADD COLUMNS (length double)")
        .await;
    assert_eq!(
        lake.lines("SHOW COLUMNS IN songs").await.len(),
        5,
        "the column is there once"
    );
    for (property, value) in [("classification", "csv"), ("owner", "us")] {
        let shown = lake
            .lines(&format!("SHOW TBLPROPERTIES songs ('{property}')"))
            .await;
        assert_eq!(shown, [value]);
    }
    meanwhile(vec![("busy", "true"); 100]);
    assert_eq!(
        lake.refusal("ALTER TABLE songs ADD COLUMNS (tempo double)")
            .await,
        "FAILED: Execution Error, return code 1 from org.apache.hadoop.hive.ql.exec.DDLTask. \
         ConcurrentModificationException(message:Update of table songs failed due to concurrent \
         modifications)"
    );
    meanwhile(Vec::new());
    assert_eq!(lake.lines("SHOW COLUMNS IN songs").await.len(), 5);
}

#[tokio::test]
async fn a_database_with_tables_goes_only_with_cascade() {
    let lake = Lake::with_songs().await;
    assert!(
        lake.refusal("DROP DATABASE lake")
            .await
            .contains("Database lake is not empty")
    );
    lake.lines("DROP DATABASE lake CASCADE").await;
    assert_eq!(
        lake.refusal("SHOW TABLES IN lake").await,
        "FAILED: SemanticException [Error 10072]: Database does not exist: lake"
    );
}

#[tokio::test]
async fn a_view_keeps_its_query() {
    let lake = Lake::with_songs().await;
    let Ok(Statement::CreateView(create)) =
        parse_statement("CREATE VIEW v AS SELECT title\nFROM songs")
    else {
        panic!("a CREATE VIEW is parsed");
    };
    let columns = [ViewColumn {
        name: "title".to_owned(),
        trino_type: "varchar".to_owned(),
        hive_type: "string".to_owned(),
    }];
    let answer = create_view(&create, &columns, &lake.session)
        .await
        .expect("the view is new");
    assert_eq!(answer.statement_type, StatementType::Ddl);
    assert_eq!(lake.lines("SHOW VIEWS").await, ["v"]);
    assert_eq!(
        lake.lines("SHOW CREATE VIEW v").await,
        [
            "CREATE VIEW awsdatacatalog.lake.v AS",
            "SELECT title",
            "FROM songs"
        ]
    );
    let view = lake
        .catalog
        .table("lake", "v")
        .await
        .ok()
        .flatten()
        .expect("the view is there");
    assert_eq!(
        view_query(&view),
        Ok((
            "SELECT title\nFROM songs".to_owned(),
            Some("lake".to_owned())
        ))
    );
    let again = create_view(&create, &columns, &lake.session).await.err();
    assert!(again.is_some_and(|error| error.to_string().contains("View already exists")));
    let mut replacing = create;
    replacing.or_replace = true;
    *lake.catalog.meanwhile.lock().expect("no panic") = vec![("a".to_owned(), "b".to_owned())];
    create_view(&replacing, &columns, &lake.session)
        .await
        .expect("the view is replaced, on the second attempt");
    assert!(
        lake.refusal("DROP TABLE v")
            .await
            .contains("Cannot drop a view")
    );
    lake.lines("DROP VIEW v").await;
}

#[tokio::test]
async fn what_athena_does_not_run_is_refused_by_name() {
    let lake = Lake::new().await;
    assert_eq!(
        lake.refusal("GRANT SELECT ON t TO r").await,
        "NOT_SUPPORTED: line 1:1: the embedded Athena does not have GRANT SELECT"
    );
    assert!(
        lake.refusal("CREATE EXTERNAL TABLE t (a foo) LOCATION 's3://b/'")
            .await
            .contains("mismatched input 'foo'. Expecting: <type>")
    );
}

const EVENTS: &str =
    "CREATE TABLE events (id bigint, at timestamp COMMENT 'when', tags array<string>)
     PARTITIONED BY (day(at), bucket(16, id))
     LOCATION 's3://data/events/'
     TBLPROPERTIES ('table_type'='ICEBERG', 'write_compression'='zstd')";

impl Lake {
    async fn keys(&self) -> Vec<String> {
        let objects: Vec<_> = self
            .catalog
            .objects
            .list(None)
            .try_collect()
            .await
            .expect("a listing");
        objects
            .into_iter()
            .map(|object| object.location.to_string())
            .collect()
    }
}

#[tokio::test]
async fn an_iceberg_table_is_a_metadata_file_that_the_catalog_names() {
    let lake = Lake::new().await;
    lake.lines(EVENTS).await;
    let keys = lake.keys().await;
    let [key] = keys.as_slice() else {
        panic!("{keys:?}");
    };
    assert!(
        key.starts_with("events/metadata/00000-") && key.ends_with(".metadata.json"),
        "{key}"
    );
    let bytes = lake
        .catalog
        .objects
        .get(&Path::from(key.as_str()))
        .await
        .expect("it");
    let bytes = bytes.bytes().await.expect("its bytes");
    let metadata: serde_json::Value = serde_json::from_slice(&bytes).expect("JSON");
    assert_eq!(metadata["format-version"], 2);
    assert_eq!(metadata["location"], "s3://data/events");
    assert_eq!(metadata["current-snapshot-id"], -1);
    assert_eq!(metadata["last-column-id"], 4);
    assert_eq!(
        metadata["partition-specs"],
        serde_json::json!([{"spec-id": 0, "fields": [
            {"name": "at_day", "transform": "day", "source-id": 2, "field-id": 1000},
            {"name": "id_bucket", "transform": "bucket[16]", "source-id": 1, "field-id": 1001},
        ]}])
    );
    let table = lake
        .catalog
        .table("lake", "events")
        .await
        .expect("it")
        .expect("it");
    assert_eq!(table.table_type, "EXTERNAL_TABLE");
    assert_eq!(table.parameters["table_type"], "ICEBERG");
    assert_eq!(
        table.parameters["metadata_location"],
        format!("s3://data/{key}")
    );
    assert_eq!(table.storage.location, "s3://data/events");
    assert_eq!(table.storage.columns[2].data_type, "array<string>");
    assert_eq!(table.storage.columns[1].parameters["iceberg.field.id"], "2");
    assert!(table.partition_keys.is_empty());

    assert_eq!(
        lake.lines("SHOW TBLPROPERTIES events ('write_compression')")
            .await,
        ["zstd"]
    );
    let shown = lake.lines("SHOW CREATE TABLE events").await;
    assert_eq!(
        shown,
        [
            "CREATE TABLE lake.events (",
            "  `id` bigint,",
            "  `at` timestamp COMMENT 'when',",
            "  `tags` array<string>)",
            "PARTITIONED BY (day(`at`), bucket(16, `id`))",
            "LOCATION 's3://data/events'",
            "TBLPROPERTIES (",
            "  'table_type'='iceberg', ",
            "  'format'='parquet', ",
            "  'write_compression'='zstd')",
        ]
    );
    assert!(
        lake.refusal("ALTER TABLE events ADD COLUMNS (a int)")
            .await
            .contains("ALTER TABLE of Iceberg tables")
    );
    lake.lines("DROP TABLE events").await;
    assert!(lake.keys().await.is_empty());
    lake.lines(&shown.join("\n")).await;
}

#[tokio::test]
async fn what_an_iceberg_table_cannot_be_is_refused_in_athenas_words() {
    let lake = Lake::new().await;
    let end = "LOCATION 's3://data/t/' TBLPROPERTIES ('table_type'='iceberg')";
    for (start, said) in [
        (
            "CREATE EXTERNAL TABLE t (a int)",
            "External keyword not supported for table type ICEBERG",
        ),
        (
            "CREATE TABLE t (a int) STORED AS PARQUET",
            "Iceberg create table statement does not allow STORED AS/BY",
        ),
        (
            "CREATE TABLE t (a int) PARTITIONED BY (b int)",
            "Invalid PARTITIONED BY clause in Iceberg create table statement",
        ),
        (
            "CREATE TABLE t",
            "At least one column is required for Iceberg create table statement",
        ),
        (
            "CREATE TABLE t (a tinyint)",
            "Unsupported Hive type: tinyint",
        ),
        (
            "CREATE TABLE t (a int) PARTITIONED BY (day(a))",
            "line 1:44: Invalid source type int for transform: day",
        ),
        (
            "CREATE TABLE t (a int) PARTITIONED BY (b)",
            "line 1:40: Cannot find source column: b",
        ),
    ] {
        assert_eq!(lake.refusal(&format!("{start} {end}")).await, said);
    }
    assert_eq!(
        lake.refusal(
            "CREATE TABLE t (a int) LOCATION 's3://data/t/' TBLPROPERTIES ('table_type'='ICEBERG', 'x'='y')"
        )
        .await,
        "Unsupported table property key: x"
    );
    assert!(lake.keys().await.is_empty());
}
