//! Every field of named queries and prepared statements: set, changed, taken away, and changed by
//! hand.

use super::*;
use crate::resource::world::{Case, World};

const QUERY: &str = "[workgroups.a]\n[workgroups.b]\n[queries.q]\n";
const STATEMENT: &str = "[workgroups.a]\n[workgroups.b]\n[prepared_statements.s]\n";

#[tokio::test]
async fn every_key_of_a_query_is_set_changed_and_taken_away() {
    let cases = [
        (
            "database = \"d\"\nsql = \"SELECT 1\"",
            "database = \"d\"\nsql = \"SELECT 2\"",
            "update queries.q sql",
        ),
        (
            "database = \"d\"\nsql = \"SELECT 1\"",
            "database = \"d\"\nsql = \"SELECT 1\\n\"",
            "",
        ),
        (
            "database = \"d\"\nsql = \"SELECT 1\"",
            "database = \"e\"\nsql = \"SELECT 1\"",
            "replace queries.q database",
        ),
        (
            "database = \"d\"\nsql = \"SELECT 1\"\nworkgroup = \"${workgroups.a}\"",
            "database = \"d\"\nsql = \"SELECT 1\"\nworkgroup = \"${workgroups.b}\"",
            "replace queries.q workgroup",
        ),
        (
            "database = \"d\"\nsql = \"SELECT 1\"\nname = \"n\"",
            "database = \"d\"\nsql = \"SELECT 1\"\nname = \"m\"",
            "replace queries.q name",
        ),
        (
            "database = \"d\"\nsql = \"SELECT 1\"",
            "database = \"d\"\nsql = \"SELECT 1\"\ndescription = \"a\"",
            "update queries.q description",
        ),
        (
            "database = \"d\"\nsql = \"SELECT 1\"\ndescription = \"a\"",
            "database = \"d\"\nsql = \"SELECT 1\"",
            "",
        ),
    ];
    let world = World::new().await;
    for (from, to, changes) in cases {
        world
            .pass(&[Case {
                base: QUERY,
                from,
                to,
                changes,
            }])
            .await;
    }
}

#[tokio::test]
async fn every_key_of_a_prepared_statement_is_set_changed_and_taken_away() {
    let cases = [
        (
            "sql = \"SELECT ?\"",
            "sql = \"SELECT ?, ?\"",
            "update prepared_statements.s sql",
        ),
        (
            "sql = \"SELECT ?\"\nworkgroup = \"${workgroups.a}\"",
            "sql = \"SELECT ?\"\nworkgroup = \"${workgroups.b}\"",
            "replace prepared_statements.s workgroup",
        ),
        (
            "sql = \"SELECT ?\"\nname = \"one\"",
            "sql = \"SELECT ?\"\nname = \"two\"",
            "replace prepared_statements.s name",
        ),
        (
            "sql = \"SELECT ?\"",
            "sql = \"SELECT ?\"\ndescription = \"a\"",
            "update prepared_statements.s description",
        ),
        (
            "sql = \"SELECT ?\"\ndescription = \"a\"",
            "sql = \"SELECT ?\"\ndescription = \"b\"",
            "update prepared_statements.s description",
        ),
        (
            "sql = \"SELECT ?\"\ndescription = \"a\"",
            "sql = \"SELECT ?\"",
            "",
        ),
    ];
    let world = World::new().await;
    for (from, to, changes) in cases {
        world
            .pass(&[Case {
                base: STATEMENT,
                from,
                to,
                changes,
            }])
            .await;
    }
}

#[tokio::test]
async fn what_was_changed_by_hand_is_put_right() {
    let world = World::new().await;
    let tables = "[queries.q]\ndatabase = \"d\"\nsql = \"SELECT 1\"\n[prepared_statements.s]\nfile = \"s.sql\"\ndescription = \"Ours\"\n";
    world.write("s.sql", "SELECT ?\n");
    world.up(tables).await;
    let athena = &world.cloud.athena;
    let listed = athena.list_named_queries().send().await.expect("listed");
    let id = &listed.named_query_ids()[0];
    let update = athena
        .update_named_query()
        .named_query_id(id)
        .name("films-q");
    let update = update.query_string("SELECT 9");
    let mark = "[athglue:films/queries.q]";
    update.description(mark).send().await.expect("updated");
    let update = athena.update_prepared_statement().work_group("primary");
    let update = update.statement_name("films_s").query_statement("SELECT 9");
    let update = update.description("Theirs [athglue:films/prepared_statements.s]");
    update.send().await.expect("updated");
    assert_eq!(
        world.changes(tables).await,
        "update queries.q sql\nupdate prepared_statements.s description, sql"
    );
    world.up(tables).await;
    let delete = athena.delete_prepared_statement().work_group("primary");
    delete
        .statement_name("films_s")
        .send()
        .await
        .expect("deleted");
    athena
        .delete_named_query()
        .named_query_id(id)
        .send()
        .await
        .expect("deleted");
    assert_eq!(
        world.changes(tables).await,
        "create queries.q database, sql\ncreate prepared_statements.s description, sql"
    );
    world.up(tables).await;
    world.clear(tables).await;
}

#[tokio::test]
async fn a_query_that_a_lost_answer_left_twice_is_one_again() {
    let world = World::new().await;
    let tables = "[queries.q]\ndatabase = \"d\"\nsql = \"SELECT 1\"\n";
    world.up(tables).await;
    let athena = &world.cloud.athena;
    let copy = athena.create_named_query().name("films-q").database("d");
    let copy = copy.query_string("SELECT 1");
    let copy = copy.description("[athglue:films/queries.q]");
    copy.send().await.expect("created");
    assert_eq!(world.changes(tables).await, "update queries.q copies");
    world.up(tables).await;
    let listed = athena.list_named_queries().send().await.expect("listed");
    assert_eq!(listed.named_query_ids().len(), 1);
}

#[tokio::test]
async fn a_strangers_query_of_the_same_name_is_left_alone() {
    let world = World::new().await;
    let tables = "[queries.q]\ndatabase = \"d\"\nsql = \"SELECT 1\"\n";
    world.up(tables).await;
    let athena = &world.cloud.athena;
    let theirs = athena.create_named_query().name("films-q").database("d");
    theirs
        .query_string("SELECT 7")
        .send()
        .await
        .expect("created");
    assert_eq!(world.changes(tables).await, "");
    world.up("").await;
    let listed = athena.list_named_queries().send().await.expect("listed");
    assert_eq!(listed.named_query_ids().len(), 1);
}

#[tokio::test]
async fn what_somebody_made_is_taken_over_where_that_is_wanted() {
    let world = World::new().await;
    let athena = &world.cloud.athena;
    let theirs = athena.create_named_query().name("films-q").database("d");
    let theirs = theirs.query_string("SELECT 1").description("Theirs");
    theirs.send().await.expect("created");
    let theirs = athena.create_prepared_statement().work_group("primary");
    let theirs = theirs.statement_name("films_s").query_statement("SELECT ?");
    theirs.send().await.expect("created");
    let tables = "[queries.q]\ndatabase = \"d\"\nsql = \"SELECT 1\"\n[prepared_statements.s]\nsql = \"SELECT ?\"\n";
    let refusal = world.refusal(tables).await;
    assert!(refusal.contains("was not made by this stack"), "{refusal}");
    let addresses = ["queries.q", "prepared_statements.s"];
    let changes = world.adopt(tables, &addresses).await;
    assert_eq!(
        changes,
        "adopt queries.q athglue:id\nadopt prepared_statements.s athglue:id"
    );
    let listed = athena.list_named_queries().send().await.expect("listed");
    let query = athena
        .get_named_query()
        .named_query_id(&listed.named_query_ids()[0]);
    let query = query.send().await.expect("found").named_query.expect("it");
    assert_eq!(
        query.description(),
        Some("Theirs [athglue:films/queries.q]")
    );
    world.clear(tables).await;
}

#[tokio::test]
async fn what_leaves_the_file_with_its_workgroup_goes_before_it() {
    let world = World::new().await;
    let tables = "[workgroups.w]\n[queries.q]\ndatabase = \"d\"\nsql = \"SELECT 1\"\nworkgroup = \"${workgroups.w}\"\n[prepared_statements.s]\nsql = \"SELECT ?\"\nworkgroup = \"${workgroups.w}\"\n";
    world.up(tables).await;
    assert_eq!(
        world.changes("").await,
        "delete workgroups.w\ndelete queries.q\ndelete prepared_statements.s"
    );
    world.up("").await;
}

#[tokio::test]
async fn what_athena_would_refuse_is_refused_with_its_place() {
    let world = World::new().await;
    world.write("empty.sql", "\n");
    world.write("long.sql", "-".repeat(300_000));
    for (keys, says) in [
        ("", "`sql` is missing"),
        (
            "sql = \"SELECT 1\"\nfile = \"empty.sql\"",
            "both `sql` and `file` are set",
        ),
        ("file = \"empty.sql\"", "there is no SQL"),
        (
            "file = \"long.sql\"",
            "300000 bytes, and Athena takes 262144",
        ),
        ("file = \"none.sql\"", "there is no such file"),
        (
            "sql = \"SELECT 1\"\nname = \"a-b\"",
            "a prepared statement's name has 2 to 256",
        ),
    ] {
        let mistakes = world.mistakes(&format!("[prepared_statements.s]\n{keys}\n"));
        assert!(mistakes.contains(says), "{keys}\n{mistakes}");
    }
}

#[test]
fn the_mark_is_the_end_of_the_description() {
    let mark = Mark {
        stack: "films".to_owned(),
        id: "queries.top".to_owned(),
    };
    let expected = Ownership::Marked {
        stack: "films".to_owned(),
        id: "queries.top".to_owned(),
    };
    for text in ["The best ten", "", "Of [2024]"] {
        let marked = with_mark(text, &mark);
        assert_eq!(split_mark(&marked), (text, expected.clone()));
    }
    assert_eq!(split_mark("by hand"), ("by hand", Ownership::Unmarked));
}

#[test]
fn the_longest_description_leaves_room_for_the_mark() {
    let mark = Mark {
        stack: "s".repeat(32),
        id: format!("prepared_statements.{}", "i".repeat(64)),
    };
    assert!(with_mark(&"d".repeat(890), &mark).len() <= 1024);
}
