//! What a user may call a thing by: its id in `stack.toml`, its address, or the service's name.

use crate::stack::Stack;

/// The service's name of what the user named. What the stack does not know is taken as it is.
pub fn physical(stack: Option<&Stack>, kind: &str, given: &str) -> String {
    let id = given
        .strip_prefix(kind)
        .and_then(|rest| rest.strip_prefix('.'))
        .unwrap_or(given);
    stack
        .into_iter()
        .flat_map(|stack| stack.of_kind(kind))
        .find(|declared| declared.resource.address().id == id)
        .map_or_else(
            || given.to_owned(),
            |found| found.resource.name().to_owned(),
        )
}

/// The names of all of a kind in the stack.
pub fn all(stack: Option<&Stack>, kind: &str) -> Vec<String> {
    stack
        .into_iter()
        .flat_map(|stack| stack.of_kind(kind))
        .map(|declared| declared.resource.name().to_owned())
        .collect()
}

/// The one of a kind that there is in the stack; none where a choice would be a guess.
pub fn only(stack: Option<&Stack>, kind: &str) -> Option<String> {
    let mut all = all(stack, kind);
    if all.len() == 1 { all.pop() } else { None }
}

/// What to do about a name that the cloud does not know: make it, or write it otherwise.
pub fn not_there(stack: Option<&Stack>, kind: &str, given: &str) -> String {
    if all(stack, kind).contains(&physical(stack, kind, given)) {
        "\n  help: `athglue up` makes it".to_owned()
    } else {
        near_miss(stack, kind, given)
    }
}

/// `did you mean …` for a name that is not there.
fn near_miss(stack: Option<&Stack>, kind: &str, given: &str) -> String {
    let ids: Vec<&str> = stack
        .into_iter()
        .flat_map(|stack| stack.of_kind(kind))
        .map(|declared| declared.resource.address().id.as_str())
        .collect();
    if let Some(near) = crate::stack::nearest(given, ids.iter().copied()) {
        return format!("\n  help: did you mean `{near}`?");
    }
    if ids.is_empty() {
        String::new()
    } else {
        format!("\n  help: stack.toml has {}", ids.join(", "))
    }
}
