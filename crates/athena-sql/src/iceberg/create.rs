//! A new table: its first metadata file, and its entry in the catalog.

use std::collections::BTreeMap;

use super::metadata::{TableMetadata, first_spec};
use super::partition::{FIRST_FIELD_ID, PartitionField, Transform};
use super::schema::{Field, Schema};
use super::{ICEBERG, METADATA_LOCATION, TABLE_TYPE, objects, properties};
use crate::ast::PartitionTransform;
use crate::catalog::{Column, Storage, Table};
use crate::error::Error;
use crate::session::Session;
use crate::types::Type;

/// What a new table is made of.
pub struct NewTable<'a> {
    pub database: &'a str,
    pub name: &'a str,
    pub description: Option<&'a str>,
    /// Names in lower case, types and comments.
    pub columns: &'a [(String, Type, Option<String>)],
    pub partitioned_by: &'a [PartitionTransform],
    pub location: &'a str,
    /// By Athena's names.
    pub properties: &'a [(String, String)],
}

/// Makes a table without rows.
pub async fn create(new: &NewTable<'_>, session: &Session) -> Result<(), Error> {
    let location = new.location.trim_end_matches('/');
    let metadata = first_metadata(new, location, session.now.timestamp_millis())?;
    let url = format!(
        "{location}/metadata/00000-{}.metadata.json",
        uuid::Uuid::new_v4()
    );
    let catalog = session.catalog.as_ref();
    objects::write(catalog, &url, metadata.write()?).await?;
    let table = Table {
        database: new.database.to_owned(),
        name: new.name.to_owned(),
        description: new.description.map(str::to_owned),
        table_type: "EXTERNAL_TABLE".to_owned(),
        storage: Storage {
            location: location.to_owned(),
            columns: glue_columns(&metadata)?,
            ..Storage::default()
        },
        parameters: BTreeMap::from([
            (TABLE_TYPE.to_owned(), ICEBERG.to_owned()),
            (METADATA_LOCATION.to_owned(), url.clone()),
        ]),
        ..Table::default()
    };
    let created = catalog.create_table(table).await;
    if created.is_err() {
        objects::discard(catalog, &url).await;
    }
    created
}

fn first_metadata(new: &NewTable<'_>, location: &str, now_ms: i64) -> Result<TableMetadata, Error> {
    let schema = Schema::new(new.columns)
        .map_err(|found| Error::user("", format!("Unsupported Hive type: {found}")))?;
    let fields = partition_fields(&schema, new.partitioned_by)?;
    let properties = properties::of_new(new.properties, location)?;
    Ok(TableMetadata::new(
        location,
        schema,
        first_spec(fields),
        properties,
        now_ms,
    ))
}

fn partition_fields(
    schema: &Schema,
    transforms: &[PartitionTransform],
) -> Result<Vec<PartitionField>, Error> {
    let mut fields: Vec<PartitionField> = Vec::new();
    for (i, written) in transforms.iter().enumerate() {
        let bad = |what: String| {
            let place = written.column.position;
            Error::user("", what).at(place.line, place.column)
        };
        let column = schema.column(&written.column.value).ok_or_else(|| {
            let name = &written.column.value;
            bad(format!("Cannot find source column: {name}"))
        })?;
        let transform = transform(written)
            .ok_or_else(|| bad(format!("Unsupported partition transform: {written}")))?;
        if !transform.takes(&column.data_type) {
            let source = column.data_type.glue();
            return Err(bad(format!(
                "Invalid source type {source} for transform: {transform}"
            )));
        }
        let name = transform.field_name(&column.name);
        if fields.iter().any(|field| field.name == name) {
            return Err(bad(format!(
                "Cannot use partition name more than once: {name}"
            )));
        }
        fields.push(PartitionField {
            name,
            transform,
            source_id: column.id,
            field_id: FIRST_FIELD_ID + i as i32,
        });
    }
    Ok(fields)
}

/// The transform that a statement means; none if there is no such.
fn transform(written: &PartitionTransform) -> Option<Transform> {
    let Some(function) = &written.function else {
        return Some(Transform::Identity);
    };
    match (function.lower().as_str(), written.parameter) {
        ("bucket", Some(count)) if count > 0 => Some(Transform::Bucket(count)),
        ("truncate", Some(width)) if width > 0 => Some(Transform::Truncate(width)),
        (name @ ("year" | "month" | "day" | "hour"), None) => Transform::named(name),
        _ => None,
    }
}

/// The columns as Iceberg's Glue catalog keeps them.
fn glue_columns(metadata: &TableMetadata) -> Result<Vec<Column>, Error> {
    let column = |field: &Field| Column {
        name: field.name.clone(),
        data_type: field.data_type.glue(),
        comment: field.doc.clone(),
        parameters: [
            ("iceberg.field.id", field.id.to_string()),
            ("iceberg.field.optional", (!field.required).to_string()),
            ("iceberg.field.current", "true".to_owned()),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .into(),
    };
    Ok(metadata.schema()?.fields.iter().map(column).collect())
}
