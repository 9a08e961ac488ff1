//! `athglue status`

use serde::Serialize;

use crate::cli::Exit;
use crate::engine::{self, Action, Goal};
use crate::output::human;
use crate::output::rows::{self, Column};
use crate::resource::Address;
use crate::session::Session;

/// Shows everything of the stack and whether it is as stack.toml says.
#[derive(Debug, clap::Args)]
pub struct Args {}

#[derive(Serialize)]
struct Line {
    address: Address,
    name: String,
    state: &'static str,
}

pub async fn run(_: Args, session: &Session) -> anyhow::Result<Exit> {
    let (stack, cloud) = session.stack().await?;
    let reading = session.output.spinner("Reading what is there");
    let plan = engine::plan(&stack, &cloud, &Goal::Up).await;
    reading.finish_and_clear();
    let plan = plan?;
    let lines: Vec<Line> = plan
        .changes
        .iter()
        .map(|change| Line {
            address: change.address.clone(),
            name: change.name.clone(),
            state: state(change.action),
        })
        .collect();
    if session.output.is_json() {
        session.output.json(&lines)?;
        return Ok(Exit::Success);
    }
    let columns = ["address", "name", "state"].map(|name| Column::new(name, "varchar"));
    let table: Vec<rows::Row> = lines
        .iter()
        .map(|line| {
            vec![
                Some(line.address.to_string()),
                Some(line.name.clone()),
                Some(line.state.to_owned()),
            ]
        })
        .collect();
    let output = &session.output;
    output.line(rows::table(&columns, &table, output.width(), output.paint))?;
    output.say(format!(
        "{} on {}, account {}, {}",
        human::plural(lines.len(), "resource"),
        cloud.target(),
        cloud.account_id(),
        cloud.region()
    ));
    Ok(Exit::Success)
}

fn state(action: Action) -> &'static str {
    match action {
        Action::None => "in place",
        Action::Create => "missing",
        Action::Update => "differs",
        Action::Replace => "differs, needs a new one",
        Action::Delete => "no longer in stack.toml",
        Action::Keep => "no longer in stack.toml, holds data",
    }
}
