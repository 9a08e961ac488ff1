//! The ARNs of state machines, their executions and Map Runs, and of activities.

use std::fmt;

use crate::error::ServiceError;

/// `arn:aws:states:REGION:ACCOUNT:stateMachine:NAME`, and a version's number behind it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct MachineArn {
    pub region: String,
    pub account: String,
    pub name: String,
    /// A version's number, or an alias's name.
    pub qualifier: Option<String>,
}

impl MachineArn {
    pub fn new(account: &str, region: &str, name: &str) -> Self {
        Self {
            region: region.to_owned(),
            account: account.to_owned(),
            name: name.to_owned(),
            qualifier: None,
        }
    }

    pub fn parse(text: &str) -> Result<Self, ServiceError> {
        let (region, account, kind, rest) = parts(text)?;
        if kind != "stateMachine" {
            return Err(wrong_type(kind));
        }
        let (name, qualifier) = match rest.split_once(':') {
            Some((name, qualifier)) => (name, Some(qualifier.to_owned())),
            None => (rest, None),
        };
        if name.is_empty() || qualifier.as_ref().is_some_and(|q| q.contains(':')) {
            return Err(invalid(text));
        }
        Ok(Self {
            qualifier,
            ..Self::new(account, region, name)
        })
    }

    /// The number of the version that the ARN names.
    pub fn version(&self) -> Option<i64> {
        self.qualifier.as_ref()?.parse().ok()
    }

    /// The name of the alias that the ARN names.
    pub fn alias(&self) -> Option<&str> {
        match self.version() {
            Some(_) => None,
            None => self.qualifier.as_deref(),
        }
    }

    /// The ARN of one of the machine's versions.
    pub fn with_version(&self, number: i64) -> Self {
        Self {
            qualifier: Some(number.to_string()),
            ..self.clone()
        }
    }

    /// The ARN of one of the machine's aliases.
    pub fn with_alias(&self, name: &str) -> Self {
        Self {
            qualifier: Some(name.to_owned()),
            ..self.clone()
        }
    }

    /// The ARN of the machine itself.
    pub fn unqualified(&self) -> Self {
        Self {
            qualifier: None,
            ..self.clone()
        }
    }
}

impl fmt::Display for MachineArn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            region,
            account,
            name,
            qualifier,
        } = self;
        write!(f, "arn:aws:states:{region}:{account}:stateMachine:{name}")?;
        match qualifier {
            Some(qualifier) => write!(f, ":{qualifier}"),
            None => Ok(()),
        }
    }
}

/// `arn:aws:states:REGION:ACCOUNT:execution:MACHINE:NAME`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ExecutionArn {
    pub region: String,
    pub account: String,
    pub machine: String,
    pub name: String,
}

impl ExecutionArn {
    /// Parses the ARN of a STANDARD execution; those of EXPRESS executions are of another type,
    /// which no operation looks up.
    pub fn parse(text: &str) -> Result<Self, ServiceError> {
        let (region, account, kind, rest) = parts(text)?;
        if kind != "execution" {
            return Err(wrong_type(kind));
        }
        match rest.split_once(':') {
            Some((machine, name)) if !machine.is_empty() && !name.is_empty() => Ok(Self {
                region: region.to_owned(),
                account: account.to_owned(),
                machine: machine.to_owned(),
                name: name.to_owned(),
            }),
            _ => Err(invalid(text)),
        }
    }

    pub fn machine_arn(&self) -> MachineArn {
        MachineArn::new(&self.account, &self.region, &self.machine)
    }
}

impl fmt::Display for ExecutionArn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            region,
            account,
            machine,
            name,
        } = self;
        write!(
            f,
            "arn:aws:states:{region}:{account}:execution:{machine}:{name}"
        )
    }
}

/// `arn:aws:states:REGION:ACCOUNT:activity:NAME`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ActivityArn {
    pub region: String,
    pub account: String,
    pub name: String,
}

impl ActivityArn {
    pub fn parse(text: &str) -> Result<Self, ServiceError> {
        let (region, account, kind, name) = parts(text)?;
        if kind != "activity" {
            return Err(wrong_type(kind));
        }
        if name.is_empty() || name.contains(':') {
            return Err(invalid(text));
        }
        Ok(Self {
            region: region.to_owned(),
            account: account.to_owned(),
            name: name.to_owned(),
        })
    }
}

impl fmt::Display for ActivityArn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            region,
            account,
            name,
        } = self;
        write!(f, "arn:aws:states:{region}:{account}:activity:{name}")
    }
}

/// Refuses what is no `arn:aws:states:REGION:ACCOUNT:mapRun:MACHINE/LABEL:ID`; gives the region.
pub(super) fn check_map_run(text: &str) -> Result<&str, ServiceError> {
    let (region, _, kind, rest) = parts(text)?;
    if kind != "mapRun" {
        return Err(wrong_type(kind));
    }
    match rest.split_once(':') {
        Some((machine, id)) if machine.contains('/') && !id.is_empty() => Ok(region),
        _ => Err(invalid(text)),
    }
}

/// Region, account, resource type and the rest.
fn parts(text: &str) -> Result<(&str, &str, &str, &str), ServiceError> {
    let fields: Vec<&str> = text.splitn(7, ':').collect();
    match fields[..] {
        ["arn", _, "states", region, account, kind, rest] => Ok((region, account, kind, rest)),
        _ => Err(invalid(text)),
    }
}

pub(super) fn invalid(text: &str) -> ServiceError {
    ServiceError::new(
        "InvalidArn",
        format!("Invalid Arn: 'Invalid ARN prefix: {text}'"),
    )
}

fn wrong_type(kind: &str) -> ServiceError {
    let kind = kind.to_lowercase();
    ServiceError::new(
        "InvalidArn",
        format!("Invalid Arn: 'Resource type not valid in this context: {kind}'"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_arn_reads_back_as_it_was_written() {
        for text in [
            "arn:aws:states:eu-west-1:000000000000:stateMachine:films",
            "arn:aws:states:eu-west-1:000000000000:stateMachine:films:3",
        ] {
            assert_eq!(MachineArn::parse(text).unwrap().to_string(), text);
        }
        let text = "arn:aws:states:eu-west-1:000000000000:execution:films:one";
        let execution = ExecutionArn::parse(text).unwrap();
        assert_eq!(execution.to_string(), text);
        assert_eq!(
            execution.machine_arn().to_string(),
            "arn:aws:states:eu-west-1:000000000000:stateMachine:films"
        );
    }

    #[test]
    fn an_express_execution_is_no_arn_to_look_up() {
        let error =
            ExecutionArn::parse("arn:aws:states:eu-west-1:000000000000:express:films:one:two")
                .unwrap_err();
        assert_eq!(
            error.to_string(),
            "InvalidArn: Invalid Arn: 'Resource type not valid in this context: express'"
        );
    }
}
