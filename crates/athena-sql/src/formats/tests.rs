//! Tables read through DataFusion from a store in memory.

mod avro;
mod grok;
mod hudi;
mod json;
mod orc;
mod parquet;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use async_trait::async_trait;
use datafusion::logical_expr::{Expr, col, lit};
use datafusion::prelude::SessionContext;
use object_store::memory::InMemory;
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt};

use super::scalar::shown;
use super::{ScanContext, table_provider};
use crate::catalog::{Catalog, Column, Database, Partition, Storage, Table};
use crate::error::{Error, ErrorKind};
use crate::functions::error_of;
use crate::types::{Type, from_hive, value_at};

const LAZY: &str = "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe";
const CSV: &str = "org.apache.hadoop.hive.serde2.OpenCSVSerde";

/// A catalog of one bucket, whose partitions are given.
#[derive(Debug)]
struct Lake {
    store: Arc<InMemory>,
    partitions: Vec<Partition>,
}

#[async_trait]
impl Catalog for Lake {
    async fn databases(&self) -> Result<Vec<Database>, Error> {
        Ok(Vec::new())
    }
    async fn database(&self, _: &str) -> Result<Option<Database>, Error> {
        Ok(None)
    }
    async fn create_database(&self, _: Database) -> Result<(), Error> {
        Err(Error::internal("not in this test"))
    }
    async fn drop_database(&self, _: &str) -> Result<(), Error> {
        Err(Error::internal("not in this test"))
    }
    async fn tables(&self, _: &str) -> Result<Vec<Table>, Error> {
        Ok(Vec::new())
    }
    async fn table(&self, _: &str, _: &str) -> Result<Option<Table>, Error> {
        Ok(None)
    }
    async fn create_table(&self, _: Table) -> Result<(), Error> {
        Err(Error::internal("not in this test"))
    }
    async fn update_table(&self, _: Table) -> Result<bool, Error> {
        Err(Error::internal("not in this test"))
    }
    async fn swap_metadata(&self, _: &Table, _: &str, _: &str) -> Result<bool, Error> {
        Err(Error::internal("not in this test"))
    }
    async fn drop_table(&self, _: &str, _: &str) -> Result<(), Error> {
        Err(Error::internal("not in this test"))
    }
    async fn partitions(&self, _: &Table, _: Option<&str>) -> Result<Vec<Partition>, Error> {
        Ok(self.partitions.clone())
    }
    async fn create_partitions(&self, _: &Table, _: Vec<Partition>) -> Result<(), Error> {
        Err(Error::internal("not in this test"))
    }
    async fn update_partition(&self, _: &Table, _: Partition) -> Result<(), Error> {
        Err(Error::internal("not in this test"))
    }
    async fn drop_partitions(&self, _: &Table, _: Vec<Vec<String>>) -> Result<(), Error> {
        Err(Error::internal("not in this test"))
    }
    async fn prepared_statement(&self, _: &str) -> Result<Option<String>, Error> {
        Ok(None)
    }
    async fn put_prepared_statement(&self, _: &str, _: &str) -> Result<(), Error> {
        Err(Error::internal("not in this test"))
    }
    async fn drop_prepared_statement(&self, _: &str) -> Result<(), Error> {
        Err(Error::internal("not in this test"))
    }
    fn object_store(&self, _: &str) -> Arc<dyn ObjectStore> {
        self.store.clone()
    }
}

/// A table below `s3://lake/t/`, and what reading it comes to.
struct World {
    store: Arc<InMemory>,
    table: Table,
    partitions: Vec<Partition>,
    read: Arc<AtomicU64>,
    limit: Option<u64>,
    most_rows: Option<usize>,
}

impl World {
    fn new(serde: &str, columns: &[(&str, &str)]) -> Self {
        let column = |(name, data_type): &(&str, &str)| Column {
            name: (*name).to_owned(),
            data_type: (*data_type).to_owned(),
            comment: None,
            parameters: BTreeMap::new(),
        };
        Self {
            store: Arc::new(InMemory::new()),
            table: Table {
                database: "films".to_owned(),
                name: "t".to_owned(),
                storage: Storage {
                    location: "s3://lake/t/".to_owned(),
                    columns: columns.iter().map(column).collect(),
                    serialization_library: serde.to_owned(),
                    ..Storage::default()
                },
                ..Table::default()
            },
            partitions: Vec::new(),
            read: Arc::default(),
            limit: None,
            most_rows: None,
        }
    }

    fn serde_parameter(mut self, key: &str, value: &str) -> Self {
        let parameters: &mut BTreeMap<_, _> = &mut self.table.storage.serde_parameters;
        parameters.insert(key.to_owned(), value.to_owned());
        self
    }

    fn parameter(mut self, key: &str, value: &str) -> Self {
        self.table
            .parameters
            .insert(key.to_owned(), value.to_owned());
        self
    }

    async fn put(&self, key: &str, body: impl Into<Vec<u8>>) {
        let body: Vec<u8> = body.into();
        self.store.put(&Path::from(key), body.into()).await.unwrap();
    }

    /// A table of one file of the crawler's corpus, which other libraries wrote.
    async fn of_corpus(serde: &str, case: &str, columns: &[(&str, &str)]) -> Self {
        let world = Self::new(serde, columns);
        world.put("t/data", corpus(case)).await;
        world
    }

    /// All rows in all columns.
    async fn all(&self) -> Result<Vec<String>, Error> {
        let columns: Vec<&str> = self
            .table
            .storage
            .columns
            .iter()
            .map(|c| c.name.as_str())
            .collect();
        self.rows(None, &columns).await
    }

    fn partition(&mut self, values: &[&str], location: &str) {
        self.partitions.push(Partition {
            values: values.iter().map(|v| (*v).to_owned()).collect(),
            storage: Storage {
                location: location.to_owned(),
                ..self.table.storage.clone()
            },
            ..Partition::default()
        });
    }

    /// The rows, sorted, their values joined by `|`.
    async fn rows(&self, filter: Option<Expr>, columns: &[&str]) -> Result<Vec<String>, Error> {
        let types: Vec<(String, Type)> = self
            .table
            .storage
            .columns
            .iter()
            .chain(&self.table.partition_keys)
            .map(|c| (c.name.clone(), from_hive(&c.data_type).unwrap()))
            .collect();
        let context = ScanContext {
            catalog: Arc::new(Lake {
                store: self.store.clone(),
                partitions: self.partitions.clone(),
            }),
            bytes_scanned: self.read.clone(),
            scan_limit: self.limit,
        };
        let provider = table_provider(&self.table, &types, &context)?;
        let mut frame = SessionContext::new()
            .read_table(provider)
            .map_err(|e| error_of(&e))?;
        if let Some(filter) = filter {
            frame = frame.filter(filter).map_err(|e| error_of(&e))?;
        }
        if self.most_rows.is_some() {
            let limited = frame.limit(0, self.most_rows);
            frame = limited.map_err(|e| error_of(&e))?;
        }
        frame = frame.select_columns(columns).map_err(|e| error_of(&e))?;
        let batches = frame.collect().await.map_err(|e| error_of(&e))?;
        let mut rows = Vec::new();
        for batch in batches {
            for row in 0..batch.num_rows() {
                let values = columns.iter().enumerate().map(|(i, name)| {
                    let data_type = types
                        .iter()
                        .find(|(column, _)| column == name)
                        .map_or(Type::VARCHAR, |(_, t)| t.clone());
                    shown(&value_at(batch.column(i), &data_type, row))
                });
                rows.push(values.collect::<Vec<_>>().join("|"));
            }
        }
        rows.sort();
        Ok(rows)
    }
}

/// The object of a case of the crawler's corpus.
fn corpus(case: &str) -> Vec<u8> {
    let folder = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../crawler/tests/corpus/binary"
    );
    std::fs::read(format!("{folder}/{case}/objects/t/data")).unwrap()
}

/// Reads the file with a few bytes changed, cut, or doubled, many times: whatever comes of it is rows
/// or an error that names the file.
async fn damaged(serde: &str, file: &[u8], columns: &[(&str, &str)]) {
    let mut seed = 7_u64;
    let mut random = move |below: usize| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (seed >> 33) as usize % below
    };
    for _ in 0..200 {
        let mut bytes = file.to_vec();
        for _ in 0..=random(3) {
            let at = random(bytes.len());
            bytes[at] = random(256) as u8;
        }
        if random(8) == 0 {
            bytes.truncate(random(bytes.len()) + 1);
        }
        let mut world = World::new(serde, columns);
        // A file that says it has rows without end is read on; a limit of rows ends that.
        world.most_rows = Some(100_000);
        world.put("t/data", bytes).await;
        if let Err(error) = world.all().await {
            let named = error.message.contains("s3://lake/t/data");
            assert!(named, "{error}");
        }
    }
}

fn gzip(text: &str) -> Vec<u8> {
    use std::io::Write;
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(text.as_bytes()).unwrap();
    encoder.finish().unwrap()
}

#[tokio::test]
async fn all_files_below_the_location_are_rows_but_hidden_ones() {
    let mut world =
        World::new(LAZY, &[("id", "int"), ("title", "string")]).serde_parameter("field.delim", ",");
    world
        .table
        .parameters
        .insert("skip.header.line.count".to_owned(), "1".to_owned());
    world.put("t/1.csv", "id,title\n1,Brazil\r\n2,Alien").await;
    world
        .put("t/deep/2.csv.gz", gzip("id,title\n3,Stalker\n"))
        .await;
    world.put("t/_SUCCESS", "x\ny\n").await;
    world.put("t/.tmp/3.csv", "id,title\n9,x\n").await;
    world.put("t-old/4.csv", "id,title\n8,x\n").await;
    world.put("t/empty.csv", "").await;
    let rows = world.rows(None, &["title", "id"]).await.unwrap();
    assert_eq!(rows, ["Alien|2", "Brazil|1", "Stalker|3"]);
    let paths = world
        .rows(Some(col("id").eq(lit(3))), &["$path"])
        .await
        .unwrap();
    assert_eq!(paths, ["s3://lake/t/deep/2.csv.gz"]);
}

#[tokio::test]
async fn a_line_ends_with_a_carriage_return_too() {
    let world =
        World::new(LAZY, &[("id", "int"), ("title", "string")]).serde_parameter("field.delim", ",");
    world.put("t/1.csv", "1,Brazil\r2,Alien\r").await;
    world
        .put(
            "t/2.csv.zst",
            zstd::encode_all(&b"3,Stalker\r\n"[..], 0).unwrap(),
        )
        .await;
    let rows = world.rows(None, &["title", "id"]).await.unwrap();
    assert_eq!(rows, ["Alien|2", "Brazil|1", "Stalker|3"]);
}

#[tokio::test]
async fn a_partition_whose_column_does_not_fit_the_tables_is_an_error() {
    let mut world = World::new(LAZY, &[("id", "bigint"), ("name", "string")]);
    world.table.partition_keys = vec![Column {
        name: "day".to_owned(),
        data_type: "string".to_owned(),
        ..Column::default()
    }];
    world.put("t/1/a.csv", "1\u{1}a\n").await;
    world.partition(&["1"], "s3://lake/t/1/");
    world.partition(&["2"], "s3://lake/t/2/");
    world.partitions[0].storage.columns[0].data_type = "int".to_owned();
    assert_eq!(world.rows(None, &["id", "day"]).await.unwrap(), ["1|1"]);

    world.partitions[1].storage.columns[0].data_type = "double".to_owned();
    let error = world.rows(None, &["name"]).await.unwrap_err();
    assert_eq!(error.code, "HIVE_PARTITION_SCHEMA_MISMATCH");
    assert!(
        error.message.ends_with(
            "The column 'id' in table 'films.t' is declared as type 'bigint', but partition \
             'day=2' declared column 'id' as type 'double'."
        ),
        "{error}"
    );
    let day = col("day").eq(lit("1"));
    assert_eq!(world.rows(Some(day), &["id"]).await.unwrap(), ["1"]);
}

#[tokio::test]
async fn a_filter_on_partition_keys_reads_their_files_alone() {
    let mut world = World::new(LAZY, &[("title", "string")]).serde_parameter("field.delim", ",");
    world.table.partition_keys = vec![Column {
        name: "year".to_owned(),
        data_type: "int".to_owned(),
        comment: None,
        parameters: BTreeMap::new(),
    }];
    for year in ["1979", "1985", "__HIVE_DEFAULT_PARTITION__"] {
        let folder = format!("t/year={year}");
        world
            .put(&format!("{folder}/f"), format!("of {year}\n"))
            .await;
        world.partition(&[year], &format!("s3://lake/{folder}/"));
    }
    let rows = world.rows(None, &["title", "year"]).await.unwrap();
    assert_eq!(
        rows,
        [
            "of 1979|1979",
            "of 1985|1985",
            "of __HIVE_DEFAULT_PARTITION__|-"
        ]
    );
    world.read.store(0, Ordering::Relaxed);
    let later = Some(col("year").gt(lit(1980)));
    let rows = world.rows(later, &["title"]).await.unwrap();
    assert_eq!(rows, ["of 1985"]);
    assert_eq!(world.read.load(Ordering::Relaxed), "of 1985\n".len() as u64);
}

#[tokio::test]
async fn a_scan_over_its_limit_ends() {
    let mut world = World::new(LAZY, &[("title", "string")]);
    world.put("t/f", "x".repeat(100)).await;
    world.limit = Some(99);
    let error = world.rows(None, &["title"]).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::ResourcesExceeded);
}

#[tokio::test]
async fn a_csv_field_that_is_no_number_fails_as_athena_says() {
    let world = World::new(CSV, &[("title", "string"), ("id", "int")]);
    world.put("t/f", "\"Brazil, again\",\"x\"\n").await;
    let rows = world.rows(None, &["title"]).await.unwrap();
    assert_eq!(rows, ["Brazil, again"]);
    let error = world.rows(None, &["id"]).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "HIVE_BAD_DATA: Error parsing field value 'x' for field 1: For input string: \"x\""
    );
}

#[tokio::test]
async fn a_serde_that_is_not_there_is_named() {
    let world = World::new("com.example.OtherSerDe", &[("id", "int")]);
    let error = world.rows(None, &["id"]).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::NotSupported);
    assert!(error.message.contains("com.example.OtherSerDe"));
}
