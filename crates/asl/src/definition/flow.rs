//! States and where they start: a machine, a branch, the processor of a Map.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use super::{Findings, Kind, Map, Reader, State, reader};
use crate::stack::with_stack;

/// The names that are taken in the whole machine.
#[derive(Debug, Default)]
pub(crate) struct Names<'f> {
    states: HashSet<&'f str>,
    labels: HashSet<&'f str>,
}

/// What a label cannot have in it, beside white space and control characters.
const NOT_IN_LABELS: &str = "?*<>{}[]:;,\\|^~$#%&`\"";

#[derive(Debug)]
pub(crate) struct Flow {
    pub start_at: String,
    pub states: BTreeMap<String, State>,
}

impl Flow {
    /// Reads `StartAt` and `States` of the object, and checks where its transitions lead.
    pub fn read(reader: &Reader) -> Option<Self> {
        let complete = reader.require(&["States", "StartAt"]);
        let start_at = reader.text("StartAt");
        let states = reader.object("States")?;
        if states.members.is_empty() {
            states.mistake(reader::EMPTY);
        }
        let mut order = Vec::new();
        let mut flow = Self {
            start_at: start_at?.to_owned(),
            states: BTreeMap::new(),
        };
        for (name, value) in states.members {
            order.push(name.as_str());
            let location = states.at(name);
            if name.chars().count() > 80 {
                let message = format!(
                    "Invalid State name: {name} exceeds the 80-character limit allowed by the service"
                );
                let location = Some(location.clone());
                states.findings.add("INVALID_STATE_NAME", message, location);
            }
            let Some(members) = value.as_object() else {
                states.schema_mistake(location, "Expected value of type Object");
                continue;
            };
            let language = reader
                .machine_language
                .unwrap_or(crate::query::QueryLanguage::JsonPath);
            if let Some(state) = State::read(
                name,
                &Reader {
                    members,
                    location,
                    language,
                    ..reader.clone()
                },
            ) {
                flow.states.insert(name.clone(), state);
            }
        }
        // A form that is wrong hides where transitions lead.
        if complete && order.len() == flow.states.len() {
            flow.check_transitions(reader, &order);
        }
        Some(flow)
    }

    /// Refuses a name that another state has, and a label that another Map has, wherever in the machine. Source: "State names must be
    /// unique within the scope of the entire state machine", in the States Language.
    pub fn check_names<'f>(&'f self, findings: &Findings, location: &str, names: &mut Names<'f>) {
        with_stack(|| self.check_own_names(findings, location, names));
    }

    fn check_own_names<'f>(&'f self, findings: &Findings, location: &str, names: &mut Names<'f>) {
        for (name, state) in &self.states {
            let location = format!("{location}/States/{name}");
            if !names.states.insert(name) {
                findings.add(
                    "DUPLICATE_STATE_NAME",
                    format!("Duplicate State name: {name}"),
                    Some(location.clone()),
                );
            }
            match &state.kind {
                Kind::Map(map) => {
                    check_label(map, findings, &location, names);
                    let location = format!("{location}/{}", map.processor_field);
                    map.processor.check_names(findings, &location, names);
                }
                Kind::Parallel(parallel) => {
                    for (index, branch) in parallel.branches.iter().enumerate() {
                        let location = format!("{location}/Branches[{index}]");
                        branch.check_names(findings, &location, names);
                    }
                }
                _ => {}
            }
        }
    }

    /// A state by its name, here or in the flows within.
    pub fn find(&self, name: &str) -> Option<&State> {
        self.states.get(name).or_else(|| {
            self.states.values().find_map(|state| match &state.kind {
                Kind::Map(map) => map.processor.find(name),
                Kind::Parallel(parallel) => parallel
                    .branches
                    .iter()
                    .find_map(|branch| branch.find(name)),
                _ => None,
            })
        })
    }

    fn check_transitions(&self, reader: &Reader, order: &[&str]) {
        let missing = |name: &str, location: String| {
            let message = format!("Missing 'Next' target: {name}");
            reader.findings.add_unknown(
                ("MISSING_TRANSITION_TARGET", message, location),
                name,
                order.iter().copied(),
            );
        };
        if !self.states.contains_key(&self.start_at) {
            missing(&self.start_at, reader.at("StartAt"));
        }
        let mut has_end = false;
        let states = || order.iter().filter_map(|name| self.states.get(*name));
        for state in states() {
            has_end |= state.is_terminal();
            for (target, field) in state.targets() {
                if !self.states.contains_key(target) {
                    missing(
                        target,
                        format!("{}/States/{}/{field}", reader.location, state.name),
                    );
                }
            }
        }
        // Of branches and processors AWS asks no end.
        if !has_end && reader.location.is_empty() {
            reader
                .findings
                .add("MISSING_END_STATE", "Workflow has no terminal state", None);
            return;
        }
        let reached = self.reached();
        for state in states().filter(|state| !reached.contains(state.name.as_str())) {
            reader.findings.add(
                "MISSING_TRANSITION_TARGET",
                format!("State \"{}\" is not reachable.", state.name),
                Some(format!("{}/States/{}", reader.location, state.name)),
            );
        }
    }

    fn reached(&self) -> BTreeSet<&str> {
        let mut reached = BTreeSet::new();
        let mut open = vec![self.start_at.as_str()];
        while let Some(name) = open.pop() {
            if let Some(state) = self.states.get(name)
                && reached.insert(name)
            {
                open.extend(state.targets().into_iter().map(|(target, _)| target));
            }
        }
        reached
    }
}

/// Source: "Label" in "Using Map state in Distributed mode", AWS Step Functions developer guide.
fn check_label<'f>(map: &'f Map, findings: &Findings, location: &str, names: &mut Names<'f>) {
    let Some(label) = map.label.as_deref() else {
        return;
    };
    let location = format!("{location}/Label");
    if !names.labels.insert(label) {
        let message = format!("Duplicate Label name: {label}");
        findings.add("DUPLICATE_LABEL_NAME", message, Some(location.clone()));
    }
    let is_foreign = |c: char| c.is_whitespace() || c.is_control() || NOT_IN_LABELS.contains(c);
    let problem = if label.chars().count() > 40 {
        "exceeds the 40-character limit allowed by the service"
    } else if label.contains(is_foreign) {
        "contains invalid characters"
    } else {
        return;
    };
    let message = format!("Invalid Label name: {label} {problem}");
    findings.add("INVALID_LABEL_NAME", message, Some(location));
}
