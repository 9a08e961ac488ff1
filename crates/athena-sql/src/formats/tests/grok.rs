//! Logs that grok patterns take apart.

use super::*;

const GROK: &str = "com.amazonaws.glue.serde.GrokSerDe";

#[tokio::test]
async fn fields_of_the_pattern_are_columns_and_other_lines_are_null() {
    let columns = [
        ("loglevel", "string"),
        ("Took", "double"),
        ("gone", "string"),
        ("n", "int"),
    ];
    let world = World::new(GROK, &columns)
        .serde_parameter(
            "input.format",
            "%{LEVEL:loglevel} (%{INT:n:int} )?took %{NUMBER:took:double}",
        )
        .serde_parameter("input.grokCustomPatterns", "LEVEL (WARN|INFO)\nOTHER x");
    world.put("t/a.log", "INFO 7 took 1.5\nstack trace\n").await;
    world.put("t/b.log.gz", gzip("WARN took 2\n")).await;
    let rows = world.all().await.unwrap();
    assert_eq!(rows, ["-|-|-|-", "INFO|1.5|-|7", "WARN|2.0|-|-"]);
}

#[tokio::test]
async fn a_pattern_that_is_not_there_or_not_valid_is_said() {
    let world = World::new(GROK, &[("a", "string")]);
    let error = world.all().await.unwrap_err();
    assert!(error.message.contains("input.format"), "{error}");
    let world = world.serde_parameter("input.format", "%{NONE:a}");
    assert_eq!(
        world.all().await.unwrap_err().to_string(),
        "HIVE_INVALID_METADATA: the input.format %{NONE:a} is not valid: the pattern `NONE` is not known"
    );
}
