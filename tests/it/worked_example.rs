//! The example that a data engineer builds by hand first: data in a bucket that is crawled, and a
//! state machine that queries them and goes through the rows page by page.

use crate::world::World;

const STACK: &str = r#"
[stack]
name = "songs"
region = "eu-west-1"

[buckets.data]
[buckets.results]

[uploads.songs]
from = "songs.csv"
to = "s3://${buckets.data}/"

[databases.lake]

[crawlers.songs]
database = "${databases.lake}"
paths = ["s3://${buckets.data}/"]

[state_machines.titles]
definition = "titles.asl.json"

[state_machines.titles.substitutions]
ResultsBucket = "${buckets.results}"
Table = "songs_data_000000000000"
Database = "${databases.lake}"
"#;

const TITLES: &str = r#"{
  "StartAt": "Query",
  "States": {
    "Query": {
      "Type": "Task",
      "Resource": "arn:aws:states:::athena:startQueryExecution.sync",
      "Parameters": {
        "QueryString": "SELECT title FROM \"${Database}\".\"${Table}\" limit 100",
        "ResultConfiguration": { "OutputLocation": "s3://${ResultsBucket}/titles/" }
      },
      "Next": "First page"
    },
    "First page": {
      "Type": "Task",
      "Resource": "arn:aws:states:::athena:getQueryResults",
      "Parameters": {
        "QueryExecutionId.$": "$.QueryExecution.QueryExecutionId",
        "MaxResults": 2
      },
      "ResultPath": "$.GetQueryResults",
      "Next": "Show rows"
    },
    "Show rows": {
      "Type": "Map",
      "ItemsPath": "$.GetQueryResults.ResultSet.Rows[1:]",
      "Iterator": {
        "StartAt": "Show row",
        "States": { "Show row": { "Type": "Pass", "End": true } }
      },
      "ResultPath": null,
      "Next": "More?"
    },
    "More?": {
      "Type": "Choice",
      "Choices": [
        { "Variable": "$.GetQueryResults.NextToken", "IsPresent": true, "Next": "Next page" }
      ],
      "Default": "Done"
    },
    "Next page": {
      "Type": "Task",
      "Resource": "arn:aws:states:::athena:getQueryResults",
      "Parameters": {
        "QueryExecutionId.$": "$.QueryExecution.QueryExecutionId",
        "NextToken.$": "$.GetQueryResults.NextToken",
        "MaxResults": 2
      },
      "ResultPath": "$.GetQueryResults",
      "Next": "Show rows"
    },
    "Done": { "Type": "Succeed" }
  }
}
"#;

/// Of each event of a history as it is shown: its id, that of the one before it, its type, and the
/// state that it enters or leaves.
fn events(shown: &str) -> Vec<String> {
    let rows = shown.lines().filter(|line| line.starts_with('│'));
    rows.skip(1)
        .map(|row| {
            let cells: Vec<&str> = row.split(['│', '┆']).map(str::trim).collect();
            let [_, id, after, _, event, state, ..] = cells[..] else {
                panic!("a row of five columns: {row}");
            };
            format!("{id} after {after}: {event} {state}")
                .trim_end()
                .to_owned()
        })
        .collect()
}

#[test]
fn a_map_goes_through_the_rows_of_every_page() {
    let world = World::with_stack(STACK);
    let songs: Vec<String> = (1..=86).map(|n| format!("{n},Song {n}")).collect();
    world.write("songs.csv", &format!("id,title\n{}\n", songs.join("\n")));
    world.write("titles.asl.json", TITLES);
    world.run(&["up", "--yes"]).ok();
    world.run(&["crawl"]).ok();
    world.run(&["run", "titles"]).ok();

    let history = world
        .run(&["executions", "show", "titles", "--events"])
        .ok();
    let events = events(&history);
    let count = |kind: &str| events.iter().filter(|event| event.contains(kind)).count();
    // 86 rows and the header are 44 pages of two, of each of which the Map leaves out the first.
    assert_eq!(count("MapStateEntered Show rows"), 44);
    assert_eq!(count("MapStateExited Show rows"), 44);
    assert_eq!(count("MapIterationSucceeded"), 43);
    insta::assert_snapshot!(events.join("\n"));
}
