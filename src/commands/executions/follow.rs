//! Following an execution: its history is read as it grows, and only what is new of it.

use std::time::{Duration, Instant};

use aws_sdk_sfn::operation::describe_execution::DescribeExecutionOutput;
use aws_sdk_sfn::types::{ExecutionStatus, HistoryEvent};

use super::children;
use crate::cloud::{Cloud, Target};
use crate::output::execution::{States, View};
use crate::resource::{CallError, call};

/// How many events are asked for where few are expected, and the most that can be.
const FEW: i32 = 100;
const MOST: i32 = 1000;
/// How often the terminal is drawn.
const FRAME: Duration = Duration::from_millis(100);
/// After so many looks without news it is asked whether the execution still runs.
const QUIET: u32 = 10;

/// Reads what is new in a history.
///
/// `GetExecutionHistory` cannot start at an event; it can start at the last one and go backward,
/// which ends at the first that is known.
pub struct History<'a> {
    cloud: &'a Cloud,
    arn: &'a str,
    /// The last event that was read.
    seen: i64,
}

impl<'a> History<'a> {
    pub fn new(cloud: &'a Cloud, arn: &'a str) -> Self {
        Self {
            cloud,
            arn,
            seen: 0,
        }
    }

    pub fn arn(&self) -> &str {
        self.arn
    }

    /// The events since the last call, in their order.
    pub async fn news(&mut self) -> Result<Vec<HistoryEvent>, CallError> {
        let mut found: Vec<HistoryEvent> = Vec::new();
        let mut token = None;
        let mut size = if self.seen == 0 { MOST } else { FEW };
        loop {
            let request = self.cloud.sfn.get_execution_history();
            let request = request
                .execution_arn(self.arn)
                .max_results(size)
                .reverse_order(true)
                .include_execution_data(true)
                .set_next_token(token);
            let page = call!("GetExecutionHistory", request)?;
            let mut reached_known = false;
            for event in page.events {
                reached_known |= event.id() <= self.seen;
                // While pages are read the history grows, and they may overlap.
                let is_older = found.last().is_none_or(|last| event.id() < last.id());
                if event.id() > self.seen && is_older {
                    found.push(event);
                }
            }
            reached_known |= found.last().is_some_and(|e| e.id() == self.seen + 1);
            token = page.next_token;
            if reached_known || token.is_none() {
                break;
            }
            size = MOST;
        }
        found.reverse();
        if let Some(last) = found.last() {
            self.seen = last.id();
        }
        Ok(found)
    }
}

/// Whether an event is the last of its execution.
fn is_end(event: &HistoryEvent) -> bool {
    matches!(
        event.r#type().as_str(),
        "ExecutionSucceeded" | "ExecutionFailed" | "ExecutionAborted" | "ExecutionTimedOut"
    )
}

/// The states of an execution that is not followed, as far as its history is known without them
/// being declared anywhere.
pub async fn states_of(cloud: &Cloud, arn: &str) -> Result<States, CallError> {
    let mut states = States::of(&serde_json::Value::Null);
    for event in &History::new(cloud, arn).news().await? {
        states.take(event);
    }
    Ok(states)
}

/// The state that an execution began with, if it has entered one.
pub async fn first_state(cloud: &Cloud, arn: &str) -> Result<Option<String>, CallError> {
    let request = cloud.sfn.get_execution_history().execution_arn(arn);
    let page = call!("GetExecutionHistory", request.max_results(FEW))?;
    let mut entered = page.events().iter().filter_map(|e| e.state_entered_event_details());
    Ok(entered.next().map(|details| details.name().to_owned()))
}

pub async fn describe(cloud: &Cloud, arn: &str) -> Result<DescribeExecutionOutput, CallError> {
    let request = cloud.sfn.describe_execution().execution_arn(arn);
    call!("DescribeExecution", request)
}

/// Shows an execution until it has ended, and gives its end.
pub async fn follow(
    history: &mut History<'_>,
    view: &mut View<'_>,
) -> Result<DescribeExecutionOutput, CallError> {
    let longest = match history.cloud.target() {
        Target::Local { .. } => Duration::from_millis(100),
        Target::Aws | Target::Endpoint(_) => Duration::from_secs(1),
    };
    let shortest = Duration::from_millis(5);
    // Nobody needs the numbers of a Map Run more often.
    let between_looks = longest * 3;
    let mut looked = Instant::now();
    let mut pause = shortest;
    let mut quiet = 0;
    loop {
        let news = history.news().await?;
        for event in &news {
            if children::is_end_of_map_run(event) {
                children::look(history.cloud, &mut view.states, false).await?;
            }
            view.event(event);
        }
        if looked.elapsed() >= between_looks {
            children::look(history.cloud, &mut view.states, false).await?;
            if view.is_live() {
                children::look_inside(history.cloud, &mut view.states).await?;
            }
            looked = Instant::now();
        }
        view.draw();
        quiet = if news.is_empty() { quiet + 1 } else { 0 };
        if news.last().is_some_and(is_end) || quiet >= QUIET {
            quiet = 0;
            let execution = describe(history.cloud, history.arn).await?;
            if *execution.status() != ExecutionStatus::Running {
                // What came between the two calls.
                for event in &history.news().await? {
                    view.event(event);
                }
                return Ok(execution);
            }
        }
        pause = if news.is_empty() {
            (pause * 2).min(longest)
        } else {
            shortest
        };
        wait(pause, view).await;
    }
}

/// Waits, and keeps what moves moving.
async fn wait(time: Duration, view: &mut View<'_>) {
    let mut left = time;
    while left > FRAME {
        tokio::time::sleep(FRAME).await;
        view.draw();
        left -= FRAME;
    }
    tokio::time::sleep(left).await;
}

/// The input that a state was entered with, by the event that entered it.
pub async fn input_of(
    cloud: &Cloud,
    arn: &str,
    event: i64,
) -> Result<Option<String>, CallError> {
    let request = cloud.sfn.get_execution_history().execution_arn(arn);
    let request = request.max_results(MOST).include_execution_data(true);
    let mut pages = request.into_paginator().send();
    while let Some(page) = pages.next().await {
        let page = page.map_err(|e| CallError::of("GetExecutionHistory", e))?;
        let found = page.events().iter().find(|e| e.id() == event);
        if let Some(found) = found {
            let entered = found.state_entered_event_details();
            return Ok(entered.and_then(|d| d.input()).map(str::to_owned));
        }
    }
    Ok(None)
}
