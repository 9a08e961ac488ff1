//! Tables of JSON, by both SerDes and their properties.

use super::World;

const OPENX: &str = "org.openx.data.jsonserde.JsonSerDe";
const HIVE: &str = "org.apache.hive.hcatalog.data.JsonSerDe";

async fn table(serde: &str, columns: &[(&str, &str)], lines: &str) -> World {
    let world = World::new(serde, columns);
    world.put("t/f", lines).await;
    world
}

async fn error(world: &World) -> String {
    world.all().await.unwrap_err().to_string()
}

#[tokio::test]
async fn json_that_is_none_fails_unless_it_is_ignored() {
    let columns = [("id", "int"), ("tags", "array<string>")];
    let lines = "{\"ID\": 1, \"tags\": [\"a\"]}\n{nonsense\n";
    let world = table(OPENX, &columns, lines).await;
    assert_eq!(
        error(&world).await,
        "HIVE_CURSOR_ERROR: Row is not a valid JSON Object - JSONException: \
         Expected a ':' after a key at 10 [character 11 line 1]"
    );
    let world = world.serde_parameter("ignore.malformed.json", "true");
    assert_eq!(world.all().await.unwrap(), ["-|-", "1|[a]"]);
}

#[tokio::test]
async fn openx_forgives_what_org_json_forgives() {
    let columns = [("name", "string"), ("daylength", "double")];
    let lines = "{name:\"Mercury\",dayLength:58.65}\n{'name':'Venus','dayLength':\"243.02\",}\n";
    let world = table(OPENX, &columns, lines).await;
    let rows = world.all().await.unwrap();
    assert_eq!(rows, ["Mercury|58.65", "Venus|243.02"]);
    let world = table(HIVE, &columns, lines).await;
    assert!(
        error(&world)
            .await
            .starts_with("HIVE_CURSOR_ERROR: JsonParseException: ")
    );
}

#[tokio::test]
async fn openx_makes_a_row_of_nulls_of_a_line_without_an_object() {
    let world = table(OPENX, &[("id", "int")], "{\"id\":1} and more\n\ntext\n").await;
    assert_eq!(world.all().await.unwrap(), ["-", "-", "1"]);
}

#[tokio::test]
async fn a_key_that_is_there_twice_in_either_case_is_an_error_of_openx() {
    let lines = "{\"URL\":\"a\",\"Url\":\"b\"}\n";
    let world = table(OPENX, &[("url", "string")], lines).await;
    assert_eq!(
        error(&world).await,
        "HIVE_CURSOR_ERROR: Row is not a valid JSON Object - JSONException: Duplicate key \"url\""
    );
    let world = table(OPENX, &[("url1", "string"), ("url2", "string")], lines)
        .await
        .serde_parameter("case.insensitive", "FALSE")
        .serde_parameter("mapping.url1", "URL")
        .serde_parameter("mapping.url2", "Url");
    assert_eq!(world.all().await.unwrap(), ["a|b"]);
    let world = table(HIVE, &[("url", "string")], lines).await;
    assert_eq!(world.all().await.unwrap(), ["b"]);
}

#[tokio::test]
async fn a_mapping_is_one_of_the_fields_of_structs_too() {
    let columns = [("item", "struct<my_struct_field:string>")];
    let lines = "{\"item\":{\"my:struct:field\":\"x\"}}\n";
    let world = table(OPENX, &columns, lines).await;
    let world = world.serde_parameter("mapping.my_struct_field", "my:struct:field");
    assert_eq!(world.all().await.unwrap(), ["(x)"]);
}

#[tokio::test]
async fn what_is_none_of_its_type_is_null_where_the_table_says_so() {
    let columns = [("id", "int"), ("at", "struct<x:int>")];
    let lines = "{\"id\":\"none\",\"at\":{\"x\":1}}\n{\"id\":2,\"at\":\"here\"}\n";
    let world = table(OPENX, &columns, lines).await;
    assert!(error(&world).await.starts_with("HIVE_BAD_DATA: "));
    let world = world.serde_parameter("use.null.for.invalid.data", "TRUE");
    assert_eq!(world.all().await.unwrap(), ["-|(1)", "2|-"]);
}

#[tokio::test]
async fn a_text_where_a_struct_belongs_is_told_in_athenas_words() {
    let columns = [("at", "struct<x:int>")];
    let world = table(OPENX, &columns, "{\"at\":\"here\"}\n").await;
    assert_eq!(
        error(&world).await,
        "HIVE_BAD_DATA: Error parsing field value for field 0: \
         java.lang.String cannot be cast to org.openx.data.jsonserde.json.JSONObject"
    );
}

#[tokio::test]
async fn hives_serde_has_no_properties_but_the_formats_of_timestamps() {
    let columns = [("id", "int"), ("at", "timestamp")];
    let lines = "{\"id\":1,\"at\":\"04/02/2016\"}\n";
    let world = table(HIVE, &columns, lines).await;
    let world = world.serde_parameter("timestamp.formats", "yyyy-MM-dd'T'HH:mm,dd/MM/yyyy");
    assert_eq!(world.all().await.unwrap(), ["1|2016-02-04 00:00:00.000"]);
    let world = table(HIVE, &columns, "{\"id\":\"1\"}\n{\n").await;
    let world = world
        .serde_parameter("ignore.malformed.json", "true")
        .serde_parameter("use.null.for.invalid.data", "true");
    assert!(error(&world).await.starts_with("HIVE_BAD_DATA: "));
}

#[tokio::test]
async fn a_moment_that_no_timestamp_holds_is_bad_data() {
    for number in ["9e15", "9223372036854775807", "1e300"] {
        let lines = format!("{{\"ts\":{number}}}\n");
        let world = table(OPENX, &[("ts", "timestamp")], &lines).await;
        let error = error(&world).await;
        assert!(error.starts_with("HIVE_BAD_DATA"), "{number}: {error}");
        let world = world.serde_parameter("use.null.for.invalid.data", "true");
        assert_eq!(world.all().await.unwrap(), ["-"]);
    }
}
