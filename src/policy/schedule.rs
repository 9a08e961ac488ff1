//! What a schedule of EventBridge Scheduler needs: to make its one call.
//!
//! Source: "Set up the execution role" and "Using universal targets", EventBridge Scheduler user
//! guide.

use serde_json::Value;

use super::call::{Arguments, Call};
use super::{Fact, Home, Statement, services};

/// Templated targets that are called by their ARN: the service of the ARN, and the action.
static TARGETS: &[(&str, &str)] = &[
    ("codebuild", "codebuild:StartBuild"),
    ("codepipeline", "codepipeline:StartPipelineExecution"),
    ("events", "events:PutEvents"),
    ("firehose", "firehose:PutRecord"),
    ("kinesis", "kinesis:PutRecord"),
    ("lambda", "lambda:InvokeFunction"),
    ("sagemaker", "sagemaker:StartPipelineExecution"),
    ("sns", "sns:Publish"),
    ("sqs", "sqs:SendMessage"),
    ("states", "states:StartExecution"),
];

pub(super) fn statements(
    home: &Home,
    facts: &[Fact],
    target: &str,
    input: &Value,
    dead_letter_queue: Option<&str>,
) -> Vec<Statement> {
    let mut statements = Vec::new();
    if let Some(call) = Call::parse(target, Arguments(input), "the schedule").filter(|c| c.sdk) {
        let allowed = services::statements(home, facts, &call);
        let reason = format!("the schedule calls {}", call.operation);
        statements.extend(
            allowed
                .into_iter()
                .map(|statement| statement.because(&reason)),
        );
    } else {
        let service = target.split(':').nth(2).unwrap_or_default();
        let action = TARGETS.iter().find(|(name, _)| *name == service);
        statements.extend(action.map(|(_, action)| {
            let operation = action.split(':').nth(1).unwrap_or_default();
            let reason = format!("the schedule calls {operation} of its target");
            Statement::allow("CallTarget", [*action], [target], reason)
        }));
    }
    statements.extend(dead_letter_queue.map(|queue| {
        let reason = "what could not be delivered goes to this queue";
        Statement::allow("KeepUndelivered", ["sqs:SendMessage"], [queue], reason)
    }));
    statements
}

#[cfg(test)]
mod tests {
    use super::super::{Need, document};
    use super::*;
    use serde_json::json;

    fn policy(target: &str, input: Value) -> Value {
        let home = Home {
            partition: "aws".to_owned(),
            region: "eu-west-1".to_owned(),
            account_id: "111122223333".to_owned(),
        };
        let need = Need::Schedule {
            name: "nightly".to_owned(),
            group: "lake".to_owned(),
            target: target.to_owned(),
            input,
            dead_letter_queue: None,
            extra_statements: Vec::new(),
        };
        document(&need.statements(&home, &[]))["Statement"].clone()
    }

    #[test]
    fn a_schedule_may_start_its_state_machine_and_no_other() {
        let machine = "arn:aws:states:eu-west-1:111122223333:stateMachine:report";
        assert_eq!(
            policy(machine, Value::Null),
            json!([{"Sid": "CallTarget", "Effect": "Allow", "Action": ["states:StartExecution"], "Resource": [machine]}])
        );
    }

    #[test]
    fn a_schedule_may_start_its_crawler_and_no_other() {
        assert_eq!(
            policy(
                "arn:aws:scheduler:::aws-sdk:glue:startCrawler",
                json!({"Name": "films"})
            ),
            json!([{"Sid": "CallGlue", "Effect": "Allow", "Action": ["glue:StartCrawler"],
                "Resource": ["arn:aws:glue:eu-west-1:111122223333:crawler/films"]}])
        );
    }
}
