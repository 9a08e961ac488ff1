//! `Parallel`: runs flows at the same time.

use super::{Fields, Flow, Reader, Recovery, Transition, reader};

#[derive(Debug)]
pub(crate) struct Parallel {
    pub branches: Vec<Flow>,
    pub recovery: Recovery,
    pub transition: Transition,
}

impl Parallel {
    pub const FIELDS: Fields = Fields {
        any: &["Next", "End", "Assign", "Branches", "Retry", "Catch"],
        json_path: &[
            "InputPath",
            "OutputPath",
            "Parameters",
            "ResultSelector",
            "ResultPath",
        ],
        jsonata: &["Arguments", "Output"],
    };

    pub fn read(reader: &Reader) -> Option<Self> {
        let transition = Transition::read(reader);
        let recovery = Recovery::read(reader);
        reader.require(&["Branches"]);
        let branches = reader.objects("Branches");
        let flows: Vec<_> = branches
            .iter()
            .filter_map(|branch| {
                branch.allow_only(&["StartAt", "States", "Comment"]);
                Flow::read(branch)
            })
            .collect();
        let length = reader.array("Branches")?.len();
        if length == 0 {
            reader.mistake_at("Branches", reader::EMPTY);
        }
        if length != flows.len() {
            return None;
        }
        Some(Self {
            branches: flows,
            recovery,
            transition: transition?,
        })
    }
}
