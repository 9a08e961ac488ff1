use super::*;
use crate::sfn::executions::{self, Child};

fn row(name: &str, map_run: Option<&str>) -> Execution {
    Execution {
        id: 0,
        region: "eu-west-1".to_owned(),
        machine: "films".to_owned(),
        name: name.to_owned(),
        version: None,
        revision: "first".to_owned(),
        input: "{}".to_owned(),
        trace_header: None,
        started: 0,
        status: "RUNNING".to_owned(),
        stopped: None,
        output: None,
        error: None,
        cause: None,
        alias: None,
        test_case: None,
        redrives: 0,
        redriven: None,
        child: map_run.map(|arn| Child {
            map_run: arn.to_owned(),
            index: 0,
            items: 1,
        }),
    }
}

/// Whether a child of the Map Run `run` is begun that a run of its parent wants to begin.
async fn is_begun(cloud: &Cloud, name: &str, parent: Run) -> bool {
    let writer = Writer::of_new(cloud, row(name, Some("run")), parent, None, false);
    writer.flush().await.unwrap()
}

#[tokio::test]
async fn a_child_is_begun_by_the_run_that_its_map_run_is_of_and_while_that_goes_on() {
    let dir = tempfile::tempdir().unwrap();
    let cloud = Cloud::open(dir.path()).unwrap();
    let store = cloud.store();
    let parent = store
        .write(|tx| {
            let execution = executions::add(tx, store.lease(), &row("parent", None), None)?;
            tx.execute(
                "INSERT INTO sfn_map_runs (arn, region, execution, started, status, settings, progress, redrives)
                 VALUES ('run', 'eu-west-1', ?1, 0, 'RUNNING', '{}', '{}', 0)",
                [execution],
            )?;
            Ok(Run {
                execution,
                redrives: 0,
            })
        })
        .unwrap();
    assert!(is_begun(&cloud, "in time", parent).await);
    let another = Run {
        redrives: 1,
        ..parent
    };
    assert!(!is_begun(&cloud, "of another run", another).await);
    store
        .write(|tx| Ok(tx.execute("UPDATE sfn_map_runs SET status = 'ABORTED'", [])?))
        .unwrap();
    assert!(!is_begun(&cloud, "late", parent).await);
    let children: Vec<String> = store
        .read(|c| {
            Ok(executions::children(c, "run")?
                .into_iter()
                .map(|e| e.name)
                .collect())
        })
        .unwrap();
    assert_eq!(children, ["in time"]);
}
