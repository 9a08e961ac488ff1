//! A lake in memory, for tests that run whole statements.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use futures::TryStreamExt;
use object_store::memory::InMemory;
use object_store::{ObjectStore, ObjectStoreExt, PutPayload};

use crate::catalog::{Catalog, Database, Partition, Table};
use crate::error::Error;
use crate::session::{Cancel, Session};
use crate::{Answer, Engine, Limits, Written};

/// `swap_metadata` of a catalog that nobody else writes to.
pub async fn swap_metadata(
    catalog: &dyn Catalog,
    table: &Table,
    expected: &str,
    metadata_location: &str,
) -> Result<bool, Error> {
    let found = catalog.table(&table.database, &table.name).await?;
    let mut found = found.expect("the table");
    let named = found
        .parameters
        .get_mut("metadata_location")
        .expect("it is Iceberg's");
    if named != expected {
        return Ok(false);
    }
    metadata_location.clone_into(named);
    catalog.update_table(found).await
}

/// One bucket, and the tables and partitions that statements make; a table's name is of one
/// database.
#[derive(Debug, Default)]
pub struct Lake {
    pub tables: Mutex<BTreeMap<String, Table>>,
    pub partitions: Mutex<BTreeMap<String, Vec<Partition>>>,
    pub objects: Arc<InMemory>,
    /// What was read of databases and tables: `databases`, `database d`, `tables d`, `table d.t`.
    pub asked: Mutex<Vec<String>>,
    /// Whether `glue:CreateTable` is denied.
    pub refuses_tables: bool,
    /// Whether `glue:BatchCreatePartition` is denied.
    pub refuses_partitions: bool,
    /// Whether `glue:DeleteTable` is denied.
    pub keeps_tables: bool,
}

#[async_trait]
impl Catalog for Lake {
    async fn databases(&self) -> Result<Vec<Database>, Error> {
        self.ask("databases".to_owned());
        let tables = self.tables.lock().expect("no panic");
        let names: BTreeSet<&String> = tables.values().map(|table| &table.database).collect();
        let database = |name: &String| Database {
            name: name.clone(),
            ..Database::default()
        };
        Ok(names.into_iter().map(database).collect())
    }
    async fn database(&self, name: &str) -> Result<Option<Database>, Error> {
        self.ask(format!("database {name}"));
        let name = name.to_owned();
        Ok(Some(Database {
            name,
            ..Database::default()
        }))
    }
    async fn create_database(&self, _: Database) -> Result<(), Error> {
        Ok(())
    }
    async fn drop_database(&self, _: &str) -> Result<(), Error> {
        Ok(())
    }
    async fn tables(&self, database: &str) -> Result<Vec<Table>, Error> {
        self.ask(format!("tables {database}"));
        let tables = self.tables.lock().expect("no panic");
        let own = tables.values().filter(|table| table.database == database);
        Ok(own.cloned().collect())
    }
    async fn table(&self, database: &str, name: &str) -> Result<Option<Table>, Error> {
        self.ask(format!("table {database}.{name}"));
        Ok(self.tables.lock().expect("no panic").get(name).cloned())
    }
    async fn create_table(&self, table: Table) -> Result<(), Error> {
        if self.refuses_tables {
            return Err(Error::user("", "not allowed to glue:CreateTable"));
        }
        let mut tables = self.tables.lock().expect("no panic");
        tables.insert(table.name.clone(), table);
        Ok(())
    }
    async fn update_table(&self, table: Table) -> Result<bool, Error> {
        let mut tables = self.tables.lock().expect("no panic");
        tables.insert(table.name.clone(), table);
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

    async fn drop_table(&self, _: &str, name: &str) -> Result<(), Error> {
        if self.keeps_tables {
            return Err(Error::user("", "not allowed to glue:DeleteTable"));
        }
        self.tables.lock().expect("no panic").remove(name);
        Ok(())
    }
    async fn partitions(&self, table: &Table, _: Option<&str>) -> Result<Vec<Partition>, Error> {
        let partitions = self.partitions.lock().expect("no panic");
        Ok(partitions.get(&table.name).cloned().unwrap_or_default())
    }
    async fn create_partitions(&self, table: &Table, new: Vec<Partition>) -> Result<(), Error> {
        if self.refuses_partitions {
            let message = "not allowed to glue:BatchCreatePartition";
            return Err(Error::user("", message));
        }
        let mut partitions = self.partitions.lock().expect("no panic");
        let known = partitions.entry(table.name.clone()).or_default();
        for partition in new {
            if known.iter().any(|one| one.values == partition.values) {
                let message = format!("Partition already exists: {:?}", partition.values);
                return Err(Error::user("AlreadyExistsException", message));
            }
            known.push(partition);
        }
        Ok(())
    }
    async fn update_partition(&self, _: &Table, _: Partition) -> Result<(), Error> {
        Err(Error::internal("not in these tests"))
    }
    async fn drop_partitions(&self, _: &Table, _: Vec<Vec<String>>) -> Result<(), Error> {
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

impl Lake {
    fn ask(&self, what: String) {
        self.asked.lock().expect("no panic").push(what);
    }

    /// Puts all files of a folder below `root` into the bucket.
    pub async fn put_folder(&self, root: &Path, name: &str) {
        let mut folders = vec![root.join(name)];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).expect("a folder") {
                let path = entry.expect("an entry").path();
                if path.is_dir() {
                    folders.push(path);
                    continue;
                }
                let key = path.strip_prefix(root).expect("it is below");
                let key =
                    object_store::path::Path::parse(key.to_str().expect("text")).expect("a key");
                let bytes = std::fs::read(&path).expect("a file");
                let put = self.objects.put(&key, PutPayload::from(bytes)).await;
                put.expect("it is put");
            }
        }
    }

    pub async fn answer(self: &Arc<Self>, sql: &str) -> Result<Answer, Error> {
        let session = Session {
            catalog: self.clone(),
            database: "lake".to_owned(),
            query_id: "q1".to_owned(),
            output_location: "s3://bucket/results/".to_owned(),
            output_is_enforced: false,
            parameters: Vec::new(),
            now: chrono::DateTime::UNIX_EPOCH,
            cancel: Cancel::default(),
        };
        let engine = Engine::new(Limits {
            memory: 256 << 20,
            scan: None,
            parallelism: 2,
        });
        engine.run(sql, session).await
    }

    pub async fn run(self: &Arc<Self>, sql: &str) -> Result<(Written, Vec<Vec<String>>), Error> {
        let answer = self.answer(sql).await?;
        let written = match answer.writing {
            Some(writing) => writing.await?,
            None => Written::default(),
        };
        let batches: Vec<Vec<Vec<Option<String>>>> = answer.rows.try_collect().await?;
        let cell = |cell: Option<String>| cell.unwrap_or_else(|| "-".to_owned());
        let rows = batches.into_iter().flatten();
        let rows = rows.map(|row| row.into_iter().map(cell).collect());
        Ok((written, rows.collect()))
    }

    pub async fn written(self: &Arc<Self>, sql: &str) -> Written {
        let run = self.run(sql).await;
        run.unwrap_or_else(|error| panic!("{sql}: {error}")).0
    }

    pub async fn rows(self: &Arc<Self>, sql: &str) -> Vec<String> {
        let run = self.run(sql).await;
        let (_, rows) = run.unwrap_or_else(|error| panic!("{sql}: {error}"));
        rows.into_iter().map(|row| row.join(", ")).collect()
    }

    pub async fn refusal(self: &Arc<Self>, sql: &str) -> String {
        match self.run(sql).await {
            Ok(done) => panic!("{sql} gives {done:?}"),
            Err(error) => error.to_string(),
        }
    }

    pub async fn keys(&self) -> Vec<String> {
        let objects: Vec<_> = self
            .objects
            .list(None)
            .try_collect()
            .await
            .expect("a listing");
        let mut keys: Vec<String> = objects.iter().map(|o| o.location.to_string()).collect();
        keys.sort();
        keys
    }

    pub fn table_of(&self, name: &str) -> Table {
        let tables = self.tables.lock().expect("no panic");
        tables.get(name).cloned().expect("the table")
    }
}
