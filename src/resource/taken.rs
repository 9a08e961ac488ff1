//! A create that comes too late: the thing is there, because an answer was lost on its way.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::Value;

use super::retry::poll;
use super::{CallError, Ownership, Resource, Work};
use crate::engine::Mark;

/// How long a service may hide what it has just made.
pub(super) const READ_DELAY: Duration = Duration::from_secs(30);

/// Takes what a create met with `refused`, if it carries this very mark, and sets what differs.
/// What belongs to somebody else stays as it is, and the refusal is given back.
pub(super) async fn take(
    resource: &dyn Resource,
    mark: &Mark,
    work: &Work<'_>,
    refused: CallError,
) -> Result<(), CallError> {
    let what = format!("`{}` to be seen", resource.name());
    let look = || resource.read(work.cloud);
    let Ok(live) = poll(work, &refused.operation, &what, READ_DELAY, look).await else {
        return Err(refused);
    };
    let is_ours = matches!(
        &live.ownership,
        Ownership::Marked { stack, id } if *stack == mark.stack && *id == mark.id
    );
    if !is_ours {
        return Err(refused);
    }
    let differs = |path: &String, wanted: &Value| {
        let there = live.fields.get(path).unwrap_or(&Value::Null);
        !resource.same(path, wanted, there)
    };
    let changed: BTreeSet<String> = resource
        .desired()
        .into_iter()
        .filter(|(path, wanted)| differs(path, wanted))
        .map(|(path, _)| path)
        .collect();
    if changed.is_empty() {
        return Ok(());
    }
    // What only a new one can take shows that this is the old one, which is about to go.
    if resource
        .replaced_by()
        .iter()
        .any(|field| changed.contains(*field))
    {
        return Err(refused);
    }
    resource.update(work, &live, &changed).await
}
