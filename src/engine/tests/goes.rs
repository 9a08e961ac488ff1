//! How a plan is carried out when others are at work, or when it is stopped.

use std::time::Duration;

use super::*;

#[tokio::test]
async fn what_another_up_made_first_is_taken_and_made_as_it_is_wanted() {
    let (_folder, cloud) = cloud().await;
    let log = Log::default();
    let size = |size: i32| Fields::from([("size".to_owned(), json!(size))]);
    let raced = |ownership| Fake {
        desired: size(2),
        raced: Some(size(1)),
        ownership,
        ..Fake::new("a", &log)
    };
    let marked = |stack: &str| Ownership::Marked {
        stack: stack.to_owned(),
        id: "buckets.a".to_owned(),
    };
    let outcome = go(&chain(vec![raced(marked("films"))]), &cloud, &Goal::Up).await;
    assert!(outcome.is_complete(), "{outcome:?}");
    let done = log.lock().expect("no panic").join(", ");
    assert_eq!(done, "create a, update size of a");

    log.lock().expect("no panic").clear();
    let outcome = go(&chain(vec![raced(marked("songs"))]), &cloud, &Goal::Up).await;
    assert_eq!(
        outcome.failed[0].error.code.as_deref(),
        Some("AlreadyExistsException")
    );
}

#[tokio::test]
async fn what_somebody_else_deleted_first_is_deleted() {
    let (_folder, cloud) = cloud().await;
    let log = Log::default();
    let fake = Fake {
        live: Some(Fields::new()),
        vanishes: true,
        ..Fake::new("a", &log)
    };
    let outcome = go(&chain(vec![fake]), &cloud, &Goal::Destroy).await;
    assert!(outcome.is_complete(), "{outcome:?}");
}

#[tokio::test]
async fn what_somebody_else_deletes_while_it_is_read_is_not_there() {
    let (_folder, cloud) = cloud().await;
    let fake = Fake {
        goes_while_read: AtomicBool::new(true),
        ..Fake::new("a", &Log::default())
    };
    let planned = plan(&chain(vec![fake]), &cloud, &Goal::Destroy).await;
    assert!(planned.expect("a plan").is_empty());
}

#[tokio::test]
async fn stopped_twice_it_says_what_was_in_the_middle_and_what_was_not_begun() {
    let (_folder, cloud) = cloud().await;
    let log = Log::default();
    let slow = speed::Slow::new("a", Duration::from_mins(5));
    let mut stack = chain(vec![Fake::new("b", &log), Fake::new("c", &log)]);
    stack.resources.insert(0, slow.declared(&[]));
    stack.resources[1]
        .depends_on
        .insert(Address::new("buckets", "a"));
    let plan = plan(&stack, &cloud, &Goal::Up).await.expect("a plan");
    let stop = Stop::default();
    let stopping = async {
        tokio::time::sleep(Duration::from_millis(20)).await;
        stop.ask();
        stop.ask();
    };
    let (outcome, ()) = tokio::join!(apply(&plan, &cloud, 8, &(), &stop), stopping);
    assert!(outcome.stopped);
    let skipped: Vec<String> = outcome
        .skipped
        .iter()
        .map(|s| format!("{}: {}", s.address, s.because))
        .collect();
    assert_eq!(
        skipped,
        [
            "buckets.a: stopped in the middle of it",
            "buckets.b: stopped",
            "buckets.c: stopped"
        ]
    );
}
