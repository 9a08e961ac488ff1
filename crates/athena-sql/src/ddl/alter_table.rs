//! ALTER TABLE; what it does to partitions is in `partitions`.

use super::create_table::{check_columns, check_location, column};
use super::{ATTEMPTS, answer, failure, partitions, table_name};
use crate::answer::Answer;
use crate::ast::{
    AlterTable, AlterTableAction, ColumnPlace, HiveColumn, Identifier, QualifiedName,
};
use crate::catalog::{Column, Table};
use crate::delta;
use crate::error::Error;
use crate::iceberg;
use crate::session::Session;

pub async fn run(alter: &AlterTable, session: &Session) -> Result<Answer, Error> {
    for _ in 0..ATTEMPTS {
        let table = alterable(&alter.name, session).await?;
        if let Some(answer) = attempt(&alter.action, table, session).await? {
            return Ok(answer);
        }
    }
    Err(failure::concurrent_modification(&alter.name.to_string()))
}

/// The table, where it is one that Athena alters.
async fn alterable(name: &QualifiedName, session: &Session) -> Result<Table, Error> {
    let table = table_name::table(name, session).await?;
    if table_name::is_view(&table) {
        return Err(failure::semantic(
            10131,
            "Cannot alter a view with ALTER TABLE",
        ));
    }
    if iceberg::is_iceberg(&table) {
        return Err(Error::not_supported("ALTER TABLE of Iceberg tables"));
    }
    if delta::is_delta(&table) {
        return Err(Error::read_only("ALTER TABLE", "Delta Lake", &table));
    }
    Ok(table)
}

/// Does it to the table as it was read; nothing, and no answer, where somebody else has changed the
/// table since.
async fn attempt(
    action: &AlterTableAction,
    table: Table,
    session: &Session,
) -> Result<Option<Answer>, Error> {
    let answer = match action {
        AlterTableAction::AddPartitions {
            if_not_exists,
            partitions,
        } => partitions::add(&table, partitions, *if_not_exists, session).await?,
        AlterTableAction::DropPartitions {
            if_exists,
            partitions,
        } => partitions::drop(&table, partitions, *if_exists, session).await?,
        AlterTableAction::RenamePartition { from, to } => {
            partitions::rename(&table, from, to, session).await?
        }
        AlterTableAction::SetLocation {
            partition: Some(partition),
            location,
        } => {
            check_location(location)?;
            partitions::set_location(&table, partition, location, session).await?
        }
        AlterTableAction::DropColumn(_) => {
            return Err(Error::not_supported(
                "ALTER TABLE DROP COLUMN, which is for Iceberg tables",
            ));
        }
        AlterTableAction::RenameTo(_) => {
            return Err(Error::not_supported("ALTER TABLE RENAME TO"));
        }
        action => {
            let (substatement_type, changed) = change(table, action)?;
            if !session.catalog.update_table(changed).await? {
                return Ok(None);
            }
            answer::done(substatement_type)
        }
    };
    Ok(Some(answer))
}

/// The table as a change of its columns, properties or place makes it.
fn change(mut table: Table, action: &AlterTableAction) -> Result<(&'static str, Table), Error> {
    let substatement_type = match action {
        AlterTableAction::AddColumns(columns) => {
            table.storage.columns.extend(columns.iter().map(column));
            check_columns(&table.storage.columns, &table.partition_keys)?;
            "ALTER_TABLE_ADD_COLUMNS"
        }
        AlterTableAction::ReplaceColumns(columns) => {
            table.storage.columns = columns.iter().map(column).collect();
            check_columns(&table.storage.columns, &table.partition_keys)?;
            "ALTER_TABLE_REPLACE_COLUMNS"
        }
        AlterTableAction::ChangeColumn { from, to, place } => {
            change_column(&mut table, from, to, place.as_ref())?;
            "ALTER_TABLE_CHANGE_COLUMN"
        }
        AlterTableAction::SetLocation { location, .. } => {
            check_location(location)?;
            table.storage.location.clone_from(location);
            "ALTER_TABLE_SET_LOCATION"
        }
        AlterTableAction::SetProperties(properties) => {
            table.parameters.extend(properties.iter().cloned());
            "ALTER_TABLE_SET_TBLPROPERTIES"
        }
        AlterTableAction::UnsetProperties(keys) => {
            table.parameters.retain(|key, _| !keys.contains(key));
            "ALTER_TABLE_UNSET_TBLPROPERTIES"
        }
        other => {
            return Err(Error::internal(format!(
                "{other:?} does not change the table"
            )));
        }
    };
    Ok((substatement_type, table))
}

fn change_column(
    table: &mut Table,
    from: &Identifier,
    to: &HiveColumn,
    place: Option<&ColumnPlace>,
) -> Result<(), Error> {
    let at = index_of(&table.storage.columns, from)?;
    let mut changed = column(to);
    if changed.comment.is_none() {
        changed
            .comment
            .clone_from(&table.storage.columns[at].comment);
    }
    match place {
        None => table.storage.columns[at] = changed,
        Some(place) => {
            table.storage.columns.remove(at);
            let at = match place {
                ColumnPlace::First => 0,
                ColumnPlace::After(name) => index_of(&table.storage.columns, name)? + 1,
            };
            table.storage.columns.insert(at, changed);
        }
    }
    check_columns(&table.storage.columns, &table.partition_keys)
}

fn index_of(columns: &[Column], name: &Identifier) -> Result<usize, Error> {
    columns
        .iter()
        .position(|column| column.name == name.lower())
        .ok_or_else(|| failure::semantic(10002, format!("Invalid column reference {}", name.value)))
}
