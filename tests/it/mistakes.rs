use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::world::{Ran, SMALL, World};

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
    insta::assert_snapshot!(ran.err, @r#"
    error: `name`: `Data` is not valid
     --> stack.toml:5:8
      |
    5 | name = "Data"
      |        ^^^^^^ a bucket's name is made of a-z, 0-9, `.` and `-`, and starts and ends with a letter or digit

    error: unknown key `databse`
     --> stack.toml:8:1
      |
    8 | databse = "lake"
      | ^^^^^^^ [crawlers.films] has no such key
      |
    help: did you mean `database`?

    error: there is no `buckets.dat`
     --> stack.toml:9:16
      |
    9 | paths = ["s3://${buckets.dat}/"]
      |                ^^^^^^^^^^^^^^ refers to nothing
      |
    help: did you mean `buckets.data`?

    error: `schedule`: `cron(0 3 * *)` is not valid
      --> stack.toml:10:12
       |
    10 | schedule = "cron(0 3 * *)"
       |            ^^^^^^^^^^^^^^^ a schedule has six fields, this one has 4: MINUTE HOUR DAY MONTH WEEKDAY YEAR
    "#);
}

#[test]
fn a_missing_stack_tells_the_way_out() {
    let world = World::new();
    let ran = world.run(&["plan"]);
    assert_eq!(ran.code, 1);
    insta::assert_snapshot!(ran.err, @r"
    error: there is no stack.toml
      help: `athglue init` writes one, `-C PATH` names another
    ");
}

#[test]
fn a_missing_stack_of_another_folder_is_made_there() {
    let world = World::new();
    std::fs::create_dir(world.path().join("lake")).expect("a folder");
    insta::assert_snapshot!(world.run(&["-C", "lake", "plan"]).err, @r"
    error: there is no lake/stack.toml
      help: `athglue init lake` writes one, `-C PATH` names another
    ");
    insta::assert_snapshot!(world.run(&["-C", "lakes", "up", "--yes"]).err, @r"
    error: there is no lakes, neither a folder nor a file
      help: `athglue init lakes` writes one, `-C PATH` names another
    ");
    // From a folder of a stack, its file is named.
    world.write("stack.toml", "[stack]\nname = \"lake\"\n");
    let mut command = world.command(&["status"]);
    let ran = Ran::of(
        command
            .current_dir(world.path().join("lake"))
            .output()
            .expect("it runs"),
    );
    assert_eq!(ran.code, 1);
    insta::assert_snapshot!(ran.err, @r"
    error: there is no stack.toml
      help: `athglue init` writes one, `-C ..` takes the one above
    ");
}

#[test]
fn an_empty_stack_tells_how_to_begin_and_init_begins_there() {
    let world = World::with_stack("");
    let said = world.run(&["plan"]).err;
    insta::assert_snapshot!(said, @r#"
    error: stack.toml says nothing yet
    help: `athglue init` writes one to start from, `-C PATH` names another; or begin with
          [stack]
          name = "films"
    "#);
    for command in [&["plan"][..], &["up", "--yes"], &["validate"], &["status"]] {
        let ran = world.run(command);
        assert_eq!((ran.code, &ran.err), (1, &said), "{command:?}");
    }
    world.write("stack.toml", "# Later.\n");
    insta::assert_snapshot!(world.run(&["plan"]).err, @r#"
    error: stack.toml says nothing yet
     --> stack.toml:1:1
      |
    1 | # Later.
      | ^ nothing but comments
      |
    help: `athglue init` writes one to start from, `-C PATH` names another; or begin with
          [stack]
          name = "films"
    "#);
    // What says something is not written over.
    assert_eq!(world.run(&["init"]).code, 1);
    world.write("stack.toml", "\n");
    world.run(&["init"]).ok();
    world.run(&["plan"]).ok();
}

#[test]
fn what_is_named_and_is_not_what_it_should_be_says_what_would_do() {
    let world = World::with_example();
    for policy in [&["policy"][..], &["policy", "check"]] {
        let said = world.run(&[policy, &["crawlers.eart"]].concat()).err;
        let expected = "error: there is no `crawlers.eart` in stack.toml\n  help: did you mean crawlers.earth?\n";
        assert_eq!(said, expected);
    }
    insta::assert_snapshot!(world.run(&["up", "--yes", "stack.toml"]).err, @r"
    error: cannot use stack.toml as a plan: this is no saved plan: expected value at line 1 column 1
      help: `athglue plan --save FILE` writes one; -C names the stack
    ");
    insta::assert_snapshot!(world.run(&["up", "--yes", "monday.plan"]).err, @r"
    error: cannot use monday.plan as a plan: No such file or directory (os error 2)
      help: `athglue plan --save FILE` writes one; -C names the stack
    ");
    insta::assert_snapshot!(world.run(&["up", "--yes", "buckets.data"]).err, @r"
    error: cannot use buckets.data as a plan: No such file or directory (os error 2)
      help: --only buckets.data brings up this one, and what it depends on
    ");
    world.write("file", "");
    insta::assert_snapshot!(world.run(&["plan", "--data-dir", "file"]).err, @r"
    error: cannot open the embedded cloud in file: cannot use the folder file: Not a directory (os error 20)
      help: it needs a folder that it can write to; --data-dir names another
    ");
}

#[test]
fn a_plan_is_saved_over_no_file_that_is_none() {
    let world = World::with_stack(SMALL);
    let saved = world.run(&["plan", "--save", "stack.toml"]);
    assert_eq!(saved.code, 1);
    insta::assert_snapshot!(saved.err, @r"
    error: stack.toml is there already and is no saved plan: it was left as it is
      help: --save another file
    ");
    assert_eq!(
        std::fs::read_to_string(world.path().join("stack.toml")).expect("it"),
        SMALL
    );
    for _ in 0..2 {
        world.run(&["plan", "--save", "monday.plan"]).ok();
    }
}

#[test]
fn wrong_usage_exits_with_2() {
    let world = World::new();
    assert_eq!(world.run(&["plan", "--parallel"]).code, 2);
    assert_eq!(world.run(&["crwal"]).code, 2);
    assert_eq!(world.run(&["query"]).code, 2);
}

#[test]
fn what_is_in_the_file_and_not_up_yet_is_said_to_be_so() {
    let world = World::with_example();
    for command in [["run", "report"], ["crawl", "earth"], ["query", "@rain"]] {
        let ran = world.run(&command);
        assert_eq!(ran.code, 1);
        let help = "help: `athglue up` makes it";
        assert!(ran.err.contains(help), "{command:?}: {}", ran.err);
    }
    let ran = world.run(&["run", "reprot"]);
    assert!(ran.err.contains("did you mean `report`?"), "{}", ran.err);
}

#[test]
fn without_a_terminal_nobody_is_asked_and_nothing_is_done() {
    let world = World::with_stack(crate::world::SMALL);
    let ran = world.run(&["up"]);
    assert_eq!(ran.code, 1);
    insta::assert_snapshot!(ran.err, @r"
    error: nobody can be asked here, where there is no terminal: Change this on local?
      help: --yes says yes beforehand
    ");
    assert_eq!(world.run(&["plan", "--detailed-exitcode"]).code, 2);
}

#[test]
fn a_role_of_the_name_that_is_derived_for_another_is_refused() {
    let world = World::with_stack(
        r#"[stack]
name = "films"
region = "eu-west-1"

[databases.lake]

[crawlers.a]
database = "${databases.lake}"
paths = ["s3://films/"]

[roles.A-crawler]
trust = ["glue.amazonaws.com"]
"#,
    );
    let ran = world.run(&["validate"]);
    assert_eq!(ran.code, 1);
    insta::assert_snapshot!(ran.err, @r"
    error: `crawlers.a.role` and `roles.A-crawler` are both named `films-A-crawler`
      --> stack.toml:11:8
       |
    11 | [roles.A-crawler]
       |        ^^^^^^^^^ the same name twice
       |
    help: give one of them another `name`
    ");
}

#[test]
fn a_target_that_nobody_answers_for_is_asked_a_few_times_only() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let target = format!("http://{}", listener.local_addr().expect("an address"));
    let asked = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&asked);
    std::thread::spawn(move || {
        // Each connection is closed without an answer.
        for _ in listener.incoming() {
            counter.fetch_add(1, Ordering::Relaxed);
        }
    });
    let world = World::with_stack(crate::world::SMALL);
    let ran = world.run(&["plan", "--target", &target]);
    assert_eq!(ran.code, 1);
    assert!(
        ran.err.contains("cannot find out the account"),
        "{}",
        ran.err
    );
    assert!(
        ran.err.contains("look at the network and at --target"),
        "{}",
        ran.err
    );
    assert_eq!(asked.load(Ordering::Relaxed), 3, "{}", ran.err);
}

#[test]
fn a_stack_is_called_as_its_folder_so_that_two_are_two() {
    let world = World::new();
    for (folder, name) in [("Films 2024", "films-2024"), ("a/b", "b"), ("42", "lake")] {
        let init = world.run(&["init", folder]);
        assert!(init.err.contains("Next: cd "), "{}", init.err);
        init.ok();
        let stack = std::fs::read_to_string(world.path().join(folder).join("stack.toml"));
        let stack = stack.expect("it was written");
        assert!(stack.contains(&format!("name = \"{name}\"")), "{stack}");
        world.run(&["plan", "-C", folder]).ok();
    }
}

#[test]
fn an_endpoint_of_the_environment_where_nobody_answers_is_named() {
    let world = World::with_stack("[stack]\nname = \"x\"\nregion = \"eu-west-1\"\n[buckets.b]\n");
    let mut plan = world.command(&["plan"]);
    plan.env("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
        .env("AWS_ACCESS_KEY_ID", "a")
        .env("AWS_SECRET_ACCESS_KEY", "b");
    let ran = Ran::of(plan.output().expect("the binary runs"));
    assert_eq!(ran.code, 1);
    let help = "help: AWS_ENDPOINT_URL names http://127.0.0.1:9: start what is to answer there";
    assert!(ran.err.contains(help), "{}", ran.err);
}

#[test]
fn a_store_that_is_damaged_names_the_way_out() {
    let world = World::with_stack("[stack]\nname = \"x\"\nregion = \"eu-west-1\"\n[buckets.b]\n");
    world.run(&["up", "--yes"]).ok();
    let store = world.path().join(".athglue/cloud.sqlite");
    std::fs::write(&store, vec![7; 50_000]).expect("it is writable");
    for log in ["cloud.sqlite-wal", "cloud.sqlite-shm"] {
        let _ = std::fs::remove_file(world.path().join(".athglue").join(log));
    }
    let ran = world.run(&["plan"]);
    assert_eq!(ran.code, 1);
    assert!(ran.err.contains("athglue local reset"), "{}", ran.err);
}
