//! A small lake in memory, and how it is crawled.

use std::sync::Arc;

use crawler::{Crawled, Error, Lakes, Options, Table, TableFormat, Target, crawl};
use object_store::memory::InMemory;
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt};

pub const BUCKET: &str = "my-lake";

/// A bucket, an include path in it, and how it is crawled.
pub struct Lake {
    store: Arc<InMemory>,
    prefix: String,
    exclusions: Vec<String>,
    sample_size: Option<u32>,
    only: Option<Lakes>,
    options: Options,
}

pub fn lake() -> Lake {
    Lake {
        store: Arc::new(InMemory::new()),
        prefix: String::new(),
        exclusions: Vec::new(),
        sample_size: None,
        only: None,
        options: Options::default(),
    }
}

impl Lake {
    pub async fn with(self, key: &str, body: impl Into<Vec<u8>>) -> Self {
        let body: Vec<u8> = body.into();
        self.store
            .put(&Path::parse(key).unwrap(), body.into())
            .await
            .unwrap();
        self
    }

    pub fn at(mut self, prefix: &str) -> Self {
        prefix.clone_into(&mut self.prefix);
        self
    }

    pub fn without(mut self, exclusion: &str) -> Self {
        self.exclusions.push(exclusion.to_owned());
        self
    }

    pub fn sampling(mut self, files: u32) -> Self {
        self.sample_size = Some(files);
        self
    }

    pub fn only(mut self, format: TableFormat, max_depth: Option<usize>) -> Self {
        self.only = Some(Lakes { format, max_depth });
        self
    }

    pub fn options(mut self, options: Options) -> Self {
        self.options = options;
        self
    }

    pub fn store(&self) -> Arc<dyn ObjectStore> {
        Arc::<InMemory>::clone(&self.store)
    }

    pub fn target(&self) -> Target {
        Target {
            store: self.store(),
            bucket: BUCKET.to_owned(),
            prefix: self.prefix.clone(),
            exclusions: self.exclusions.clone(),
            sample_size: self.sample_size,
            only: self.only,
        }
    }

    pub async fn try_crawl(&self) -> Result<Crawled, Error> {
        crawl(&[self.target()], &self.options, &|_| ()).await
    }

    pub async fn crawl(&self) -> Crawled {
        self.try_crawl().await.unwrap()
    }

    /// The one table that a crawl gives.
    pub async fn table(&self) -> Table {
        let crawled = self.crawl().await;
        assert_eq!(names(&crawled).len(), 1, "{crawled:#?}");
        crawled.tables.into_iter().next().unwrap()
    }
}

pub fn names(crawled: &Crawled) -> Vec<&str> {
    crawled.tables.iter().map(|table| &table.name[..]).collect()
}

/// A table's columns as in a Hive statement.
pub fn columns(table: &Table) -> String {
    listed(&table.columns)
}

pub fn listed(columns: &[crawler::Column]) -> String {
    let columns: Vec<String> = columns
        .iter()
        .map(|column| format!("{} {}", column.name, column.data_type))
        .collect();
    columns.join(", ")
}

pub fn keys(table: &Table) -> String {
    listed(&table.partition_keys)
}

/// The values of each partition.
pub fn values(table: &Table) -> Vec<String> {
    table
        .partitions
        .iter()
        .map(|partition| partition.values.join("/"))
        .collect()
}
