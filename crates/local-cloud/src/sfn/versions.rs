//! Versions of state machines: PublishStateMachineVersion, ListStateMachineVersions,
//! DeleteStateMachineVersion.

use rusqlite::{Connection, OptionalExtension, Row, Transaction};

use super::arn::{self, MachineArn};
use super::machines::{self, Machine};
use super::{aliases, next_page, one_more, page_size, place_of_page};
use crate::caller::Caller;
use crate::cloud::Cloud;
use crate::error::ServiceError;
use crate::model::Timestamp;
use crate::model::sfn::*;

/// A revision that was given a number.
pub(super) struct Version {
    pub number: i64,
    pub revision: String,
    pub description: Option<String>,
    pub created: f64,
}

const COLUMNS: &str = "number, revision, description, created";

fn read(row: &Row<'_>) -> rusqlite::Result<Version> {
    Ok(Version {
        number: row.get(0)?,
        revision: row.get(1)?,
        description: row.get(2)?,
        created: row.get(3)?,
    })
}

/// The version that an ARN names, or none where it names the machine itself.
pub(super) fn named(
    c: &Connection,
    machine: &Machine,
    arn: &MachineArn,
) -> Result<Option<Version>, ServiceError> {
    if arn.qualifier.is_none() {
        return Ok(None);
    }
    let found = match arn.version() {
        Some(number) => numbered(c, machine, number)?,
        None => None,
    };
    found.map(Some).ok_or_else(|| machines::does_not_exist(arn))
}

/// The version of this number.
pub(super) fn numbered(
    c: &Connection,
    machine: &Machine,
    number: i64,
) -> Result<Option<Version>, ServiceError> {
    Ok(c.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM sfn_versions WHERE region = ?1 AND machine = ?2 AND number = ?3"
    ))?
    .query_row((&machine.region, &machine.name, number), read)
    .optional()?)
}

fn latest(c: &Connection, machine: &Machine) -> Result<Option<Version>, ServiceError> {
    Ok(c.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM sfn_versions WHERE region = ?1 AND machine = ?2 ORDER BY number DESC LIMIT 1"
    ))?
    .query_row((&machine.region, &machine.name), read)
    .optional()?)
}

/// Numbers the machine's revision, unless the latest version has it already. Gives the version's
/// ARN and when it was made.
pub(super) fn add(
    tx: &Transaction<'_>,
    machine: &Machine,
    arn: &MachineArn,
    description: Option<&str>,
) -> Result<(MachineArn, f64), ServiceError> {
    let latest = latest(tx, machine)?;
    if let Some(there) = &latest
        && there.revision == machine.revision
    {
        if there.description.as_deref() != description {
            return Err(ServiceError::new(
                "ConflictException",
                format!(
                    "Failed to publish the State Machine version for revision {}. A version with a different description already exists.",
                    machines::revision(tx, &there.revision)?
                        .id
                        .as_deref()
                        .unwrap_or("INITIAL")
                ),
            ));
        }
        return Ok((arn.with_version(there.number), there.created));
    }
    let number = machine.last_version + 1;
    let created = Timestamp::now().0;
    tx.prepare_cached("INSERT INTO sfn_versions VALUES (?1, ?2, ?3, ?4, ?5, ?6)")?
        .execute((
            &machine.region,
            &machine.name,
            number,
            &machine.revision,
            description,
            created,
        ))?;
    machines::save(
        tx,
        &Machine {
            last_version: number,
            ..machine.clone()
        },
    )?;
    Ok((arn.with_version(number), created))
}

pub async fn publish(
    cloud: &Cloud,
    caller: &Caller,
    input: PublishStateMachineVersionInput,
) -> Result<PublishStateMachineVersionOutput, ServiceError> {
    let arn = MachineArn::parse(&input.state_machine_arn)?;
    if arn.qualifier.is_some() {
        return Err(arn::invalid(&input.state_machine_arn));
    }
    cloud.store().write(|tx| {
        let machine = machines::active(tx, caller, &arn)?;
        if let Some(wanted) = &input.revision_id {
            let id = machines::revision(tx, &machine.revision)?.id;
            let id = id.as_deref().unwrap_or("INITIAL");
            if wanted != id {
                return Err(ServiceError::new(
                    "ConflictException",
                    format!(
                        "Failed to publish the State Machine version for revision {wanted}. The current State Machine revision is {id}."
                    ),
                ));
            }
        }
        let (version, created) = add(tx, &machine, &arn, input.description.as_deref())?;
        Ok(PublishStateMachineVersionOutput {
            creation_date: Timestamp(created),
            state_machine_version_arn: version.to_string(),
        })
    })
}

/// The versions of a machine, newest first.
pub async fn list(
    cloud: &Cloud,
    caller: &Caller,
    input: ListStateMachineVersionsInput,
) -> Result<ListStateMachineVersionsOutput, ServiceError> {
    let arn = MachineArn::parse(&input.state_machine_arn)?;
    let from = place_of_page(input.next_token.as_ref())?.unwrap_or(i64::MAX);
    let size = page_size(input.max_results);
    let mut found: Vec<Version> = cloud.store().read(|c| {
        let machine = machines::existing(c, caller, &arn)?;
        let mut statement = c.prepare_cached(&format!(
            "SELECT {COLUMNS} FROM sfn_versions WHERE region = ?1 AND machine = ?2 AND number <= ?3 ORDER BY number DESC LIMIT ?4"
        ))?;
        let rows = statement.query_map((&machine.region, &machine.name, from, one_more(size)), read)?;
        Ok(rows.collect::<Result<_, _>>()?)
    })?;
    let next = next_page(&mut found, size, |version| version.number.to_string());
    Ok(ListStateMachineVersionsOutput {
        state_machine_versions: found
            .iter()
            .map(|version| StateMachineVersionListItem {
                state_machine_version_arn: arn.with_version(version.number).to_string(),
                creation_date: Timestamp(version.created),
            })
            .collect(),
        next_token: next,
    })
}

pub async fn delete(
    cloud: &Cloud,
    caller: &Caller,
    input: DeleteStateMachineVersionInput,
) -> Result<DeleteStateMachineVersionOutput, ServiceError> {
    let arn = MachineArn::parse(&input.state_machine_version_arn)?;
    let Some(number) = arn.version() else {
        return Err(arn::invalid(&input.state_machine_version_arn));
    };
    if arn.region == caller.region && arn.account == caller.account {
        cloud.store().write(|tx| {
            if let Some(machine) = machines::find(tx, &arn.region, &arn.name)? {
                let aliases = aliases::that_lead_to(tx, &machine, number)?;
                if !aliases.is_empty() {
                    return Err(ServiceError::new(
                        "ConflictException",
                        format!(
                            "Version to be deleted must not be referenced by an alias. Current list of aliases referencing this version: [{}]",
                            aliases.join(", ")
                        ),
                    ));
                }
            }
            tx.prepare_cached(
                "DELETE FROM sfn_versions WHERE region = ?1 AND machine = ?2 AND number = ?3",
            )?
            .execute((&arn.region, &arn.name, number))?;
            Ok(())
        })?;
    }
    Ok(DeleteStateMachineVersionOutput {})
}
