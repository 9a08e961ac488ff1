//! Tables in the embedded cloud.

use std::collections::HashMap;

use aws_sdk_glue::types::{Column, StorageDescriptor, Table, TableInput};

use crate::engine::Action;
use crate::resource::world::{Field, Unset, World, try_fields};

const SONGS: &str = "[databases.lake]\nname = 'lake'\n[tables.songs]\ndatabase = '${databases.lake}'\nlocation = 's3://lake/songs/'\nformat = 'parquet'\n# more\n";

/// `path | first | then`, each changed in place and left when it is taken out.
fn updates(lines: &'static str) -> Vec<Field> {
    let cases = lines.lines().filter(|line| line.contains('|'));
    cases
        .map(|line| {
            let parts: Vec<&str> = line.split('|').map(str::trim).collect();
            let [path, first, then] = parts.as_slice() else {
                panic!("{line}");
            };
            Field::update(path, first, then)
        })
        .collect()
}

#[tokio::test]
async fn every_field_is_set_changed_and_left() {
    let fields = updates(
        r"
        description | description = 'Songs' | description = 'All songs'
        description | description = 'Songs' | description = ''
        owner | owner = 'ann' | owner = 'bob'
        retention | retention = 7 | retention = 30
        table_type | table_type = 'EXTERNAL_TABLE' | table_type = 'MANAGED_TABLE'
        additional_locations | additional_locations = ['s3://lake/a/'] | additional_locations = ['s3://lake/b/', 's3://lake/a/']
        columns | columns = [{ name = 'id', type = 'int' }] | columns = [{ name = 'id', type = 'bigint' }]
        columns | columns = [{ name = 'id', type = 'int' }] | columns = [{ name = 'title', type = 'string' }, { name = 'id', type = 'int' }]
        columns | columns = [{ name = 'id', type = 'int' }] | columns = [{ name = 'id', type = 'int', comment = 'the key' }]
        columns | columns = [{ name = 'id', type = 'int', parameters = { pii = 'no' } }] | columns = [{ name = 'id', type = 'int', parameters = { pii = 'yes' } }]
        partition_keys.comment | partition_keys = [{ name = 'year', type = 'int', comment = 'a' }] | partition_keys = [{ name = 'year', type = 'int', comment = 'b' }]
        serde | serde = 'org.example.One' | serde = 'org.example.Two'
        serde_name | serde_name = 'one' | serde_name = 'two'
        serde_parameters.x | serde_parameters = { x = '1' } | serde_parameters = { x = '2' }
        input_format | input_format = 'org.example.One' | input_format = 'org.example.Two'
        output_format | output_format = 'org.example.One' | output_format = 'org.example.Two'
        compressed | compressed = true | compressed = false
        bucket_columns | bucket_columns = ['id'] | bucket_columns = ['title']
        number_of_buckets | number_of_buckets = 4 | number_of_buckets = 8
        sort_columns | sort_columns = [{ column = 'id' }] | sort_columns = [{ column = 'id', sort_order = 'descending' }]
        stored_as_sub_directories | stored_as_sub_directories = true | stored_as_sub_directories = false
        skewed_info | skewed_info = { skewed_column_names = ['id'], skewed_column_values = ['1'] } | skewed_info = { skewed_column_names = ['id'], skewed_column_values = ['2'] }
        storage_parameters.x | storage_parameters = { x = '1' } | storage_parameters = { x = '2' }
        view_expanded_text | view_expanded_text = '/* Presto View */' | view_expanded_text = 'SELECT 1'
        view_original_text | view_original_text = '/* Presto View: e30= */' | view_original_text = 'SELECT 1'
        parameters.owner | parameters = { owner = 'ann' } | parameters = { owner = 'bob' }
        ",
    );
    // A SerDe of one's own leaves the format's classification and classes to be taken back.
    let (own, others): (Vec<Field>, Vec<Field>) = fields
        .into_iter()
        .partition(|f| ["serde", "input_format", "output_format"].contains(&f.path));
    try_fields(SONGS, "tables.songs", &others).await;
    let own: Vec<Field> = own
        .into_iter()
        .map(|field| Field {
            unset: Unset::Goes,
            ..field
        })
        .collect();
    try_fields(SONGS, "tables.songs", &own).await;
}

#[tokio::test]
async fn other_partition_keys_are_another_table() {
    let cases = [
        (
            "{ name = 'year', type = 'int' }",
            "{ name = 'year', type = 'string' }",
        ),
        (
            "{ name = 'year', type = 'int' }",
            "{ name = 'day', type = 'int' }",
        ),
    ];
    for (first, then) in cases {
        let with = |keys: &str| SONGS.replace("# more", &format!("partition_keys = [{keys}]"));
        let world = World::new().await;
        world.up(&with(first)).await;
        let changes = world.up(&with(then)).await.lines();
        let symbol = Action::Replace.symbol();
        assert_eq!(changes, [format!("{symbol} tables.songs partition_keys")]);
        assert!(world.changes(&SONGS.replace("# more", "")).await.is_empty());
    }
}

const YEAR: &str = "partition_keys = [{ name = 'year', type = 'int' }]\n";

#[tokio::test]
async fn projection_is_set_changed_turned_off_and_left() {
    let set = Field::update;
    let fields = [
        set(
            "projection",
            "projection.year = { type = 'integer', range = [2000, 2030], digits = 4 }",
            "projection.year = { type = 'integer', range = [2000, 2040], interval = 2 }",
        ),
        set(
            "projection",
            "projection.year = { type = 'date', range = ['2000', 'NOW'], format = 'yyyy', interval = 1, interval_unit = 'YEARS' }",
            "projection.year = { type = 'enum', values = ['2000', '2001'] }",
        ),
        set(
            "projection",
            "projection.year = { type = 'injected' }",
            "projection = {}",
        ),
        set(
            "storage_location_template",
            "storage_location_template = 's3://lake/songs/$${year}/'",
            "storage_location_template = 's3://lake/songs/y$${year}/'",
        ),
    ];
    let base = SONGS.replace("# more", &format!("{YEAR}# more"));
    try_fields(&base, "tables.songs", &fields).await;
}

async fn live(world: &World) -> Table {
    let get = world.cloud.glue.get_table().database_name("lake");
    let found = get.name("songs").send().await.expect("it is there");
    found.table.expect("it is there")
}

#[tokio::test]
async fn a_projection_is_written_as_athena_reads_it() {
    let world = World::new().await;
    let lines = format!(
        "{YEAR}projection.year = {{ type = 'integer', range = [2000, 2030], digits = 4 }}\nstorage_location_template = 's3://lake/songs/$${{year}}/'"
    );
    world.up(&SONGS.replace("# more", &lines)).await;
    let parameters = live(&world).await.parameters.expect("some");
    for (key, value) in [
        ("projection.enabled", "true"),
        ("projection.year.type", "integer"),
        ("projection.year.range", "2000,2030"),
        ("projection.year.digits", "4"),
        ("storage.location.template", "s3://lake/songs/${year}/"),
    ] {
        assert_eq!(parameters[key], value, "{key}");
    }
}

#[tokio::test]
async fn another_format_brings_its_classes_and_leaves_no_parameter_of_the_old_serde() {
    let world = World::new().await;
    let of = |format: &str| SONGS.replace("# more", "").replace("parquet", format);
    world.up(&of("tsv")).await;
    for format in [
        "csv", "quoted", "text", "json", "orc", "avro", "ion", "parquet",
    ] {
        let changes = world.up(&of(format)).await.lines();
        assert!(!changes.is_empty(), "{format}");
    }
    let storage = live(&world).await.storage_descriptor.expect("some");
    let info = storage.serde_info.expect("some");
    let parameters = info.parameters.expect("some");
    assert_eq!(
        parameters,
        HashMap::from([("serialization.format".to_owned(), "1".to_owned())])
    );
    assert_eq!(
        info.serialization_library.as_deref(),
        Some("org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe")
    );
}

/// Updates the table by hand.
async fn by_hand(world: &World, change: impl FnOnce(&mut Table)) {
    let mut table = live(world).await;
    change(&mut table);
    let input = TableInput::builder()
        .name("songs")
        .set_description(table.description)
        .set_parameters(table.parameters)
        .set_partition_keys(table.partition_keys)
        .set_storage_descriptor(table.storage_descriptor)
        .set_table_type(table.table_type);
    let update = world.cloud.glue.update_table().database_name("lake");
    let input = input.build().expect("it has a name");
    update.table_input(input).send().await.expect("updated");
}

#[tokio::test]
async fn drift_is_put_right_and_what_crawlers_and_engines_write_is_kept() {
    let world = World::new().await;
    let songs = SONGS.replace(
        "# more",
        "description = 'Songs'\ncolumns = [{ name = 'id', type = 'integer' }]\nparameters = { owner = 'ann' }",
    );
    world.up(&songs).await;
    by_hand(&world, |table| {
        table.description = Some("By hand".to_owned());
        let parameters = table.parameters.get_or_insert_default();
        parameters.insert("owner".to_owned(), "eve".to_owned());
        for key in ["recordCount", "UPDATED_BY_CRAWLER", "transient_lastDdlTime"] {
            parameters.insert(key.to_owned(), "7".to_owned());
        }
        let storage = table.storage_descriptor.as_mut().expect("some");
        storage.location = Some("s3://lake/elsewhere/".to_owned());
        let column = Column::builder().name("id").r#type("bigint");
        let column = column.comment("theirs").build().expect("it has a name");
        storage.columns = Some(vec![column]);
    })
    .await;
    let changes = world.up(&songs).await.lines();
    let fields = ["columns", "description", "location", "parameters.owner"];
    assert_eq!(changes, fields.map(|f| format!("~ tables.songs {f}")));
    let live = live(&world).await;
    let parameters = live.parameters.expect("some");
    assert_eq!(parameters["recordCount"], "7");
    assert_eq!(parameters["UPDATED_BY_CRAWLER"], "7");
    let columns = live
        .storage_descriptor
        .expect("some")
        .columns
        .expect("some");
    assert_eq!(columns[0].comment.as_deref(), Some("theirs"));
}

#[tokio::test]
async fn a_type_written_otherwise_is_no_change() {
    let world = World::new().await;
    let songs = |kind: &str| {
        SONGS.replace(
            "# more",
            &format!("columns = [{{ name = 'a', type = '{kind}' }}]"),
        )
    };
    world.up(&songs("struct<x:int,y:decimal(10,0)>")).await;
    assert!(
        world
            .changes(&songs("STRUCT< x: INTEGER, y: decimal >"))
            .await
            .is_empty()
    );
}

#[tokio::test]
async fn an_iceberg_table_is_made_through_athena_and_marked() {
    let world = World::new().await;
    let songs = "
        [buckets.lake]
        name = 'lake'
        [workgroups.main]
        results = 's3://${buckets.lake}/results/'
        [databases.lake]
        name = 'lake'
        [tables.songs]
        database = '${databases.lake}'
        workgroup = '${workgroups.main}'
        location = 's3://${buckets.lake}/songs/'
        format = 'iceberg'
        description = 'Songs'
        columns = [{ name = 'id', type = 'bigint' }, { name = 'at', type = 'timestamp', comment = \"it's when\" }]
        partitioning = ['day(at)']
        parameters = { write_compression = 'zstd' }
    ";
    world.up(songs).await;
    let live = live(&world).await;
    let parameters = live.parameters.expect("some");
    assert_eq!(parameters["table_type"], "ICEBERG");
    assert!(parameters["metadata_location"].starts_with("s3://lake/songs/metadata/00000-"));
    assert_eq!(parameters["athglue:id"], "tables.songs");
    assert_eq!(live.description.as_deref(), Some("Songs"));
    let columns = live
        .storage_descriptor
        .expect("some")
        .columns
        .expect("some");
    assert_eq!(columns[1].comment.as_deref(), Some("it's when"));
    assert_eq!(
        columns[1].parameters.as_ref().expect("some")["iceberg.field.id"],
        "2"
    );
}

#[tokio::test]
async fn what_an_iceberg_tables_engine_keeps_is_never_written_over() {
    let world = World::new().await;
    world.up("[databases.lake]\nname = 'lake'\n").await;
    let column = Column::builder().name("id").r#type("bigint");
    let column = column.parameters("iceberg.field.id", "1").build();
    let storage = StorageDescriptor::builder()
        .location("s3://lake/songs")
        .columns(column.expect("it has a name"))
        .build();
    let parameters = HashMap::from(
        [
            ("table_type", "ICEBERG"),
            ("metadata_location", "s3://lake/songs/metadata/1.json"),
            ("athglue:stack", "films"),
            ("athglue:id", "tables.songs"),
        ]
        .map(|(k, v)| (k.to_owned(), v.to_owned())),
    );
    let input = TableInput::builder()
        .name("songs")
        .table_type("EXTERNAL_TABLE")
        .set_parameters(Some(parameters.clone()))
        .storage_descriptor(storage.clone());
    let create = world.cloud.glue.create_table().database_name("lake");
    let input = input.build().expect("it has a name");
    create.table_input(input).send().await.expect("created");
    let before = live(&world).await.storage_descriptor;

    let songs = SONGS.replace("parquet", "iceberg").replace(
        "# more",
        "description = 'Songs'\ncolumns = [{ name = 'id', type = 'int' }]\nparameters = { vacuum_max_snapshot_age_seconds = '60' }",
    );
    assert_eq!(
        world.up(&songs).await.lines(),
        ["~ tables.songs description"]
    );
    let after = live(&world).await;
    assert_eq!(after.parameters, Some(parameters));
    assert_eq!(after.storage_descriptor, before);

    let plain = SONGS.replace("# more", "");
    let refused = world.refusal(&plain).await;
    insta::assert_snapshot!(refused, @r#"
    tables.songs: UpdateTable: the live table is an Iceberg table, which an update would break
      help: write format = "iceberg", or give this one another name
    "#);
    let kept = world.destroy(&songs).await.lines();
    assert!(
        kept.iter()
            .any(|line| line.starts_with("! tables.songs: it is an Iceberg table")),
        "{kept:?}"
    );
}

#[tokio::test]
async fn what_the_embedded_cloud_lacks_is_refused_by_name_before_anything_is_made() {
    let world = World::new().await;
    let cases = [
        (
            SONGS.replace(
                "# more",
                "target_table = { database_name = 'a', name = 'b' }",
            ),
            "`target_table`",
        ),
        (
            SONGS.replace("# more", "schema_reference = { schema_name = 'a' }"),
            "`schema_reference`",
        ),
    ];
    for (tables, lacks) in cases {
        let refused = world.refusal(&tables).await;
        assert!(
            refused.contains("the embedded cloud does not have"),
            "{refused}"
        );
        assert!(refused.contains(lacks), "{refused}");
    }
}

#[tokio::test]
async fn a_type_that_no_query_reads_is_doubted_at_its_place_and_refused_nowhere() {
    let world = World::new().await;
    let lines = "columns = [{ name = 'a', type = 'strng' }, { name = 'b', type = 'int' }]\npartition_keys = [{ name = 'c', type = 'array<int' }]";
    let stack = world.stack(&SONGS.replace("# more", lines));
    let doubts = stack.doubts.iter();
    let told: Vec<(&str, &str)> = doubts
        .map(|doubt| {
            (
                &stack.source.text[doubt.span.clone()],
                doubt.message.as_str(),
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            (
                "'strng'",
                "the type of the column `a` is none of Hive's: `strng` is no type; did you mean `string`?"
            ),
            (
                "'array<int'",
                "the type of the column `c` is none of Hive's: `>` is missing"
            ),
        ]
    );
}

#[tokio::test]
async fn mistakes_are_found_before_any_call() {
    let world = World::new().await;
    let mistakes = |lines: &str| {
        world
            .resolve(&SONGS.replace("# more", lines))
            .expect_err("mistakes")
    };
    for (lines, said) in [
        (
            "columns = [{ name = 'a', type = 'int' }, { name = 'a', type = 'int' }]",
            "there are two columns `a`",
        ),
        (
            "columns = [{ name = 'a', type = 'int' }, { name = 'A', type = 'int' }]",
            "there are two columns `A`",
        ),
        (
            "columns = [{ name = 'year', type = 'int' }]\npartition_keys = [{ name = 'Year', type = 'int' }]",
            "there are two columns `Year`",
        ),
        (
            "partition_keys = [{ name = 'y', type = 'int' }]\nprojection.x = { type = 'injected' }",
            "`x` is no partition key",
        ),
        (
            "partition_keys = [{ name = 'y', type = 'int' }, { name = 'z', type = 'int' }]\nprojection.y = { type = 'injected' }",
            "the partition key `z` has no projection",
        ),
        (
            "partition_keys = [{ name = 'y', type = 'int' }]\nprojection.y = { type = 'integer' }",
            "`range` is missing",
        ),
        (
            "partition_keys = [{ name = 'y', type = 'int' }]\nprojection.y = { type = 'integer', range = [1] }",
            "a range has two ends",
        ),
        (
            "partition_keys = [{ name = 'y', type = 'int' }]\nprojection.y = { type = 'enum', values = ['1'], digits = 2 }",
            "has no `digits`",
        ),
        (
            "partition_keys = [{ name = 'y', type = 'int' }]\nstorage_location_template = 's3://lake/songs/'",
            "the template lacks ${y}",
        ),
        (
            "partitioning = ['year']",
            "`partitioning` is of Iceberg tables alone",
        ),
        ("retention = -1", "too small"),
    ] {
        let found = mistakes(lines);
        assert!(found.contains(said), "{found}");
    }
    let bare = "[tables.songs]\ndatabase = 'lake'\n";
    let found = world.resolve(bare).expect_err("mistakes");
    assert!(
        found.contains("`location` is missing") && found.contains("`format` is missing"),
        "{found}"
    );
}
