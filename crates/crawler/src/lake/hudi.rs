//! Hudi: its properties say what kind of table it is; its schema is that of the newest data.
//!
//! Source: Apache Hudi's documentation, "Table Configurations" and "Syncing to Hive Metastore",
//! whose parameters, formats and `_ro` and `_rt` tables Glue's crawler writes too.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use object_store::path::Path;

use super::{Folder, LakeTable, Leaf, Object, Reader, Unread, unread};
use crate::Format;
use crate::classify::{self, Unreadable, avro};
use crate::naming::partition_value;
use crate::sample::{Sample, Source};
use crate::schema::{Field, Type};

/// The property that a table made by SQL has its schema in, as Avro writes one.
const SCHEMA: &str = "hoodie.table.create.schema";

pub(super) async fn tables(folder: &Folder, reader: &Reader<'_>) -> Result<Vec<LakeTable>, Unread> {
    let of_properties = folder
        .metadata
        .iter()
        .find(|object| object.key.ends_with("/hoodie.properties"))
        .ok_or_else(|| unread("there are no properties"))?;
    let bytes = reader.read(of_properties).await?;
    let properties = properties(&String::from_utf8_lossy(&bytes));
    let property = |name: &str| properties.get(name).map(String::as_str);
    let keys: Vec<&str> = property("hoodie.table.partition.fields")
        .unwrap_or_default()
        .split(',')
        // A key may have its kind behind it.
        .map(|key| key.split(':').next().unwrap_or_default().trim())
        .filter(|key| !key.is_empty())
        .collect();
    let columns = match (&folder.newest_file, property(SCHEMA)) {
        (Some(file), _) => columns_of(file, reader).await?,
        (None, Some(schema)) => {
            avro::columns(schema)
                .map_err(|error| unread(error.to_string()))?
                .0
        }
        (None, None) => return Err(unread("it names no schema, and there are no data files")),
    };
    let (partition_keys, columns) = divide(columns, &keys);
    let kinds: &[(&str, bool)] = match property("hoodie.table.type") {
        Some("MERGE_ON_READ") => &[("_ro", false), ("_rt", true)],
        _ => &[("", false)],
    };
    let location = reader.location(folder);
    let tables = kinds.iter().map(|&(suffix, merges)| LakeTable {
        root: folder.root.clone(),
        suffix,
        columns: columns.clone(),
        partition_keys: partition_keys.clone(),
        partitions: partitions(folder, partition_keys.len()),
        format: format(&location, merges, suffix == "_ro"),
        parameters: parameters(),
    });
    Ok(tables.collect())
}

/// Lines of `key=value`, in which Java puts `\` before some letters.
fn properties(text: &str) -> HashMap<String, String> {
    text.lines()
        .filter(|line| !line.starts_with(['#', '!']))
        .filter_map(|line| line.split_once('='))
        .map(|(key, value)| (key.trim().to_owned(), value.trim().replace('\\', "")))
        .collect()
}

async fn columns_of(file: &Object, reader: &Reader<'_>) -> Result<Vec<Field>, Unread> {
    let store_error = |source| Unread::Store {
        key: file.key.clone(),
        source,
    };
    let path = Path::parse(&file.key).map_err(|error| store_error(error.into()))?;
    let source = Source {
        store: Arc::clone(&reader.target.store),
        path,
        size: file.size,
        reads: Arc::clone(reader.reads),
    };
    let mut sample = Sample::open(source).await.map_err(store_error)?;
    match classify::classify(&mut sample, &[]).await {
        Ok(classified) => Ok(classified.shape.columns),
        Err(Unreadable::Format(message)) => Err(unread(message)),
        Err(Unreadable::Store(source)) => Err(store_error(source)),
    }
}

/// The partition keys, in their own order, and the other columns. The values of keys are in the
/// files too, but a table has a name once. A key that the files lack is a string.
fn divide(columns: Vec<Field>, keys: &[&str]) -> (Vec<Field>, Vec<Field>) {
    let is = |field: &Field, key: &str| field.name.eq_ignore_ascii_case(key);
    let partition_keys = keys
        .iter()
        .map(|key| {
            let known = columns.iter().find(|field| is(field, key)).cloned();
            known.unwrap_or_else(|| Field::new(*key, Type::String))
        })
        .collect();
    let columns = columns
        .into_iter()
        .filter(|field| !keys.iter().any(|key| is(field, key)))
        .collect();
    (partition_keys, columns)
}

/// The folders with data, which are partitions as deep as there are keys; one key may be of
/// several levels, as dates are.
fn partitions(folder: &Folder, keys: usize) -> Vec<Leaf> {
    if keys == 0 {
        return Vec::new();
    }
    let leaf = |key: &String| {
        let below = key.strip_prefix(&folder.root)?.trim_matches('/');
        let parts: Vec<&str> = below.split('/').filter(|part| !part.is_empty()).collect();
        let values: Vec<String> = if keys == 1 && parts.len() > 1 {
            vec![below.to_owned()]
        } else {
            parts
                .iter()
                .map(|part| partition_value(part).to_owned())
                .collect()
        };
        (values.len() == keys).then(|| Leaf {
            values,
            key: key.clone(),
        })
    };
    folder.leaves.iter().filter_map(leaf).collect()
}

/// `merges` says that reading takes in what was logged since the data files were written.
fn format(location: &str, merges: bool, is_read_optimized: bool) -> Format {
    let input_format = if merges {
        "org.apache.hudi.hadoop.realtime.HoodieParquetRealtimeInputFormat"
    } else {
        "org.apache.hudi.hadoop.HoodieParquetInputFormat"
    };
    let serde_parameters = [
        ("serialization.format", "1".to_owned()),
        ("path", location.to_owned()),
        ("hoodie.query.as.ro.table", is_read_optimized.to_string()),
    ];
    Format {
        input_format: input_format.to_owned(),
        output_format: "org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat".to_owned(),
        serialization_library: "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe"
            .to_owned(),
        serde_parameters: serde_parameters
            .map(|(name, value)| (name.to_owned(), value))
            .into(),
        by_place: false,
    }
}

fn parameters() -> BTreeMap<String, String> {
    let parameters = [
        ("classification", "hudi"),
        ("spark.sql.sources.provider", "hudi"),
    ];
    parameters
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into()
}
