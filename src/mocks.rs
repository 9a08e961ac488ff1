//! Mock configurations: what tasks answer in a test case, in a file of the form that Step Functions
//! Local takes.

use std::path::Path;

use anyhow::{Context as _, anyhow, bail};
use asl::Mocks;

use crate::stack::Stack;

/// Reads a mock configuration.
pub fn read(file: &Path) -> anyhow::Result<Mocks> {
    let text = std::fs::read_to_string(file)
        .with_context(|| format!("cannot read the mocks {}", file.display()))?;
    // The error says its source itself.
    Mocks::parse(&text)
        .map_err(|error| anyhow!("the mocks {} are not right: {error}", file.display()))
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
