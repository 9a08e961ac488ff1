//! Cross-origin rules.

use s3s::dto::*;

use super::super::Call;
use super::{Setting, delete, get, put};
use crate::error::ServiceError;

const CORS: Setting = Setting {
    kind: "cors",
    get: "s3:GetBucketCORS",
    put: "s3:PutBucketCORS",
    unset: (
        "NoSuchCORSConfiguration",
        "The CORS configuration does not exist",
    ),
};

pub async fn get_bucket_cors(
    call: &Call,
    input: GetBucketCorsInput,
) -> Result<GetBucketCorsOutput, ServiceError> {
    let cors: CORSConfiguration = get(call, &input.bucket, &CORS)?;
    Ok(GetBucketCorsOutput {
        cors_rules: Some(cors.cors_rules),
    })
}

pub async fn put_bucket_cors(
    call: &Call,
    input: PutBucketCorsInput,
) -> Result<PutBucketCorsOutput, ServiceError> {
    put(call, &input.bucket, &CORS, &input.cors_configuration)?;
    Ok(PutBucketCorsOutput::default())
}

pub async fn delete_bucket_cors(
    call: &Call,
    input: DeleteBucketCorsInput,
) -> Result<DeleteBucketCorsOutput, ServiceError> {
    delete(call, &input.bucket, &CORS, CORS.put)?;
    Ok(DeleteBucketCorsOutput::default())
}
