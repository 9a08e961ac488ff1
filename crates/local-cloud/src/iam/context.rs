//! The condition keys of what a request is about, and of what is in it.

use iam_policy::Context;

use super::resource_tags;
use crate::cloud::Cloud;

/// Sets the tags of what the request is about. Those of roles have a key of IAM's own, too.
pub(super) fn of_resource(context: &mut Context, cloud: &Cloud, action: &str, resource: &str) {
    let is_of_iam = action.starts_with("iam:") || action == "sts:AssumeRole";
    for (key, value) in resource_tags::find(cloud, resource).unwrap_or_default() {
        context.set(&format!("aws:ResourceTag/{key}"), value.clone());
        if is_of_iam {
            context.set(&format!("iam:ResourceTag/{key}"), value);
        }
    }
}

/// Whether a policy, as it is written, looks at the tags of what is asked for.
pub(super) fn asks_for_tags(policy: &str) -> bool {
    policy.to_ascii_lowercase().contains("resourcetag/")
}

/// Sets keys, of which one that comes more than once has several values.
pub(super) fn set_all(context: &mut Context, keys: &[(&str, &str)]) {
    for (key, _) in keys {
        let values = keys.iter().filter(|(other, _)| other == key);
        let values = values.map(|(_, value)| (*value).to_owned()).collect();
        context.set_all(key, values);
    }
}
