//! Activities: work that workers outside ask for. CreateActivity and its like, GetActivityTask.
//!
//! Source: "Activities", AWS Step Functions developer guide.

use std::collections::BTreeMap;
use std::time::Duration;

use rusqlite::{Connection, OptionalExtension, Transaction};
use serde::{Deserialize, Serialize};

use super::arn::ActivityArn;
use super::{
    check_name, machine_settings, name_of_page, next_page, one_more, page_size, tags, tokens,
};
use crate::caller::Caller;
use crate::cloud::Cloud;
use crate::error::ServiceError;
use crate::model::Timestamp;
use crate::model::sfn::*;

/// How long GetActivityTask waits for a task.
const POLL: Duration = Duration::from_mins(1);

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Activity {
    region: String,
    name: String,
    created: f64,
    encryption: EncryptionConfiguration,
    pub tags: BTreeMap<String, String>,
}

impl Activity {
    fn arn(&self, account: &str) -> ActivityArn {
        ActivityArn {
            region: self.region.clone(),
            account: account.to_owned(),
            name: self.name.clone(),
        }
    }
}

fn find(c: &Connection, region: &str, name: &str) -> Result<Option<Activity>, ServiceError> {
    let document: Option<String> = c
        .prepare_cached("SELECT document FROM sfn_activities WHERE region = ?1 AND name = ?2")?
        .query_row((region, name), |row| row.get(0))
        .optional()?;
    Ok(document.map(|d| serde_json::from_str(&d)).transpose()?)
}

/// The activity that an ARN names, from the region that the call is made in.
pub(super) fn existing(
    c: &Connection,
    caller: &Caller,
    arn: &ActivityArn,
) -> Result<Activity, ServiceError> {
    let here = arn.region == caller.region && arn.account == caller.account;
    let found = if here {
        find(c, &arn.region, &arn.name)?
    } else {
        None
    };
    found.ok_or_else(|| {
        ServiceError::new(
            "ActivityDoesNotExist",
            format!("Activity Does Not Exist: '{arn}'"),
        )
    })
}

pub(super) fn save(tx: &Transaction<'_>, activity: &Activity) -> Result<(), ServiceError> {
    tx.prepare_cached(
        "INSERT INTO sfn_activities VALUES (?1, ?2, ?3) ON CONFLICT DO UPDATE SET document = excluded.document",
    )?
    .execute((
        &activity.region,
        &activity.name,
        serde_json::to_string(activity)?,
    ))?;
    Ok(())
}

/// Makes an activity; one that is there already with the same encryption is answered again, and
/// its tags stay.
pub async fn create(
    cloud: &Cloud,
    caller: &Caller,
    input: CreateActivityInput,
) -> Result<CreateActivityOutput, ServiceError> {
    check_name(&input.name)?;
    let activity = Activity {
        region: caller.region.clone(),
        name: input.name,
        created: Timestamp::now().0,
        encryption: machine_settings::encryption(input.encryption_configuration)?,
        tags: tags::map(&input.tags.unwrap_or_default())?,
    };
    cloud.store().write(|tx| {
        let arn = activity.arn(cloud.account());
        let created = match find(tx, &activity.region, &activity.name)? {
            Some(there) if there.encryption != activity.encryption => {
                return Err(ServiceError::new(
                    "ActivityAlreadyExists",
                    format!("Activity Already Exists: '{arn}'"),
                ));
            }
            Some(there) => there.created,
            None => {
                save(tx, &activity)?;
                activity.created
            }
        };
        Ok(CreateActivityOutput {
            activity_arn: arn.to_string(),
            creation_date: Timestamp(created),
        })
    })
}

pub async fn describe(
    cloud: &Cloud,
    caller: &Caller,
    input: DescribeActivityInput,
) -> Result<DescribeActivityOutput, ServiceError> {
    let arn = ActivityArn::parse(&input.activity_arn)?;
    let found = cloud.store().read(|c| existing(c, caller, &arn))?;
    Ok(DescribeActivityOutput {
        activity_arn: arn.to_string(),
        name: found.name,
        creation_date: Timestamp(found.created),
        encryption_configuration: Some(found.encryption),
    })
}

/// Deletes an activity; one that is not there is deleted. Its tasks stay, and nobody takes them.
pub async fn delete(
    cloud: &Cloud,
    caller: &Caller,
    input: DeleteActivityInput,
) -> Result<DeleteActivityOutput, ServiceError> {
    let arn = ActivityArn::parse(&input.activity_arn)?;
    if arn.region == caller.region && arn.account == caller.account {
        cloud.store().write(|tx| {
            tx.prepare_cached("DELETE FROM sfn_activities WHERE region = ?1 AND name = ?2")?
                .execute((&arn.region, &arn.name))?;
            Ok(())
        })?;
    }
    Ok(DeleteActivityOutput {})
}

pub async fn list(
    cloud: &Cloud,
    caller: &Caller,
    input: ListActivitiesInput,
) -> Result<ListActivitiesOutput, ServiceError> {
    let from = name_of_page(input.next_token.as_ref())?.unwrap_or_default();
    let size = page_size(input.max_results);
    let mut found: Vec<Activity> = cloud.store().read(|c| {
        let mut statement = c.prepare_cached(
            "SELECT document FROM sfn_activities WHERE region = ?1 AND name >= ?2 ORDER BY name LIMIT ?3",
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
    let next = next_page(&mut found, size, |activity| activity.name.clone());
    Ok(ListActivitiesOutput {
        activities: found
            .into_iter()
            .map(|activity| ActivityListItem {
                activity_arn: activity.arn(cloud.account()).to_string(),
                name: activity.name,
                creation_date: Timestamp(activity.created),
            })
            .collect(),
        next_token: next,
    })
}

/// Gives a worker the oldest task that nobody has, or nothing when none comes in a minute.
pub async fn get_task(
    cloud: &Cloud,
    caller: &Caller,
    input: GetActivityTaskInput,
) -> Result<GetActivityTaskOutput, ServiceError> {
    let arn = ActivityArn::parse(&input.activity_arn)?;
    cloud.store().read(|c| existing(c, caller, &arn))?;
    let key = arn.to_string();
    let take = || {
        let store = cloud.store();
        if !store.read(|c| tokens::is_any(c, &key))? {
            return Ok(None);
        }
        store.write(|tx| tokens::take(tx, &key, input.worker_name.as_deref()))
    };
    let waiter = cloud.sfn().notices.of(&key);
    let taken: Option<(String, String)> = waiter
        .until(take, Some(POLL))
        .await
        .inspect_err(|error: &ServiceError| tracing::warn!(%error, "tasks of an activity"))?;
    let Some((token, task)) = taken else {
        return Ok(GetActivityTaskOutput::default());
    };
    cloud.sfn().notices.wake(&token);
    Ok(GetActivityTaskOutput {
        task_token: Some(token),
        input: Some(task),
    })
}
