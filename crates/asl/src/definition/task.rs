//! `Task`: asks something outside of the machine to do the work.

use super::{Amount, Fields, Reader, Recovery, Transition};
use crate::{MachineType, query::Template};

#[derive(Debug)]
pub(crate) struct Task {
    pub resource: String,
    pub credentials: Option<Template>,
    pub timeout: Option<Amount>,
    pub heartbeat: Option<Amount>,
    pub recovery: Recovery,
    pub transition: Transition,
}

/// What an Express machine, which answers within minutes, cannot wait for.
const NOT_FOR_EXPRESS: [&str; 2] = [".waitForTaskToken", ".sync"];

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
        let resource = resource(reader)?;
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

fn resource(reader: &Reader) -> Option<String> {
    let text = reader.text("Resource")?;
    let parts: Vec<_> = text.splitn(6, ':').collect();
    let [_, _, service, _, account, name] = parts[..] else {
        reader.mistake_at("Resource", "Value is not a valid resource ARN");
        return None;
    };
    if parts[0] != "arn" || name.is_empty() {
        reader.mistake_at("Resource", "Value is not a valid resource ARN");
        return None;
    }
    if service == "states" && account.is_empty() {
        if !name.contains(':') {
            reader.mistake_at(
                "Resource",
                format!("The resource provided {text} is not recognized. The value is not a valid resource ARN, or the resource is not available in this region."),
            );
            return None;
        }
        if reader.machine_type == MachineType::Express {
            for pattern in NOT_FOR_EXPRESS
                .into_iter()
                .filter(|pattern| name.contains(pattern))
            {
                reader.mistake_at(
                    "Resource",
                    format!(
                        "Express state machine does not support '{pattern}' service integration "
                    ),
                );
            }
        }
    }
    Some(text.to_owned())
}
