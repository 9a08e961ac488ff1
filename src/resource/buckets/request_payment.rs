//! Who pays for requests and downloads.

use aws_sdk_s3::types::{Payer, RequestPaymentConfiguration};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;

use super::Bucket;
use super::setting::Setting;
use crate::cloud::Cloud;
use crate::resource::{Call, Fields, Work, built, call};

#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
pub(super) enum Key {
    /// AWS's default.
    BucketOwner,
    /// Who asks, and says so in the request.
    Requester,
}

impl Key {
    fn payer(self) -> Payer {
        match self {
            Self::BucketOwner => Payer::BucketOwner,
            Self::Requester => Payer::Requester,
        }
    }
}

pub(super) struct RequestPayment;

const FIELD: &str = "payer";

impl Setting for RequestPayment {
    fn desired(&self, bucket: &Bucket) -> Fields {
        let payer = bucket.keys.payer.iter();
        payer
            .map(|payer| (FIELD.to_owned(), json!(payer.payer().as_str())))
            .collect()
    }

    fn read<'a>(&'a self, cloud: &'a Cloud, bucket: &'a Bucket) -> Call<'a, Fields> {
        Box::pin(async move {
            let request = cloud.s3.get_bucket_request_payment().bucket(bucket.name());
            let payer = call!("GetBucketRequestPayment", request)?.payer;
            let payer = payer.unwrap_or(Payer::BucketOwner);
            Ok(Fields::from([(FIELD.to_owned(), json!(payer.as_str()))]))
        })
    }

    fn of_new(&self) -> Fields {
        Fields::from([(FIELD.to_owned(), json!("BucketOwner"))])
    }

    fn put<'a>(&'a self, work: &'a Work<'a>, bucket: &'a Bucket) -> Call<'a, ()> {
        Box::pin(async move {
            let Some(payer) = bucket.keys.payer else {
                return Ok(());
            };
            let configuration = RequestPaymentConfiguration::builder()
                .payer(payer.payer())
                .build();
            let request = work
                .cloud
                .s3
                .put_bucket_request_payment()
                .bucket(bucket.name())
                .request_payment_configuration(built("PutBucketRequestPayment", configuration)?);
            call!("PutBucketRequestPayment", request).map(drop)
        })
    }
}
