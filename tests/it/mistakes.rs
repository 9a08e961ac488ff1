use crate::world::World;

#[test]
fn every_mistake_of_a_stack_is_shown_with_its_place() {
    let world = World::with_stack(
        r#"[stack]
name = "films"

[buckets.data]
name = "Data"

[crawlers.films]
databse = "lake"
paths = ["s3://${buckets.dat}/"]
schedule = "cron(0 3 * *)"
"#,
    );
    let ran = world.run(&["validate"]);
    assert_eq!(ran.code, 1);
    assert_eq!(ran.out, "");
    insta::assert_snapshot!(ran.err);
}

#[test]
fn a_missing_stack_tells_the_way_out() {
    let world = World::new();
    let ran = world.run(&["plan"]);
    assert_eq!(ran.code, 1);
    insta::assert_snapshot!(ran.err, @"");
}

#[test]
fn wrong_usage_exits_with_2() {
    let world = World::new();
    assert_eq!(world.run(&["plan", "--parallel"]).code, 2);
    assert_eq!(world.run(&["crwal"]).code, 2);
    assert_eq!(world.run(&["query"]).code, 2);
}
