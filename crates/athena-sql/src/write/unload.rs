//! UNLOAD: a folder of files, and no table.
//!
//! Source: the Athena user guide, "UNLOAD".

use std::sync::Arc;

use super::columns::{check_hive, named, partition_keys};
use super::encode::FileFormat;
use super::properties::Properties;
use super::sink::{Sink, file_prefix};
use super::target;
use super::{Rows, Written};
use crate::analyzer::Field;
use crate::ast::Unload;
use crate::catalog::Column;
use crate::ddl;
use crate::error::Error;
use crate::session::Session;
use crate::types::{Type, to_hive};

pub struct Plan {
    location: String,
    columns: Vec<(String, Type)>,
    keys: Vec<(String, Type)>,
    format: FileFormat,
}

pub async fn plan(unload: &Unload, fields: &[Field], session: &Session) -> Result<Plan, Error> {
    let columns = named(fields, &[], unload.position)?;
    let mut properties = Properties::new(&unload.properties, unload.position);
    let format = properties.text("format")?;
    let format = format.ok_or_else(|| properties.error("UNLOAD needs the property 'format'"))?;
    let format = target::format(&mut properties, &format)?;
    let keys = properties.texts("partitioned_by")?.unwrap_or_default();
    properties.end("UNLOAD")?;
    check_hive(&columns)?;
    let keys = partition_keys(&columns, &keys)?;
    ddl::check_location(&unload.location)?;
    if !target::is_empty(session.catalog.as_ref(), &unload.location).await? {
        return Err(Error::user(
            "HIVE_PATH_ALREADY_EXISTS",
            format!("Target directory is not empty: {}", unload.location),
        ));
    }
    let (columns, keys) = columns.split_at(columns.len() - keys);
    Ok(Plan {
        location: unload.location.clone(),
        columns: columns.to_vec(),
        keys: keys.to_vec(),
        format,
    })
}

pub async fn run(plan: Plan, rows: Rows, session: Session) -> Result<Written, Error> {
    let keys = plan.keys.iter().map(|(name, data_type)| Column {
        name: name.clone(),
        data_type: to_hive(data_type),
        ..Column::default()
    });
    let sink = Sink {
        place: target::places(&plan.location, keys.collect(), plan.format),
        catalog: Arc::clone(&session.catalog),
        columns: plan.columns,
        keys: plan.keys.into_iter().map(|(_, key)| key).collect(),
        file_prefix: file_prefix(session.now),
    };
    let filled = sink.fill(rows).await?;
    let written = Written {
        files: filled.files.urls(),
        rows: filled.rows,
    };
    filled.files.commit(async { Ok(()) }).await?;
    Ok(written)
}
