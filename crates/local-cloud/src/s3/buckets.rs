//! Buckets.

use rusqlite::{Connection, OptionalExtension};
use s3s::dto::{
    Bucket as ListedBucket, BucketLocationConstraint, CreateBucketInput, CreateBucketOutput,
    DeleteBucketInput, DeleteBucketOutput, GetBucketLocationInput, GetBucketLocationOutput,
    HeadBucketInput, HeadBucketOutput, ListBucketsInput, ListBucketsOutput, ObjectOwnership, Owner,
    Tag,
};

use super::{Call, access, bodies, configuration, errors, timestamp};
use crate::error::ServiceError;
use crate::paging;

/// A bucket, with what every call on it looks at.
#[derive(Clone, Debug)]
pub(super) struct Bucket {
    pub name: String,
    pub region: String,
    pub versioning: Option<String>,
    pub policy: Option<String>,
}

pub(super) fn find(call: &Call, name: &str) -> Result<Bucket, ServiceError> {
    call.cloud.store().read(|c| find_in(c, name))
}

pub(super) fn find_in(c: &Connection, name: &str) -> Result<Bucket, ServiceError> {
    c.prepare_cached(
        "SELECT b.region, b.versioning, s.document FROM s3_buckets b
         LEFT JOIN s3_settings s ON s.bucket = b.name AND s.kind = 'policy' WHERE b.name = ?1",
    )?
    .query_row([name], |row| {
        Ok(Bucket {
            name: name.to_owned(),
            region: row.get(0)?,
            versioning: row.get(1)?,
            policy: row.get(2)?,
        })
    })
    .optional()?
    .ok_or_else(|| errors::no_such_bucket(name))
}

pub(super) fn owner(call: &Call) -> Owner {
    Owner {
        display_name: None,
        // S3 names an owner by a canonical id of 64 hex digits, which is made of the account here.
        id: Some(format!("{:0>64}", call.cloud.account())),
    }
}

pub(super) async fn create_bucket(
    call: &Call,
    input: CreateBucketInput,
) -> Result<CreateBucketOutput, ServiceError> {
    create_tagged_bucket(call, input, Vec::new()).await
}

/// CreateBucket with the tags in its configuration, which s3s does not know.
pub(super) async fn create_tagged_bucket(
    call: &Call,
    input: CreateBucketInput,
    tags: Vec<Tag>,
) -> Result<CreateBucketOutput, ServiceError> {
    let name = &input.bucket;
    access::check_account_on(call, "s3:CreateBucket", name)?;
    if !tags.is_empty() {
        access::check_account_on(call, "s3:TagResource", name)?;
        configuration::check_tags(&tags, 50)?;
    }
    let reserved = ["xn--", "sthree-", "amzn-s3-demo-"]
        .iter()
        .any(|p| name.starts_with(p))
        || ["-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3"]
            .iter()
            .any(|s| name.ends_with(s));
    if reserved || !s3s::path::check_bucket_name(name) {
        return Err(ServiceError::new(
            "InvalidBucketName",
            errors::INVALID_BUCKET_NAME,
        ));
    }
    if input
        .acl
        .as_ref()
        .is_some_and(|acl| acl.as_str() != "private")
    {
        return Err(ServiceError::new(
            "InvalidBucketAclWithObjectOwnership",
            "Bucket cannot have ACLs set with ObjectOwnership's BucketOwnerEnforced setting",
        ));
    }
    let constraint = input
        .create_bucket_configuration
        .as_ref()
        .and_then(|c| c.location_constraint.as_ref())
        .map(BucketLocationConstraint::as_str)
        .filter(|c| !c.is_empty());
    let region = location(&call.caller.region, constraint)?;
    let now = chrono::Utc::now().timestamp_millis();
    call.cloud.store().write(|tx| {
        if let Ok(existing) = find_in(tx, name) {
            // In us-east-1, and only there, making one's own bucket again is no error.
            if existing.region == "us-east-1" && region == "us-east-1" {
                return Ok(());
            }
            return Err(ServiceError::new(
                "BucketAlreadyOwnedByYou",
                "Your previous request to create the named bucket succeeded and you already own it.",
            )
            .with_status(409)
            .with("BucketName", name.as_str()));
        }
        // What can be locked has versions.
        let object_lock = input.object_lock_enabled_for_bucket == Some(true);
        let versioning = object_lock.then_some("Enabled");
        tx.execute(
            "INSERT INTO s3_buckets (name, region, created, versioning) VALUES (?1, ?2, ?3, ?4)",
            (name, &region, now, versioning),
        )?;
        configuration::set_first(
            tx,
            name,
            configuration::AtCreation {
                ownership: input.object_ownership.as_ref().map(ObjectOwnership::as_str),
                object_lock,
                tags,
            },
        )
    })?;
    Ok(CreateBucketOutput {
        location: Some(if region == "us-east-1" {
            format!("/{name}")
        } else {
            format!("http://{name}.s3.amazonaws.com/")
        }),
    })
}

/// The region of a new bucket, from the endpoint's and the constraint in the request.
fn location(endpoint: &str, constraint: Option<&str>) -> Result<String, ServiceError> {
    let illegal = |what: &str| {
        Err(ServiceError::new(
            "IllegalLocationConstraintException",
            format!(
                "The {what} location constraint is incompatible for the region specific endpoint this request was sent to."
            ),
        ))
    };
    match (endpoint, constraint) {
        ("us-east-1", None) => Ok("us-east-1".to_owned()),
        (_, Some("us-east-1")) => Err(ServiceError::new(
            "InvalidLocationConstraint",
            "The specified location-constraint is not valid",
        )),
        ("us-east-1" | "eu-west-1", Some("EU")) => Ok("eu-west-1".to_owned()),
        ("us-east-1", Some(region)) => Ok(region.to_owned()),
        (_, None) => illegal("unspecified"),
        (endpoint, Some(region)) if endpoint == region => Ok(region.to_owned()),
        (_, Some(region)) => illegal(region),
    }
}

pub(super) async fn head_bucket(
    call: &Call,
    input: HeadBucketInput,
) -> Result<HeadBucketOutput, ServiceError> {
    let bucket = access::enter(call, &input.bucket, "s3:ListBucket", None)?;
    if bucket.region != call.caller.region {
        return Err(ServiceError::new(
            "PermanentRedirect",
            "The bucket you are attempting to access must be addressed using the specified endpoint. Please send all future requests to this endpoint.",
        )
        .with_status(301)
        .with("x-amz-bucket-region", bucket.region));
    }
    Ok(HeadBucketOutput {
        bucket_region: Some(bucket.region),
        access_point_alias: Some(false),
        ..Default::default()
    })
}

pub(super) async fn get_bucket_location(
    call: &Call,
    input: GetBucketLocationInput,
) -> Result<GetBucketLocationOutput, ServiceError> {
    let bucket = access::enter(call, &input.bucket, "s3:GetBucketLocation", None)?;
    Ok(GetBucketLocationOutput {
        // us-east-1 has no constraint.
        location_constraint: (bucket.region != "us-east-1")
            .then(|| BucketLocationConstraint::from(bucket.region)),
    })
}

pub(super) async fn list_buckets(
    call: &Call,
    input: ListBucketsInput,
) -> Result<ListBucketsOutput, ServiceError> {
    access::check_account(call, "s3:ListAllMyBuckets")?;
    let prefix = input.prefix.clone().unwrap_or_default();
    let buckets = call.cloud.store().read(|c| {
        let mut statement =
            c.prepare_cached("SELECT name, region, created FROM s3_buckets ORDER BY name")?;
        let rows = statement.query_map([], |row| {
            Ok((
                row.get::<_, String>(0)?,
                row.get::<_, String>(1)?,
                row.get::<_, i64>(2)?,
            ))
        })?;
        Ok(rows.collect::<Result<Vec<_>, _>>()?)
    })?;
    let matching: Vec<_> = buckets
        .into_iter()
        .filter(|(name, region, _)| {
            name.starts_with(&prefix) && input.bucket_region.as_ref().is_none_or(|r| r == region)
        })
        .collect();
    let size = input
        .max_buckets
        .and_then(|n| usize::try_from(n).ok())
        .unwrap_or(10_000);
    let (page, next) = paging::page(
        matching,
        input.continuation_token.as_deref(),
        size,
        "InvalidArgument",
        |b| b.0.clone(),
    )?;
    Ok(ListBucketsOutput {
        buckets: Some(
            page.into_iter()
                .map(|(name, region, created)| ListedBucket {
                    bucket_region: Some(region),
                    creation_date: Some(timestamp(created)),
                    name: Some(name),
                })
                .collect(),
        ),
        continuation_token: next,
        owner: Some(owner(call)),
        prefix: input.prefix,
    })
}

pub(super) async fn delete_bucket(
    call: &Call,
    input: DeleteBucketInput,
) -> Result<DeleteBucketOutput, ServiceError> {
    let name = &input.bucket;
    access::enter(call, name, "s3:DeleteBucket", None)?;
    let garbage = call.cloud.store().write(|tx| {
        find_in(tx, name)?;
        let holds_any: bool = tx
            .prepare_cached("SELECT EXISTS (SELECT 1 FROM s3_objects WHERE bucket = ?1)")?
            .query_row([name], |row| row.get(0))?;
        if holds_any {
            return Err(ServiceError::new(
                "BucketNotEmpty",
                "The bucket you tried to delete is not empty",
            )
            .with_status(409)
            .with("BucketName", name.as_str()));
        }
        let mut parts = tx.prepare_cached(
            "SELECT p.body FROM s3_parts p JOIN s3_uploads u ON u.id = p.upload WHERE u.bucket = ?1",
        )?;
        let garbage = parts
            .query_map([name], |row| row.get::<_, String>(0))?
            .collect::<Result<Vec<_>, _>>()?;
        tx.execute(
            "DELETE FROM s3_parts WHERE upload IN (SELECT id FROM s3_uploads WHERE bucket = ?1)",
            [name],
        )?;
        tx.execute("DELETE FROM s3_uploads WHERE bucket = ?1", [name])?;
        tx.execute("DELETE FROM s3_settings WHERE bucket = ?1", [name])?;
        tx.execute("DELETE FROM s3_buckets WHERE name = ?1", [name])?;
        bodies::forget(tx, &garbage)?;
        Ok(garbage)
    })?;
    bodies::remove(call.cloud.store(), &garbage);
    Ok(DeleteBucketOutput::default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_location_constraint_fits_the_endpoint() {
        assert_eq!(location("us-east-1", None).unwrap(), "us-east-1");
        assert_eq!(
            location("us-east-1", Some("eu-west-1")).unwrap(),
            "eu-west-1"
        );
        assert_eq!(
            location("eu-west-1", Some("eu-west-1")).unwrap(),
            "eu-west-1"
        );
        assert_eq!(
            location("us-east-1", Some("us-east-1")).unwrap_err().code,
            "InvalidLocationConstraint"
        );
        assert_eq!(
            location("eu-west-1", None).unwrap_err().message,
            "The unspecified location constraint is incompatible for the region specific endpoint this request was sent to."
        );
    }
}
