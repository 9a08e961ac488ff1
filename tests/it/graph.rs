use crate::run::machines;
use crate::world::World;

#[test]
fn a_machine_of_the_stack_is_drawn_without_a_cloud() {
    let world = World::with_example();
    insta::assert_snapshot!(world.run(&["graph", "report"]).ok(), @r"
    ▶ Query               Task      athena:startQueryExecution.sync
      First page          Task      athena:getQueryResults
      Without the header  Pass
      Each row            Map
        ▶ Report          Pass
            ■
      More?               Choice
        → Next page  if $.GetQueryResults.NextToken is present
        → Done       else
      Next page           Task      athena:getQueryResults
        → Each row
      Done                Succeed
        ■
    ");
    assert!(!world.path().join(".athglue").exists());
}

#[test]
fn a_file_is_drawn_in_every_form() {
    let world = machines();
    let mermaid = ["graph", "asl/count.asl.json", "--format", "mermaid"];
    insta::assert_snapshot!(world.run(&mermaid).ok(), @r#"
    flowchart TD
      start(( )) --> s0
      subgraph s0["Each (Map)"]
        s0b0start(( )) --> s1
        s1["Double<br/><i>Pass</i>"]
        s0b0stop((( )))
      end
      subgraph s2["Both (Parallel)"]
        subgraph s2b0[" "]
          s2b0start(( )) --> s3
          s3["Left<br/><i>Pass</i>"]
          s2b0stop((( )))
        end
        subgraph s2b1[" "]
          s2b1start(( )) --> s4
          s4["Right<br/><i>Pass</i>"]
          s2b1stop((( )))
        end
      end
      s5(["Done"])
      stop((( )))
      s0 --> s2
      s1 --> s0b0stop
      s2 --> s5
      s3 --> s2b0stop
      s4 --> s2b1stop
      s5 --> stop
    "#);
    world.run(&["graph", "count", "-o", "count.svg"]).ok();
    let svg = std::fs::read_to_string(world.path().join("count.svg")).expect("it is written");
    assert!(
        svg.starts_with("<svg ") && svg.contains(">Double</text>"),
        "{svg}"
    );
    let ran = world.run(&["graph", "count", "-o", "count.foo"]);
    assert!(
        ran.err
            .contains("count.foo says no form, and it is drawn as text"),
        "{}",
        ran.err
    );
    let ran = world.run(&["graph", "count", "-o", "count.txt"]);
    assert_eq!(ran.err, "count.txt is written.\n");
}

#[test]
fn what_is_no_machine_is_refused_by_name() {
    let world = machines();
    let ran = world.run(&["graph", "cuont"]);
    assert_eq!(ran.code, 1);
    assert!(ran.err.contains("did you mean `count`?"), "{}", ran.err);
    world.write("no.json", "{}");
    let ran = world.run(&["graph", "no.json"]);
    assert!(ran.err.contains("it has no States"), "{}", ran.err);
    let ran = world.run(&["graph", "stack.toml"]);
    assert!(
        ran.err
            .contains("stack.toml: it is no state machine's definition"),
        "{}",
        ran.err
    );
}
