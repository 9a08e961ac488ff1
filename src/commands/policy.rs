//! `athglue policy`

mod written;

use std::collections::{BTreeMap, BTreeSet};

use anyhow::bail;
use clap_complete::ArgValueCompleter;
use serde::Serialize;
use serde_json::{Value, json};

use super::completer;
use crate::cli::Exit;
use crate::output::{Output, human};
use crate::policy::check::{Asked, Beyond, Lack, Report, check};
use crate::policy::{Fact, Home, Need, Statement, document};
use crate::resource::{Address, Resource};
use crate::session::Session;
use crate::stack::{Stack, nearest};

/// Shows the policy that something of the stack needs, with the reason of every statement.
///
/// Crawlers, state machines and schedules that name no role get one with this policy. With
/// `check`, roles that were written by hand are compared with it.
#[derive(Debug, clap::Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub struct Args {
    /// What the policy is for, as in crawlers.films or state_machines.report.
    #[arg(required = true, value_name = "ADDRESS", add = ArgValueCompleter::new(completer::addresses))]
    address: Option<String>,
    #[command(subcommand)]
    action: Option<Action>,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// Says what a role lacks, and what it has beyond need. Exit code 1 if it lacks something.
    ///
    /// A role of stack.toml is looked at as it is written there, any other as it is live.
    Check {
        /// A role, or what has it. Without it: every role that is named in stack.toml.
        #[arg(value_name = "ADDRESS", add = ArgValueCompleter::new(completer::addresses))]
        address: Option<String>,
    },
}

pub async fn run(args: Args, session: &Session) -> anyhow::Result<Exit> {
    match (args.action, args.address) {
        (Some(Action::Check { address }), _) => check_roles(address.as_deref(), session).await,
        (None, Some(address)) => show(&address, session).await,
        (None, None) => bail!("whose policy? say it as KIND.ID"),
    }
}

/// What policies are derived from.
struct Ground {
    home: Home,
    facts: Vec<Fact>,
}

impl Ground {
    fn of(stack: &Stack) -> Self {
        Self {
            home: Home {
                partition: stack.scope.partition().to_owned(),
                region: stack.scope.region.clone(),
                account_id: stack.scope.account_id.clone(),
            },
            facts: stack
                .resources
                .iter()
                .flat_map(|declared| declared.resource.facts())
                .collect(),
        }
    }
}

/// The address that the user wrote, or that of the one thing which has this id or name and takes a
/// role. Roles themselves are looked among where nothing takes one under this name, and
/// `with_roles`.
fn address_of(stack: &Stack, given: &str, with_roles: bool) -> anyhow::Result<Address> {
    let written = given.parse::<Address>().ok();
    if let Some(address) = &written
        && stack.get(&address.whole()).is_some()
    {
        return Ok(address.clone());
    }
    let resources = || stack.resources.iter().map(|d| d.resource.as_ref());
    let is_called = |resource: &dyn Resource| {
        let address = resource.address();
        resource.name() == given || (address.id == given && address.part.is_none())
    };
    let mut called: Vec<&Address> = resources()
        .filter(|resource| resource.need().is_some() && is_called(*resource))
        .map(Resource::address)
        .collect();
    if with_roles || called.is_empty() {
        let roles = resources().filter(|resource| resource.kind() == "roles");
        let roles = roles.filter(|resource| is_called(*resource));
        called.extend(roles.map(Resource::address));
    }
    match (called.as_slice(), written) {
        ([one], _) => Ok((*one).clone()),
        // What is not there is told by who looks for it.
        ([], Some(address)) => Ok(address),
        ([], None) => {
            let ids = resources().map(|resource| resource.address().id.as_str());
            let help = match nearest(given, ids) {
                Some(near) => format!("did you mean `{near}`?"),
                None => "write KIND.ID, as in crawlers.films".to_owned(),
            };
            bail!("nothing in stack.toml that has a role is called `{given}`\n  help: {help}")
        }
        (several, _) => {
            let several: Vec<String> = several.iter().map(ToString::to_string).collect();
            bail!("which `{given}`? write {}", several.join(" or "))
        }
    }
}

/// The resource at an address of `stack.toml`.
fn declared<'a>(stack: &'a Stack, address: &Address) -> anyhow::Result<&'a dyn Resource> {
    if let Some(declared) = stack.get(address) {
        return Ok(declared.resource.as_ref());
    }
    let known = stack.resources.iter();
    let known: Vec<String> = known.map(|d| d.resource.address().to_string()).collect();
    let help = nearest(&address.to_string(), known.iter().map(String::as_str))
        .map(|near| format!("\n  help: did you mean {near}?"));
    bail!(
        "there is no `{address}` in stack.toml{}",
        help.unwrap_or_default()
    )
}

/// The resource at an address and what its role needs. `crawlers.films.role` is the role that is
/// derived for `crawlers.films`.
fn needing<'a>(stack: &'a Stack, address: &Address) -> anyhow::Result<(&'a dyn Resource, Need)> {
    let resource = declared(stack, &address.whole())?;
    match resource.need() {
        Some(need) => Ok((resource, need)),
        None if resource.kind() == "roles" => bail!(
            "`{address}` is a role, and has the policies that are written for it\n  help: \
             `athglue policy check {address}` says what it lacks"
        ),
        None => bail!(
            "`{address}` needs no role\n  help: crawlers, state_machines and schedules do"
        ),
    }
}

async fn show(given: &str, session: &Session) -> anyhow::Result<Exit> {
    let (stack, _) = session.stack().await?;
    let address = &address_of(&stack, given, false)?;
    let ground = Ground::of(&stack);
    let (resource, need) = needing(&stack, address)?;
    let statements = need.statements(&ground.home, &ground.facts);
    let role = resource.attribute("role").unwrap_or_default();
    let output = &session.output;
    if output.is_json() {
        let reasons: Vec<Value> = statements
            .iter()
            .map(|statement| json!({"sid": statement.sid(), "reason": statement.reason}))
            .collect();
        output.json(&json!({
            "address": address,
            "role": role,
            "service": need.service(),
            "policy": document(&statements),
            "reasons": reasons,
        }))?;
        return Ok(Exit::Success);
    }
    let texts: Vec<String> = statements.iter().map(|s| text(output, s)).collect();
    output.line(texts.join("\n\n"))?;
    let plural = human::plural(statements.len(), "statement");
    output.say(format!("\n{plural}; {} takes {role}", need.service()));
    if resource.needs_role().is_none() {
        output.say(format!(
            "The role is written by hand: `athglue policy check {address}` compares it."
        ));
    }
    Ok(Exit::Success)
}

/// A statement as a reader wants it: why, what, on what, and when.
fn text(output: &Output, statement: &Statement) -> String {
    let name = match statement.sid() {
        "" => "(no Sid)",
        sid => sid,
    };
    let mut text = format!(
        "{}  {}",
        output.paint.strong(name),
        output.paint.faint(&statement.reason)
    );
    for (member, value) in statement.body() {
        let values = match value {
            Value::Array(values) => values.clone(),
            one => vec![one.clone()],
        };
        if matches!(member.as_str(), "Sid") || (member == "Effect" && values == [json!("Allow")]) {
            continue;
        }
        for (i, value) in values.iter().enumerate() {
            let label = if i == 0 { member.as_str() } else { "" };
            let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            text.push_str(&format!("\n  {label:<9} {value}"));
        }
    }
    text
}

/// A role, and all of the stack that takes it.
struct Taken<'a> {
    role: String,
    by: Vec<(&'a Address, Asked)>,
}

#[derive(Serialize)]
struct Checked {
    role: String,
    /// Where it is written: `stack.toml`, or `live`.
    written_in: &'static str,
    taken_by: Vec<String>,
    lacks: Vec<Lack>,
    beyond: Vec<Beyond>,
}

async fn check_roles(given: Option<&str>, session: &Session) -> anyhow::Result<Exit> {
    let (stack, cloud) = session.stack().await?;
    let address = given.map(|given| address_of(&stack, given, true)).transpose()?;
    let taken = taken_roles(&stack, address.as_ref())?;
    let home = Ground::of(&stack).home;
    let mut checked = Vec::new();
    for taken in taken {
        let (role, written_in) = written::find(&stack, &cloud, &taken.role).await?;
        let asked: Vec<Asked> = taken.by.iter().map(|(_, asked)| asked.clone()).collect();
        let Report { lacks, beyond } = check(&home, &role, &asked);
        checked.push(Checked {
            role: role.arn,
            written_in,
            taken_by: taken.by.iter().map(|(a, _)| a.to_string()).collect(),
            lacks,
            beyond,
        });
    }
    let lacks = checked.iter().any(|checked| !checked.lacks.is_empty());
    if session.output.is_json() {
        session.output.json(&checked)?;
    } else {
        print(&session.output, &checked)?;
    }
    Ok(if lacks { Exit::Failure } else { Exit::Success })
}

/// The roles to look at: the one that is named, or that the named has; without a name all that are
/// written by hand.
fn taken_roles<'a>(
    stack: &'a Stack,
    address: Option<&Address>,
) -> anyhow::Result<Vec<Taken<'a>>> {
    let ground = Ground::of(stack);
    let mut by_role: BTreeMap<String, Taken> = BTreeMap::new();
    for declared in &stack.resources {
        let resource = declared.resource.as_ref();
        let (Some(need), Some(role)) = (resource.need(), resource.attribute("role")) else {
            continue;
        };
        let of_interest = match address {
            None => resource.needs_role().is_none(),
            Some(_) => true,
        };
        if !of_interest {
            continue;
        }
        let asked = Asked {
            service: need.service(),
            source_arn: need.source_arn(&ground.home),
            statements: need.derived(&ground.home, &ground.facts),
        };
        let name = written::name_of(&role).to_owned();
        by_role
            .entry(name)
            .or_insert_with(|| Taken {
                role,
                by: Vec::new(),
            })
            .by
            .push((resource.address(), asked));
    }
    let Some(address) = address else {
        return Ok(by_role.into_values().collect());
    };
    let resource = declared(stack, address)?;
    let role = match resource.kind() {
        "roles" => resource.name().to_owned(),
        _ => {
            let (resource, _) = needing(stack, address)?;
            resource.attribute("role").unwrap_or_default()
        }
    };
    match by_role.remove(written::name_of(&role)) {
        Some(taken) => Ok(vec![taken]),
        None => bail!("nothing in stack.toml has the role `{role}`, so nothing is needed of it"),
    }
}

fn print(output: &Output, checked: &[Checked]) -> anyhow::Result<()> {
    for role in checked {
        let head = output.paint.strong(&role.role);
        output.line(format!(
            "{head}  ({}), for {}",
            role.written_in,
            role.taken_by.join(", ")
        ))?;
        for lack in &role.lacks {
            let word = output.paint.bad("lacks");
            output.line(format!("  {word}   {} on {}", lack.action, lack.resource))?;
            output.line(output.paint.faint(&format!(
                "          {}; {}",
                lack.reason, lack.because
            )))?;
        }
        for beyond in &role.beyond {
            output.line(format!(
                "  beyond  {} on {}  ({})",
                beyond.action, beyond.resource, beyond.policy
            ))?;
            let needed = would_do(&beyond.needed, &role.taken_by);
            output.line(output.paint.faint(&format!("          {needed}")))?;
        }
        if role.lacks.is_empty() && role.beyond.is_empty() {
            output.line("  has exactly what is needed of it")?;
        }
    }
    if checked.is_empty() {
        output.say("No role in stack.toml is written by hand: all of them are derived.");
    }
    Ok(())
}

/// What is shown of what would do: not more than a line holds.
fn would_do(needed: &[String], taken_by: &[String]) -> String {
    const SHOWN: usize = 2;
    if needed.is_empty() {
        return "nothing of it is needed".to_owned();
    }
    if needed.len() <= SHOWN {
        return format!("would do: {}", needed.join("; "));
    }
    let actions: BTreeSet<&str> = needed
        .iter()
        .filter_map(|needed| needed.split(' ').next())
        .collect();
    let actions = match actions.into_iter().collect::<Vec<_>>().as_slice() {
        few if few.len() <= 4 => few.join(", "),
        many => format!("{}, … ({} actions)", many[..3].join(", "), many.len()),
    };
    let derived: Vec<String> = taken_by
        .iter()
        .map(|address| format!("`athglue policy {address}`"))
        .collect();
    format!("would do: {actions}, as in {}", derived.join(" and "))
}
