//! Mock configurations: what tasks answer in a test case, in a file of the form that Step Functions
//! Local takes.

mod form;

use std::path::Path;

use anyhow::{Context as _, anyhow, bail};
use asl::{Mocks, MocksError};
use serde_json::Value;

use crate::machine::{self, Definition, MAP_CALLS, name_twice, place_of_path};
use crate::stack::{Stack, nearest};

/// Reads a mock configuration.
pub fn read(file: &Path) -> anyhow::Result<Mocks> {
    let text = std::fs::read_to_string(file)
        .with_context(|| format!("cannot read the mocks {}", file.display()))?;
    // What is no JSON is told of below.
    let document: Value = serde_json::from_str(&text).unwrap_or_default();
    if document.is_object()
        && let Some((name, at)) = name_twice(&text)
    {
        let (file, line, column) = (file.display(), at.line, at.column);
        bail!("the mocks are not right: {file}:{line}:{column}: `{name}` is there twice");
    }
    if !document.is_null()
        && let Some(found) = form::misfit(&document)
    {
        let place = placed(file, &text, &found.path, found.by_name);
        bail!("the mocks are not right: {place}: {}", found.told);
    }
    // The error says its source itself.
    Mocks::parse(&text).map_err(|error| match whence(&error) {
        Some((path, by_name)) => {
            let place = placed(file, &text, &path, by_name);
            let meant = meant(&error, &document);
            anyhow!("the mocks are not right: {place}: {error}{meant}")
        }
        None => anyhow!("the mocks {} are not right: {error}", file.display()),
    })
}

/// `FILE:LINE:COLUMN` of what a path of names leads to, or of its name.
fn placed(file: &Path, text: &str, path: &[String], by_name: bool) -> String {
    match place_of_path(text, path, by_name) {
        Some(place) => format!("{}:{}:{}", file.display(), place.line, place.column),
        None => file.display().to_string(),
    }
}

fn path(steps: &[&str]) -> Vec<String> {
    steps.iter().map(|step| (*step).to_owned()).collect()
}

/// What an error is of, and whether it is of the name and not of the value.
fn whence(error: &MocksError) -> Option<(Vec<String>, bool)> {
    match error {
        MocksError::Form(_) => None,
        MocksError::NoResponse {
            machine,
            case,
            state,
            ..
        } => {
            let (machine, case, state) = (machine.as_str(), case.as_str(), state.as_str());
            let steps = ["StateMachines", machine, "TestCases", case, state];
            Some((path(&steps), false))
        }
        MocksError::Attempts { response, attempts } => {
            let steps = ["MockedResponses", response.as_str(), attempts.as_str()];
            Some((path(&steps), true))
        }
        MocksError::Overlap {
            response, second, ..
        } => {
            let steps = ["MockedResponses", response.as_str(), second.as_str()];
            Some((path(&steps), true))
        }
        MocksError::Gap { response, .. } => {
            let steps = ["MockedResponses", response.as_str()];
            Some((path(&steps), true))
        }
    }
}

/// The response that was probably meant by one that there is not.
fn meant(error: &MocksError, document: &Value) -> String {
    let MocksError::NoResponse { response, .. } = error else {
        return String::new();
    };
    let known = document["MockedResponses"].as_object();
    let names = known.into_iter().flat_map(serde_json::Map::keys);
    let near = nearest(response, names.map(String::as_str));
    near.map(|near| format!("\n  help: did you mean `{near}`?"))
        .unwrap_or_default()
}

/// The states of a test case that its machine does not have, each with its place in the file and what
/// was probably meant. What a Map reads and writes is mocked by its resource, which is no state.
pub fn strange_states(
    file: &Path,
    mocks: &Mocks,
    machine: &str,
    case: &str,
    definition: &Value,
) -> Vec<String> {
    let known = machine::state_names(definition);
    let strange = mocks
        .mocked_states(machine, case)
        .filter(|state| !MAP_CALLS.contains(state) && !known.contains(state));
    // Without the text there is no line.
    let text = std::fs::read_to_string(file).unwrap_or_default();
    let told = strange.map(|state| {
        let steps = path(&["StateMachines", machine, "TestCases", case, state]);
        let place = placed(file, &text, &steps, true);
        let near = nearest(state, known.iter().copied().chain(MAP_CALLS));
        let near = near.map(|near| format!("\n  help: did you mean `{near}`?"));
        let near = near.unwrap_or_default();
        format!("{place}: {machine} has no state `{state}`, which `{case}` mocks{near}")
    });
    told.collect()
}

/// The same of all test cases of a stack's machines, which the mocks call by their ids or names.
pub fn doubts(file: &Path, mocks: &Mocks, stack: &Stack) -> Vec<String> {
    let mut found = Vec::new();
    for declared in stack.of_kind("state_machines") {
        let resource = &declared.resource;
        let id = resource.address().id.as_str();
        let Some(definition) = Definition::of_stack(stack, id) else {
            continue;
        };
        let mut names = vec![id, resource.name()];
        names.dedup();
        for name in names {
            for case in mocks.cases(name) {
                let strange = strange_states(file, mocks, name, case, &definition.value);
                found.extend(strange);
            }
        }
    }
    found
}

/// The same mocks, where machines that are called by their ids in stack.toml are known by their
/// names, too.
pub fn with_ids(mut mocks: Mocks, stack: &Stack) -> Mocks {
    for declared in stack.of_kind("state_machines") {
        let resource = &declared.resource;
        mocks.call_also(&resource.address().id, resource.name());
    }
    mocks
}

/// The test case of a machine that is asked for, or the only one that it has.
pub fn case(mocks: &Mocks, machine: &str, asked: Option<&str>) -> anyhow::Result<String> {
    let known: Vec<&str> = mocks.cases(machine).collect();
    if known.is_empty() {
        let machines: Vec<&str> = mocks.machines().collect();
        bail!(
            "the mocks have no test cases of {machine}\n  help: they have those of {}",
            machines.join(", ")
        );
    }
    match (asked, known.as_slice()) {
        (Some(asked), known) if known.contains(&asked) => Ok(asked.to_owned()),
        (Some(asked), known) => bail!(
            "the mocks have no test case `{asked}` of {machine}\n  help: they have {}",
            known.join(", ")
        ),
        (None, [only]) => Ok((*only).to_owned()),
        (None, known) => bail!(
            "the mocks have several test cases of {machine}\n  help: choose one with --case: {}",
            known.join(", ")
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn why_mocks_are_not_right_is_said_once() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("mocks.json");
        std::fs::write(&file, "").expect("a file");
        let told = format!("{:#}", read(&file).expect_err("no mocks"));
        assert_eq!(told.matches("EOF").count(), 1, "{told}");
    }

    #[test]
    fn what_is_not_right_has_its_place() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("mocks.json");
        let told = |text: &str| {
            std::fs::write(&file, text).expect("a file");
            format!("{:#}", read(&file).expect_err("no mocks"))
        };
        let missing = told(
            r#"{"StateMachines": {"m": {"TestCases": {"Happy": {
  "Query": "Fnie"}}}},
"MockedResponses": {"Fine": {"0": {"Return": 1}}}}"#,
        );
        assert!(
            missing.contains("mocks.json:2:12: the test case 'Happy'"),
            "{missing}"
        );
        assert!(missing.ends_with("did you mean `Fine`?"), "{missing}");
        let wrong = told("{\n \"MockedResponses\": [1]}");
        assert!(
            wrong.contains("mocks.json:2:2: expected an object of responses"),
            "{wrong}"
        );
        let attempt = told("{\"MockedResponses\": {\"a\": {\n\"first\": {\"Return\": 1}}}}");
        assert!(attempt.contains("mocks.json:2:1: 'first'"), "{attempt}");
        let twice = told(
            "{\"MockedResponses\": {\"a\": {\"0-2\": {\"Return\": 1},\n\"1\": {\"Return\": 1}}}}",
        );
        assert!(
            twice
                .contains("mocks.json:2:1: the mocked response 'a' says twice what happens the 1."),
            "{twice}"
        );
        let case =
            told("{\"StateMachines\": {\"m\": {\"TestCases\": {\"Happy\": {},\n\"Happy\": {}}}}}");
        assert!(
            case.ends_with("mocks.json:2:1: `Happy` is there twice"),
            "{case}"
        );
    }

    #[test]
    fn a_state_that_the_machine_does_not_have_is_told() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("mocks.json");
        let text = r#"{"StateMachines": {"m": {"TestCases": {"Happy": {
  "Qeury": "Fine", "Query": "Fine", "s3:getObject": "Fine"}}}},
"MockedResponses": {"Fine": {"0": {"Return": 1}}}}"#;
        std::fs::write(&file, text).expect("a file");
        let mocks = read(&file).expect("mocks");
        let definition = serde_json::json!({"States": {"Query": {"Type": "Task"}}});
        let told = strange_states(&file, &mocks, "m", "Happy", &definition);
        let [told] = told.as_slice() else {
            panic!("one: {told:?}");
        };
        let expected = "mocks.json:2:3: m has no state `Qeury`, which `Happy` mocks\n  help: did you mean `Query`?";
        assert!(told.ends_with(expected), "{told}");
    }

    #[test]
    fn a_call_that_no_map_makes_is_told() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("mocks.json");
        let text = r#"{"StateMachines": {"m": {"TestCases": {"Happy": {
  "s3:getObjekt": "Fine"}}}},
"MockedResponses": {"Fine": {"0": {"Return": 1}}}}"#;
        std::fs::write(&file, text).expect("a file");
        let mocks = read(&file).expect("mocks");
        let definition = serde_json::json!({"States": {"Query": {"Type": "Task"}}});
        let told = strange_states(&file, &mocks, "m", "Happy", &definition);
        assert_eq!(told.len(), 1, "{told:?}");
        assert!(
            told[0].ends_with("did you mean `s3:getObject`?"),
            "{told:?}"
        );
    }

    #[test]
    fn a_case_need_not_be_named_where_there_is_one() {
        let machine =
            |cases: &str| format!("{{\"StateMachines\": {{\"m\": {{\"TestCases\": {cases}}}}}}}");
        let mocks = |cases| Mocks::parse(&machine(cases)).expect("mocks");
        let one = mocks(r#"{"Happy": {}}"#);
        assert_eq!(case(&one, "m", None).expect("a case"), "Happy");
        let two = mocks(r#"{"Happy": {}, "Slow": {}}"#);
        assert_eq!(case(&two, "m", Some("Slow")).expect("a case"), "Slow");
        let told = |asked, machine| case(&two, machine, asked).expect_err("none").to_string();
        assert!(told(None, "m").contains("choose one with --case: Happy, Slow"));
        assert!(told(Some("Fast"), "m").contains("they have Happy, Slow"));
        assert!(told(None, "n").contains("they have those of m"));
    }
}
