//! The input of CreateTable and UpdateTable, written over what is there.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use aws_sdk_glue::types::{
    Column as GlueColumn, Order, SchemaId, SchemaReference as GlueSchemaReference, SerDeInfo,
    SkewedInfo as GlueSkewedInfo, StorageDescriptor, Table as GlueTable, TableIdentifier,
    TableInput,
};

use super::Table;
use super::keys::{Column, Keys, SchemaReference, SkewedInfo, SortColumn, SortOrder};
use super::projection;
use crate::resource::databases::sorted;
use crate::resource::{CallError, built};

/// Which fields are written: those that changed, or all of a new table.
#[derive(Clone, Copy)]
pub(super) struct Touched<'a>(pub Option<&'a BTreeSet<String>>);

impl Touched<'_> {
    /// Whether this field is written, or one behind it: `parameters` for `parameters.owner`.
    fn has(self, field: &str) -> bool {
        self.0.is_none_or(|changed| {
            changed.iter().any(|one| {
                one.strip_prefix(field)
                    .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
            })
        })
    }
}

impl Table {
    /// The whole input, over what is there: an update replaces all of it. What an Iceberg table's
    /// engine keeps is given back as it is.
    pub(super) fn input(
        &self,
        live: Option<GlueTable>,
        touched: Touched<'_>,
    ) -> Result<TableInput, CallError> {
        let is_new = live.is_none();
        let mut builder = TableInput::builder().name(&self.identity.name);
        let mut parameters = BTreeMap::new();
        let mut storage = None;
        let mut partition_keys = None;
        if let Some(live) = live {
            parameters = sorted(live.parameters);
            storage = live.storage_descriptor;
            partition_keys = live.partition_keys;
            builder = builder
                .set_description(live.description)
                .set_owner(live.owner)
                .set_last_access_time(live.last_access_time)
                .set_last_analyzed_time(live.last_analyzed_time)
                .retention(live.retention)
                .set_view_original_text(live.view_original_text)
                .set_view_expanded_text(live.view_expanded_text)
                .set_table_type(live.table_type)
                .set_target_table(live.target_table)
                .set_federated_table(live.federated_table);
        }
        let is_iceberg = super::is_iceberg(&parameters);
        for (key, value) in self.identity.mark().tags() {
            parameters.insert(key.to_owned(), value.to_owned());
        }
        if let Some(keys) = &self.keys {
            if is_new && keys.table_type.is_none() && keys.target_table.is_none() {
                builder = builder.table_type("EXTERNAL_TABLE");
                parameters.insert("EXTERNAL".to_owned(), "TRUE".to_owned());
            }
            if touched.has("description") && keys.description.is_some() {
                builder = builder.set_description(keys.description.clone());
            }
            if touched.has("owner") && keys.owner.is_some() {
                builder = builder.set_owner(keys.owner.clone());
            }
            if let Some(days) = keys.retention
                && touched.has("retention")
            {
                builder = builder.retention(days);
            }
            if !is_iceberg {
                if touched.has("table_type") && keys.table_type.is_some() {
                    builder = builder.set_table_type(keys.table_type.clone());
                }
                if touched.has("view_original_text") && keys.view_original_text.is_some() {
                    builder = builder.set_view_original_text(keys.view_original_text.clone());
                }
                if touched.has("view_expanded_text") && keys.view_expanded_text.is_some() {
                    builder = builder.set_view_expanded_text(keys.view_expanded_text.clone());
                }
                if touched.has("target_table")
                    && let Some(target) = &keys.target_table
                {
                    builder = builder.target_table(
                        TableIdentifier::builder()
                            .set_catalog_id(target.catalog_id.clone())
                            .database_name(&target.database_name)
                            .name(&target.name)
                            .set_region(target.region.clone())
                            .build(),
                    );
                }
                if touched.has("partition_keys")
                    && let Some(wanted) = &keys.partition_keys
                {
                    partition_keys = Some(glue_columns(wanted, partition_keys.as_deref())?);
                }
                set_parameters(keys, touched, &mut parameters);
                // A link has the storage of what it stands for.
                if keys.target_table.is_none() {
                    let empty = || StorageDescriptor::builder().build();
                    set_storage(keys, touched, storage.get_or_insert_with(empty))?;
                }
            }
        }
        let builder = builder
            .set_storage_descriptor(storage)
            .set_partition_keys(partition_keys)
            .set_parameters(Some(parameters.into_iter().collect()));
        built("CreateTable", builder.build())
    }
}

fn set_parameters(keys: &Keys, touched: Touched<'_>, parameters: &mut BTreeMap<String, String>) {
    parameters.extend(keys.derived_parameters());
    parameters.extend(keys.parameters.clone());
    if touched.has("projection")
        && let Some(columns) = &keys.projection
    {
        parameters.retain(|key, _| !key.starts_with(projection::PREFIX));
        for (key, value) in projection::parameters(columns) {
            parameters.insert(format!("{}{key}", projection::PREFIX), value);
        }
    }
    if touched.has("storage_location_template")
        && let Some(template) = &keys.storage_location_template
    {
        parameters.insert(projection::TEMPLATE.to_owned(), template.clone());
    }
}

fn set_storage(
    keys: &Keys,
    touched: Touched<'_>,
    storage: &mut StorageDescriptor,
) -> Result<(), CallError> {
    let classes = keys.format.and_then(super::format::Format::classes);
    let serde = keys.serde.clone().or(classes.map(|c| c.serde.to_owned()));
    let info = storage
        .serde_info
        .get_or_insert_with(|| SerDeInfo::builder().build());
    if touched.has("serde")
        && let Some(serde) = serde
    {
        // The parameters of one SerDe are nothing to another.
        if info
            .serialization_library
            .as_ref()
            .is_some_and(|live| *live != serde)
        {
            info.parameters = None;
        }
        info.serialization_library = Some(serde);
    }
    if touched.has("serde_name") && keys.serde_name.is_some() {
        info.name.clone_from(&keys.serde_name);
    }
    let parameters = keys.serde_parameters();
    if !parameters.is_empty() {
        info.parameters.get_or_insert_default().extend(parameters);
    }
    let input_format = keys.input_format.clone();
    if let Some(format) = input_format.or(classes.map(|c| c.input_format.to_owned()))
        && touched.has("input_format")
    {
        storage.input_format = Some(format);
    }
    let output_format = keys.output_format.clone();
    if let Some(format) = output_format.or(classes.map(|c| c.output_format.to_owned()))
        && touched.has("output_format")
    {
        storage.output_format = Some(format);
    }
    if touched.has("location")
        && let Some(location) = &keys.location
    {
        storage.location = Some(location.to_string());
    }
    if touched.has("additional_locations")
        && let Some(locations) = &keys.additional_locations
    {
        let locations = locations.iter().map(ToString::to_string);
        storage.additional_locations = Some(locations.collect());
    }
    if touched.has("columns")
        && let Some(columns) = &keys.columns
    {
        storage.columns = Some(glue_columns(columns, storage.columns.as_deref())?);
    }
    storage.compressed = keys.compressed.unwrap_or(storage.compressed);
    storage.number_of_buckets = keys.number_of_buckets.unwrap_or(storage.number_of_buckets);
    storage.stored_as_sub_directories = keys
        .stored_as_sub_directories
        .unwrap_or(storage.stored_as_sub_directories);
    if let Some(columns) = &keys.bucket_columns {
        storage.bucket_columns = Some(columns.iter().map(ToString::to_string).collect());
    }
    if let Some(columns) = &keys.sort_columns {
        let columns: Result<Vec<Order>, CallError> = columns.iter().map(order).collect();
        storage.sort_columns = Some(columns?);
    }
    if let Some(skewed) = &keys.skewed_info {
        storage.skewed_info = Some(glue_skewed_info(skewed));
    }
    if let Some(reference) = &keys.schema_reference {
        storage.schema_reference = Some(glue_schema_reference(reference));
    }
    if !keys.storage_parameters.is_empty() {
        let parameters = storage.parameters.get_or_insert_default();
        parameters.extend(keys.storage_parameters.clone());
    }
    Ok(())
}

impl Keys {
    /// The SerDe's parameters: those of the format, and over them what is written.
    pub fn serde_parameters(&self) -> BTreeMap<String, String> {
        let of_format = self.format.map(super::format::Format::serde_parameters);
        let mut parameters: BTreeMap<String, String> = of_format
            .into_iter()
            .flatten()
            // A SerDe that is written out may not know what the format's own is told.
            .filter(|_| self.serde.is_none())
            .map(|(key, value)| (key.to_owned(), value.to_owned()))
            .collect();
        parameters.extend(self.serde_parameters.clone());
        parameters
    }
}

fn order(column: &SortColumn) -> Result<Order, CallError> {
    let builder = Order::builder()
        .column(column.column.as_str())
        .sort_order(i32::from(column.sort_order == SortOrder::Ascending));
    built("CreateTable", builder.build())
}

fn glue_skewed_info(skewed: &SkewedInfo) -> GlueSkewedInfo {
    let names = skewed.skewed_column_names.iter().map(ToString::to_string);
    let maps = skewed.skewed_column_value_location_maps.clone();
    GlueSkewedInfo::builder()
        .set_skewed_column_names(Some(names.collect()))
        .set_skewed_column_values(Some(skewed.skewed_column_values.clone()))
        .set_skewed_column_value_location_maps(Some(maps.into_iter().collect()))
        .build()
}

fn glue_schema_reference(reference: &SchemaReference) -> GlueSchemaReference {
    let has_id = reference.schema_arn.is_some() || reference.schema_name.is_some();
    let id = SchemaId::builder()
        .set_schema_arn(reference.schema_arn.clone())
        .set_schema_name(reference.schema_name.clone())
        .set_registry_name(reference.registry_name.clone())
        .build();
    GlueSchemaReference::builder()
        .set_schema_id(has_id.then_some(id))
        .set_schema_version_id(reference.schema_version_id.clone())
        .set_schema_version_number(reference.schema_version_number)
        .build()
}

/// Columns as Glue takes them. What the file does not say of one stays as it is live.
pub(super) fn glue_columns(
    wanted: &[Column],
    live: Option<&[GlueColumn]>,
) -> Result<Vec<GlueColumn>, CallError> {
    let there: HashMap<&str, &GlueColumn> = live
        .unwrap_or_default()
        .iter()
        .map(|column| (column.name.as_str(), column))
        .collect();
    wanted
        .iter()
        .map(|column| {
            let live = there.get(column.name.as_str());
            let comment = column.comment.clone();
            let parameters = column.parameters.clone();
            let parameters = parameters.map(|parameters| parameters.into_iter().collect());
            let builder = GlueColumn::builder()
                .name(column.name.as_str())
                .r#type(&column.r#type)
                .set_comment(comment.or_else(|| live.and_then(|live| live.comment.clone())))
                .set_parameters(
                    parameters.or_else(|| live.and_then(|live| live.parameters.clone())),
                );
            built("CreateTable", builder.build())
        })
        .collect()
}
