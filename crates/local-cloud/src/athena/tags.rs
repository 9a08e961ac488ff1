//! Tags of workgroups and data catalogs.

use rusqlite::{Connection, Transaction};

use super::{invalid, page_size};
use crate::caller::Caller;
use crate::cloud::Cloud;
use crate::error::ServiceError;
use crate::model::athena::{
    ListTagsForResourceInput, ListTagsForResourceOutput, Tag, TagResourceInput, TagResourceOutput,
    UntagResourceInput, UntagResourceOutput,
};
use crate::paging;

pub async fn tag(
    cloud: &Cloud,
    caller: &Caller,
    input: TagResourceInput,
) -> Result<TagResourceOutput, ServiceError> {
    cloud.store().write(|tx| {
        exists(tx, caller, &input.resource_arn)?;
        put(tx, &input.resource_arn, &input.tags)
    })?;
    Ok(TagResourceOutput::default())
}

pub async fn untag(
    cloud: &Cloud,
    caller: &Caller,
    input: UntagResourceInput,
) -> Result<UntagResourceOutput, ServiceError> {
    cloud.store().write(|tx| {
        exists(tx, caller, &input.resource_arn)?;
        for key in &input.tag_keys {
            tx.execute(
                "DELETE FROM athena_tags WHERE arn = ?1 AND key = ?2",
                (&input.resource_arn, key),
            )?;
        }
        Ok(())
    })?;
    Ok(UntagResourceOutput::default())
}

pub async fn list(
    cloud: &Cloud,
    caller: &Caller,
    input: ListTagsForResourceInput,
) -> Result<ListTagsForResourceOutput, ServiceError> {
    let tags = cloud.store().read(|c| {
        exists(c, caller, &input.resource_arn)?;
        let mut statement =
            c.prepare_cached("SELECT key, value FROM athena_tags WHERE arn = ?1 ORDER BY key")?;
        let rows = statement.query_map([&input.resource_arn], |row| {
            Ok(Tag {
                key: row.get(0)?,
                value: row.get(1)?,
            })
        })?;
        Ok(rows.collect::<Result<Vec<_>, _>>()?)
    })?;
    let (tags, next_token) = paging::page(
        tags,
        input.next_token.as_deref(),
        page_size(input.max_results, 75),
        "InvalidRequestException",
        |tag| tag.key.clone().unwrap_or_default(),
    )?;
    Ok(ListTagsForResourceOutput {
        tags: Some(tags),
        next_token,
    })
}

/// Writes tags of a thing, over those of the same keys.
pub(super) fn put(tx: &Transaction<'_>, arn: &str, tags: &[Tag]) -> Result<(), ServiceError> {
    for tag in tags {
        tx.execute(
            "INSERT INTO athena_tags VALUES (?1, ?2, ?3) ON CONFLICT DO UPDATE SET value = excluded.value",
            (arn, tag.key.as_deref().unwrap_or_default(), tag.value.as_deref().unwrap_or_default()),
        )?;
    }
    Ok(())
}

fn exists(c: &Connection, caller: &Caller, arn: &str) -> Result<(), ServiceError> {
    let missing = || {
        ServiceError::new(
            "ResourceNotFoundException",
            format!("Resource {arn} is not found."),
        )
        .with("ResourceName", arn)
    };
    let rest = arn.rsplit(':').next().unwrap_or_default();
    match rest.split_once('/') {
        Some(("workgroup", name)) => super::workgroups::find(c, caller, name)
            .map(|_| ())
            .map_err(|_| missing()),
        Some(("datacatalog", "AwsDataCatalog")) => Ok(()),
        Some(_) => Err(missing()),
        None => Err(invalid(format!("{arn} is not an ARN of Athena."))),
    }
}
