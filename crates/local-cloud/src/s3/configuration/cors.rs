//! Cross-origin rules.

use s3s::dto::*;

use super::super::{Call, errors};
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
    let rules = &input.cors_configuration.cors_rules;
    if rules.is_empty() || rules.len() > 100 {
        return Err(errors::malformed_xml());
    }
    for rule in rules {
        check_rule(rule)?;
    }
    put(call, &input.bucket, &CORS, &input.cors_configuration)?;
    Ok(PutBucketCorsOutput::default())
}

fn check_rule(rule: &CORSRule) -> Result<(), ServiceError> {
    if rule.allowed_methods.is_empty() || rule.allowed_origins.is_empty() {
        return Err(errors::malformed_xml());
    }
    const METHODS: [&str; 5] = ["GET", "PUT", "HEAD", "POST", "DELETE"];
    if let Some(other) = rule
        .allowed_methods
        .iter()
        .find(|method| !METHODS.contains(&method.as_str()))
    {
        return Err(errors::invalid_request(format!(
            "Found unsupported HTTP method in CORS config. Unsupported method is {other}"
        )));
    }
    if let Some(origin) = rule
        .allowed_origins
        .iter()
        .find(|origin| origin.matches('*').count() > 1)
    {
        return Err(errors::invalid_request(format!(
            "AllowedOrigin \"{origin}\" can not have more than one wildcard."
        )));
    }
    Ok(())
}

pub async fn delete_bucket_cors(
    call: &Call,
    input: DeleteBucketCorsInput,
) -> Result<DeleteBucketCorsOutput, ServiceError> {
    delete(call, &input.bucket, &CORS, CORS.put)?;
    Ok(DeleteBucketCorsOutput::default())
}
