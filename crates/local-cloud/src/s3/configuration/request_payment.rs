//! Who pays for requests.

use s3s::dto::*;

use super::super::{Call, access, errors};
use super::{Setting, load, put};
use crate::error::ServiceError;

const PAYER: Setting = Setting {
    kind: "request-payment",
    get: "s3:GetBucketRequestPayment",
    put: "s3:PutBucketRequestPayment",
    unset: ("NoSuchConfiguration", "The owner pays"),
};

pub async fn get_bucket_request_payment(
    call: &Call,
    input: GetBucketRequestPaymentInput,
) -> Result<GetBucketRequestPaymentOutput, ServiceError> {
    access::enter(call, &input.bucket, PAYER.get, None)?;
    let payer: Option<String> = call
        .cloud
        .store()
        .read(|c| load(c, &input.bucket, &PAYER))?;
    Ok(GetBucketRequestPaymentOutput {
        payer: Some(Payer::from(
            payer.unwrap_or_else(|| Payer::BUCKET_OWNER.to_owned()),
        )),
    })
}

pub async fn put_bucket_request_payment(
    call: &Call,
    input: PutBucketRequestPaymentInput,
) -> Result<PutBucketRequestPaymentOutput, ServiceError> {
    let payer = input.request_payment_configuration.payer;
    if ![Payer::BUCKET_OWNER, Payer::REQUESTER].contains(&payer.as_str()) {
        return Err(errors::malformed_xml());
    }
    put(call, &input.bucket, &PAYER, &payer.as_str())?;
    Ok(PutBucketRequestPaymentOutput::default())
}
