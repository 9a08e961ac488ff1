//! Managed policies by name.

use crate::resource::Scope;

/// Policies of AWS's that lie in `service-role/`, of the services that take roles.
const SERVICE_ROLE: [&str; 14] = [
    "AWSBatchServiceRole",
    "AWSGlueDataBrewServiceRole",
    "AWSGlueServiceNotebookRole",
    "AWSGlueServiceRole",
    "AWSLambdaBasicExecutionRole",
    "AWSLambdaDynamoDBExecutionRole",
    "AWSLambdaENIManagementAccess",
    "AWSLambdaKinesisExecutionRole",
    "AWSLambdaRole",
    "AWSLambdaSQSQueueExecutionRole",
    "AWSLambdaVPCAccessExecutionRole",
    "AWSQuicksightAthenaAccess",
    "AmazonAPIGatewayPushToCloudWatchLogs",
    "AmazonECSTaskExecutionRolePolicy",
];

/// The ARN of a managed policy that is given by ARN, or by the name of one of AWS's.
pub(super) fn policy_arn(reference: &str, scope: &Scope) -> String {
    if reference.starts_with("arn:") {
        return reference.to_owned();
    }
    let folder = if SERVICE_ROLE.contains(&reference) {
        "service-role/"
    } else {
        ""
    };
    format!(
        "arn:{}:iam::aws:policy/{folder}{reference}",
        scope.partition()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_policy_of_awss_is_known_by_its_name() {
        let arn = |reference: &str| policy_arn(reference, &Scope::default());
        assert_eq!(
            arn("AWSGlueServiceRole"),
            "arn:aws:iam::aws:policy/service-role/AWSGlueServiceRole"
        );
        assert_eq!(
            arn("AmazonS3ReadOnlyAccess"),
            "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"
        );
        assert_eq!(
            arn("job-function/ViewOnlyAccess"),
            "arn:aws:iam::aws:policy/job-function/ViewOnlyAccess"
        );
        let own = "arn:aws:iam::111122223333:policy/mine";
        assert_eq!(arn(own), own);
    }
}
