//! `athglue status`

use serde::Serialize;
use serde_json::Value;

use super::changes;
use crate::cli::Exit;
use crate::engine::{Action, Change, Terms, Unsearched, hide, is_sensitive};
use crate::output::rows::{Column, Row};
use crate::output::{Paint, human, inline};
use crate::resource::Address;
use crate::session::Session;
use crate::stack::Secrets;

/// Shows everything of the stack and whether it is as stack.toml says.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Also shows every field that is there, those that nobody manages too.
    #[arg(long)]
    all: bool,

    #[command(flatten)]
    reading: changes::Reading,
}

/// What a program reads.
#[derive(Serialize)]
struct Report<'a> {
    resources: &'a [Line],
    /// What is not known.
    warnings: &'a [Unsearched],
}

#[derive(Serialize)]
struct Line {
    address: Address,
    name: String,
    state: &'static str,
    /// Whose it is, where it is not the stack's.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    /// What is there of it, with `--all`.
    #[serde(skip_serializing_if = "Option::is_none")]
    fields: Option<Vec<Field>>,
}

/// One field that is there.
#[derive(Serialize)]
struct Field {
    path: String,
    live: Value,
    /// What `stack.toml` wants instead, where it differs.
    #[serde(skip_serializing_if = "Option::is_none")]
    wanted: Option<Value>,
    /// Whether `stack.toml` sets it.
    managed: bool,
}

pub async fn run(args: Args, session: &Session) -> anyhow::Result<Exit> {
    let (stack, cloud) = session.stack().await?;
    let terms = Terms {
        reads: args.reading.at_a_time(),
        ..Terms::default()
    };
    let plan = session.look(&stack, &cloud, &terms).await?;
    let lines: Vec<Line> = plan
        .changes
        .iter()
        .map(|change| Line {
            address: change.address.clone(),
            name: change.name.clone(),
            state: state(change),
            reason: is_strange(change).then(|| change.reason.clone()).flatten(),
            fields: args.all.then(|| fields(change, &stack.secrets)),
        })
        .collect();
    let output = &session.output;
    if output.is_json() {
        output.json(&Report {
            resources: &lines,
            warnings: &plan.warnings,
        })?;
        return Ok(Exit::Success);
    }
    if args.all {
        for line in &lines {
            output.line(in_full(line, output.paint))?;
        }
    } else {
        let columns = ["address", "name", "state"].map(|name| Column::new(name, "varchar"));
        let table: Vec<Row> = lines.iter().map(row).collect();
        output.table(&columns, &table)?;
    }
    output.say(format!(
        "{} on {}, account {}, {}",
        human::plural(lines.len(), "resource"),
        cloud.target(),
        cloud.account_id(),
        cloud.region()
    ));
    Ok(Exit::Success)
}

impl Line {
    fn in_words(&self) -> String {
        match &self.reason {
            Some(reason) => format!("{}: it {reason}", self.state),
            None => self.state.to_owned(),
        }
    }
}

/// What stack.toml names and somebody else has: `up` refuses it.
fn is_strange(change: &Change) -> bool {
    change.action == Action::Keep && !change.orphan
}

fn row(line: &Line) -> Row {
    vec![
        Some(line.address.to_string()),
        Some(line.name.clone()),
        Some(line.in_words()),
    ]
}

fn fields(change: &Change, secrets: &Secrets) -> Vec<Field> {
    let resource = change.resource();
    let wanted = resource.desired();
    let live = change.live().into_iter().flatten();
    let mut fields: Vec<Field> = live
        .map(|(path, value)| {
            let differing = change.fields.iter().find(|field| field.path == *path);
            // What differs has no secret in it any more.
            let mut live = differing.map_or(value, |field| &field.old).clone();
            if is_sensitive(resource, path) {
                hide(&mut live);
            }
            secrets.hide_value(&mut live);
            Field {
                wanted: differing.map(|field| field.new.clone()),
                managed: wanted.contains_key(path),
                path: path.clone(),
                live,
            }
        })
        // What is neither set nor there says nothing.
        .filter(|field| field.managed || !field.live.is_null())
        .collect();
    let missing = change.fields.iter().filter(|missing| {
        change.live().is_none_or(|live| !live.contains_key(&missing.path))
    });
    fields.extend(missing.map(|missing| Field {
        path: missing.path.clone(),
        live: missing.old.clone(),
        wanted: Some(missing.new.clone()),
        managed: true,
    }));
    fields
}

/// One resource with its fields, each in a line.
fn in_full(line: &Line, paint: Paint) -> String {
    let mut text = format!(
        "{}  {}  {}",
        paint.strong(&line.address.to_string()),
        line.name,
        paint.faint(&line.in_words())
    );
    for field in line.fields.iter().flatten() {
        let live = inline(&field.live);
        text.push_str(&match (&field.wanted, field.managed) {
            (Some(wanted), _) => format!(
                "\n    {} = {}, and stack.toml says {}",
                field.path,
                paint.bad(&live),
                paint.good(&inline(wanted))
            ),
            (None, true) => format!("\n    {} = {live}", field.path),
            (None, false) => {
                paint.faint(&format!("\n    {} = {live}  (not managed)", field.path))
            }
        });
    }
    text
}

fn state(change: &Change) -> &'static str {
    match change.action {
        Action::None => "in place",
        Action::Create => "missing",
        Action::Update => "differs",
        Action::Replace => "differs, needs a new one",
        Action::Adopt => "there, not yet taken over",
        Action::Delete => "no longer in stack.toml",
        Action::Keep if is_strange(change) => "a stranger's",
        Action::Keep => "no longer in stack.toml, holds data",
    }
}
