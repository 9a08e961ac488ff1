//! The keys of a role's table.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

use super::trust::Trust;
use crate::resource::policy_document::Written;
use crate::stack::types::{PolicyReference, RoleDescription, RoleName, RolePath};

/// An IAM role. Crawlers and state machines that name none get one of their own, with exactly
/// the permissions they need.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Keys {
    /// The role's name. Default: `STACK-ID`.
    #[schemars(extend("x-aws" = "CreateRole.RoleName"))]
    pub name: Option<RoleName>,
    /// Its path. Default: `/athglue/STACK/`, by which the stack finds its roles; with another one
    /// it is found again as long as its name starts with `STACK-`. Another path makes it anew.
    #[schemars(extend("x-aws" = "CreateRole.Path"))]
    pub path: Option<RolePath>,
    /// What it is for.
    #[schemars(extend("x-aws" = "CreateRole.Description"))]
    pub description: Option<RoleDescription>,
    /// Tags beside the stack's.
    #[serde(default)]
    #[schemars(extend("x-aws" = "CreateRole.Tags"))]
    pub tags: BTreeMap<String, String>,
    /// Who may take the role: a service such as `glue.amazonaws.com`, an account, an ARN, a list
    /// of these, or a trust policy written out. Either this or `trust_policy`.
    #[schemars(extend("x-aws" = "CreateRole.AssumeRolePolicyDocument"))]
    pub trust: Option<Trust>,
    /// The trust policy, written out or as a file of JSON.
    #[schemars(extend("x-aws" = "CreateRole.AssumeRolePolicyDocument"))]
    pub trust_policy: Option<Written>,
    /// Policies inside of the role, by name: written out, or files of JSON. Others go.
    #[serde(default)]
    #[schemars(extend("x-aws" = "PutRolePolicy.PolicyDocument"))]
    pub inline: BTreeMap<String, Written>,
    /// Managed policies: ARNs, as `${policies.ID.arn}`, or names of AWS's own, as
    /// `AWSGlueServiceRole`. Others are detached.
    #[serde(default)]
    #[schemars(extend("x-aws" = "AttachRolePolicy.PolicyArn"))]
    pub managed: Vec<PolicyReference>,
    /// The managed policy that the role can never go beyond. Taken out of the file, it goes.
    #[schemars(extend("x-aws" = "CreateRole.PermissionsBoundary"))]
    pub permissions_boundary: Option<PolicyReference>,
    /// How long a session may last, in seconds. AWS's default: 3600.
    #[schemars(
        range(min = 3600, max = 43200),
        extend("x-aws" = "CreateRole.MaxSessionDuration")
    )]
    pub max_session_duration: Option<i32>,
}
