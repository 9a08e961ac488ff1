//! Databases in the embedded cloud.

use aws_sdk_glue::types::{Column, DatabaseInput, StorageDescriptor, TableInput};

use crate::engine::Goal;
use crate::resource::world::{Field, Unset, World, try_fields};

#[tokio::test]
async fn every_field_is_set_changed_and_left() {
    let field = |path, first, then, unset| Field {
        unset,
        ..Field::update(path, first, then)
    };
    let fields = [
        field(
            "description",
            "description = 'Films'",
            "description = 'All films'",
            Unset::Stays,
        ),
        field(
            "description",
            "description = 'Films'",
            "description = ''",
            Unset::Stays,
        ),
        field(
            "location_uri",
            "location_uri = 's3://lake/a/'",
            "location_uri = 's3://lake/b/'",
            Unset::Stays,
        ),
        field(
            "location_uri",
            "location_uri = 's3://lake/a/'",
            "location_uri = ''",
            Unset::Stays,
        ),
        field(
            "parameters.owner",
            "parameters = { owner = 'ann' }",
            "parameters = { owner = 'bob' }",
            Unset::Stays,
        ),
        field(
            "create_table_default_permissions",
            "create_table_default_permissions = []",
            "create_table_default_permissions = [{ principal = 'IAM_ALLOWED_PRINCIPALS', permissions = ['SELECT', 'ALL'] }]",
            Unset::Stays,
        ),
        field(
            "tags",
            "tags = { team = 'data' }",
            "tags = { team = 'films', cost = '1' }",
            Unset::Goes,
        ),
    ];
    try_fields("[databases.lake]\n# more", "databases.lake", &fields).await;
}

#[tokio::test]
async fn what_was_changed_by_hand_is_put_right_and_the_rest_is_left() {
    let world = World::new().await;
    let lake = "[databases.lake]\ndescription = 'Films'\nlocation_uri = 's3://lake/'\nparameters = { owner = 'ann' }\n";
    world.up(lake).await;
    let glue = &world.cloud.glue;
    let live = glue.get_database().name("films_lake").send().await;
    let live = live.expect("there").database.expect("there");
    let input = DatabaseInput::builder()
        .name("films_lake")
        .description("By hand")
        .set_parameters(live.parameters)
        .parameters("owner", "eve")
        .parameters("theirs", "stays")
        .set_create_table_default_permissions(Some(Vec::new()))
        .build()
        .expect("it has a name");
    let update = glue.update_database().name("films_lake");
    update.database_input(input).send().await.expect("updated");
    let changes = world.up(lake).await.lines();
    assert_eq!(
        changes,
        [
            "~ databases.lake description",
            "~ databases.lake location_uri",
            "~ databases.lake parameters.owner"
        ]
    );
    let live = glue.get_database().name("films_lake").send().await;
    let live = live.expect("there").database.expect("there");
    let parameters = live.parameters.expect("some");
    assert_eq!(parameters["theirs"], "stays");
    assert_eq!(live.create_table_default_permissions, Some(Vec::new()));
}

async fn put_table(world: &World, name: &str, parameters: &[(&str, &str)]) {
    let column = Column::builder().name("id").build().expect("it has a name");
    let storage = StorageDescriptor::builder()
        .columns(column)
        .location("s3://lake/songs/");
    let mut input = TableInput::builder()
        .name(name)
        .storage_descriptor(storage.build());
    for (key, value) in parameters {
        input = input.parameters(*key, *value);
    }
    let request = world.cloud.glue.create_table().database_name("films_lake");
    let input = input.build().expect("it has a name");
    request.table_input(input).send().await.expect("created");
}

#[tokio::test]
async fn a_database_with_a_table_that_nobody_of_the_stack_made_is_kept() {
    let world = World::new().await;
    let lake = "[databases.lake]\n";
    world.up(lake).await;
    put_table(&world, "theirs", &[]).await;
    let kept = world.destroy(lake).await.lines();
    assert_eq!(
        kept,
        [
            "! databases.lake: it holds a table that is not of this stack: theirs; --force databases.lake deletes it all the same"
        ]
    );
    let delete = world.cloud.glue.delete_table().database_name("films_lake");
    delete.name("theirs").send().await.expect("deleted");
    assert_eq!(world.destroy(lake).await.lines(), ["- databases.lake"]);
    assert!(world.destroy(lake).await.is_empty());
}

#[tokio::test]
async fn the_tables_that_the_stacks_own_crawler_found_go_with_the_database() {
    let world = World::new().await;
    let lake = "[buckets.data]\n[databases.lake]\n[crawlers.songs]\ndatabase = '${databases.lake}'\npaths = ['s3://${buckets.data}/']\n";
    world.up(lake).await;
    put_table(&world, "songs", &[("UPDATED_BY_CRAWLER", "films-songs")]).await;
    let done = world.destroy(lake).await.lines();
    assert!(done.contains(&"- databases.lake".to_owned()), "{done:?}");
}

#[tokio::test]
async fn a_destroy_that_took_the_crawler_and_ended_is_gone_on_with() {
    let world = World::new().await;
    let lake = "[buckets.data]\n[databases.lake]\n[crawlers.songs]\ndatabase = '${databases.lake}'\npaths = ['s3://${buckets.data}/']\n";
    world.up(lake).await;
    put_table(&world, "songs", &[("UPDATED_BY_CRAWLER", "films-songs")]).await;
    let delete = world.cloud.glue.delete_crawler().name("films-songs");
    delete.send().await.expect("deleted");
    let done = world.destroy(lake).await.lines();
    assert!(done.contains(&"- databases.lake".to_owned()), "{done:?}");
}

/// What a create with a lost answer does: it meets what it made.
#[tokio::test]
async fn what_is_there_already_with_this_very_mark_is_taken_and_set() {
    let world = World::new().await;
    let tables = |text: &str| {
        format!(
            "[buckets.data]\n[databases.lake]\ndescription = '{text}'\n[tables.songs]\ndatabase = '${{databases.lake}}'\nlocation = 's3://${{buckets.data}}/'\nformat = 'csv'\ndescription = '{text}'\n[classifiers.c]\ncsv.header = ['{text}']\n[crawlers.c]\ndatabase = '${{databases.lake}}'\npaths = ['s3://${{buckets.data}}/']\ndescription = '{text}'\n"
        )
    };
    let late = world.plan(&tables("now"), Goal::Up).await;
    world.up(&tables("before")).await;
    world.apply(&late).await;
    assert!(world.changes(&tables("now")).await.is_empty());
}

#[tokio::test]
async fn a_resource_link_is_refused_by_name_before_anything_is_made() {
    let world = World::new().await;
    let link = "[databases.lake]\n[databases.link]\ntarget_database = { database_name = 'other', catalog_id = '111122223333' }\n";
    let refused = world.refusal(link).await;
    insta::assert_snapshot!(refused, @r"
    databases.link: CreateDatabase: the embedded cloud does not have databases with `target_database`
      help: --target aws has it; --only leaves it out
    ");
}
