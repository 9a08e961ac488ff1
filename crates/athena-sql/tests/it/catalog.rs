//! A catalog in memory.

use std::sync::Arc;

use async_trait::async_trait;
use athena_sql::catalog::{Catalog, Database, Partition, Table};
use athena_sql::{Cancel, Engine, Error, Limits, Session};
use futures::StreamExt;
use object_store::ObjectStore;
use object_store::memory::InMemory;

/// Has no tables.
#[derive(Debug)]
pub struct Empty;

fn nothing_here() -> Error {
    Error::user("NOT_FOUND", "this catalog is empty")
}

#[async_trait]
impl Catalog for Empty {
    async fn databases(&self) -> Result<Vec<Database>, Error> {
        Ok(Vec::new())
    }
    async fn database(&self, _: &str) -> Result<Option<Database>, Error> {
        Ok(None)
    }
    async fn create_database(&self, _: Database) -> Result<(), Error> {
        Err(nothing_here())
    }
    async fn drop_database(&self, _: &str) -> Result<(), Error> {
        Err(nothing_here())
    }
    async fn tables(&self, _: &str) -> Result<Vec<Table>, Error> {
        Ok(Vec::new())
    }
    async fn table(&self, _: &str, _: &str) -> Result<Option<Table>, Error> {
        Ok(None)
    }
    async fn create_table(&self, _: Table) -> Result<(), Error> {
        Err(nothing_here())
    }
    async fn update_table(&self, _: Table) -> Result<bool, Error> {
        Err(nothing_here())
    }
    async fn swap_metadata(&self, _: &Table, _: &str, _: &str) -> Result<bool, Error> {
        Err(nothing_here())
    }
    async fn drop_table(&self, _: &str, _: &str) -> Result<(), Error> {
        Err(nothing_here())
    }
    async fn partitions(&self, _: &Table, _: Option<&str>) -> Result<Vec<Partition>, Error> {
        Ok(Vec::new())
    }
    async fn create_partitions(&self, _: &Table, _: Vec<Partition>) -> Result<(), Error> {
        Err(nothing_here())
    }
    async fn update_partition(&self, _: &Table, _: Partition) -> Result<(), Error> {
        Err(nothing_here())
    }
    async fn drop_partitions(&self, _: &Table, _: Vec<Vec<String>>) -> Result<(), Error> {
        Err(nothing_here())
    }
    async fn prepared_statement(&self, _: &str) -> Result<Option<String>, Error> {
        Ok(None)
    }
    async fn put_prepared_statement(&self, _: &str, _: &str) -> Result<(), Error> {
        Err(nothing_here())
    }
    async fn drop_prepared_statement(&self, _: &str) -> Result<(), Error> {
        Err(nothing_here())
    }
    fn object_store(&self, _: &str) -> Arc<dyn ObjectStore> {
        Arc::new(InMemory::new())
    }
}

pub fn engine() -> Engine {
    Engine::new(Limits {
        memory: 256 << 20,
        scan: None,
        parallelism: 1,
    })
}

pub fn session() -> Session {
    Session {
        catalog: Arc::new(Empty),
        database: "default".to_owned(),
        query_id: "test".to_owned(),
        output_location: "s3://results/".to_owned(),
        output_is_enforced: false,
        parameters: Vec::new(),
        now: chrono::Utc::now(),
        cancel: Cancel::default(),
    }
}

/// Every row of a statement's answer.
pub async fn rows(engine: &Engine, sql: &str) -> Result<Vec<Vec<Option<String>>>, Error> {
    let mut answer = engine.run(sql, session()).await?;
    let mut all = Vec::new();
    while let Some(batch) = answer.rows.next().await {
        all.extend(batch?);
    }
    Ok(all)
}
