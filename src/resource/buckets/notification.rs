//! Whether S3 tells EventBridge what happens to objects. Notifications of queues, topics and
//! functions are others' and stay.

use aws_sdk_s3::types::{EventBridgeConfiguration, NotificationConfiguration};
use serde_json::json;

use super::Bucket;
use super::setting::Setting;
use crate::cloud::Cloud;
use crate::resource::{Call, Fields, Work, call};

pub(super) struct Notification;

const FIELD: &str = "eventbridge";

impl Setting for Notification {
    fn desired(&self, bucket: &Bucket) -> Fields {
        let on = bucket.keys.eventbridge.iter();
        on.map(|on| (FIELD.to_owned(), json!(on))).collect()
    }

    fn read<'a>(&'a self, cloud: &'a Cloud, bucket: &'a Bucket) -> Call<'a, Fields> {
        Box::pin(async move {
            let request = cloud
                .s3
                .get_bucket_notification_configuration()
                .bucket(bucket.name());
            let live = call!("GetBucketNotificationConfiguration", request)?;
            let on = live.event_bridge_configuration.is_some();
            Ok(Fields::from([(FIELD.to_owned(), json!(on))]))
        })
    }

    fn of_new(&self) -> Fields {
        Fields::from([(FIELD.to_owned(), json!(false))])
    }

    fn put<'a>(&'a self, work: &'a Work<'a>, bucket: &'a Bucket) -> Call<'a, ()> {
        Box::pin(async move {
            let Some(on) = bucket.keys.eventbridge else {
                return Ok(());
            };
            let s3 = &work.cloud.s3;
            let request = s3
                .get_bucket_notification_configuration()
                .bucket(bucket.name());
            let live = call!("GetBucketNotificationConfiguration", request)?;
            let configuration = NotificationConfiguration::builder()
                .set_topic_configurations(live.topic_configurations)
                .set_queue_configurations(live.queue_configurations)
                .set_lambda_function_configurations(live.lambda_function_configurations)
                .set_event_bridge_configuration(
                    on.then(|| EventBridgeConfiguration::builder().build()),
                )
                .build();
            let request = s3
                .put_bucket_notification_configuration()
                .bucket(bucket.name())
                .notification_configuration(configuration);
            call!("PutBucketNotificationConfiguration", request).map(drop)
        })
    }
}
