use crate::world::{SMALL, World};

fn up() -> World {
    let world = World::with_stack(SMALL);
    world.run(&["up", "--yes"]).ok();
    world
}

const TWO: &str = "SELECT * FROM (VALUES (1, 'a, \"b\"', 1.5e0), (2, NULL, NULL)) AS t (id, text, number) ORDER BY id";

#[test]
fn rows_come_in_every_format() {
    let world = up();
    let format = |format: &str| world.run(&["query", "-q", TWO, "--format", format]).ok();
    insta::assert_snapshot!(format("table"), @r#"
    ┌────┬────────┬────────┐
    │ id ┆ text   ┆ number │
    ╞════╪════════╪════════╡
    │  1 ┆ a, "b" ┆    1.5 │
    │  2 ┆ NULL   ┆   NULL │
    └────┴────────┴────────┘
    "#);
    assert_eq!(
        format("csv"),
        "id,text,number\n1,\"a, \"\"b\"\"\",1.5\n2,,\n"
    );
    assert_eq!(
        format("tsv"),
        "id\ttext\tnumber\n1\t\"a, \"\"b\"\"\"\t1.5\n2\t\t\n"
    );
    insta::assert_snapshot!(format("json"), @r#"
    [
      {"id":1,"text":"a, \"b\"","number":1.5},
      {"id":2,"text":null,"number":null}
    ]
    "#);
    insta::assert_snapshot!(format("jsonl"), @r#"
    {"id":1,"text":"a, \"b\"","number":1.5}
    {"id":2,"text":null,"number":null}
    "#);
    insta::assert_snapshot!(format("markdown"), @r#"
    | id | text | number |
    | ---: | --- | ---: |
    | 1 | a, "b" | 1.5 |
    | 2 |  |  |
    "#);
}

#[test]
fn named_queries_files_and_stdin_are_run() {
    let world = up();
    let csv = ["--format", "csv", "-q"];
    assert_eq!(
        world.run(&[&["query", "@one"][..], &csv].concat()).ok(),
        "one\n1\n"
    );
    world.write("two.sql", "SELECT 2 AS two");
    let file = [&["query", "-f", "two.sql"][..], &csv].concat();
    assert_eq!(world.run(&file).ok(), "two\n2\n");
    let stdin = [&["query", "-f", "-"][..], &csv].concat();
    assert_eq!(
        world.run_with_input(&stdin, "SELECT 3 AS three").ok(),
        "three\n3\n"
    );
}

#[test]
fn a_named_query_runs_where_the_command_line_then_the_query_then_the_stack_says() {
    let plain = "\n[queries.plain]\ndatabase = \"${databases.lake}\"\nsql = \"SELECT 2 AS two\"\n";
    let world = World::with_stack(&format!("{SMALL}{plain}"));
    world.run(&["up", "--yes"]).ok();
    // It names no workgroup and is kept in primary, which has no place for results.
    let ran = world.run(&["query", "@plain", "--format", "csv", "-q"]);
    assert_eq!(ran.ok(), "two\n2\n");
    let ran = world.run(&["query", "@one", "-w", "primary"]);
    assert_eq!(ran.code, 1);
    assert!(
        ran.err
            .contains("the workgroup primary has no place for results"),
        "{}",
        ran.err
    );
    let sql = "SELECT * FROM nowhere";
    let named =
        format!("\n[queries.nowhere]\ndatabase = \"${{databases.lake}}\"\nsql = \"{sql}\"\n");
    world.write("stack.toml", &format!("{SMALL}{plain}{named}"));
    world.run(&["up", "--yes"]).ok();
    let ran = world.run(&["query", "@nowhere", "-d", "default"]);
    assert!(
        ran.err.contains("awsdatacatalog.default.nowhere"),
        "{}",
        ran.err
    );
}

#[test]
fn a_wrong_statement_fails_in_athenas_words_at_its_place() {
    let world = up();
    let ran = world.run(&["query", "-q", "SELECT nope\nFROM (VALUES 1) AS t (x)"]);
    assert_eq!(ran.code, 1);
    insta::assert_snapshot!(ran.err, @r"
    error: COLUMN_NOT_FOUND: line 1:8: Column 'nope' cannot be resolved or requester is not authorized to access requested resources
     --> SQL:1:8
      |
    1 | SELECT nope
      |        ^^^^
    ");
    world.write("wrong.sql", "SELECT x\nFORM t");
    let ran = world.run(&["query", "-q", "-f", "wrong.sql"]);
    assert_eq!(ran.code, 1);
    assert!(ran.err.contains("--> wrong.sql:2:6"), "{}", ran.err);
}

#[test]
fn a_table_that_was_probably_meant_is_named() {
    let world = up();
    world
        .run(&[
            "query",
            "-q",
            "CREATE EXTERNAL TABLE films (id int) LOCATION 's3://small-data-000000000000/films/'",
        ])
        .ok();
    let ran = world.run(&["query", "-q", "SELECT * FROM film"]);
    assert_eq!(ran.code, 1);
    insta::assert_snapshot!(ran.err, @r"
    error: TABLE_NOT_FOUND: line 1:15: Table 'awsdatacatalog.small_lake.film' does not exist
     --> SQL:1:15
      |
    1 | SELECT * FROM film
      |               ^^^^
      |
    help: did you mean `films`?
    ");
}

#[test]
fn a_named_query_that_is_not_there_has_a_near_miss() {
    let world = up();
    let ran = world.run(&["query", "@onee"]);
    assert_eq!(ran.code, 1);
    assert!(ran.err.contains("did you mean `one`?"), "{}", ran.err);
}

#[test]
fn before_the_first_up_a_query_says_what_makes_its_workgroup() {
    let world = World::with_stack(SMALL);
    let ran = world.run(&["query", "SELECT 1"]);
    assert_eq!(ran.code, 1);
    assert!(
        ran.err.contains("small-main is not found")
            && ran.err.contains("help: `athglue up` makes it"),
        "{}",
        ran.err
    );
}

#[test]
fn a_statement_says_how_many_rows_it_wrote_and_a_view_what_it_asks() {
    let world = up();
    let told = |sql: &str| {
        let ran = world.run(&["query", sql]);
        assert_eq!(ran.code, 0, "{}", ran.err);
        ran.err
    };
    let made = told("CREATE TABLE two AS SELECT * FROM (VALUES 1, 2) AS t (x)");
    assert!(made.contains("2 rows written, "), "{made}");
    let added = told("INSERT INTO two VALUES 3");
    assert!(added.contains("1 row written, "), "{added}");
    let view = told("CREATE VIEW large AS SELECT x FROM two WHERE x > 1");
    assert!(!view.contains(" row"), "{view}");
    let described = world.run(&["describe", "large"]).ok();
    assert!(
        described.ends_with("\n\nSELECT x FROM two WHERE x > 1\n"),
        "{described}"
    );
}
