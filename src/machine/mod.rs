//! The definitions of state machines as documents: what follows what, where a part of them is written,
//! which file they are from, and what is doubtful about them. What they mean is for the crate `asl`.

mod choice;
mod doubts;
mod place;
mod resources;
mod source;
mod tasks;
mod yaml;

use serde_json::Value;

pub use doubts::{doubts, doubts_of_sketch};
pub use place::{Place, name_twice, place_of, place_of_line, place_of_path};
pub use resources::meant;
pub use source::Definition;
pub use tasks::{TaskState, tasks};
pub use yaml::read_yaml;

/// Why a state leads to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    Next,
    /// A rule of a Choice.
    Rule,
    /// What a Choice does if no rule holds.
    Default,
    Catch,
}

/// A way from one state to another of the same flow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transition<'a> {
    pub to: &'a str,
    pub way: Way,
    /// The rule, or the errors that are caught; empty for `Next`.
    pub label: String,
}

/// Where a state leads, in the order of its fields.
pub fn transitions<'a>(state: &'a Value) -> Vec<Transition<'a>> {
    let mut found = Vec::new();
    let mut add = |to: &'a Value, way, label: String| {
        if let Some(to) = to.as_str() {
            found.push(Transition { to, way, label });
        }
    };
    add(&state["Next"], Way::Next, String::new());
    for rule in list(&state["Choices"]) {
        add(&rule["Next"], Way::Rule, choice::label(rule));
    }
    add(&state["Default"], Way::Default, "else".to_owned());
    for catcher in list(&state["Catch"]) {
        let errors = list(&catcher["ErrorEquals"]).filter_map(Value::as_str);
        let errors = errors.collect::<Vec<_>>().join(", ");
        add(&catcher["Next"], Way::Catch, errors);
    }
    found
}

/// The flows inside of a state: the processor of a Map, the branches of a Parallel.
pub fn inner_flows(state: &Value) -> Vec<&Value> {
    match state["Type"].as_str() {
        Some("Map") => ["ItemProcessor", "Iterator"]
            .into_iter()
            .filter_map(|field| state.get(field))
            .take(1)
            .collect(),
        Some("Parallel") => list(&state["Branches"]).collect(),
        _ => Vec::new(),
    }
}

/// The flow that a state is of: the definition itself, or one inside of it. Names are unique in the
/// whole of a machine.
pub fn flow_of<'a>(flow: &'a Value, state: &str) -> Option<&'a Value> {
    let states = flow["States"].as_object()?;
    if states.contains_key(state) {
        return Some(flow);
    }
    let mut inner = states.values().flat_map(inner_flows);
    inner.find_map(|inner| flow_of(inner, state))
}

/// The names of all states of a flow, at any depth.
pub fn state_names(flow: &Value) -> Vec<&str> {
    let states = flow["States"].as_object().into_iter().flatten();
    let mut found = Vec::new();
    for (name, state) in states {
        found.push(name.as_str());
        found.extend(inner_flows(state).into_iter().flat_map(state_names));
    }
    found
}

/// What a distributed Map reads and writes with, by the names under which that is mocked.
pub const MAP_CALLS: [&str; 3] = ["s3:getObject", "s3:listObjectsV2", "s3:putObject"];

/// The names of a flow's states: from its start along the way, then those that nothing leads to.
pub fn order(flow: &Value) -> Vec<&str> {
    let Some(states) = flow["States"].as_object() else {
        return Vec::new();
    };
    let mut ordered: Vec<&str> = Vec::new();
    let mut open: Vec<&str> = flow["StartAt"].as_str().into_iter().collect();
    while let Some(name) = open.pop() {
        let Some((name, state)) = states.get_key_value(name) else {
            continue;
        };
        if ordered.contains(&name.as_str()) {
            continue;
        }
        ordered.push(name);
        open.extend(transitions(state).into_iter().rev().map(|t| t.to));
    }
    let left = states.keys().map(String::as_str);
    let left: Vec<&str> = left.filter(|name| !ordered.contains(name)).collect();
    ordered.extend(left);
    ordered
}

/// The items of a list; none of what is no list.
fn list(value: &Value) -> impl DoubleEndedIterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn states_come_in_the_order_of_the_way_and_lost_ones_last() {
        let flow = json!({"StartAt": "A", "States": {
            "Lost": {"Type": "Succeed"},
            "C": {"Type": "Succeed"},
            "A": {"Type": "Choice", "Default": "C", "Choices": [
                {"Variable": "$.n", "NumericGreaterThan": 3, "Next": "B"}]},
            "B": {"Type": "Task", "Next": "A", "Catch": [
                {"ErrorEquals": ["States.Timeout", "X"], "Next": "D"}]},
            "D": {"Type": "Fail"},
        }});
        assert_eq!(order(&flow), ["A", "B", "D", "C", "Lost"]);
        let labels = |name: &str| -> Vec<String> {
            let all = transitions(&flow["States"][name]);
            all.iter()
                .map(|t| format!("{} {}", t.to, t.label))
                .collect()
        };
        assert_eq!(labels("A"), ["B $.n > 3", "C else"]);
        assert_eq!(labels("B"), ["A ", "D States.Timeout, X"]);
        assert_eq!(order(&json!("no flow")), Vec::<&str>::new());
    }

    #[test]
    fn a_state_leads_to_the_flow_that_it_is_of() {
        let inner = json!({"StartAt": "In", "States": {"In": {"Type": "Succeed"}}});
        let flow = json!({"StartAt": "P", "States": {
            "P": {"Type": "Parallel", "Branches": [{"StartAt": "M", "States": {
                "M": {"Type": "Map", "ItemProcessor": inner}}}]},
        }});
        assert_eq!(flow_of(&flow, "In"), Some(&inner));
        assert_eq!(flow_of(&flow, "P"), Some(&flow));
        assert_eq!(flow_of(&flow, "Out"), None);
    }
}
