//! The calls by which workgroups are found, read and tagged.

use std::collections::BTreeMap;

use aws_sdk_athena::types::WorkGroup as AthenaWorkGroup;
use futures::{StreamExt, TryStreamExt};

use super::{LISTINGS_AT_A_TIME, PRIMARY, WorkGroup, arn};
use crate::cloud::Cloud;
use crate::engine::{ID_TAG, STACK_TAG};
use crate::resource::identity::own_id;
use crate::resource::{CallError, Scope, call, unless_gone};

/// Names of all workgroups.
pub(in crate::resource) async fn list_workgroups(cloud: &Cloud) -> Result<Vec<String>, CallError> {
    let mut names = Vec::new();
    let mut pages = cloud.athena.list_work_groups().into_paginator().send();
    while let Some(page) = pages.next().await {
        let page = page.map_err(|error| CallError::of("ListWorkGroups", error))?;
        names.extend(page.work_groups().iter().filter_map(|w| w.name.clone()));
    }
    Ok(names)
}

/// Names of the stack's workgroups, each with the id in its mark.
pub(super) async fn owned_workgroups(
    cloud: &Cloud,
    scope: &Scope,
) -> Result<Vec<(String, String)>, CallError> {
    let mut names = list_workgroups(cloud).await?;
    // What cannot be deleted is no orphan.
    names.retain(|name| name != PRIMARY);
    let found: Vec<Option<(String, String)>> =
        futures::stream::iter(names.into_iter().map(|name| async move {
            let tags = tags(cloud, &arn(scope, &name)).await?;
            let id = own_id(&tags, scope).map(str::to_owned);
            Ok::<_, CallError>(id.map(|id| (name, id)))
        }))
        .buffered(LISTINGS_AT_A_TIME)
        .try_collect()
        .await?;
    Ok(found.into_iter().flatten().collect())
}

/// The tags of a workgroup; none if it is gone.
pub(super) async fn tags(cloud: &Cloud, arn: &str) -> Result<BTreeMap<String, String>, CallError> {
    let mut tags = BTreeMap::new();
    let mut pages = cloud
        .athena
        .list_tags_for_resource()
        .resource_arn(arn)
        .into_paginator()
        .send();
    while let Some(page) = pages.next().await {
        let page = page.map_err(|error| CallError::of("ListTagsForResource", error));
        let page = match page {
            Err(error) if is_gone(&error) => break,
            page => unless_gone(page, &["ResourceNotFoundException"])?,
        };
        let Some(page) = page else { break };
        for tag in page.tags() {
            tags.insert(
                tag.key().unwrap_or_default().to_owned(),
                tag.value().unwrap_or_default().to_owned(),
            );
        }
    }
    Ok(tags)
}

impl WorkGroup {
    pub(super) async fn put_tags(&self, cloud: &Cloud) -> Result<(), CallError> {
        let live = tags(cloud, &self.arn()).await?;
        self.untag(cloud, self.identity.dropped_tags(&live)).await?;
        let request = cloud
            .athena
            .tag_resource()
            .resource_arn(self.arn())
            .set_tags(Some(self.athena_tags()));
        call!("TagResource", request).map(drop)
    }

    async fn untag(&self, cloud: &Cloud, keys: Vec<String>) -> Result<(), CallError> {
        if keys.is_empty() {
            return Ok(());
        }
        let request = cloud
            .athena
            .untag_resource()
            .resource_arn(self.arn())
            .set_tag_keys(Some(keys));
        call!("UntagResource", request).map(drop)
    }

    /// Gives up what cannot be deleted.
    pub(super) async fn leave(&self, cloud: &Cloud) -> Result<(), CallError> {
        let mark = [STACK_TAG, ID_TAG].map(str::to_owned);
        self.untag(cloud, mark.to_vec()).await
    }

    pub(super) async fn get(&self, cloud: &Cloud) -> Result<Option<AthenaWorkGroup>, CallError> {
        let request = cloud
            .athena
            .get_work_group()
            .work_group(&self.identity.name);
        match call!("GetWorkGroup", request) {
            Ok(found) => Ok(found.work_group),
            Err(error) if is_gone(&error) => Ok(None),
            Err(error) => Err(error),
        }
    }
}

/// Athena has no code of its own for a workgroup that is not there.
pub(in crate::resource) fn is_gone(error: &CallError) -> bool {
    let message = error.message.to_ascii_lowercase();
    error.is("InvalidRequestException")
        && ["is not found", "does not exist"]
            .iter()
            .any(|text| message.contains(text))
}
