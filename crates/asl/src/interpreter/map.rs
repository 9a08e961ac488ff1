//! `Map`: its items, and which way they are run.

use std::sync::Arc;

use serde_json::{Value, json};

use super::{
    Interpreter,
    branch::Branch,
    failure::Interrupt,
    item::{self, Item},
    visit::{Done, Visit},
};
use crate::{
    context::Context,
    definition::{Map, MapSource, Mode},
    jsonpath::Variables,
    query::{Environment, Fault, QueryLanguage},
    resume::progress::Attempt,
};

/// What is known before the first item is run.
pub(super) struct Start {
    /// The state's input, which `$` stands for in `ItemSelector`.
    pub input: Value,
    pub max_concurrency: u64,
    /// None if `ItemReader` reads them.
    pub items: Option<Vec<Item>>,
    /// `MaxItems` of a distributed Map's `ItemReader`, which may be negative.
    pub max_items: Option<i64>,
}

impl Interpreter<'_> {
    pub(super) async fn map<'s>(
        &'s self,
        map: &'s Map,
        visit: &Visit<'s>,
        branch: &mut Branch,
        before: Attempt,
    ) -> Result<Done<'s>, Interrupt> {
        match self.mapped(map, visit, branch, before).await {
            Ok(result) => self.query(visit, branch, |context, variables| {
                visit.finish(result, context, variables)
            }),
            Err(interrupt) => {
                branch.untold = true;
                Err(interrupt)
            }
        }
    }

    async fn mapped(
        &self,
        map: &Map,
        visit: &Visit<'_>,
        branch: &mut Branch,
        before: Attempt,
    ) -> Result<Value, Interrupt> {
        let context = self.context(visit, branch);
        let mut start = match start(map, visit, &context, &branch.variables) {
            Ok(start) => start,
            Err(fault) => return Err(self.fault(visit, branch, fault)),
        };
        if let Some(mocked) = visit.mocked() {
            self.inspect(map, visit, branch, start).await?;
            return Ok(mocked?);
        }
        let succeeded = matches!(
            &before,
            Attempt::Fork {
                succeeded: true,
                ..
            }
        );
        if matches!(before, Attempt::Fresh) {
            let length = start.items.as_ref().map_or(0, Vec::len);
            branch.previous = self.log.note(
                branch.previous,
                "MapStateStarted",
                Some(("mapStateStartedEventDetails", json!({"length": length}))),
                visit.retried.clone(),
            )?;
        }
        let (result, last) = match map.mode {
            Mode::Inline => {
                let iterations = match before {
                    Attempt::Fork { strands, .. } => strands,
                    _ => Default::default(),
                };
                let items = std::mem::take(&mut start.items).unwrap_or_default();
                let results = self
                    .iterate(map, visit, branch, &start, items, iterations)
                    .await?;
                (Value::Array(results), branch.previous)
            }
            Mode::Distributed => {
                start.max_items = self.max_items(map, visit, branch, &start.input)?;
                self.distribute(map, visit, branch, start, before).await?
            }
        };
        if !succeeded {
            self.log.record(last, "MapStateSucceeded", None)?;
        }
        Ok(result)
    }

    /// The input of one item's flow: the item, or what `ItemSelector` makes of it.
    pub(super) fn select_item(
        &self,
        map: &Map,
        visit: &Visit,
        branch: &mut Branch,
        input: &Value,
        index: usize,
        item: &Item,
    ) -> Result<Value, Interrupt> {
        let Some((field, selector)) = &map.selector else {
            return Ok(item.input());
        };
        let outer = branch.item.replace(Arc::new(item.context(index)));
        let selected = self.query(visit, branch, |context, variables| {
            selector.evaluate(field, &Environment::new(input, context, variables))
        });
        branch.item = outer;
        selected
    }
}

fn start(
    map: &Map,
    visit: &Visit,
    context: &Context,
    variables: &Variables,
) -> Result<Start, Fault> {
    let input = visit.effective_input(context, variables)?;
    let environment = Environment::new(&input, context, variables);
    let max_concurrency = match &map.max_concurrency {
        Some(amount) => amount.whole_value("MaxConcurrency", &environment)?,
        None => 0,
    };
    let items = items(map, visit.language(), &environment)?;
    Ok(Start {
        input: input.into_owned(),
        max_concurrency,
        items,
        max_items: None,
    })
}

/// The items, unless a reader has them. Only a distributed Map goes through the members of an
/// object.
///
/// Source: "ItemReader (Map)", "JSON data from a previous step", in the Step Functions developer
/// guide.
fn items(
    map: &Map,
    language: QueryLanguage,
    environment: &Environment,
) -> Result<Option<Vec<Item>>, Fault> {
    let is_items =
        |value: &Value| value.is_array() || map.mode == Mode::Distributed && value.is_object();
    let (value, path) = match &map.source {
        MapSource::Reader(_) => return Ok(None),
        MapSource::Items(template) => (
            template.evaluate_as("array", is_items, "Items", environment)?,
            "$",
        ),
        MapSource::ItemsPath(path) => (path.select(environment)?, path.text.as_str()),
        MapSource::Input => (environment.input.clone(), "$"),
    };
    let value = if is_items(&value) {
        match Item::all(value, item::state_data()) {
            Ok(items) => return Ok(Some(items)),
            Err(value) => value,
        }
    } else {
        value
    };
    if language == QueryLanguage::Jsonata {
        return Err(Fault::Query {
            location: None,
            message: format!("Map state input must be an array but was: {value}"),
        });
    }
    // Of the context object AWS tells the path within it.
    let within = path.strip_prefix('$').filter(|rest| rest.starts_with('$'));
    let path = within.unwrap_or(path);
    Err(Fault::Bare(format!(
        "Reference path \"{path}\" must point to array."
    )))
}
