//! A schedule's fields as they are wanted, as they are live, and as a request has them.

use aws_sdk_scheduler::operation::get_schedule::GetScheduleOutput;
use aws_sdk_scheduler::types as api;
use aws_smithy_types::DateTime as ApiDateTime;
use chrono::{DateTime, Duration, Utc};
use serde_json::{Value, json};

use super::super::built;
use super::super::retry::{IAM_DELAY, is_iam_delay, retry};
use super::parameters::{
    EcsParameters, EventBridgeParameters, KinesisParameters, SageMakerPipelineParameters,
    SqsParameters,
};
use super::{
    CallError, Fields, Schedule, Wanted, Work, call, group, role_reference, shown_input,
    shown_moment,
};

/// Before a group that somebody else deleted is made again.
const GROUP_PAUSE: std::time::Duration = std::time::Duration::from_secs(1);

/// How often it is made again.
const GROUP_TRIES: u32 = 30;

/// AWS takes no start that is longer ago.
pub(super) fn is_over(start: DateTime<Utc>) -> bool {
    start < Utc::now() - Duration::minutes(5)
}

fn window_fields(minutes: i32) -> Value {
    match minutes {
        0 => json!({ "mode": "OFF" }),
        minutes => json!({ "mode": "FLEXIBLE", "maximum_window_in_minutes": minutes }),
    }
}

/// The fields that `stack.toml` sets, but for the role and the tags.
pub(super) fn desired(wanted: &Wanted) -> Fields {
    let keys = &wanted.keys;
    let mut fields = Fields::from([
        ("schedule".to_owned(), json!(keys.schedule.as_str())),
        ("target.arn".to_owned(), json!(wanted.target.arn)),
        // A target has the input that is written, or none.
        (
            "input".to_owned(),
            json!(wanted.input.as_deref().map(shown_input)),
        ),
    ]);
    let mut set = |field: &str, value: Option<Value>| {
        if let Some(value) = value {
            fields.insert(field.to_owned(), value);
        }
    };
    set("description", keys.description.as_ref().map(|v| json!(v)));
    set("timezone", keys.timezone.as_ref().map(|v| json!(v)));
    set("start_date", wanted.start.map(shown_moment));
    set("end_date", wanted.end.map(shown_moment));
    set("state", keys.state.map(|v| json!(v)));
    set(
        "flexible_time_window",
        wanted.window_minutes.map(window_fields),
    );
    set(
        "action_after_completion",
        keys.action_after_completion.map(|v| json!(v)),
    );
    set("kms_key_arn", keys.kms_key_arn.as_ref().map(|v| json!(v)));
    let queue = keys.dead_letter_queue.as_ref();
    set("dead_letter_queue", queue.map(|v| json!(v)));
    if let Some(policy) = &keys.retry_policy {
        let attempts = policy.maximum_retry_attempts;
        let seconds = policy.maximum_event_age_in_seconds;
        set(
            "retry_policy.maximum_retry_attempts",
            attempts.map(Value::from),
        );
        set(
            "retry_policy.maximum_event_age_in_seconds",
            seconds.map(Value::from),
        );
    }
    let target = &wanted.target;
    set(
        "target.event_bridge_parameters",
        target.event_bridge_parameters.as_ref().map(|v| json!(v)),
    );
    set(
        "target.kinesis_parameters",
        target.kinesis_parameters.as_ref().map(|v| json!(v)),
    );
    set(
        "target.sqs_parameters",
        target.sqs_parameters.as_ref().map(|v| json!(v)),
    );
    set(
        "target.sage_maker_pipeline_parameters",
        target
            .sage_maker_pipeline_parameters
            .as_ref()
            .map(|v| json!(v)),
    );
    set(
        "target.ecs_parameters",
        target.ecs_parameters.as_ref().map(|v| json!(v)),
    );
    fields
}

fn chrono(moment: &ApiDateTime) -> Value {
    DateTime::from_timestamp(moment.secs(), 0).map_or(Value::Null, shown_moment)
}

/// All fields of a live schedule, but for the tags, which are its group's.
pub(super) fn live(live: &GetScheduleOutput) -> Fields {
    let target = live.target();
    let window = live.flexible_time_window();
    let minutes = window.and_then(api::FlexibleTimeWindow::maximum_window_in_minutes);
    let retries = target.and_then(api::Target::retry_policy);
    let queue = target
        .and_then(api::Target::dead_letter_config)
        .and_then(api::DeadLetterConfig::arn);
    let input = target.and_then(api::Target::input).map(shown_input);
    let fields = [
        ("schedule", json!(live.schedule_expression)),
        ("description", json!(live.description)),
        ("timezone", json!(live.schedule_expression_timezone)),
        ("start_date", live.start_date().map_or(Value::Null, chrono)),
        ("end_date", live.end_date().map_or(Value::Null, chrono)),
        ("state", json!(live.state().map(api::ScheduleState::as_str))),
        ("flexible_time_window", window_fields(minutes.unwrap_or(0))),
        (
            "action_after_completion",
            json!(
                live.action_after_completion()
                    .map(api::ActionAfterCompletion::as_str)
            ),
        ),
        ("kms_key_arn", json!(live.kms_key_arn)),
        ("role", json!(target.map(api::Target::role_arn))),
        ("input", json!(input)),
        ("dead_letter_queue", json!(queue)),
        (
            "retry_policy.maximum_retry_attempts",
            json!(retries.and_then(api::RetryPolicy::maximum_retry_attempts)),
        ),
        (
            "retry_policy.maximum_event_age_in_seconds",
            json!(retries.and_then(api::RetryPolicy::maximum_event_age_in_seconds)),
        ),
        ("target.arn", json!(target.map(api::Target::arn))),
        (
            "target.event_bridge_parameters",
            json!(
                target
                    .and_then(api::Target::event_bridge_parameters)
                    .map(EventBridgeParameters::live)
            ),
        ),
        (
            "target.kinesis_parameters",
            json!(
                target
                    .and_then(api::Target::kinesis_parameters)
                    .map(KinesisParameters::live)
            ),
        ),
        (
            "target.sqs_parameters",
            json!(
                target
                    .and_then(api::Target::sqs_parameters)
                    .map(SqsParameters::live)
            ),
        ),
        (
            "target.sage_maker_pipeline_parameters",
            json!(
                target
                    .and_then(api::Target::sage_maker_pipeline_parameters)
                    .map(SageMakerPipelineParameters::live)
            ),
        ),
        (
            "target.ecs_parameters",
            json!(
                target
                    .and_then(api::Target::ecs_parameters)
                    .map(EcsParameters::live)
            ),
        ),
    ];
    fields
        .into_iter()
        .map(|(field, value)| (field.to_owned(), value))
        .collect()
}

/// Requests to create and to update a schedule have the same members. What `stack.toml` does not
/// set stays as it is live: an update would set it to its default.
macro_rules! with_all {
    ($request:expr, $self:ident, $wanted:ident, $role:ident, $live:expr) => {{
        let (keys, live): (_, Option<&GetScheduleOutput>) = (&$wanted.keys, $live);
        let there = |moment: Option<&ApiDateTime>| moment.copied();
        let start = match $wanted.start {
            Some(start) => Some(ApiDateTime::from_secs(start.timestamp())),
            None => there(live.and_then(|live| live.start_date())),
        };
        let end = match $wanted.end {
            Some(end) => Some(ApiDateTime::from_secs(end.timestamp())),
            None => there(live.and_then(|live| live.end_date())),
        };
        let begins = |start: &ApiDateTime| {
            DateTime::from_timestamp(start.secs(), 0).is_some_and(|start| !is_over(start))
        };
        $request
            .group_name(&$self.group)
            .name(&$self.identity.name)
            .schedule_expression(keys.schedule.as_str())
            .set_schedule_expression_timezone(
                keys.timezone
                    .clone()
                    .or_else(|| live?.schedule_expression_timezone.clone()),
            )
            .set_description(
                keys.description
                    .clone()
                    .or_else(|| live?.description.clone()),
            )
            .set_start_date(start.filter(begins))
            .set_end_date(end)
            .set_state(match keys.state {
                Some(state) => json!(state).as_str().map(api::ScheduleState::from),
                None => live.and_then(|live| live.state.clone()),
            })
            .set_action_after_completion(match keys.action_after_completion {
                Some(action) => json!(action).as_str().map(api::ActionAfterCompletion::from),
                None => live.and_then(|live| live.action_after_completion.clone()),
            })
            .set_kms_key_arn(
                keys.kms_key_arn
                    .clone()
                    .or_else(|| live?.kms_key_arn.clone()),
            )
            .flexible_time_window(window($wanted, live)?)
            .target($self.target($wanted, &$role, live.and_then(|live| live.target()))?)
    }};
}

fn window(
    wanted: &Wanted,
    live: Option<&GetScheduleOutput>,
) -> Result<api::FlexibleTimeWindow, CallError> {
    let there = live.and_then(GetScheduleOutput::flexible_time_window);
    let minutes = match (wanted.window_minutes, there) {
        (Some(minutes), _) => minutes,
        (None, Some(there)) => there.maximum_window_in_minutes().unwrap_or(0),
        (None, None) => 0,
    };
    let window = match minutes {
        0 => api::FlexibleTimeWindow::builder().mode(api::FlexibleTimeWindowMode::Off),
        minutes => api::FlexibleTimeWindow::builder()
            .mode(api::FlexibleTimeWindowMode::Flexible)
            .maximum_window_in_minutes(minutes),
    };
    built("CreateSchedule", window.build())
}

impl Schedule {
    fn target(
        &self,
        wanted: &Wanted,
        role_arn: &str,
        live: Option<&api::Target>,
    ) -> Result<api::Target, CallError> {
        let (keys, target) = (&wanted.keys, &wanted.target);
        let policy = keys.retry_policy.as_ref();
        let live_policy = live.and_then(api::Target::retry_policy);
        let retries = api::RetryPolicy::builder()
            .set_maximum_retry_attempts(
                policy
                    .and_then(|policy| policy.maximum_retry_attempts)
                    .or_else(|| live_policy?.maximum_retry_attempts()),
            )
            .set_maximum_event_age_in_seconds(
                policy
                    .and_then(|policy| policy.maximum_event_age_in_seconds)
                    .or_else(|| live_policy?.maximum_event_age_in_seconds()),
            )
            .build();
        let queue = match &keys.dead_letter_queue {
            Some(arn) => Some(api::DeadLetterConfig::builder().arn(arn).build()),
            None => live.and_then(|live| live.dead_letter_config.clone()),
        };
        // Parameters are the target's: another target has none of them.
        let same = live.filter(|live| live.arn == target.arn);
        let event_bridge = target
            .event_bridge_parameters
            .as_ref()
            .map(super::parameters::EventBridgeParameters::api)
            .transpose()?;
        let kinesis = target
            .kinesis_parameters
            .as_ref()
            .map(super::parameters::KinesisParameters::api)
            .transpose()?;
        let pipeline = target.sage_maker_pipeline_parameters.as_ref();
        let pipeline = pipeline
            .map(super::parameters::SageMakerPipelineParameters::api)
            .transpose()?;
        let ecs = target
            .ecs_parameters
            .as_ref()
            .map(super::parameters::EcsParameters::api)
            .transpose()?;
        let built_target = api::Target::builder()
            .arn(&target.arn)
            .role_arn(role_arn)
            .set_input(wanted.input.clone())
            .set_retry_policy((retries != api::RetryPolicy::builder().build()).then_some(retries))
            .set_dead_letter_config(queue)
            .set_event_bridge_parameters(
                event_bridge.or_else(|| same?.event_bridge_parameters.clone()),
            )
            .set_kinesis_parameters(kinesis.or_else(|| same?.kinesis_parameters.clone()))
            .set_sqs_parameters(
                target
                    .sqs_parameters
                    .as_ref()
                    .map(SqsParameters::api)
                    .or_else(|| same?.sqs_parameters.clone()),
            )
            .set_sage_maker_pipeline_parameters(
                pipeline.or_else(|| same?.sage_maker_pipeline_parameters.clone()),
            )
            .set_ecs_parameters(ecs.or_else(|| same?.ecs_parameters.clone()))
            .build();
        built("CreateSchedule", built_target)
    }

    /// Makes the schedule, and its group before it.
    pub(super) async fn make(&self, work: &Work<'_>, wanted: &Wanted) -> Result<(), CallError> {
        let scheduler = &work.cloud.scheduler;
        let role = role_reference::arn(work.cloud, &self.role(wanted)).await?;
        let mut tries = 0;
        loop {
            let held = group::hold(work, &self.identity.scope, &self.group).await?;
            let made = retry(
                work,
                "EventBridge Scheduler cannot take the role yet",
                IAM_DELAY,
                is_iam_delay,
                || async {
                    let request = with_all!(scheduler.create_schedule(), self, wanted, role, None);
                    call!("CreateSchedule", request)
                },
            )
            .await;
            drop(held);
            match made {
                Err(error) if group::is_gone(&error) && tries < GROUP_TRIES => {
                    tries += 1;
                    work.note("waiting: the schedule group is being deleted");
                    tokio::time::sleep(GROUP_PAUSE).await;
                }
                made => return made.map(drop),
            }
        }
    }

    /// Sets what `stack.toml` says over what is there.
    pub(super) async fn set(&self, work: &Work<'_>, wanted: &Wanted) -> Result<(), CallError> {
        let scheduler = &work.cloud.scheduler;
        let Some(live) = self.get(work.cloud).await? else {
            return self.make(work, wanted).await;
        };
        let role = role_reference::arn(work.cloud, &self.role(wanted)).await?;
        retry(
            work,
            "EventBridge Scheduler cannot take the role yet",
            IAM_DELAY,
            is_iam_delay,
            || async {
                let request =
                    with_all!(scheduler.update_schedule(), self, wanted, role, Some(&live));
                call!("UpdateSchedule", request)
            },
        )
        .await
        .map(drop)
    }
}
