//! Variables: which names there can be, and which of them are taken.
//!
//! Source: "Passing data between states with variables", AWS Step Functions developer guide.

use std::{collections::HashSet, sync::LazyLock};

use regex::Regex;

use super::{Findings, Flow, Kind, Mode, Reader, State};
use crate::{
    query::{QueryLanguage, Sees, Template},
    stack::with_stack,
};

/// "Variable names follow the rules for Unicode Identifiers" (UAX #31).
static IDENTIFIER: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"^\p{ID_Start}\p{ID_Continue}*$").ok());

/// The most characters that a name has.
const LONGEST: usize = 80;

/// Reads `Assign`.
pub(super) fn read(reader: &Reader, sees: Sees) -> Option<Template> {
    let assign = reader.object("Assign")?;
    for key in assign.members.keys() {
        let name = match reader.language {
            QueryLanguage::JsonPath => key.strip_suffix(".$").unwrap_or(key),
            QueryLanguage::Jsonata => key,
        };
        if let Some((code, message)) = wrong(name) {
            reader
                .findings
                .add(code, message, Some(assign.at(key.as_str())));
        }
    }
    reader.template_that_sees("Assign", sees)
}

fn wrong(name: &str) -> Option<(&'static str, String)> {
    if name == "states" {
        let message = "Cannot assign to reserved variable '$states'.";
        return Some(("RESERVED_VARIABLE_NAME", message.to_owned()));
    }
    let problem = if name.chars().count() > LONGEST {
        "the variable name exceeds the 80-character limit allowed by the service."
    } else if IDENTIFIER
        .as_ref()
        .is_some_and(|identifier| !identifier.is_match(name))
    {
        "the variable name contains invalid characters."
    } else {
        return None;
    };
    Some((
        "INVALID_VARIABLE_NAME",
        format!("Invalid variable name '{name}': {problem}"),
    ))
}

/// Refuses a name that is assigned in a branch or an iteration and around it too. A distributed Map
/// sees nothing of what is around it.
pub(super) fn check_scopes(flow: &Flow, findings: &Findings, location: &str) {
    check(flow, findings, location, &HashSet::new());
}

fn check(flow: &Flow, findings: &Findings, location: &str, outer: &HashSet<&str>) {
    with_stack(|| check_flow(flow, findings, location, outer));
}

fn check_flow(flow: &Flow, findings: &Findings, location: &str, outer: &HashSet<&str>) {
    let mut names = outer.clone();
    for (name, state) in &flow.states {
        for (template, place) in assigned(state) {
            for variable in members(template) {
                names.insert(variable);
                if outer.contains(variable) {
                    findings.add(
                        "DUPLICATE_VARIABLE_NAME",
                        format!(
                            "The variable name '{variable}' was already defined in a parent scope."
                        ),
                        Some(format!("{location}/States/{name}/{place}Assign/{variable}")),
                    );
                }
            }
        }
    }
    for (name, state) in &flow.states {
        let location = format!("{location}/States/{name}");
        match &state.kind {
            Kind::Map(map) => {
                let location = format!("{location}/{}", map.processor_field);
                let none = HashSet::new();
                let outer = match map.mode {
                    Mode::Inline => &names,
                    Mode::Distributed => &none,
                };
                check(&map.processor, findings, &location, outer);
            }
            Kind::Parallel(parallel) => {
                for (index, branch) in parallel.branches.iter().enumerate() {
                    let location = format!("{location}/Branches[{index}]");
                    check(branch, findings, &location, &names);
                }
            }
            _ => {}
        }
    }
}

/// All that a state assigns, with where in it: nothing, `Choices[0]/`, `Catch[0]/`.
fn assigned(state: &State) -> Vec<(&Template, String)> {
    let mut found = vec![(&state.fields.assign, String::new())];
    if let Kind::Choice(choice) = &state.kind {
        let rules = choice.rules.iter().enumerate();
        found.extend(rules.map(|(index, rule)| (&rule.assign, format!("Choices[{index}]/"))));
    }
    if let Some(recovery) = state.recovery() {
        let catchers = recovery.catch.iter().enumerate();
        found
            .extend(catchers.map(|(index, catcher)| (&catcher.assign, format!("Catch[{index}]/"))));
    }
    found
        .into_iter()
        .filter_map(|(template, place)| Some((template.as_ref()?, place)))
        .collect()
}

fn members(template: &Template) -> impl Iterator<Item = &str> {
    let members = match template {
        Template::Object(members) => members.as_slice(),
        _ => &[],
    };
    members.iter().map(|(name, _)| name.as_str())
}
