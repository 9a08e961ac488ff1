//! INSERT: rows into new data files, and a snapshot that adds them.

use std::collections::HashMap;
use std::sync::Arc;

use datafusion::arrow::array::{Array, ArrayRef};
use datafusion::arrow::compute::take_record_batch;
use datafusion::arrow::record_batch::RecordBatch;
use datafusion::arrow::row::OwnedRow;
use futures::TryStreamExt;

use super::METADATA_LOCATION;
use super::commit::{Append, append};
use super::manifest::{Content, DataFile};
use super::metadata::TableMetadata;
use super::name_mapping::NameMapping;
use super::partition::{PartitionField, PartitionSpec, Transform};
use super::schema::{DataType, Primitive, Schema};
use super::statistics::statistics;
use super::table::{columns_of, field_ids};
use crate::catalog::{Catalog, Table};
use crate::ddl::partition_escape;
use crate::error::Error;
use crate::formats::FieldIds;
use crate::session::Session;
use crate::types::calendar::date_text;
use crate::types::{Type, Value, array_from_values, to_text, value_at, values_of};
use crate::write::{
    Compression, Encode, Files, MOST_PARTITIONS, OutFile, Parquet, Rows, Splitter, Written,
    file_prefix,
};

/// A table that rows are added to.
pub struct Appending {
    table: Table,
    metadata: TableMetadata,
    metadata_location: String,
    columns: Vec<(String, Type)>,
    fields: Vec<KeyField>,
}

/// A field of the partition spec: what it is made of, and of which type.
struct KeyField {
    field: PartitionField,
    /// The place of its column.
    column: usize,
    source: Type,
    result: Primitive,
}

impl Appending {
    pub async fn to(table: Table, catalog: &dyn Catalog) -> Result<Self, Error> {
        let metadata = super::metadata(&table, catalog).await?;
        if metadata.format_version < 2 {
            return Err(Error::not_supported(
                "INSERT into Iceberg tables of the first version of the format",
            ));
        }
        let format = metadata.properties.get("write.format.default");
        if let Some(format) = format.filter(|f| !f.eq_ignore_ascii_case("parquet")) {
            return Err(Error::not_supported(format!(
                "the writing of files of the format {format}"
            )));
        }
        let schema = metadata.schema()?;
        let fields = key_fields(metadata.spec(metadata.default_spec_id)?, schema)?;
        Ok(Self {
            metadata_location: table
                .parameters
                .get(METADATA_LOCATION)
                .cloned()
                .unwrap_or_default(),
            columns: columns_of(schema),
            table,
            metadata,
            fields,
        })
    }

    pub fn columns(&self) -> &[(String, Type)] {
        &self.columns
    }

    /// Adds rows, whose columns are the table's.
    pub async fn append(self, rows: Rows, session: Session) -> Result<Written, Error> {
        let catalog = Arc::clone(&session.catalog);
        let (files, data) = self.fill(rows, &session).await?;
        let written = Written {
            files: files.urls(),
            rows: data.iter().map(|file| file.rows).sum(),
        };
        if data.is_empty() {
            return Ok(written);
        }
        let what = Append {
            table: self.table,
            metadata: self.metadata,
            metadata_location: self.metadata_location,
            files: data,
            now_ms: session.now.timestamp_millis(),
        };
        files.commit(append(what, catalog)).await?;
        Ok(written)
    }

    async fn fill(
        &self,
        mut rows: Rows,
        session: &Session,
    ) -> Result<(Files, Vec<DataFile>), Error> {
        let schema = self.metadata.schema()?;
        let keys: Vec<Type> = self.fields.iter().map(|f| f.result.trino()).collect();
        let splitter = Splitter::new(&keys)?;
        let writing = Writing::new(self, schema, session)?;
        let mut open: HashMap<Option<OwnedRow>, OpenFile> = HashMap::new();
        while let Some(batch) = rows.try_next().await? {
            self.check_required(schema, &batch)?;
            let keys: Vec<ArrayRef> = self.fields.iter().map(|f| f.array(&batch)).collect();
            for (partition, places) in splitter.split(&keys, batch.num_rows())? {
                if !open.contains_key(&partition) {
                    if open.len() == MOST_PARTITIONS {
                        return Err(Error::user(
                            "ICEBERG_TOO_MANY_OPEN_PARTITIONS",
                            format!(
                                "Exceeded limit of {MOST_PARTITIONS} open writers for partitions"
                            ),
                        ));
                    }
                    let first = places.as_ref().map_or(0, |places| places.value(0) as usize);
                    let values = keys.iter().zip(&self.fields);
                    let values = values.map(|(k, f)| value_at(k, &f.result.trino(), first));
                    open.insert(partition.clone(), writing.begin(values.collect())?);
                }
                let part = match &places {
                    Some(places) => take_record_batch(&batch, places).map_err(Error::internal)?,
                    None => batch.clone(),
                };
                if let Some(open) = open.get_mut(&partition) {
                    open.rows += part.num_rows() as u64;
                    open.encoder.write(&part)?;
                    open.file.write(open.encoder.take()).await?;
                }
            }
        }
        let (mut files, mut data) = (Files::default(), Vec::new());
        for mut open in open.into_values() {
            let (rest, about) = open.encoder.close()?;
            open.file.write(rest).await?;
            let columns = statistics(&about, schema);
            data.push(DataFile {
                content: Content::Data,
                url: open.file.url.clone(),
                format: "PARQUET".to_owned(),
                spec_id: self.metadata.default_spec_id,
                partition: open.partition,
                rows: open.rows,
                size: open.file.size(),
                sequence_number: 0,
                lower: columns.lower,
                upper: columns.upper,
                values: columns.values,
                nulls: columns.nulls,
                nans: HashMap::new(),
                equality_ids: Vec::new(),
            });
            files.push(open.file);
        }
        Ok((files, data))
    }

    fn check_required(&self, schema: &Schema, batch: &RecordBatch) -> Result<(), Error> {
        let columns = schema.fields.iter().zip(batch.columns());
        for (field, array) in columns.filter(|(field, _)| field.required) {
            if array.null_count() > 0 {
                return Err(Error::user(
                    "CONSTRAINT_VIOLATION",
                    format!("NULL value not allowed for NOT NULL column: {}", field.name),
                ));
            }
        }
        Ok(())
    }
}

fn key_fields(spec: &PartitionSpec, schema: &Schema) -> Result<Vec<KeyField>, Error> {
    let fields = spec.fields.iter().map(|field| {
        let unusable = || {
            Error::not_supported(format!(
                "the writing of partitions by {} of the column {}",
                field.transform, field.source_id
            ))
        };
        let mut columns = schema.fields.iter();
        let column = columns.position(|column| column.id == field.source_id);
        let column = match (column, &field.transform) {
            (_, Transform::Unknown(_)) => return Err(unusable()),
            // What it was made of may be gone.
            (column, Transform::Void) => column.unwrap_or(0),
            (column, _) => column.ok_or_else(unusable)?,
        };
        let DataType::Primitive(source) = &schema.fields[column].data_type else {
            return Err(unusable());
        };
        Ok(KeyField {
            field: field.clone(),
            column,
            source: source.trino(),
            result: field.transform.result(source),
        })
    });
    fields.collect()
}

impl KeyField {
    /// The partitions' values of a batch's rows.
    fn array(&self, batch: &RecordBatch) -> ArrayRef {
        let column = batch.column(self.column);
        if self.field.transform == Transform::Identity {
            return Arc::clone(column);
        }
        let values: Vec<Value> = values_of(column, &self.source)
            .iter()
            .map(|value| self.field.transform.apply(value))
            .collect();
        array_from_values(&self.result.trino(), &values)
    }

    /// `at_day=2024-01-31`
    fn folder(&self, value: &Value) -> String {
        let text = match (&self.field.transform, value) {
            (_, Value::Null) => "null".to_owned(),
            (Transform::Year, Value::Integer(n)) => (n + 1970).to_string(),
            (Transform::Month, Value::Integer(n)) => {
                let (year, month) = (n.div_euclid(12) + 1970, n.rem_euclid(12) + 1);
                format!("{year}-{month:02}")
            }
            (Transform::Hour, Value::Integer(n)) => {
                format!("{}-{:02}", date_text(n.div_euclid(24)), n.rem_euclid(24))
            }
            (_, value) => to_text(value, &self.result.trino()).unwrap_or_default(),
        };
        format!(
            "{}={}",
            partition_escape(&self.field.name),
            partition_escape(&text)
        )
    }
}

struct OpenFile {
    partition: Vec<Value>,
    rows: u64,
    file: OutFile,
    encoder: Parquet,
}

/// How files of the table are written.
struct Writing<'a> {
    appending: &'a Appending,
    /// Under the names of the schema, whose case counts.
    columns: Vec<(String, Type)>,
    ids: Vec<FieldIds>,
    compression: Compression,
    prefix: String,
    session: &'a Session,
}

impl<'a> Writing<'a> {
    fn new(appending: &'a Appending, schema: &Schema, session: &'a Session) -> Result<Self, Error> {
        let codec = appending
            .metadata
            .properties
            .get("write.parquet.compression-codec");
        let compression = match codec {
            Some(name) => Compression::named(name).ok_or_else(|| {
                Error::not_supported(format!("the compression {name} for files of this format"))
            })?,
            None => Compression::Zstd,
        };
        let columns = schema.fields.iter();
        let ids = columns
            .clone()
            .map(|field| field_ids(field.id, &field.data_type, &NameMapping::default()));
        Ok(Self {
            ids: ids.collect(),
            columns: columns
                .map(|field| (field.name.clone(), field.data_type.trino()))
                .collect(),
            appending,
            compression,
            prefix: file_prefix(session.now),
            session,
        })
    }

    fn begin(&self, partition: Vec<Value>) -> Result<OpenFile, Error> {
        let name = format!("{}-{}.parquet", self.prefix, uuid::Uuid::new_v4());
        let folders = self.appending.fields.iter().zip(&partition);
        let folders = folders.map(|(field, value)| format!("{}/", field.folder(value)));
        let folders: String = folders.collect();
        let root = data_root(&self.appending.metadata);
        let file = OutFile::new(
            self.session.catalog.as_ref(),
            format!("{root}/{folders}{name}"),
        )?;
        Ok(OpenFile {
            partition,
            rows: 0,
            file,
            encoder: Parquet::new(&self.columns, self.compression, Some(&self.ids))?,
        })
    }
}

/// Where data files go: into a folder of chance, where many files are not to begin alike.
fn data_root(metadata: &TableMetadata) -> String {
    let property = |name: &str| {
        metadata
            .properties
            .get(name)
            .map(|v| v.trim_end_matches('/'))
    };
    let own = format!("{}/data", metadata.location.trim_end_matches('/'));
    let root = property("write.data.path").or_else(|| property("write.object-storage.path"));
    let root = root.map_or(own, str::to_owned);
    let scattered = property("write.object-storage.enabled") == Some("true");
    if scattered {
        format!("{root}/{:08x}", rand::random::<u32>())
    } else {
        root
    }
}
