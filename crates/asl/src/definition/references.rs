//! Which variables the states of a definition read, as `variableReferences` of DescribeStateMachine
//! tells it: by paths, members of templates that end in `.$`, and arguments of intrinsic functions.
//! Of JSONata expressions it tells nothing.
//!
//! Source: "DescribeStateMachine", AWS Step Functions API reference, which does not say what counts;
//! that is what the API was seen to answer. Of a JSONata state that reads a variable it was not seen.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    Amount, Batcher, Condition, Flow, Kind, Map, MapSource, Nullable, Operand, State, Until, Words,
};
use crate::{
    query::{PathExpression, PathField, Template},
    stack::with_stack,
};

/// The names of the variables that each state reads, by the state's name, those of branches and
/// processors beside the others. States that read none are left out.
pub(crate) fn find(flow: &Flow) -> BTreeMap<String, Vec<String>> {
    let mut found = BTreeMap::new();
    add_flow(flow, &mut found);
    found
}

fn add_flow(flow: &Flow, found: &mut BTreeMap<String, Vec<String>>) {
    with_stack(|| {
        for (name, state) in &flow.states {
            let mut read = Read::default();
            read.state(state);
            if !read.0.is_empty() {
                let names = read.0.into_iter().map(str::to_owned).collect();
                found.insert(name.clone(), names);
            }
            match &state.kind {
                Kind::Map(map) => add_flow(&map.processor, found),
                Kind::Parallel(parallel) => {
                    for branch in &parallel.branches {
                        add_flow(branch, found);
                    }
                }
                _ => {}
            }
        }
    });
}

/// The names that one state reads.
#[derive(Default)]
struct Read<'d>(BTreeSet<&'d str>);

impl<'d> Read<'d> {
    fn state(&mut self, state: &'d State) {
        let fields = &state.fields;
        for path in [&fields.input_path, &fields.output_path] {
            if let Nullable::Given(path) = path {
                self.path(path);
            }
        }
        let templates = [&fields.parameters, &fields.result_selector, &fields.assign];
        self.templates(templates);
        match &state.kind {
            Kind::Task(task) => {
                self.templates([&task.credentials]);
                self.amounts([&task.timeout, &task.heartbeat]);
            }
            Kind::Map(map) => self.map(map),
            Kind::Wait(wait) => self.until(&wait.until),
            Kind::Choice(choice) => {
                for rule in &choice.rules {
                    self.condition(&rule.condition);
                    self.templates([&rule.assign]);
                }
            }
            Kind::Fail(fail) => {
                for words in [&fail.error, &fail.cause].into_iter().flatten() {
                    if let Words::Path(path) = words {
                        self.path(path);
                    }
                }
            }
            Kind::Parallel(_) | Kind::Pass(_) | Kind::Succeed(_) => {}
        }
        if let Some(recovery) = state.recovery() {
            for catcher in &recovery.catch {
                self.templates([&catcher.assign]);
            }
        }
    }

    fn map(&mut self, map: &'d Map) {
        match &map.source {
            MapSource::ItemsPath(path) => self.path(path),
            MapSource::Reader(reader) => {
                self.templates([&reader.parameters]);
                self.amounts([&reader.max_items]);
            }
            MapSource::Input | MapSource::Items(_) => {}
        }
        if let Some((_, selector)) = &map.selector {
            self.template(selector);
        }
        if let Some(Batcher {
            max_items,
            max_bytes,
            input,
        }) = &map.batcher
        {
            self.amounts([max_items, max_bytes]);
            self.templates([input]);
        }
        self.amounts([
            &map.max_concurrency,
            &map.tolerated_failure_count,
            &map.tolerated_failure_percentage,
        ]);
        if let Some(writer) = &map.result_writer {
            self.templates([&writer.parameters]);
        }
    }

    fn until(&mut self, until: &'d Until) {
        match until {
            Until::Seconds(Amount::Path(path)) | Until::TimestampPath(path) => self.path(path),
            Until::Seconds(_) | Until::Timestamp(_) | Until::TimestampJsonata(_) => {}
        }
    }

    fn condition(&mut self, condition: &'d Condition) {
        with_stack(|| match condition {
            Condition::And(all) | Condition::Or(all) => {
                for condition in all {
                    self.condition(condition);
                }
            }
            Condition::Not(condition) => self.condition(condition),
            Condition::Test {
                variable, operand, ..
            } => {
                self.path(variable);
                if let Operand::Path(path) = operand {
                    self.path(path);
                }
            }
            Condition::Constant(_) | Condition::Jsonata(_) => {}
        });
    }

    fn amounts<const N: usize>(&mut self, amounts: [&'d Option<Amount>; N]) {
        for amount in amounts.into_iter().flatten() {
            if let Amount::Path(path) = amount {
                self.path(path);
            }
        }
    }

    fn path(&mut self, path: &'d PathField) {
        self.expression(&path.expression);
    }

    fn templates<const N: usize>(&mut self, templates: [&'d Option<Template>; N]) {
        for template in templates.into_iter().flatten() {
            self.template(template);
        }
    }

    fn template(&mut self, template: &'d Template) {
        with_stack(|| match template {
            Template::Array(items) => {
                for item in items {
                    self.template(item);
                }
            }
            Template::Object(members) => {
                for (_, member) in members {
                    self.template(member);
                }
            }
            Template::Path { expression, .. } => self.expression(expression),
            Template::Literal(_) | Template::Jsonata(_) => {}
        });
    }

    fn expression(&mut self, expression: &'d PathExpression) {
        match expression {
            PathExpression::Path(path) => self.0.extend(path.variable()),
            PathExpression::Call(call) => self.0.extend(call.variables()),
        }
    }
}
