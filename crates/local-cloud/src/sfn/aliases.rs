//! Aliases of state machines: names for a version, or for two that share the executions.
//!
//! Source: "State machine aliases in Step Functions", AWS Step Functions developer guide.

use rand::RngExt as _;
use rusqlite::{Connection, OptionalExtension, Transaction};
use serde::{Deserialize, Serialize};

use super::arn::{self, MachineArn};
use super::machines::{self, Machine};
use super::{invalid_token, name_of_page, next_page, page_size, versions};
use crate::caller::Caller;
use crate::cloud::Cloud;
use crate::error::ServiceError;
use crate::model::Timestamp;
use crate::model::sfn::*;

/// How many aliases a machine has at most.
const MOST: i64 = 100;

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Alias {
    pub name: String,
    description: Option<String>,
    routes: Vec<Route>,
    created: f64,
    updated: f64,
}

/// A version, and how many of a hundred executions it gets.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Route {
    version: i64,
    weight: i32,
}

impl Alias {
    /// The version that the next execution has.
    pub fn version(&self) -> i64 {
        self.version_at(rand::rng().random_range(0..100))
    }

    fn version_at(&self, mut point: i32) -> i64 {
        for route in &self.routes {
            if point < route.weight {
                return route.version;
            }
            point -= route.weight;
        }
        // The weights make a hundred, which was checked when they were given.
        self.routes.last().map_or(0, |route| route.version)
    }

    fn routing(&self, machine: &MachineArn) -> Vec<RoutingConfigurationListItem> {
        self.routes
            .iter()
            .map(|route| RoutingConfigurationListItem {
                state_machine_version_arn: machine.with_version(route.version).to_string(),
                weight: route.weight,
            })
            .collect()
    }
}

/// The alias of a machine by its name.
pub(super) fn find(
    c: &Connection,
    region: &str,
    machine: &str,
    name: &str,
) -> Result<Option<Alias>, ServiceError> {
    let document: Option<String> = c
        .prepare_cached(
            "SELECT document FROM sfn_aliases WHERE region = ?1 AND machine = ?2 AND name = ?3",
        )?
        .query_row((region, machine, name), |row| row.get(0))
        .optional()?;
    Ok(document.map(|d| serde_json::from_str(&d)).transpose()?)
}

fn save(tx: &Transaction<'_>, machine: &Machine, alias: &Alias) -> Result<(), ServiceError> {
    tx.prepare_cached(
        "INSERT INTO sfn_aliases VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO UPDATE SET document = excluded.document",
    )?
    .execute((
        &machine.region,
        &machine.name,
        &alias.name,
        serde_json::to_string(alias)?,
    ))?;
    Ok(())
}

/// The aliases of a machine, oldest first.
fn all(c: &Connection, machine: &Machine) -> Result<Vec<Alias>, ServiceError> {
    let mut statement =
        c.prepare_cached("SELECT document FROM sfn_aliases WHERE region = ?1 AND machine = ?2")?;
    let rows = statement.query_map((&machine.region, &machine.name), |row| {
        row.get::<_, String>(0)
    })?;
    let mut found: Vec<Alias> = Vec::new();
    for document in rows {
        found.push(serde_json::from_str(&document?)?);
    }
    found.sort_by(|a, b| a.created.total_cmp(&b.created).then(a.name.cmp(&b.name)));
    Ok(found)
}

/// The names of the aliases that lead to a version.
pub(super) fn that_lead_to(
    c: &Connection,
    machine: &Machine,
    version: i64,
) -> Result<Vec<String>, ServiceError> {
    Ok(all(c, machine)?
        .into_iter()
        .filter(|alias| alias.routes.iter().any(|route| route.version == version))
        .map(|alias| alias.name)
        .collect())
}

fn invalid(message: impl Into<String>) -> ServiceError {
    ServiceError::new("ValidationException", message)
}

fn shown<T: std::fmt::Display>(items: impl Iterator<Item = T>) -> String {
    let items: Vec<String> = items.map(|item| item.to_string()).collect();
    format!("[{}]", items.join(", "))
}

/// Checks what needs no store: one or two different versions of one machine, whose weights make a
/// hundred. Gives the machine's ARN and the routes.
fn routes(
    given: &[RoutingConfigurationListItem],
) -> Result<(MachineArn, Vec<Route>), ServiceError> {
    let arns = || shown(given.iter().map(|item| &item.state_machine_version_arn));
    let distinct = match given {
        [one, other] => one.state_machine_version_arn != other.state_machine_version_arn,
        _ => true,
    };
    if !distinct {
        return Err(invalid(format!(
            "Routing configuration must contain distinct state machine version ARNs. Received: {}",
            arns()
        )));
    }
    let sum: i64 = given.iter().map(|item| i64::from(item.weight)).sum();
    if sum != 100 {
        return Err(invalid(format!(
            "Sum of routing configuration weights must equal 100. Received: {}",
            shown(given.iter().map(|item| item.weight))
        )));
    }
    let mut machine: Option<MachineArn> = None;
    let mut routes = Vec::with_capacity(given.len());
    for item in given {
        let arn = MachineArn::parse(&item.state_machine_version_arn)?;
        let Some(version) = arn.version() else {
            return Err(not_versions(&arns()));
        };
        let unqualified = arn.unqualified();
        if machine.as_ref().is_some_and(|other| *other != unqualified) {
            return Err(invalid(format!(
                "Routing configuration must contain versions of the same state machine. Received: {}",
                arns()
            )));
        }
        machine = Some(unqualified);
        routes.push(Route {
            version,
            weight: item.weight,
        });
    }
    let machine = machine
        .ok_or_else(|| invalid("The routing configuration must name one or two versions"))?;
    Ok((machine, routes))
}

fn not_versions(arns: &str) -> ServiceError {
    invalid(format!(
        "Routing configuration must contain state machine version ARNs. Received: {arns}"
    ))
}

/// Refuses routes to versions that are not there.
fn check_versions(
    c: &Connection,
    machine: &Machine,
    arn: &MachineArn,
    routes: &[Route],
) -> Result<(), ServiceError> {
    for route in routes {
        if versions::numbered(c, machine, route.version)?.is_none() {
            let arns = routes.iter().map(|route| arn.with_version(route.version));
            return Err(not_versions(&shown(arns)));
        }
    }
    Ok(())
}

/// An alias's name is told from a version's number by a letter, `_`, `-` or `.` in it.
fn check_name(name: &str) -> Result<(), ServiceError> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || "_-.".contains(c);
    let fits =
        !name.is_empty() && name.chars().all(allowed) && !name.chars().all(|c| c.is_ascii_digit());
    if fits {
        return Ok(());
    }
    Err(invalid(format!(
        "1 validation error detected: Value '{name}' at 'name' failed to satisfy constraint: Member must satisfy regular expression pattern: ^(?=.*[a-zA-Z_\\-\\.])[a-zA-Z0-9_\\-\\.]+$"
    )))
}

/// The ARN of an alias, which no version's is.
fn parse(text: &str) -> Result<(MachineArn, String), ServiceError> {
    let arn = MachineArn::parse(text)?;
    match &arn.qualifier {
        Some(name) if arn.version().is_none() => {
            let name = name.clone();
            Ok((arn, name))
        }
        _ => Err(arn::invalid(text)),
    }
}

fn not_found(arn: &MachineArn) -> ServiceError {
    ServiceError::new(
        "ResourceNotFound",
        "Request references a resource that does not exist.",
    )
    .with("resourceName", arn.to_string())
}

/// The machine and the alias that an ARN names.
fn existing(
    c: &Connection,
    caller: &Caller,
    arn: &MachineArn,
    name: &str,
) -> Result<(Machine, Alias), ServiceError> {
    let machine = machines::existing(c, caller, arn).map_err(|_| not_found(arn))?;
    let alias = find(c, &machine.region, &machine.name, name)?.ok_or_else(|| not_found(arn))?;
    Ok((machine, alias))
}

/// Makes an alias. Asking again for the same is answered alike.
pub async fn create(
    cloud: &Cloud,
    caller: &Caller,
    input: CreateStateMachineAliasInput,
) -> Result<CreateStateMachineAliasOutput, ServiceError> {
    check_name(&input.name)?;
    let (arn, routes) = routes(&input.routing_configuration)?;
    cloud.store().write(|tx| {
        let machine = machines::active(tx, caller, &arn)?;
        check_versions(tx, &machine, &arn, &routes)?;
        let now = Timestamp::now().0;
        let mut alias = Alias {
            name: input.name,
            description: input.description,
            routes,
            created: now,
            updated: now,
        };
        match find(tx, &machine.region, &machine.name, &alias.name)? {
            Some(there) if there.routes != alias.routes || there.description != alias.description => {
                return Err(ServiceError::new(
                    "ConflictException",
                    "Failed to create alias because an alias with the same name and a different routing configuration already exists.",
                ));
            }
            Some(there) => alias = there,
            None => {
                let count: i64 = tx
                    .prepare_cached("SELECT count(*) FROM sfn_aliases WHERE region = ?1 AND machine = ?2")?
                    .query_row((&machine.region, &machine.name), |row| row.get(0))?;
                if count >= MOST {
                    return Err(ServiceError::new(
                        "ServiceQuotaExceededException",
                        format!("A state machine has at most {MOST} aliases."),
                    ));
                }
                save(tx, &machine, &alias)?;
            }
        }
        Ok(CreateStateMachineAliasOutput {
            state_machine_alias_arn: arn.with_alias(&alias.name).to_string(),
            creation_date: Timestamp(alias.created),
        })
    })
}

pub async fn describe(
    cloud: &Cloud,
    caller: &Caller,
    input: DescribeStateMachineAliasInput,
) -> Result<DescribeStateMachineAliasOutput, ServiceError> {
    let (arn, name) = parse(&input.state_machine_alias_arn)?;
    let (_, alias) = cloud.store().read(|c| existing(c, caller, &arn, &name))?;
    Ok(DescribeStateMachineAliasOutput {
        state_machine_alias_arn: Some(arn.to_string()),
        routing_configuration: Some(alias.routing(&arn.unqualified())),
        name: Some(alias.name),
        description: alias.description,
        creation_date: Some(Timestamp(alias.created)),
        update_date: Some(Timestamp(alias.updated)),
    })
}

pub async fn update(
    cloud: &Cloud,
    caller: &Caller,
    input: UpdateStateMachineAliasInput,
) -> Result<UpdateStateMachineAliasOutput, ServiceError> {
    let (arn, name) = parse(&input.state_machine_alias_arn)?;
    if input.description.is_none() && input.routing_configuration.is_none() {
        return Err(invalid(
            "Either the description or the RoutingConfiguration must be specified",
        ));
    }
    let given = input
        .routing_configuration
        .as_deref()
        .map(routes)
        .transpose()?;
    if given
        .as_ref()
        .is_some_and(|(machine, _)| *machine != arn.unqualified())
    {
        return Err(invalid(
            "Routing configuration must contain versions of the alias's state machine.",
        ));
    }
    cloud.store().write(|tx| {
        let (machine, mut alias) = existing(tx, caller, &arn, &name)?;
        machines::active(tx, caller, &arn)?;
        if let Some((_, routes)) = given {
            check_versions(tx, &machine, &arn, &routes)?;
            alias.routes = routes;
        }
        if input.description.is_some() {
            alias.description = input.description;
        }
        alias.updated = Timestamp::now().0;
        save(tx, &machine, &alias)?;
        Ok(UpdateStateMachineAliasOutput {
            update_date: Timestamp(alias.updated),
        })
    })
}

/// Deletes an alias; one that is not there is deleted.
pub async fn delete(
    cloud: &Cloud,
    caller: &Caller,
    input: DeleteStateMachineAliasInput,
) -> Result<DeleteStateMachineAliasOutput, ServiceError> {
    let (arn, name) = parse(&input.state_machine_alias_arn)?;
    if arn.region == caller.region && arn.account == caller.account {
        cloud.store().write(|tx| {
            tx.prepare_cached(
                "DELETE FROM sfn_aliases WHERE region = ?1 AND machine = ?2 AND name = ?3",
            )?
            .execute((&arn.region, &arn.name, &name))?;
            Ok(())
        })?;
    }
    Ok(DeleteStateMachineAliasOutput {})
}

/// The aliases of a machine, or those that lead to the version that the ARN names.
pub async fn list(
    cloud: &Cloud,
    caller: &Caller,
    input: ListStateMachineAliasesInput,
) -> Result<ListStateMachineAliasesOutput, ServiceError> {
    let arn = MachineArn::parse(&input.state_machine_arn)?;
    let size = page_size(input.max_results);
    let found = cloud.store().read(|c| {
        let machine = machines::existing(c, caller, &arn)?;
        let mut found = all(c, &machine)?;
        if let Some(version) = versions::named(c, &machine, &arn)? {
            let leads = |alias: &Alias| alias.routes.iter().any(|r| r.version == version.number);
            found.retain(leads);
        }
        Ok(found)
    })?;
    let from = match name_of_page(input.next_token.as_ref())? {
        None => 0,
        Some(name) => {
            let place = found.iter().position(|alias| alias.name == name);
            place.ok_or_else(invalid_token)?
        }
    };
    let mut page: Vec<&Alias> = found
        .iter()
        .skip(from)
        .take(size.saturating_add(1))
        .collect();
    let next = next_page(&mut page, size, |alias| alias.name.clone());
    let machine = arn.unqualified();
    Ok(ListStateMachineAliasesOutput {
        state_machine_aliases: page
            .into_iter()
            .map(|alias| StateMachineAliasListItem {
                state_machine_alias_arn: machine.with_alias(&alias.name).to_string(),
                creation_date: Timestamp(alias.created),
            })
            .collect(),
        next_token: next,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hundred_executions_are_shared_as_the_weights_say() {
        let alias = Alias {
            name: "live".to_owned(),
            description: None,
            routes: vec![
                Route {
                    version: 1,
                    weight: 90,
                },
                Route {
                    version: 2,
                    weight: 10,
                },
            ],
            created: 0.0,
            updated: 0.0,
        };
        let first = (0..100)
            .filter(|point| alias.version_at(*point) == 1)
            .count();
        assert_eq!(first, 90);
        assert_eq!(alias.version_at(99), 2);
    }

    #[test]
    fn a_number_is_no_name_of_an_alias() {
        assert!(check_name("live-1").is_ok());
        for name in ["12", "", "two words", "ä"] {
            assert_eq!(check_name(name).unwrap_err().code, "ValidationException");
        }
    }
}
