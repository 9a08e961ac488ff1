//! Workgroups: where results go and what queries may cost.

use rusqlite::{Connection, OptionalExtension, Transaction};

use super::location::Location;
use super::{DEFAULT_PAGE, invalid, page_size, tags};
use crate::caller::Caller;
use crate::cloud::Cloud;
use crate::error::ServiceError;
use crate::model::Timestamp;
use crate::model::athena::{
    CreateWorkGroupInput, CreateWorkGroupOutput, DeleteWorkGroupInput, DeleteWorkGroupOutput,
    EngineVersion, GetWorkGroupInput, GetWorkGroupOutput, ListEngineVersionsInput,
    ListEngineVersionsOutput, ListWorkGroupsInput, ListWorkGroupsOutput, ResultConfiguration,
    UpdateWorkGroupInput, UpdateWorkGroupOutput, WorkGroup, WorkGroupConfiguration,
    WorkGroupConfigurationUpdates, WorkGroupSummary,
};
use crate::paging;

const PRIMARY: &str = "primary";
const ENGINE: &str = "Athena engine version 3";

pub(super) fn engine(selected: &str) -> EngineVersion {
    EngineVersion {
        selected_engine_version: Some(selected.to_owned()),
        effective_engine_version: Some(ENGINE.to_owned()),
    }
}

pub async fn create(
    cloud: &Cloud,
    caller: &Caller,
    input: CreateWorkGroupInput,
) -> Result<CreateWorkGroupOutput, ServiceError> {
    let mut configuration = input.configuration.unwrap_or_default();
    check(&configuration)?;
    let selected = configuration
        .engine_version
        .and_then(|e| e.selected_engine_version)
        .unwrap_or_else(|| "AUTO".to_owned());
    configuration.engine_version = Some(engine(&selected));
    // These come back from AWS though nobody set them.
    configuration
        .enforce_work_group_configuration
        .get_or_insert(true);
    configuration
        .publish_cloud_watch_metrics_enabled
        .get_or_insert(false);
    configuration.requester_pays_enabled.get_or_insert(false);
    configuration
        .enable_minimum_encryption_configuration
        .get_or_insert(false);
    configuration.result_configuration.get_or_insert_default();
    let group = WorkGroup {
        name: input.name.clone(),
        state: Some("ENABLED".to_owned()),
        configuration: Some(configuration),
        description: input.description,
        creation_time: Some(Timestamp::now()),
        identity_center_application_arn: None,
    };
    cloud.store().write(|tx| {
        if find(tx, caller, &input.name).is_ok() {
            return Err(invalid(format!(
                "WorkGroup {} is already created",
                input.name
            )));
        }
        put(tx, caller, &group)?;
        tags::put(
            tx,
            &arn(caller, &input.name),
            &input.tags.unwrap_or_default(),
        )
    })?;
    Ok(CreateWorkGroupOutput::default())
}

pub async fn get(
    cloud: &Cloud,
    caller: &Caller,
    input: GetWorkGroupInput,
) -> Result<GetWorkGroupOutput, ServiceError> {
    let group = cloud.store().read(|c| find(c, caller, &input.work_group))?;
    Ok(GetWorkGroupOutput {
        work_group: Some(group),
    })
}

pub async fn list(
    cloud: &Cloud,
    caller: &Caller,
    input: ListWorkGroupsInput,
) -> Result<ListWorkGroupsOutput, ServiceError> {
    let mut groups = cloud.store().read(|c| {
        let mut statement =
            c.prepare_cached("SELECT document FROM athena_workgroups WHERE region = ?1")?;
        let rows = statement.query_map([&caller.region], |row| row.get::<_, String>(0))?;
        let mut groups = vec![];
        for row in rows {
            groups.push(serde_json::from_str::<WorkGroup>(&row?)?);
        }
        Ok(groups)
    })?;
    if !groups.iter().any(|g| g.name == PRIMARY) {
        groups.push(primary());
    }
    groups.sort_by(|a, b| a.name.cmp(&b.name));
    let (page, next_token) = paging::page(
        groups,
        input.next_token.as_deref(),
        page_size(input.max_results, DEFAULT_PAGE),
        "InvalidRequestException",
        |g| g.name.clone(),
    )?;
    let summaries = page.into_iter().map(|g| WorkGroupSummary {
        name: Some(g.name),
        state: g.state,
        description: g.description,
        creation_time: g.creation_time,
        engine_version: g.configuration.and_then(|c| c.engine_version),
        identity_center_application_arn: None,
    });
    Ok(ListWorkGroupsOutput {
        work_groups: Some(summaries.collect()),
        next_token,
    })
}

pub async fn update(
    cloud: &Cloud,
    caller: &Caller,
    input: UpdateWorkGroupInput,
) -> Result<UpdateWorkGroupOutput, ServiceError> {
    cloud.store().write(|tx| {
        let mut group = find(tx, caller, &input.work_group)?;
        if let Some(description) = input.description {
            group.description = Some(description);
        }
        if let Some(state) = input.state {
            group.state = Some(state);
        }
        if let Some(updates) = input.configuration_updates {
            apply(group.configuration.get_or_insert_default(), updates)?;
        }
        put(tx, caller, &group)
    })?;
    Ok(UpdateWorkGroupOutput::default())
}

fn apply(
    configuration: &mut WorkGroupConfiguration,
    updates: WorkGroupConfigurationUpdates,
) -> Result<(), ServiceError> {
    fn set<T>(field: &mut Option<T>, update: Option<T>) {
        if update.is_some() {
            *field = update;
        }
    }
    set(
        &mut configuration.enforce_work_group_configuration,
        updates.enforce_work_group_configuration,
    );
    set(
        &mut configuration.publish_cloud_watch_metrics_enabled,
        updates.publish_cloud_watch_metrics_enabled,
    );
    set(
        &mut configuration.requester_pays_enabled,
        updates.requester_pays_enabled,
    );
    set(
        &mut configuration.enable_minimum_encryption_configuration,
        updates.enable_minimum_encryption_configuration,
    );
    set(
        &mut configuration.additional_configuration,
        updates.additional_configuration,
    );
    set(&mut configuration.execution_role, updates.execution_role);
    set(
        &mut configuration.bytes_scanned_cutoff_per_query,
        updates.bytes_scanned_cutoff_per_query,
    );
    if updates.remove_bytes_scanned_cutoff_per_query == Some(true) {
        configuration.bytes_scanned_cutoff_per_query = None;
    }
    set(
        &mut configuration.monitoring_configuration,
        updates.monitoring_configuration,
    );
    set(
        &mut configuration.engine_configuration,
        updates.engine_configuration,
    );
    set(
        &mut configuration.query_results_s3_access_grants_configuration,
        updates.query_results_s3_access_grants_configuration,
    );
    set(
        &mut configuration.customer_content_encryption_configuration,
        updates.customer_content_encryption_configuration,
    );
    if updates.remove_customer_content_encryption_configuration == Some(true) {
        configuration.customer_content_encryption_configuration = None;
    }
    if let Some(updates) = updates.managed_query_results_configuration_updates {
        let managed = configuration
            .managed_query_results_configuration
            .get_or_insert_default();
        if let Some(enabled) = updates.enabled {
            managed.enabled = enabled;
        }
        set(
            &mut managed.encryption_configuration,
            updates.encryption_configuration,
        );
        if updates.remove_encryption_configuration == Some(true) {
            managed.encryption_configuration = None;
        }
    }
    if let Some(version) = updates.engine_version {
        let selected = version
            .selected_engine_version
            .unwrap_or_else(|| "AUTO".to_owned());
        configuration.engine_version = Some(engine(&selected));
    }
    if let Some(results) = updates.result_configuration_updates {
        let current = configuration.result_configuration.get_or_insert_default();
        set(&mut current.output_location, results.output_location);
        if results.remove_output_location == Some(true) {
            current.output_location = None;
        }
        set(
            &mut current.encryption_configuration,
            results.encryption_configuration,
        );
        if results.remove_encryption_configuration == Some(true) {
            current.encryption_configuration = None;
        }
        set(
            &mut current.expected_bucket_owner,
            results.expected_bucket_owner,
        );
        if results.remove_expected_bucket_owner == Some(true) {
            current.expected_bucket_owner = None;
        }
        set(&mut current.acl_configuration, results.acl_configuration);
        if results.remove_acl_configuration == Some(true) {
            current.acl_configuration = None;
        }
    }
    check(configuration)
}

/// Refuses what Athena would, and by name what the embedded cloud does not have.
fn check(configuration: &WorkGroupConfiguration) -> Result<(), ServiceError> {
    check_engine(configuration.engine_version.as_ref())?;
    let results = configuration.result_configuration.as_ref();
    check_location(results)?;
    let encryption = results.and_then(|results| results.encryption_configuration.as_ref());
    if let Some(encryption) = encryption {
        let wants_key = encryption.encryption_option != "SSE_S3";
        if wants_key && encryption.kms_key.is_none() {
            return Err(invalid(format!(
                "KmsKey is required for encryption option {}.",
                encryption.encryption_option
            )));
        }
        if !wants_key && encryption.kms_key.is_some() {
            return Err(invalid(
                "KmsKey must not be set for encryption option SSE_S3.",
            ));
        }
    }
    let managed = configuration.managed_query_results_configuration.as_ref();
    let center = configuration.identity_center_configuration.as_ref();
    let grants = configuration
        .query_results_s3_access_grants_configuration
        .as_ref();
    for (asked, what) in [
        (
            managed.is_some_and(|managed| managed.enabled),
            "managed query results",
        ),
        (
            center.is_some_and(|center| center.enable_identity_center == Some(true)),
            "IAM Identity Center",
        ),
        (
            grants.is_some_and(|grants| grants.enable_s3_access_grants),
            "S3 Access Grants",
        ),
    ] {
        if asked {
            return Err(ServiceError::not_supported("athena", what));
        }
    }
    Ok(())
}

pub async fn delete(
    cloud: &Cloud,
    caller: &Caller,
    input: DeleteWorkGroupInput,
) -> Result<DeleteWorkGroupOutput, ServiceError> {
    let name = &input.work_group;
    if name == PRIMARY {
        return Err(invalid("WorkGroup primary cannot be deleted"));
    }
    cloud.store().write(|tx| {
        find(tx, caller, name)?;
        let region = &caller.region;
        let tables = [
            "athena_named_queries",
            "athena_prepared_statements",
            "athena_executions",
        ];
        for table in tables {
            if input.recursive_delete_option == Some(true) {
                tx.execute(
                    &format!("DELETE FROM {table} WHERE region = ?1 AND workgroup = ?2"),
                    (region, name),
                )?;
            }
            let rest: i64 = tx.query_row(
                &format!("SELECT count(*) FROM {table} WHERE region = ?1 AND workgroup = ?2"),
                (region, name),
                |row| row.get(0),
            )?;
            if rest > 0 {
                return Err(invalid(format!("WorkGroup {name} is not empty")));
            }
        }
        tx.execute(
            "DELETE FROM athena_workgroups WHERE region = ?1 AND name = ?2",
            (region, name),
        )?;
        tx.execute(
            "DELETE FROM athena_tags WHERE arn = ?1",
            [arn(caller, name)],
        )?;
        Ok(())
    })?;
    Ok(DeleteWorkGroupOutput::default())
}

pub async fn engine_versions(
    _: &Cloud,
    _: &Caller,
    _: ListEngineVersionsInput,
) -> Result<ListEngineVersionsOutput, ServiceError> {
    Ok(ListEngineVersionsOutput {
        engine_versions: Some(vec![engine("AUTO"), engine(ENGINE)]),
        next_token: None,
    })
}

/// The workgroup of this name, or Athena's error that there is none.
pub(super) fn find(c: &Connection, caller: &Caller, name: &str) -> Result<WorkGroup, ServiceError> {
    let document: Option<String> = c
        .prepare_cached("SELECT document FROM athena_workgroups WHERE region = ?1 AND name = ?2")?
        .query_row((&caller.region, name), |row| row.get(0))
        .optional()?;
    match document {
        Some(document) => Ok(serde_json::from_str(&document)?),
        None if name == PRIMARY => Ok(primary()),
        None => Err(invalid(format!("WorkGroup {name} is not found."))),
    }
}

fn put(tx: &Transaction<'_>, caller: &Caller, group: &WorkGroup) -> Result<(), ServiceError> {
    tx.execute(
        "INSERT INTO athena_workgroups VALUES (?1, ?2, ?3) ON CONFLICT DO UPDATE SET document = excluded.document",
        (&caller.region, &group.name, serde_json::to_string(group)?),
    )?;
    Ok(())
}

/// The workgroup that is there in every account.
fn primary() -> WorkGroup {
    WorkGroup {
        name: PRIMARY.to_owned(),
        state: Some("ENABLED".to_owned()),
        configuration: Some(WorkGroupConfiguration {
            result_configuration: Some(ResultConfiguration::default()),
            enforce_work_group_configuration: Some(false),
            publish_cloud_watch_metrics_enabled: Some(false),
            requester_pays_enabled: Some(false),
            engine_version: Some(engine("AUTO")),
            enable_minimum_encryption_configuration: Some(false),
            ..WorkGroupConfiguration::default()
        }),
        description: Some(String::new()),
        creation_time: Some(Timestamp(0.0)),
        identity_center_application_arn: None,
    }
}

fn arn(caller: &Caller, name: &str) -> String {
    format!(
        "arn:aws:athena:{}:{}:workgroup/{name}",
        caller.region, caller.account
    )
}

fn check_engine(version: Option<&EngineVersion>) -> Result<(), ServiceError> {
    match version.and_then(|v| v.selected_engine_version.as_deref()) {
        None | Some("AUTO" | ENGINE) => Ok(()),
        Some(other) => Err(invalid(format!(
            "Engine version {other} is not supported; use AUTO or {ENGINE}."
        ))),
    }
}

fn check_location(results: Option<&ResultConfiguration>) -> Result<(), ServiceError> {
    match results.and_then(|r| r.output_location.as_deref()) {
        Some(location) if Location::parse(location).is_none() => {
            Err(invalid("outputLocation is not a valid S3 path."))
        }
        _ => Ok(()),
    }
}
