//! Whether a bucket tells EventBridge of its objects. It is kept and given back; the embedded
//! cloud has no EventBridge that would hear it, and neither queues, topics nor functions.

use s3s::dto::*;

use super::super::{Call, access, errors};
use super::{Setting, delete, load, put};
use crate::error::ServiceError;

const NOTIFICATION: Setting = Setting {
    kind: "notification",
    get: "s3:GetBucketNotification",
    put: "s3:PutBucketNotification",
    unset: ("NoSuchConfiguration", "There are no notifications"),
};

pub async fn get_bucket_notification_configuration(
    call: &Call,
    input: GetBucketNotificationConfigurationInput,
) -> Result<GetBucketNotificationConfigurationOutput, ServiceError> {
    access::enter(call, &input.bucket, NOTIFICATION.get, None)?;
    let to_event_bridge: Option<bool> = call
        .cloud
        .store()
        .read(|c| load(c, &input.bucket, &NOTIFICATION))?;
    Ok(GetBucketNotificationConfigurationOutput {
        event_bridge_configuration: to_event_bridge.map(|_| EventBridgeConfiguration {}),
        ..Default::default()
    })
}

pub async fn put_bucket_notification_configuration(
    call: &Call,
    input: PutBucketNotificationConfigurationInput,
) -> Result<PutBucketNotificationConfigurationOutput, ServiceError> {
    let wanted = input.notification_configuration;
    let is_some = |n: Option<usize>| n.is_some_and(|n| n > 0);
    for (there, what) in [
        (
            is_some(wanted.lambda_function_configurations.map(|c| c.len())),
            "notifications of Lambda functions",
        ),
        (
            is_some(wanted.queue_configurations.map(|c| c.len())),
            "notifications of SQS queues",
        ),
        (
            is_some(wanted.topic_configurations.map(|c| c.len())),
            "notifications of SNS topics",
        ),
    ] {
        if there {
            return Err(errors::not_implemented(what));
        }
    }
    if wanted.event_bridge_configuration.is_some() {
        put(call, &input.bucket, &NOTIFICATION, &true)?;
    } else {
        delete(call, &input.bucket, &NOTIFICATION, NOTIFICATION.put)?;
    }
    Ok(PutBucketNotificationConfigurationOutput::default())
}
