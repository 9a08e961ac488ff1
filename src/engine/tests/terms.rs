//! What may be done to what: lifecycle keys, `--only`, `--adopt`, `--force`, `--keep-orphans`, and
//! a plan from a file.

use super::*;
use crate::stack::Secrets;

fn fields(entries: &[(&str, Value)]) -> Fields {
    let entries = entries.iter();
    entries.map(|(k, v)| ((*k).to_owned(), v.clone())).collect()
}

fn addresses(ids: &[&str]) -> BTreeSet<Address> {
    ids.iter().map(|id| Address::new("buckets", id)).collect()
}

/// One that is there, and that nobody's mark is on.
fn unmarked(id: &str, log: &Log) -> Fake {
    Fake {
        live: Some(fields(&[("size", json!(1))])),
        desired: fields(&[("size", json!(2))]),
        ownership: Ownership::Unmarked,
        ..Fake::new(id, log)
    }
}

fn there(id: &str, log: &Log) -> Fake {
    Fake {
        live: Some(Fields::new()),
        ..Fake::new(id, log)
    }
}

/// One that has to be made anew.
fn replaced(id: &str, log: &Log) -> Fake {
    Fake {
        live: Some(fields(&[("type", json!("EXPRESS"))])),
        desired: fields(&[("type", json!("STANDARD"))]),
        ..Fake::new(id, log)
    }
}

fn with_lifecycle(mut stack: Stack, lifecycle: Lifecycle) -> Stack {
    for declared in &mut stack.resources {
        declared.lifecycle = lifecycle;
    }
    stack
}

async fn refused(stack: &Stack, cloud: &Cloud, goal: Goal, terms: &Terms) -> String {
    let error = super::super::plan(stack, cloud, goal, terms).await;
    error.expect_err("refused").to_string()
}

async fn planned(stack: &Stack, cloud: &Cloud, goal: Goal, terms: &Terms) -> Plan {
    let planned = super::super::plan(stack, cloud, goal, terms).await;
    planned.expect("a plan")
}

fn only(ids: &[&str]) -> Terms {
    Terms {
        only: addresses(ids),
        ..Terms::default()
    }
}

#[tokio::test]
async fn what_is_protected_is_neither_deleted_nor_replaced() {
    let (_folder, cloud) = cloud().await;
    let log = Log::default();
    let protected = Lifecycle {
        prevent_destroy: true,
        ..Lifecycle::default()
    };
    let stack = with_lifecycle(chain(vec![replaced("a", &log)]), protected);
    let terms = Terms::default();
    insta::assert_snapshot!(refused(&stack, &cloud, Goal::Up, &terms).await, @r"
    buckets.a: `a` would be replaced: type cannot change in place
      help: take `prevent_destroy` out of its table first
    ");
    insta::assert_snapshot!(refused(&stack, &cloud, Goal::Destroy, &terms).await, @r"
    buckets.a: `a` would be deleted
      help: take `prevent_destroy` out of its table first
    ");
}

#[tokio::test]
async fn what_holds_data_is_replaced_only_if_the_user_gave_it_up() {
    let (_folder, cloud) = cloud().await;
    let log = Log::default();
    let full = || Fake {
        holds: Some("it holds 3 objects"),
        ..replaced("a", &log)
    };
    let stack = chain(vec![full()]);
    insta::assert_snapshot!(refused(&stack, &cloud, Goal::Up, &Terms::default()).await, @r"
    buckets.a: `a` has to be replaced: type cannot change in place; it holds 3 objects
      help: --force buckets.a gives that up, and so does `force_destroy = true`
    ");
    let forced = Terms {
        force: addresses(&["a"]),
        ..Terms::default()
    };
    let plan = planned(&stack, &cloud, Goal::Up, &forced).await;
    assert_eq!(plan.changes[0].action, Action::Replace);
    assert!(plan.changes[0].force);
    let given_up = Lifecycle {
        force_destroy: true,
        ..Lifecycle::default()
    };
    let stack = with_lifecycle(chain(vec![full()]), given_up);
    let plan = planned(&stack, &cloud, Goal::Destroy, &Terms::default()).await;
    assert_eq!(plan.changes[0].action, Action::Delete);
    assert_eq!(
        plan.changes[0].reason.as_deref(),
        Some("it holds 3 objects; its data goes too")
    );
}

#[tokio::test]
async fn what_the_service_never_deletes_is_left_without_force_and_says_so() {
    let (_folder, cloud) = cloud().await;
    let log = Log::default();
    let reason = "it stays, as nobody can delete it";
    let stack = || {
        chain(vec![Fake {
            stays: Some(reason),
            ..there("a", &log)
        }])
    };
    for force in [addresses(&[]), addresses(&["a"])] {
        let terms = Terms {
            force,
            ..Terms::default()
        };
        let planned = planned(&stack(), &cloud, Goal::Destroy, &terms).await;
        assert_eq!(planned.changes[0].action, Action::Delete);
        assert_eq!(planned.changes[0].reason.as_deref(), Some(reason));
    }
}

#[tokio::test]
async fn what_an_earlier_destroy_took_holds_nothing_any_more() {
    let (_folder, cloud) = cloud().await;
    let log = Log::default();
    let crawl = Fact::Crawl {
        database: "lake".to_owned(),
        paths: vec!["s3://lake/".to_owned()],
    };
    let database = || Fake {
        holds: Some("it holds a table that is not of this stack: songs"),
        held_by: Some(crawl.clone()),
        ..there("a", &log)
    };
    let crawler = || Fake {
        facts: vec![crawl.clone()],
        ..Fake::new("b", &log)
    };
    // The crawler of the table that is in the database is gone already.
    let stack = chain(vec![database(), crawler()]);
    let left = planned(&stack, &cloud, Goal::Destroy, &Terms::default()).await;
    assert_eq!(left.changes[0].action, Action::Delete, "{left:#?}");
    // Of a crawler that the stack never had, nothing is known.
    let stack = chain(vec![database()]);
    let left = planned(&stack, &cloud, Goal::Destroy, &Terms::default()).await;
    assert_eq!(left.changes[0].action, Action::Keep, "{left:#?}");
}

#[tokio::test]
async fn what_nobody_marked_is_taken_over_only_if_it_is_said() {
    let (_folder, cloud) = cloud().await;
    let log = Log::default();
    let stack = chain(vec![unmarked("a", &log)]);
    insta::assert_snapshot!(refused(&stack, &cloud, Goal::Up, &Terms::default()).await, @r"
    buckets.a: `a` exists already and was not made by this stack
      help: give this one another `name`, or take the other over with `adopt = true` or --adopt buckets.a
    ");
    let terms = Terms {
        adopt: addresses(&["a"]),
        ..Terms::default()
    };
    let plan = planned(&stack, &cloud, Goal::Up, &terms).await;
    assert_eq!(plan.changes[0].action, Action::Adopt);
    assert_eq!(plan.summary.adopt, 1);
    let outcome = apply(&plan, &cloud, 8, &(), &Stop::default()).await;
    assert!(outcome.is_complete());
    // The mark is written with it.
    let done = log.lock().expect("no panic").join(", ");
    assert_eq!(done, format!("update {ID_TAG},size of a"));
}

#[tokio::test]
async fn what_another_stack_marked_is_never_taken_over() {
    let (_folder, cloud) = cloud().await;
    let log = Log::default();
    let other = Fake {
        ownership: Ownership::Marked {
            stack: "songs".to_owned(),
            id: "buckets.a".to_owned(),
        },
        ..unmarked("a", &log)
    };
    let adopts = Lifecycle {
        adopt: true,
        ..Lifecycle::default()
    };
    let stack = with_lifecycle(chain(vec![other]), adopts);
    let refused = refused(&stack, &cloud, Goal::Up, &Terms::default()).await;
    assert!(
        refused.contains("belongs to the stack `songs`"),
        "{refused}"
    );
}

#[tokio::test]
async fn what_would_have_to_be_replaced_is_not_taken_over() {
    let (_folder, cloud) = cloud().await;
    let log = Log::default();
    let fake = Fake {
        ownership: Ownership::Unmarked,
        ..replaced("a", &log)
    };
    let terms = Terms {
        adopt: addresses(&["a"]),
        ..Terms::default()
    };
    let refused = refused(&chain(vec![fake]), &cloud, Goal::Up, &terms).await;
    insta::assert_snapshot!(refused, @r"
    buckets.a: `a` cannot be taken over: type cannot change in place
      help: write these fields as they are there
    ");
}

#[tokio::test]
async fn only_means_up_with_what_it_depends_on_and_destroy_with_what_depends_on_it() {
    let (_folder, cloud) = cloud().await;
    let log = Log::default();
    let ids = |plan: &Plan| -> Vec<String> {
        plan.changes.iter().map(|c| c.address.id.clone()).collect()
    };
    let stack = chain(["a", "b", "c"].map(|id| there(id, &log)).into());
    let up = planned(&stack, &cloud, Goal::Up, &only(&["b"])).await;
    assert_eq!(ids(&up), ["a", "b"]);
    let destroy = planned(&stack, &cloud, Goal::Destroy, &only(&["b"])).await;
    assert_eq!(ids(&destroy), ["b", "c"]);
    let refused = refused(&stack, &cloud, Goal::Up, &only(&["bb"])).await;
    assert!(
        refused.starts_with("buckets.bb: the stack has no such resource"),
        "{refused}"
    );
}

#[tokio::test]
async fn orphans_stay_if_the_user_says_so() {
    let (folder, cloud) = cloud().await;
    go(&storage(folder.path(), STORAGE), &cloud, &Goal::Up).await;
    let smaller = storage(folder.path(), "[stack]\nname = \"films\"\n[buckets.data]\n");
    let terms = Terms {
        keep_orphans: true,
        ..Terms::default()
    };
    let plan = planned(&smaller, &cloud, Goal::Up, &terms).await;
    let role = plan.changes.iter().find(|c| c.orphan).expect("an orphan");
    assert_eq!(role.action, Action::Keep);
    assert_eq!(role.reason.as_deref(), Some("no longer in stack.toml"));
}

#[tokio::test]
async fn one_that_got_another_name_is_replaced_and_says_by_what() {
    let (folder, cloud) = cloud().await;
    let text = "[stack]\nname = \"films\"\n[buckets.data]\n";
    go(&storage(folder.path(), text), &cloud, &Goal::Up).await;
    let renamed = storage(folder.path(), &format!("{text}name = \"other-bucket\"\n"));
    let plan = planned(&renamed, &cloud, Goal::Up, &Terms::default()).await;
    let actions: Vec<Action> = plan.changes.iter().map(|c| c.action).collect();
    assert_eq!(actions, [Action::Replace]);
    insta::assert_snapshot!(plan.changes[0].reason.as_deref().unwrap_or_default(), @"name cannot change in place: the new one is made, and `films-data-000000000000` deleted when all else is done");
    let field = &plan.changes[0].fields[0];
    assert!(field.replaces);
    assert_eq!(
        (field.path.as_str(), &field.old, &field.new),
        (
            "name",
            &json!("films-data-000000000000"),
            &json!("other-bucket")
        )
    );
    let protected = Lifecycle {
        prevent_destroy: true,
        ..Lifecycle::default()
    };
    let protected = with_lifecycle(renamed, protected);
    let refused = refused(&protected, &cloud, Goal::Up, &Terms::default()).await;
    assert!(refused.contains("would be deleted"), "{refused}");
}

#[tokio::test]
async fn a_secret_is_in_no_plan() {
    let (_folder, cloud) = cloud().await;
    let log = Log::default();
    let fake = Fake {
        desired: fields(&[("secret.key", json!("tiger")), ("secrets", json!("shown"))]),
        live: Some(fields(&[("secret.key", json!("lion"))])),
        ..Fake::new("a", &log)
    };
    let plan = planned(&chain(vec![fake]), &cloud, Goal::Up, &Terms::default()).await;
    let text = serde_json::to_string(&plan).expect("JSON");
    let saved = Saved::of(&plan, &Secrets::default(), &Terms::default()).expect("it is saved");
    let text = text + &saved.to_text().expect("JSON");
    assert!(!text.contains("tiger") && !text.contains("lion"), "{text}");
    assert!(text.contains("***") && text.contains("shown"), "{text}");
}

#[tokio::test]
async fn a_sensitive_value_is_in_no_plan_nor_what_it_was_before() {
    let (_folder, cloud) = cloud().await;
    let log = Log::default();
    let long = "x".repeat(100);
    let fake = Fake {
        desired: fields(&[("tags", json!({"token": format!("tiger-{long}"), "of": "a"}))]),
        live: Some(fields(&[("tags", json!({"token": "lion", "of": "b"}))])),
        ..Fake::new("a", &log)
    };
    let mut stack = chain(vec![fake]);
    stack.secrets = Secrets::new(vec![format!("tiger-{long}")]);
    let planned = planned(&stack, &cloud, Goal::Up, &Terms::default()).await;
    let field = &planned.changes[0].fields[0];
    assert_eq!(field.new, json!({"token": "(sensitive)", "of": "a"}));
    assert_eq!(field.old, json!({"token": "(sensitive)", "of": "b"}));
}

#[tokio::test]
async fn nobody_who_guesses_a_secret_can_try_it_on_a_saved_plan() {
    let (_folder, cloud) = cloud().await;
    let log = Log::default();
    let saved = async |secret: &str, before: &str| {
        let fake = Fake {
            desired: fields(&[
                ("secret.key", json!(secret)),
                (
                    "tags",
                    json!({"token": format!("of {secret}"), "team": "a"}),
                ),
                ("list", json!([secret])),
            ]),
            live: Some(fields(&[
                ("secret.key", json!(before)),
                (
                    "tags",
                    json!({"token": format!("of {before}"), "team": "b"}),
                ),
                ("list", json!([before])),
            ])),
            ..Fake::new("a", &log)
        };
        let mut stack = chain(vec![fake]);
        stack.secrets = Secrets::new(vec![secret.to_owned()]);
        let plan = planned(&stack, &cloud, Goal::Up, &Terms::default()).await;
        let saved = Saved::of(&plan, &stack.secrets, &Terms::default()).expect("it is saved");
        (saved, plan, stack)
    };
    let (tiger, ..) = saved("tiger", "lion").await;
    let (bear, plan, stack) = saved("bear", "wolf").await;
    // Whatever the secrets are and were, the file is the same.
    let text = |saved: &Saved| saved.to_text().expect("JSON");
    assert_eq!(text(&tiger), text(&bear));
    assert_eq!(tiger.moved(&plan, &stack.secrets).expect("JSON"), []);
    // What is to be done is not, where one is set already.
    let (_, plan, stack) = saved("bear", "bear").await;
    let moved = tiger.moved(&plan, &stack.secrets).expect("JSON");
    assert_eq!(moved.len(), 1, "{moved:?}");
    assert_eq!(moved[0].what, "buckets.a");
}

#[tokio::test]
async fn a_saved_plan_holds_until_something_moves() {
    let (_folder, cloud) = cloud().await;
    let log = Log::default();
    let state = |size: i32, live: i32, holds| {
        let fake = Fake {
            desired: fields(&[("size", json!(size))]),
            live: Some(fields(&[("size", json!(live)), ("seen", json!(live))])),
            ..Fake::new("a", &log)
        };
        let full = Fake {
            holds,
            ..replaced("b", &log)
        };
        let given_up = Lifecycle {
            force_destroy: true,
            ..Lifecycle::default()
        };
        with_lifecycle(chain(vec![fake, full]), given_up)
    };
    let plan_of = async |stack: Stack| planned(&stack, &cloud, Goal::Up, &Terms::default()).await;
    let plan = plan_of(state(2, 1, None)).await;
    let none = Secrets::default();
    let text = Saved::of(&plan, &none, &Terms::default()).and_then(|saved| saved.to_text());
    let saved = Saved::from_text(&text.expect("JSON")).expect("a saved plan");
    let moved = async |stack| {
        let moved = saved.moved(&plan_of(stack).await, &none).expect("JSON");
        let lines = moved.iter().map(|m| format!("{}: {}", m.what, m.how));
        lines.collect::<Vec<_>>().join("\n")
    };
    assert_eq!(moved(state(2, 1, None)).await, "");
    assert_eq!(
        moved(state(3, 1, None)).await,
        "buckets.a: size changed in stack.toml"
    );
    assert_eq!(
        moved(state(2, 7, None)).await,
        "buckets.a: size changed where it is"
    );
    let mut gone = state(2, 1, None);
    gone.resources.pop();
    assert_eq!(moved(gone).await, "buckets.b: is no longer in stack.toml");
}

#[tokio::test]
async fn data_that_came_since_a_plan_was_saved_is_not_deleted_by_it() {
    let (folder, cloud) = cloud().await;
    let text = "[stack]\nname = \"films\"\n";
    let full = storage(folder.path(), &format!("{text}[buckets.data]\n"));
    go(&full, &cloud, &Goal::Up).await;
    let empty = storage(folder.path(), text);
    let terms = Terms::default();
    let plan = planned(&empty, &cloud, Goal::Up, &terms).await;
    assert_eq!(plan.summary.delete, 1);
    let saved = Saved::of(&plan, &empty.secrets, &terms).expect("it is saved");
    let put = cloud.s3.put_object().bucket("films-data-000000000000");
    put.key("mine").send().await.expect("put");
    let now = planned(&empty, &cloud, Goal::Up, &terms).await;
    let moved = saved.moved(&now, &empty.secrets).expect("JSON");
    assert_eq!(moved[0].what, "buckets.data");
    assert_eq!(moved[0].how, "was to delete, and would now keep");
}

#[tokio::test]
async fn a_file_that_is_no_saved_plan_is_refused() {
    let error = Saved::from_text("{}").expect_err("refused").to_string();
    assert!(error.starts_with("this is no saved plan"), "{error}");
    let newer = Saved::from_text("{\"version\": 99}").expect_err("refused");
    let newer = newer.to_string();
    assert!(newer.contains("version 99"), "{newer}");
}
