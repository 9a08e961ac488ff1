//! `Resource` of a Task: what is asked to do the work.
//!
//! Source: "Integrating optimized services with Step Functions" and the pages of its services, AWS
//! Step Functions developer guide.

use super::{Reader, integration, sdk};
use crate::{MachineType, validate::nearest};

/// What an Express machine, which answers within minutes, cannot wait for.
const NOT_FOR_EXPRESS: [(&str, &str); 2] = [
    (
        ".waitForTaskToken",
        // The blank at the end is AWS's.
        "Express state machine does not support '.waitForTaskToken' service integration ",
    ),
    (
        ".sync",
        "Express state machine does not support '.sync' service integration",
    ),
];

const NO_ARN: &str = "Value is not a valid resource ARN";

/// An action, and how its end can be waited for beside not at all.
type Action = (&'static str, &'static [&'static str]);

const SYNC: &[&str] = &["sync"];
const TOKEN: &[&str] = &["waitForTaskToken"];
const BOTH: &[&str] = &["sync", "waitForTaskToken"];

/// The optimized integrations, by their services.
const SERVICES: &[(&str, &[Action])] = &[
    ("apigateway", &[("invoke", TOKEN)]),
    (
        "athena",
        &[
            ("startQueryExecution", SYNC),
            ("stopQueryExecution", &[]),
            ("getQueryExecution", &[]),
            ("getQueryResults", &[]),
        ],
    ),
    ("batch", &[("submitJob", SYNC)]),
    // Of Bedrock and EKS the page on all integrations says that they have tokens, and their own do
    // not: what either says is taken.
    (
        "bedrock",
        &[
            ("createModelCustomizationJob", BOTH),
            ("invokeModel", TOKEN),
        ],
    ),
    (
        "codebuild",
        &[
            ("startBuild", SYNC),
            ("stopBuild", &[]),
            ("batchDeleteBuilds", &[]),
            ("batchGetReports", &[]),
            ("startBuildBatch", SYNC),
            ("stopBuildBatch", &[]),
            ("retryBuildBatch", SYNC),
            ("deleteBuildBatch", &[]),
        ],
    ),
    ("databrew", &[("startJobRun", SYNC)]),
    (
        "dynamodb",
        &[
            ("getItem", &[]),
            ("putItem", &[]),
            ("deleteItem", &[]),
            ("updateItem", &[]),
        ],
    ),
    ("ecs", &[("runTask", BOTH)]),
    (
        "eks",
        &[
            ("call", TOKEN),
            ("runJob", BOTH),
            ("createCluster", BOTH),
            ("deleteCluster", BOTH),
            ("createFargateProfile", BOTH),
            ("deleteFargateProfile", BOTH),
            ("createNodegroup", BOTH),
            ("deleteNodegroup", BOTH),
        ],
    ),
    (
        "elasticmapreduce",
        &[
            ("createCluster", SYNC),
            ("setClusterTerminationProtection", &[]),
            ("terminateCluster", SYNC),
            ("addStep", SYNC),
            ("cancelStep", &[]),
            ("modifyInstanceFleetByName", &[]),
            ("modifyInstanceGroupByName", &[]),
        ],
    ),
    (
        "emr-containers",
        &[
            ("createVirtualCluster", &[]),
            ("deleteVirtualCluster", SYNC),
            ("startJobRun", SYNC),
        ],
    ),
    (
        "emr-serverless",
        &[
            ("createApplication", SYNC),
            ("startApplication", SYNC),
            ("stopApplication", SYNC),
            ("deleteApplication", SYNC),
            ("startJobRun", SYNC),
            ("cancelJobRun", SYNC),
        ],
    ),
    ("events", &[("putEvents", TOKEN)]),
    ("glue", &[("startJobRun", SYNC)]),
    ("http", &[("invoke", &[])]),
    ("lambda", &[("invoke", TOKEN)]),
    ("mediaconvert", &[("createJob", SYNC)]),
    (
        "sagemaker",
        &[
            ("createEndpoint", &[]),
            ("createEndpointConfig", &[]),
            ("createHyperParameterTuningJob", SYNC),
            ("createLabelingJob", SYNC),
            ("createModel", &[]),
            ("createProcessingJob", SYNC),
            ("createTrainingJob", SYNC),
            ("createTransformJob", SYNC),
            ("updateEndpoint", &[]),
        ],
    ),
    ("sns", &[("publish", TOKEN)]),
    ("sqs", &[("sendMessage", TOKEN)]),
    (
        "states",
        &[("startExecution", &["sync", "sync:2", "waitForTaskToken"])],
    ),
];

/// The parts of `arn:PARTITION:states:::SERVICE:ACTION.PATTERN`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Integration<'r> {
    pub service: &'r str,
    pub action: &'r str,
    pub pattern: Option<&'r str>,
}

impl<'r> Integration<'r> {
    /// None for a resource that is no integration: a function, an activity.
    pub fn parse(resource: &'r str) -> Option<Self> {
        let parts: Vec<_> = resource.splitn(7, ':').collect();
        let ["arn", _, "states", _, "", service, rest] = parts[..] else {
            return None;
        };
        let (action, pattern) = match rest.split_once('.') {
            Some((action, pattern)) => (action, Some(pattern)),
            None => (rest, None),
        };
        Some(Self {
            service,
            action,
            pattern,
        })
    }

    /// Whether Step Functions is known to have it, or may have it.
    fn is_known(&self) -> bool {
        if self.service == "aws-sdk" {
            // `SERVICE:ACTION`, the action in camel case.
            let named = self.action.split_once(':');
            return self.pattern.is_none_or(|given| given == "waitForTaskToken")
                && named.is_some_and(|(service, action)| {
                    !service.is_empty() && action.starts_with(|c: char| c.is_ascii_lowercase())
                });
        }
        let service = SERVICES.iter().find(|(name, _)| *name == self.service);
        let mut actions = service.into_iter().flat_map(|(_, actions)| actions.iter());
        let action = actions.find(|(name, _)| *name == self.action);
        action
            .is_some_and(|(_, patterns)| self.pattern.is_none_or(|given| patterns.contains(&given)))
    }

    /// What may have been meant by a service that there is not, or by an action or a pattern that the
    /// service does not have.
    fn meant(&self) -> Option<String> {
        if self.service == "aws-sdk" {
            return self.meant_of_sdk();
        }
        let service = nearest(self.service, SERVICES.iter().map(|(name, _)| *name))?;
        let (_, actions) = SERVICES.iter().find(|(name, _)| *name == service)?;
        let action = nearest(self.action, actions.iter().map(|(name, _)| *name))?;
        let (_, patterns) = actions.iter().find(|(name, _)| *name == action)?;
        let Some(pattern) = self.pattern else {
            return Some(format!("{service}:{action}"));
        };
        let pattern = nearest(pattern, patterns.iter().copied())?;
        Some(format!("{service}:{action}.{pattern}"))
    }

    /// The action in camel case, with no pattern but the one that there is.
    fn meant_of_sdk(&self) -> Option<String> {
        let (service, action) = self.action.split_once(':')?;
        let action = in_camel_case(service, action)?;
        let pattern = match self.pattern {
            Some("waitForTaskToken") => ".waitForTaskToken",
            _ => "",
        };
        (!service.is_empty()).then(|| format!("aws-sdk:{service}:{action}{pattern}"))
    }
}

/// An action in camel case: as the service's optimized integration writes it, or else with a small
/// first letter. None if it is empty.
fn in_camel_case(service: &str, action: &str) -> Option<String> {
    let of_service = SERVICES.iter().filter(|(name, _)| *name == service);
    let mut known = of_service.flat_map(|(_, actions)| actions.iter());
    if let Some((name, _)) = known.find(|(name, _)| name.eq_ignore_ascii_case(action)) {
        return Some((*name).to_owned());
    }
    let mut letters = action.chars();
    let first = letters.next()?.to_ascii_lowercase();
    Some(format!("{first}{}", letters.as_str()))
}

/// Whether Step Functions is known to have what a Task's `Resource` names, or may have it: of
/// `aws-sdk` no action is known here. Of functions and activities only the form is looked at.
pub fn recognizes(resource: &str) -> bool {
    Integration::parse(resource).is_none_or(|integration| integration.is_known())
}

/// Reads `Resource`, and looks at what is given to what it names.
pub(super) fn read(reader: &Reader) -> Option<String> {
    let text = reader.text("Resource")?;
    let parts: Vec<_> = text.splitn(6, ':').collect();
    let ["arn", _, service, _, account, name] = parts[..] else {
        reader.mistake_at("Resource", NO_ARN);
        return None;
    };
    if name.is_empty() {
        reader.mistake_at("Resource", NO_ARN);
        return None;
    }
    if service == "states" && account.is_empty() {
        match Integration::parse(text) {
            Some(_) if !reader.for_creation => {}
            Some(known) if known.is_known() => {
                integration::check(reader, text, known);
                if known.service == "aws-sdk" {
                    sdk::check(reader, known);
                }
            }
            _ => refuse(reader, text),
        }
    }
    if service == "states" && reader.machine_type == MachineType::Express {
        check_express(reader, name);
    }
    if service == "states" && name.starts_with("activity:") && reader.has("Credentials") {
        reader.mistake_at(
            "Credentials",
            "The field 'Credentials' is not supported for activities",
        );
    }
    Some(text.to_owned())
}

/// What `ValidateStateMachineDefinition` says of a resource that Step Functions does not have.
pub fn not_recognized(resource: &str) -> String {
    format!(
        "The resource provided {resource} is not recognized. The value is not a valid resource ARN, or the resource is not available in this region."
    )
}

fn refuse(reader: &Reader, resource: &str) {
    let integration = Integration::parse(resource);
    let help = integration.and_then(|integration| {
        let (head, _) = resource.split_once(":::")?;
        Some(format!("did you mean `{head}:::{}`?", integration.meant()?))
    });
    reader.findings.add_with_help(
        (
            "SCHEMA_VALIDATION_FAILED",
            not_recognized(resource),
            reader.at("Resource"),
        ),
        help,
    );
}

fn check_express(reader: &Reader, name: &str) {
    if name.starts_with("activity:") {
        reader.mistake_at(
            "Resource",
            "Express state machine does not support Activity ARN",
        );
    }
    for (pattern, message) in NOT_FOR_EXPRESS {
        if name.contains(pattern) {
            reader.mistake_at("Resource", message);
        }
    }
}
