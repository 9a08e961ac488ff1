//! `Task`: asks something outside of the machine to do the work.

use super::{Amount, Fields, Reader, Recovery, Transition, resource};
use crate::query::Template;

#[derive(Debug)]
pub(crate) struct Task {
    pub resource: String,
    pub credentials: Option<Template>,
    pub timeout: Option<Amount>,
    pub heartbeat: Option<Amount>,
    pub recovery: Recovery,
    pub transition: Transition,
}

impl Task {
    pub const FIELDS: Fields = Fields {
        any: &[
            "Next",
            "End",
            "Assign",
            "Resource",
            "TimeoutSeconds",
            "HeartbeatSeconds",
            "Credentials",
            "Retry",
            "Catch",
        ],
        json_path: &[
            "InputPath",
            "OutputPath",
            "Parameters",
            "ResultSelector",
            "ResultPath",
            "TimeoutSecondsPath",
            "HeartbeatSecondsPath",
        ],
        jsonata: &["Arguments", "Output"],
    };

    pub fn read(reader: &Reader) -> Option<Self> {
        let transition = Transition::read(reader);
        let recovery = Recovery::read(reader);
        let timeout = Amount::whole(
            reader,
            "TimeoutSeconds",
            "TimeoutSecondsPath",
            1,
            99_999_999,
        );
        let heartbeat = Amount::whole(
            reader,
            "HeartbeatSeconds",
            "HeartbeatSecondsPath",
            1,
            99_999_999,
        );
        if let (Some(Amount::Literal(timeout)), Some(Amount::Literal(heartbeat))) =
            (&timeout, &heartbeat)
            && heartbeat >= timeout
        {
            reader.mistake("HeartbeatSeconds must be less than TimeoutSeconds");
        }
        let credentials = reader.template("Credentials");
        reader.require(&["Resource"]);
        let resource = resource::read(reader)?;
        Some(Self {
            resource,
            credentials,
            timeout,
            heartbeat,
            recovery,
            transition: transition?,
        })
    }
}
