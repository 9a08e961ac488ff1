//! State machines: CreateStateMachine, DescribeStateMachine, UpdateStateMachine,
//! ListStateMachines.

use std::collections::BTreeMap;

use rusqlite::{Connection, OptionalExtension, Transaction};
use serde::{Deserialize, Serialize};

use super::arn::MachineArn;
use super::machine_settings::{
    assumed, check_log_access, check_log_destination, check_role, check_version_description,
    encryption, logging, tracing,
};
use super::{
    check_name, definition, name_of_page, next_page, one_more, page_size, permissions, tags,
    versions,
};
use crate::caller::Caller;
use crate::cloud::Cloud;
use crate::error::ServiceError;
use crate::model::Timestamp;
use crate::model::sfn::*;

/// What is known of a machine beside its revision.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Machine {
    pub region: String,
    pub name: String,
    pub r#type: String,
    pub created: f64,
    pub deleting: bool,
    /// The key of its current revision.
    pub revision: String,
    /// The number of the version that was published last; numbers are not given again.
    pub last_version: i64,
    pub tags: BTreeMap<String, String>,
}

/// What of a machine can change, and is kept for the versions and executions that have it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Revision {
    /// `revisionId`; a machine that was never updated shows none.
    pub id: Option<String>,
    pub definition: String,
    pub role_arn: String,
    pub logging: LoggingConfiguration,
    pub tracing: TracingConfiguration,
    pub encryption: EncryptionConfiguration,
    pub updated: f64,
}

impl Revision {
    /// Whether the other has the same definition and settings; roles do not count.
    fn is_set_as(&self, other: &Self) -> bool {
        self.definition == other.definition
            && self.logging == other.logging
            && self.tracing == other.tracing
            && self.encryption == other.encryption
    }
}

impl Machine {
    pub fn arn(&self, account: &str) -> MachineArn {
        MachineArn::new(account, &self.region, &self.name)
    }

    pub fn is_express(&self) -> bool {
        self.r#type == "EXPRESS"
    }

    fn status(&self) -> &'static str {
        if self.deleting { "DELETING" } else { "ACTIVE" }
    }
}

pub(super) fn find(
    c: &Connection,
    region: &str,
    name: &str,
) -> Result<Option<Machine>, ServiceError> {
    let document: Option<String> = c
        .prepare_cached("SELECT document FROM sfn_machines WHERE region = ?1 AND name = ?2")?
        .query_row((region, name), |row| row.get(0))
        .optional()?;
    Ok(document.map(|d| serde_json::from_str(&d)).transpose()?)
}

/// The machine that an ARN names, from the region that the call is made in.
pub(super) fn existing(
    c: &Connection,
    caller: &Caller,
    arn: &MachineArn,
) -> Result<Machine, ServiceError> {
    let here = arn.region == caller.region && arn.account == caller.account;
    let found = if here {
        find(c, &arn.region, &arn.name)?
    } else {
        None
    };
    found.ok_or_else(|| does_not_exist(arn))
}

/// [`existing`], for operations that want a machine to stay.
pub(super) fn active(
    c: &Connection,
    caller: &Caller,
    arn: &MachineArn,
) -> Result<Machine, ServiceError> {
    let machine = existing(c, caller, arn)?;
    if machine.deleting {
        return Err(ServiceError::new(
            "StateMachineDeleting",
            format!("State Machine Deleting: '{arn}'"),
        ));
    }
    Ok(machine)
}

pub(super) fn does_not_exist(arn: &MachineArn) -> ServiceError {
    ServiceError::new(
        "StateMachineDoesNotExist",
        format!("State Machine Does Not Exist: '{arn}'"),
    )
}

pub(super) fn save(tx: &Transaction<'_>, machine: &Machine) -> Result<(), ServiceError> {
    tx.prepare_cached(
        "INSERT INTO sfn_machines VALUES (?1, ?2, ?3) ON CONFLICT DO UPDATE SET document = excluded.document",
    )?
    .execute((
        &machine.region,
        &machine.name,
        serde_json::to_string(machine)?,
    ))?;
    Ok(())
}

/// The revision of this key.
pub(super) fn revision(c: &Connection, key: &str) -> Result<Revision, ServiceError> {
    let document: String = c
        .prepare_cached("SELECT document FROM sfn_revisions WHERE id = ?1")?
        .query_row([key], |row| row.get(0))?;
    Ok(serde_json::from_str(&document)?)
}

fn add_revision(
    tx: &Transaction<'_>,
    machine: &mut Machine,
    revision: &Revision,
) -> Result<(), ServiceError> {
    machine.revision = uuid::Uuid::new_v4().to_string();
    tx.prepare_cached("INSERT INTO sfn_revisions VALUES (?1, ?2, ?3, ?4)")?
        .execute((
            &machine.revision,
            &machine.region,
            &machine.name,
            serde_json::to_string(revision)?,
        ))?;
    save(tx, machine)
}

/// Makes a machine. Asking again for the same is answered alike; roles and tags do not count.
pub async fn create(
    cloud: &Cloud,
    caller: &Caller,
    input: CreateStateMachineInput,
) -> Result<CreateStateMachineOutput, ServiceError> {
    check_name(&input.name)?;
    let publish = input.publish.unwrap_or(false);
    check_version_description(publish, input.version_description.as_deref())?;
    let tags = tags::map(&input.tags.unwrap_or_default())?;
    let asked = Revision {
        id: None,
        definition: input.definition,
        role_arn: input.role_arn,
        logging: logging(input.logging_configuration)?,
        tracing: tracing(input.tracing_configuration),
        encryption: encryption(input.encryption_configuration)?,
        updated: Timestamp::now().0,
    };
    let mut machine = Machine {
        region: caller.region.clone(),
        name: input.name,
        r#type: input.r#type.unwrap_or_else(|| "STANDARD".to_owned()),
        created: asked.updated,
        deleting: false,
        revision: String::new(),
        last_version: 0,
        tags,
    };
    let arn = machine.arn(cloud.account());
    let role = check_role(cloud, caller, &arn, &asked.role_arn)?;
    check_log_access(cloud, &role, &asked.logging)?;
    check_log_destination(cloud, &asked.logging)?;
    definition::check(
        &asked.definition,
        definition::machine_type(Some(&machine.r#type)),
    )?;
    permissions::check_managed_rule(cloud, &arn, &asked.role_arn, &asked.definition)?;
    cloud.store().write(|tx| {
        if find(tx, &machine.region, &machine.name)?.is_some() {
            let there = active(tx, caller, &arn)?;
            let now = revision(tx, &there.revision)?;
            if there.r#type != machine.r#type || !now.is_set_as(&asked) {
                return Err(ServiceError::new(
                    "StateMachineAlreadyExists",
                    format!("State Machine Already Exists: '{arn}'"),
                ));
            }
            machine = there;
        } else {
            add_revision(tx, &mut machine, &asked)?;
        }
        let version = publish
            .then(|| versions::add(tx, &machine, &arn, input.version_description.as_deref()))
            .transpose()?;
        Ok(CreateStateMachineOutput {
            state_machine_arn: arn.to_string(),
            creation_date: Timestamp(machine.created),
            state_machine_version_arn: version.map(|(version, _)| version.to_string()),
        })
    })
}

pub async fn describe(
    cloud: &Cloud,
    caller: &Caller,
    input: DescribeStateMachineInput,
) -> Result<DescribeStateMachineOutput, ServiceError> {
    let arn = MachineArn::parse(&input.state_machine_arn)?;
    cloud.store().read(|c| {
        let machine = existing(c, caller, &arn)?;
        let version = versions::named(c, &machine, &arn)?;
        let key = version.as_ref().map_or(&machine.revision, |v| &v.revision);
        let revision = revision(c, key)?;
        let metadata_only = input.included_data.as_deref() == Some("METADATA_ONLY");
        Ok(DescribeStateMachineOutput {
            state_machine_arn: arn.to_string(),
            name: machine.name.clone(),
            status: Some(machine.status().to_owned()),
            variable_references: if metadata_only {
                None
            } else {
                definition::variable_references(&revision.definition)
            },
            definition: if metadata_only {
                String::new()
            } else {
                revision.definition
            },
            role_arn: revision.role_arn,
            r#type: machine.r#type.clone(),
            creation_date: Timestamp(version.as_ref().map_or(machine.created, |v| v.created)),
            logging_configuration: Some(revision.logging),
            tracing_configuration: Some(revision.tracing),
            encryption_configuration: Some(revision.encryption),
            revision_id: revision.id,
            description: version.and_then(|v| v.description),
            ..Default::default()
        })
    })
}

/// Changes a machine. What changes nothing makes no revision, and so no version, either.
pub async fn update(
    cloud: &Cloud,
    caller: &Caller,
    input: UpdateStateMachineInput,
) -> Result<UpdateStateMachineOutput, ServiceError> {
    let arn = MachineArn::parse(&input.state_machine_arn)?;
    if arn.qualifier.is_some() {
        return Err(does_not_exist(&arn));
    }
    let publish = input.publish.unwrap_or(false);
    check_version_description(publish, input.version_description.as_deref())?;
    let nothing = input.definition.is_none()
        && input.role_arn.is_none()
        && input.logging_configuration.is_none()
        && input.tracing_configuration.is_none()
        && input.encryption_configuration.is_none();
    if nothing {
        return Err(ServiceError::new(
            "MissingRequiredParameter",
            "Either the definition, the role ARN, the LoggingConfiguration, the TracingConfiguration or the EncryptionConfiguration must be specified",
        ));
    }
    let (machine, now) = cloud.store().read(|c| {
        let machine = active(c, caller, &arn)?;
        let now = revision(c, &machine.revision)?;
        Ok((machine, now))
    })?;
    if let Some(text) = &input.definition {
        definition::check(text, definition::machine_type(Some(&machine.r#type)))?;
    }
    let logging = input
        .logging_configuration
        .map(|given| logging(Some(given)))
        .transpose()?;
    let encryption = input
        .encryption_configuration
        .map(|given| encryption(Some(given)))
        .transpose()?;
    if input.role_arn.is_some() || logging.is_some() {
        let role = match &input.role_arn {
            Some(role_arn) => check_role(cloud, caller, &arn, role_arn)?,
            None => assumed(cloud, &arn, &now.role_arn)?,
        };
        check_log_access(cloud, &role, logging.as_ref().unwrap_or(&now.logging))?;
    }
    if let Some(logging) = &logging {
        check_log_destination(cloud, logging)?;
    }
    permissions::check_managed_rule(
        cloud,
        &arn,
        input.role_arn.as_ref().unwrap_or(&now.role_arn),
        input.definition.as_ref().unwrap_or(&now.definition),
    )?;
    cloud.store().write(|tx| {
        let mut machine = active(tx, caller, &arn)?;
        let before = machine.revision.clone();
        let now = revision(tx, &before)?;
        let mut next = now.clone();
        if let Some(definition) = input.definition {
            next.definition = definition;
        }
        if let Some(role_arn) = input.role_arn {
            next.role_arn = role_arn;
        }
        if let Some(logging) = logging {
            next.logging = logging;
        }
        if let Some(given) = input.tracing_configuration {
            next.tracing = tracing(Some(given));
        }
        if let Some(encryption) = encryption {
            next.encryption = encryption;
        }
        if next.role_arn != now.role_arn || !next.is_set_as(&now) {
            next.id = Some(uuid::Uuid::new_v4().to_string());
            next.updated = Timestamp::now().0;
            add_revision(tx, &mut machine, &next)?;
            drop_unused_revision(tx, &before)?;
        }
        let version = publish
            .then(|| versions::add(tx, &machine, &arn, input.version_description.as_deref()))
            .transpose()?;
        Ok(UpdateStateMachineOutput {
            update_date: Timestamp(next.updated),
            revision_id: next.id,
            state_machine_version_arn: version.map(|(version, _)| version.to_string()),
        })
    })
}

/// Forgets a revision that no version and no execution has.
fn drop_unused_revision(tx: &Transaction<'_>, key: &str) -> Result<(), ServiceError> {
    tx.prepare_cached(
        "DELETE FROM sfn_revisions WHERE id = ?1
         AND NOT EXISTS (SELECT 1 FROM sfn_versions v WHERE v.region = sfn_revisions.region AND v.machine = sfn_revisions.machine AND v.revision = ?1)
         AND NOT EXISTS (SELECT 1 FROM sfn_executions e WHERE e.region = sfn_revisions.region AND e.machine = sfn_revisions.machine AND e.revision = ?1)",
    )?
    .execute([key])?;
    Ok(())
}

pub async fn list(
    cloud: &Cloud,
    caller: &Caller,
    input: ListStateMachinesInput,
) -> Result<ListStateMachinesOutput, ServiceError> {
    let from = name_of_page(input.next_token.as_ref())?.unwrap_or_default();
    let size = page_size(input.max_results);
    let mut found: Vec<Machine> = cloud.store().read(|c| {
        let mut statement = c.prepare_cached(
            "SELECT document FROM sfn_machines WHERE region = ?1 AND name >= ?2 ORDER BY name LIMIT ?3",
        )?;
        let rows = statement.query_map((&caller.region, &from, one_more(size)), |row| {
            row.get::<_, String>(0)
        })?;
        let mut found = Vec::new();
        for document in rows {
            found.push(serde_json::from_str(&document?)?);
        }
        Ok(found)
    })?;
    let next = next_page(&mut found, size, |machine| machine.name.clone());
    Ok(ListStateMachinesOutput {
        state_machines: found
            .into_iter()
            .map(|machine| StateMachineListItem {
                state_machine_arn: machine.arn(cloud.account()).to_string(),
                name: machine.name,
                r#type: machine.r#type,
                creation_date: Timestamp(machine.created),
            })
            .collect(),
        next_token: next,
    })
}
