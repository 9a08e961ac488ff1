//! What a `ResultWriter` leaves of a Map Run that failed, and of one that was redriven.

use asl::{Outcome, RecordedChild};
use chrono::{DateTime, TimeDelta};
use serde_json::{Value, json};

use crate::map_run::{Lake, bad, child, redrive, run};

fn writer() -> Value {
    json!({"MaxConcurrency": 1, "ResultWriter": {"Resource": "arn:aws:states:::s3:putObject",
        "Parameters": {"Bucket": "lake", "Prefix": "out"}}})
}

/// The records of a file, which is told of in the manifest with its size.
fn records(lake: &Lake, kind: &str) -> Vec<Value> {
    let written = lake.written.lock().unwrap();
    let (place, manifest) = written.last().unwrap();
    assert!(place.ends_with("/manifest.json"), "{place}");
    let manifest: Value = serde_json::from_str(manifest).unwrap();
    let told = manifest["ResultFiles"][kind].as_array().unwrap();
    let [file] = &told[..] else {
        assert_eq!(told.len(), 0, "{manifest}");
        return Vec::new();
    };
    let key = file["Key"].as_str().unwrap();
    assert_eq!(*key, place.replace("manifest", &format!("{kind}_0")));
    let (_, body) = written.iter().find(|(written, _)| written == key).unwrap();
    assert_eq!(file["Size"], body.len());
    serde_json::from_str(body).unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_map_run_that_failed_leaves_its_results_and_what_was_not_started() {
    let lake = Lake::default();
    let input = json!([{"n": 1}, {"bad": 2}, {"n": 3}, {"n": 4}]);
    let (outcome, _) = run(writer(), input, &lake).await;
    assert!(
        matches!(&outcome, Outcome::Failed { error: Some(error), .. } if error == "States.ExceedToleratedFailureThreshold"),
        "{outcome:?}"
    );
    let succeeded = records(&lake, "SUCCEEDED");
    assert_eq!(succeeded.len(), 1);
    assert_eq!(succeeded[0]["Output"], "{\"n\":1}");
    let failed = records(&lake, "FAILED");
    assert_eq!(failed.len(), 1);
    assert_eq!(
        (&failed[0]["Input"], &failed[0]["Error"]),
        (&json!("{\"bad\":2}"), &json!("Bad"))
    );
    let pending = |n: u32| {
        let input = json!({"n": n}).to_string();
        json!({"Input": input, "InputDetails": {"Included": true}, "Status": "PENDING"})
    };
    assert_eq!(records(&lake, "PENDING"), [pending(3), pending(4)]);
    let progress = lake.progress.lock().unwrap();
    let last = progress.last().unwrap();
    assert_eq!(
        (last.items.results_written, last.executions.results_written),
        (2, 2)
    );
}

#[tokio::test(start_paused = true)]
async fn a_child_that_ran_when_its_map_run_failed_is_told_as_aborted() {
    let lake = Lake::default();
    let mut fields = writer();
    fields["MaxConcurrency"] = json!(2);
    run(fields, json!([{"bad": 1}, {"n": 2}]), &lake).await;
    let failed = records(&lake, "FAILED");
    let told: Vec<_> = failed
        .iter()
        .map(|record| (&record["Status"], &record["Input"]))
        .collect();
    let expected = [("FAILED", "{\"bad\":1}"), ("ABORTED", "{\"n\":2}")]
        .map(|(status, input)| (json!(status), json!(input)));
    assert_eq!(
        told,
        expected.each_ref().map(|(status, input)| (status, input))
    );
    assert!(records(&lake, "SUCCEEDED").is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_redrive_has_a_folder_of_its_own_and_children_the_times_that_they_ended_at() {
    let input = json!([{"n": 1}, {"bad": 2}, {"bad": 3}, {"n": 4}]);
    let first = Lake::default();
    let (_, events) = run(writer(), input.clone(), &first).await;
    let after = |seconds| Some(DateTime::UNIX_EPOCH + TimeDelta::seconds(seconds));
    let failed = |index, seconds| RecordedChild {
        outcome: bad(),
        stop_time: after(seconds),
        ..child(index)
    };
    let lake = Lake::with_recorded(vec![
        RecordedChild {
            outcome: Some(Outcome::Succeeded {
                output: json!({"n": 1}),
            }),
            stop_time: after(5),
            ..child(0)
        },
        failed(1, 6),
        failed(2, 7),
    ]);
    let events = events.into_iter().map(Into::into).collect();
    redrive(&writer(), &input, events, &lake, 1).await;
    let folder = |lake: &Lake| {
        let written = lake.written.lock().unwrap();
        written[0].0.rsplit_once('/').unwrap().0.to_owned()
    };
    assert_eq!(folder(&lake), format!("{}/Redrive-1", folder(&first)));
    let succeeded = records(&lake, "SUCCEEDED");
    assert_eq!(succeeded[0]["StopDate"], "1970-01-01T00:00:05.000Z");
    let failed = records(&lake, "FAILED");
    assert_eq!(failed.len(), 2);
    assert_eq!(failed[0]["RedriveCount"], 1);
    // The second failure ended the Map Run before the third child had its turn.
    assert_eq!(failed[1]["RedriveCount"], 0);
    assert_eq!(failed[1]["StopDate"], "1970-01-01T00:00:07.000Z");
    assert_eq!(records(&lake, "PENDING").len(), 1);
}
