//! Where accesses would be logged. It is kept and given back; the embedded cloud writes no such
//! logs.

use s3s::dto::*;
use serde::{Deserialize, Serialize};

use super::super::{Call, access, buckets, errors};
use super::{Setting, delete, load, put};
use crate::error::ServiceError;

const LOGGING: Setting = Setting {
    kind: "logging",
    get: "s3:GetBucketLogging",
    put: "s3:PutBucketLogging",
    unset: ("NoSuchLoggingConfiguration", "Accesses are not logged"),
};

/// As it is kept.
#[derive(Serialize, Deserialize)]
struct Kept {
    bucket: String,
    prefix: String,
    /// `SimplePrefix`, or the source of the date that folders are named by.
    format: Option<String>,
}

const SIMPLE: &str = "SimplePrefix";

fn format_of(format: &TargetObjectKeyFormat) -> Option<String> {
    match &format.partitioned_prefix {
        Some(by_date) => {
            let source = by_date.partition_date_source.as_ref();
            source.map(|source| source.as_str().to_owned())
        }
        None => format.simple_prefix.as_ref().map(|_| SIMPLE.to_owned()),
    }
}

fn to_format(format: String) -> TargetObjectKeyFormat {
    if format == SIMPLE {
        return TargetObjectKeyFormat {
            simple_prefix: Some(SimplePrefix::default()),
            partitioned_prefix: None,
        };
    }
    TargetObjectKeyFormat {
        simple_prefix: None,
        partitioned_prefix: Some(PartitionedPrefix {
            partition_date_source: Some(PartitionDateSource::from(format)),
        }),
    }
}

pub async fn get_bucket_logging(
    call: &Call,
    input: GetBucketLoggingInput,
) -> Result<GetBucketLoggingOutput, ServiceError> {
    access::enter(call, &input.bucket, LOGGING.get, None)?;
    let kept: Option<Kept> = call
        .cloud
        .store()
        .read(|c| load(c, &input.bucket, &LOGGING))?;
    Ok(GetBucketLoggingOutput {
        logging_enabled: kept.map(|kept| LoggingEnabled {
            target_bucket: kept.bucket,
            target_grants: None,
            target_object_key_format: kept.format.map(to_format),
            target_prefix: kept.prefix,
        }),
    })
}

pub async fn put_bucket_logging(
    call: &Call,
    input: PutBucketLoggingInput,
) -> Result<PutBucketLoggingOutput, ServiceError> {
    let Some(logging) = input.bucket_logging_status.logging_enabled else {
        delete(call, &input.bucket, &LOGGING, LOGGING.put)?;
        return Ok(PutBucketLoggingOutput::default());
    };
    let source = access::enter(call, &input.bucket, LOGGING.put, None)?;
    let invalid = |message| ServiceError::new("InvalidTargetBucketForLogging", message);
    let target = buckets::find(call, &logging.target_bucket)
        .map_err(|_| invalid("The target bucket for logging does not exist"))?;
    if target.region != source.region {
        return Err(
            invalid("The source bucket and target bucket must be in the same AWS Region")
                .with_status(403),
        );
    }
    if logging
        .target_grants
        .as_ref()
        .is_some_and(|g| !g.is_empty())
    {
        return Err(errors::invalid_argument(
            "Target grants are not allowed for buckets whose object ownership is BucketOwnerEnforced",
        ));
    }
    let format = logging.target_object_key_format.as_ref();
    let kept = Kept {
        format: format.and_then(format_of),
        bucket: logging.target_bucket,
        prefix: logging.target_prefix,
    };
    put(call, &input.bucket, &LOGGING, &kept)?;
    Ok(PutBucketLoggingOutput::default())
}
