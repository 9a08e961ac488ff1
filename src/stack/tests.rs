mod arbitrary;
mod envs;
mod outputs;
mod tables;
mod variables;

use std::path::PathBuf;

use super::*;

/// A folder with the files that a stack refers to.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::create_dir_all(folder.path().join("data/films")).expect("a folder");
    std::fs::write(
        folder.path().join("data/films/a.csv"),
        "title,year\nAlien,1979\n",
    )
    .expect("a file");
    std::fs::write(
        folder.path().join("report.asl.json"),
        r#"{"StartAt": "Q", "States": {"Q": {"Type": "Task", "End": true,
            "Resource": "arn:aws:states:::athena:startQueryExecution.sync",
            "Parameters": {"QueryString": "SELECT title FROM ${DBname}.films", "WorkGroup": "films-main"}}}}"#,
    )
    .expect("a file");
    folder
}

fn parse(folder: &tempfile::TempDir, text: &str) -> Result<Document, Diagnostics> {
    Document::parse(Source {
        display: "stack.toml".to_owned(),
        base_dir: PathBuf::from(folder.path()),
        text: text.to_owned(),
    })
}

fn load(folder: &tempfile::TempDir, text: &str) -> Result<Stack, Diagnostics> {
    parse(folder, text)?.resolve("111122223333", "eu-west-1")
}

/// A stack with what is said of it from outside.
fn load_with(text: &str, inputs: Inputs) -> Result<Stack, String> {
    let document = parse(&folder(), text).map_err(|mistakes| in_lines(&mistakes))?;
    let document = document.with(inputs).map_err(|error| error.to_string())?;
    let stack = document.resolve("111122223333", "eu-west-1");
    stack.map_err(|mistakes| in_lines(&mistakes))
}

fn env(name: &str) -> Inputs {
    Inputs {
        env: Some(name.to_owned()),
        ..Inputs::default()
    }
}

/// Mistakes, one a line: place, message, what is said at the place, the way out.
fn in_lines(mistakes: &Diagnostics) -> String {
    let lines = mistakes.list.iter().map(|mistake| {
        let (line, column) = mistakes.source.place(mistake.span.start);
        let help = mistake.help.as_deref().unwrap_or("-");
        format!(
            "{line}:{column} {} | {} | {help}",
            mistake.message, mistake.label
        )
    });
    lines.collect::<Vec<_>>().join("\n")
}

fn field(stack: &Stack, kind: &str, id: &str, field: &str) -> serde_json::Value {
    let declared = stack.get(&Address::new(kind, id)).expect("it is there");
    declared.resource.desired()[field].clone()
}

fn mistakes(text: &str) -> String {
    let folder = folder();
    match load(&folder, text) {
        Ok(_) => String::new(),
        Err(diagnostics) => {
            let path = format!("{}/", folder.path().display());
            diagnostics.render(false).replace(&path, "")
        }
    }
}

const WHOLE: &str = r#"
[stack]
name = "films"
region = "eu-west-1"
tags = { team = "data" }

[vars]
days = 30

[buckets.data]
[buckets.results]
expire_after_days = "${vars.days}"

[uploads.sample]
from = "data/films/"
to = "s3://${buckets.data}/films/"

[databases.lake]

[crawlers.films]
database = "${databases.lake}"
paths = ["s3://${buckets.data}/films/"]
schedule = "cron(0 3 * * ? *)"

[workgroups.main]
results = "${buckets.results.url}/athena/"

[queries.top]
database = "${databases.lake}"
workgroup = "${workgroups.main}"
sql = "SELECT title FROM films LIMIT 10"

[state_machines.report]
definition = "report.asl.json"
[state_machines.report.substitutions]
DBname = "${databases.lake}"
"#;

#[test]
fn a_stack_resolves_to_its_resources_with_names_and_derived_roles() {
    let stack = load(&folder(), WHOLE).expect("a valid stack");
    let list: Vec<String> = stack
        .resources
        .iter()
        .map(|declared| {
            let needs: Vec<String> = declared
                .depends_on
                .iter()
                .map(ToString::to_string)
                .collect();
            let resource = &declared.resource;
            format!(
                "{} = {} <- {}",
                resource.address(),
                resource.name(),
                needs.join(", ")
            )
        })
        .collect();
    insta::assert_snapshot!(list.join("\n"), @r"
    buckets.data = films-data-111122223333 <- 
    buckets.results = films-results-111122223333 <- 
    uploads.sample = s3://films-data-111122223333/films/ <- buckets.data
    databases.lake = films_lake <- 
    crawlers.films.role = films-films-crawler <- 
    crawlers.films = films-films <- buckets.data, crawlers.films.role, databases.lake
    workgroups.main = films-main <- buckets.results
    queries.top = films-top <- databases.lake, workgroups.main
    state_machines.report.role = films-report-state-machine <- 
    state_machines.report = films-report <- databases.lake, state_machines.report.role
    ");
}

#[test]
fn a_number_may_come_from_a_variable() {
    let stack = load(&folder(), WHOLE).expect("a valid stack");
    let results = stack
        .get(&Address::new("buckets", "results"))
        .expect("it is there");
    assert_eq!(results.resource.desired()["expire_after_days"], 30);
}

#[test]
fn every_mistake_is_shown_with_its_place_and_a_way_out() {
    let text = r#"
[stack]
name = "films"

[bukets.data]

[buckets.results]
name = "Results"

[databases.lake]

[crawlers.films]
databse = "${databases.lake}"
paths = ["s3:/${buckets.results}/films/", "s3://${buckets.dta}/"]
schedule = "cron(0 3 * * *)"

[uploads.sample]
from = "nothing/*.csv"
to = "s3://films-data/"

[queries.top]
database = "${databases.lake.arm}"
sql = 3
"#;
    insta::assert_snapshot!(mistakes(text), @r#"
    error: there is no kind `bukets`
     --> stack.toml:5:2
      |
    5 | [bukets.data]
      |  ^^^^^^ unknown kind
      |
    help: did you mean `buckets`?

    error: `name`: `Results` is not valid
     --> stack.toml:8:8
      |
    8 | name = "Results"
      |        ^^^^^^^^^ a bucket's name is made of a-z, 0-9, `.` and `-`, and starts and ends with a letter or digit

    error: unknown key `databse`
      --> stack.toml:13:1
       |
    13 | databse = "${databases.lake}"
       | ^^^^^^^ [crawlers.films] has no such key
       |
    help: did you mean `database`?

    error: there is no `buckets.dta`
      --> stack.toml:14:49
       |
    14 | paths = ["s3:/${buckets.results}/films/", "s3://${buckets.dta}/"]
       |                                                 ^^^^^^^^^^^^^^ refers to nothing
       |
    help: add a table [buckets.dta]

    error: `schedule`: `cron(0 3 * * *)` is not valid
      --> stack.toml:15:12
       |
    15 | schedule = "cron(0 3 * * *)"
       |            ^^^^^^^^^^^^^^^^^ a schedule has six fields, this one has 5: MINUTE HOUR DAY MONTH WEEKDAY YEAR

    error: there is nothing to upload in `nothing/*.csv`
      --> stack.toml:18:8
       |
    18 | from = "nothing/*.csv"
       |        ^^^^^^^^^^^^^^^ no file
       |
    help: paths are relative to stack.toml

    error: `databases` have no `arm` to refer to
      --> stack.toml:22:13
       |
    22 | database = "${databases.lake.arm}"
       |             ^^^^^^^^^^^^^^^^^^^^^ only name, arn
       |
    help: did you mean `arn`?

    error: `sql` is text, not 3
      --> stack.toml:23:7
       |
    23 | sql = 3
       |       ^ expected text
    "#);
}

#[test]
fn a_cycle_is_shown_with_its_way() {
    let text = r#"
[stack]
name = "films"

[buckets.a]
name = "x-${buckets.b}"

[buckets.b]
name = "y-${buckets.a}"
"#;
    insta::assert_snapshot!(mistakes(text), @r#"
    error: these refer to each other: buckets.a → buckets.b → buckets.a
     --> stack.toml:6:11
      |
    6 | name = "x-${buckets.b}"
      |           ^^^^^^^^^^^^ neither can be made first
      |
    help: write one of the names out instead of referring to it
    "#);
}

#[test]
fn what_is_no_toml_is_shown_where_it_ends() {
    insta::assert_snapshot!(mistakes("[stack]\nname = \"films\n"), @r#"
    error: invalid basic string, expected `"`
     --> stack.toml:2:14
      |
    2 | name = "films
      |              ^ not TOML
    "#);
}

#[test]
fn two_resources_cannot_share_a_name() {
    let text = r#"
[stack]
name = "films"

[databases.a]
name = "lake"

[databases.b]
name = "lake"
"#;
    insta::assert_snapshot!(mistakes(text), @r"
    error: `databases.a` and `databases.b` are both named `lake`
     --> stack.toml:8:12
      |
    8 | [databases.b]
      |            ^ the same name twice
      |
    help: give one of them another `name`
    ");
}

#[test]
fn a_definition_says_which_substitution_it_lacks() {
    let text = r#"
[stack]
name = "films"

[state_machines.report]
definition = "report.asl.json"
substitutions = { Unused = "x" }

[state_machines.other]
definition = "missing.json"
"#;
    insta::assert_snapshot!(mistakes(text), @r#"
    error: `${Unused}` is nowhere in report.asl.json
     --> stack.toml:7:28
      |
    7 | substitutions = { Unused = "x" }
      |                            ^^^ substitutes nothing

    error: cannot read `missing.json`
      --> stack.toml:10:14
       |
    10 | definition = "missing.json"
       |              ^^^^^^^^^^^^^^ there is no such file
       |
    help: paths are relative to stack.toml

    error: `${DBname}` has no substitution
     --> report.asl.json:3:62
      |
    3 |             "Parameters": {"QueryString": "SELECT title FROM ${DBname}.films", "WorkGroup": "films-main"}}}}
      |                                                              ^^^^^^^^^ used in this definition
      |
    help: add DBname = "…" under substitutions
    "#);
}

#[test]
fn every_key_of_every_kind_is_described() {
    for table in reference() {
        assert!(!table.doc.is_empty(), "{} has no description", table.name);
        for key in table.keys {
            assert!(
                !key.doc.is_empty(),
                "{}.{} has no description",
                table.name,
                key.path
            );
        }
    }
}

#[test]
fn schedules_are_checked_field_by_field() {
    use types::CronSchedule;
    let check = |text: &str| CronSchedule::try_from(text.to_owned()).map(drop);
    for valid in [
        "cron(0 3 * * ? *)",
        "cron(0/15 8-17 ? * MON-FRI *)",
        "cron(0 0 L * ? 2030)",
        "cron(0 0 ? * 6#3 *)",
        "cron(0 0 1,15 JAN-MAR ? *)",
    ] {
        assert_eq!(check(valid), Ok(()), "{valid}");
    }
    for wrong in [
        "every day",
        "cron(0/4 3 * * ? *)",
        "cron(0 3 * * *)",
        "cron(60 3 * * ? *)",
        "cron(0 3 * * * *)",
        "cron(0 3 ? FOO ? *)",
        "cron(0/0 3 * * ? *)",
    ] {
        assert!(check(wrong).is_err(), "{wrong}");
    }
}
