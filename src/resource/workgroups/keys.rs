//! The keys of a workgroup's table.

use std::collections::BTreeMap;

use aws_sdk_athena::types::WorkGroupState;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::configuration::Configuration;
use super::shorthand::Shorthands;
use crate::stack::types::WorkGroupName;

/// A workgroup of Athena: where results go, and what queries may cost.
///
/// The settings have the API's names; the most usual ones have short ones beside them. The
/// workgroup `primary`, which is in every account, can be had with `adopt = true`; Athena does not
/// delete it.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[schemars(extend("additionalProperties" = false))]
pub(super) struct Keys {
    /// The workgroup's name. Default: `STACK-ID`.
    #[schemars(extend("x-aws" = "CreateWorkGroup.Name"))]
    pub name: Option<WorkGroupName>,
    /// What it is for.
    #[schemars(length(max = 1024), extend("x-aws" = "CreateWorkGroup.Description"))]
    pub description: Option<String>,
    /// Tags beside the stack's.
    #[serde(default)]
    #[schemars(extend("x-aws" = "CreateWorkGroup.Tags"))]
    pub tags: BTreeMap<String, String>,
    /// Whether queries may run in it. AWS's default: ENABLED.
    #[schemars(extend("x-aws" = "UpdateWorkGroup.State"))]
    pub state: Option<State>,
    #[serde(flatten)]
    pub shorthands: Shorthands,
    #[serde(flatten)]
    pub configuration: Configuration,
}

#[derive(Debug, Clone, Copy, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
pub(super) enum State {
    Enabled,
    Disabled,
}

impl From<State> for WorkGroupState {
    fn from(state: State) -> Self {
        match state {
            State::Enabled => Self::Enabled,
            State::Disabled => Self::Disabled,
        }
    }
}
