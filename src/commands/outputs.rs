//! `athglue outputs`

use anyhow::bail;
use clap_complete::ArgValueCompleter;
use serde_json::{Map, Value, json};

use super::completer;
use crate::cli::Exit;
use crate::output::rows::{Column, Row};
use crate::session::Session;
use crate::stack::{HIDDEN, Stack, StackOutput, nearest};

/// Shows what the stack has under [outputs].
///
/// With a NAME, prints that value and nothing else, for a shell to use, even if it is sensitive.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The output whose value is wanted.
    #[arg(value_name = "NAME", add = ArgValueCompleter::new(completer::outputs))]
    name: Option<String>,
}

pub async fn run(args: Args, session: &Session) -> anyhow::Result<Exit> {
    let (stack, _) = session.stack().await?;
    let output = &session.output;
    if let Some(name) = &args.name {
        let found = find(&stack, name)?;
        let text = if output.is_json() {
            serde_json::to_string_pretty(&found.value)?
        } else {
            found.text()
        };
        // Who asks for it by name is to have it as it is.
        output.unhidden(text)?;
    } else if output.is_json() {
        output.json(&to_json(&stack))?;
    } else if stack.outputs.is_empty() {
        output.say(format!(
            "{} has no outputs: NAME = \"…\" under [outputs] makes one",
            stack.source.display
        ));
    } else {
        let columns = ["output", "value", "description"].map(|name| Column::new(name, "varchar"));
        let lines: Vec<Row> = stack
            .outputs
            .iter()
            .map(|found| {
                vec![
                    Some(found.name.clone()),
                    Some(shown(found)),
                    Some(found.description.clone().unwrap_or_default()),
                ]
            })
            .collect();
        output.table(&columns, &lines)?;
    }
    Ok(Exit::Success)
}

fn find<'a>(stack: &'a Stack, name: &str) -> anyhow::Result<&'a StackOutput> {
    if let Some(found) = stack.outputs.iter().find(|found| found.name == name) {
        return Ok(found);
    }
    let known: Vec<&str> = stack.outputs.iter().map(|o| o.name.as_str()).collect();
    let help = match nearest(name, known.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None if known.is_empty() => "NAME = \"…\" under [outputs] makes one".to_owned(),
        None => format!("there is {}", known.join(", ")),
    };
    bail!(
        "there is no output `{name}` in {}\n  help: {help}",
        stack.source.display
    )
}

/// Tells the outputs at the end of a command that made the stack so.
pub fn tell(session: &Session, stack: &Stack) -> anyhow::Result<()> {
    let output = &session.output;
    if stack.outputs.is_empty() || output.is_json() {
        return Ok(());
    }
    let names = stack.outputs.iter().map(|found| found.name.chars().count());
    let width = names.max().unwrap_or_default();
    output.line(format!("\n{}", output.paint.strong("Outputs:")))?;
    for found in &stack.outputs {
        let name = format!("{:width$}", found.name);
        output.line(format!("  {name} = {}", shown(found)))?;
    }
    Ok(())
}

fn shown(found: &StackOutput) -> String {
    if found.sensitive {
        HIDDEN.to_owned()
    } else {
        found.text()
    }
}

/// The outputs for programs; what is sensitive is not told.
pub fn to_json(stack: &Stack) -> Value {
    let outputs = stack.outputs.iter().map(|found| {
        let value = if found.sensitive {
            Value::from(HIDDEN)
        } else {
            found.value.clone()
        };
        let told = json!({
            "value": value,
            "description": found.description,
            "sensitive": found.sensitive,
        });
        (found.name.clone(), told)
    });
    Value::Object(outputs.collect::<Map<_, _>>())
}
