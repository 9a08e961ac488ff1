//! What an integration needs beside its operation: to see the end of what it started, to stop it,
//! to be told of it.
//!
//! Source: "IAM policies for integrated services", AWS Step Functions developer guide.

use super::super::call::Call;
use super::super::{Home, Statement};
use super::{resources, sid};

/// How the end of a `.sync` call is seen.
struct Wait {
    service: &'static str,
    operation: &'static str,
    /// Actions on the resource that was started.
    on_it: &'static [&'static str],
    /// Actions that can be held to no resource.
    on_all: &'static [&'static str],
    /// The rule through which Step Functions is told.
    rule: Option<&'static str>,
}

static WAITS: &[Wait] = &[
    Wait {
        service: "batch",
        operation: "SubmitJob",
        on_it: &[],
        on_all: &["DescribeJobs", "TerminateJob"],
        rule: Some("StepFunctionsGetEventsForBatchJobsRule"),
    },
    Wait {
        service: "codebuild",
        operation: "StartBuild",
        on_it: &["BatchGetBuilds", "StopBuild"],
        on_all: &[],
        rule: Some("StepFunctionsGetEventForCodeBuildStartBuildRule"),
    },
    Wait {
        service: "databrew",
        operation: "StartJobRun",
        on_it: &["ListJobRuns", "StopJobRun"],
        on_all: &[],
        rule: None,
    },
    Wait {
        service: "ecs",
        operation: "RunTask",
        on_it: &[],
        on_all: &["DescribeTasks", "StopTask"],
        rule: Some("StepFunctionsGetEventsForECSTaskRule"),
    },
    Wait {
        service: "emr-serverless",
        operation: "StartJobRun",
        on_it: &[],
        on_all: &["CancelJobRun", "GetJobRun"],
        rule: Some("StepFunctionsGetEventsForEMRServerlessJobRule"),
    },
    Wait {
        service: "glue",
        operation: "StartJobRun",
        on_it: &["BatchStopJobRun", "GetJobRun", "GetJobRuns"],
        on_all: &[],
        rule: None,
    },
];

pub(super) fn statements(home: &Home, service: &str, call: &Call) -> Vec<Statement> {
    let mut statements = Vec::new();
    if (service, call.operation.as_str()) == ("ecs", "RunTask") {
        let pass = Statement::allow(
            "PassTaskRoles",
            ["iam:PassRole"],
            [home.iam_arn("role/*")],
            format!(
                "`{}` gives its task the roles of the task definition",
                call.state
            ),
        );
        let to = vec!["ecs-tasks.amazonaws.com".to_owned()];
        statements.push(pass.where_like("iam:PassedToService", to));
    }
    if !call.waits() {
        return statements;
    }
    let wait = WAITS
        .iter()
        .find(|wait| wait.service == service && wait.operation == call.operation);
    let Some(wait) = wait else {
        return statements;
    };
    let reason = format!(
        "`{}` waits for its end, and stops it when it is stopped",
        call.state
    );
    let named = |actions: &[&str]| -> Vec<String> {
        actions.iter().map(|a| format!("{service}:{a}")).collect()
    };
    let on_it = match service {
        "glue" => vec![super::glue::job(home, call)],
        _ => resources(home, service, call),
    };
    statements.push(Statement::allow(
        &sid(service),
        named(wait.on_it),
        on_it,
        &*reason,
    ));
    statements.push(Statement::allow(
        &sid(service),
        named(wait.on_all),
        ["*"],
        &*reason,
    ));
    statements.extend(wait.rule.map(|rule| told_through(home, rule, call.state)));
    statements
}

/// The rule of EventBridge through which Step Functions is told of an end.
pub(in super::super) fn told_through(home: &Home, rule: &str, state: &str) -> Statement {
    Statement::allow(
        "HearOfEnds",
        ["events:DescribeRule", "events:PutRule", "events:PutTargets"],
        [home.arn("events", &format!("rule/{rule}"))],
        format!("Step Functions is told through this rule when what `{state}` started has ended"),
    )
}
