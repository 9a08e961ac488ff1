//! A crawler's fields: those that the file sets, and those that are live.

use aws_sdk_glue::types::{
    Crawler as GlueCrawler, CrawlerLineageSettings, DeleteBehavior, RecrawlBehavior, UpdateBehavior,
};
use serde_json::{Value, json};

use super::keys::Keys;
use super::{configuration, targets};
use crate::resource::{CallError, Fields};

/// The fields that the file sets, and those that go when it does not. Tags and role are not of it.
pub(super) fn desired(keys: &Keys) -> Result<Fields, CallError> {
    let mut fields = Fields::new();
    let mut set = |field: &str, value: Option<Value>| {
        if let Some(value) = value {
            fields.insert(field.to_owned(), value);
        }
    };
    // What a crawler looks at is what the file says, and nothing else.
    for (kind, list) in targets::shown(&targets::of_keys(keys)?) {
        let short = kind == "s3_targets" && keys.paths.is_some();
        set(if short { "paths" } else { kind }, Some(list));
    }
    set("schedule", Some(json!(keys.schedule)));
    set("classifiers", Some(json!(keys.classifiers)));
    let configuration = keys.configuration.clone().map(Value::Object);
    set("configuration", Some(configuration.unwrap_or_default()));
    set("database", keys.database.as_ref().map(|v| json!(v)));
    set("description", keys.description.as_ref().map(|v| json!(v)));
    set("table_prefix", keys.table_prefix.as_ref().map(|v| json!(v)));
    set(
        "schema_change_policy.update_behavior",
        keys.update_behavior().map(|v| json!(v)),
    );
    set(
        "schema_change_policy.delete_behavior",
        keys.delete_behavior().map(|v| json!(v)),
    );
    set(
        "recrawl_policy.recrawl_behavior",
        keys.recrawl_behavior().map(|v| json!(v)),
    );
    let lineage = keys.lineage_configuration.crawler_lineage_settings;
    set(
        "lineage_configuration.crawler_lineage_settings",
        lineage.map(|v| json!(v)),
    );
    let lake_formation = &keys.lake_formation_configuration;
    set(
        "lake_formation_configuration.use_lake_formation_credentials",
        lake_formation
            .use_lake_formation_credentials
            .map(|v| json!(v)),
    );
    set(
        "lake_formation_configuration.account_id",
        lake_formation.account_id.as_ref().map(|v| json!(v)),
    );
    set(
        "crawler_security_configuration",
        keys.crawler_security_configuration
            .as_ref()
            .map(|v| json!(v)),
    );
    Ok(fields)
}

/// Everything live that could be desired.
pub(super) fn live(crawler: &GlueCrawler) -> Fields {
    let schedule = crawler.schedule();
    let changes = crawler.schema_change_policy();
    let recrawl = crawler.recrawl_policy();
    let lineage = crawler.lineage_configuration();
    let lake_formation = crawler.lake_formation_configuration();
    let mut fields = Fields::from([
        ("role".to_owned(), json!(crawler.role)),
        ("database".to_owned(), json!(crawler.database_name)),
        (
            "schedule".to_owned(),
            json!(schedule.and_then(|s| s.schedule_expression())),
        ),
        ("classifiers".to_owned(), json!(crawler.classifiers)),
        ("description".to_owned(), json!(crawler.description)),
        ("table_prefix".to_owned(), json!(crawler.table_prefix)),
        (
            "schema_change_policy.update_behavior".to_owned(),
            json!(
                changes
                    .and_then(|c| c.update_behavior())
                    .map(UpdateBehavior::as_str)
            ),
        ),
        (
            "schema_change_policy.delete_behavior".to_owned(),
            json!(
                changes
                    .and_then(|c| c.delete_behavior())
                    .map(DeleteBehavior::as_str)
            ),
        ),
        (
            "recrawl_policy.recrawl_behavior".to_owned(),
            json!(
                recrawl
                    .and_then(|r| r.recrawl_behavior())
                    .map(RecrawlBehavior::as_str)
            ),
        ),
        (
            "lineage_configuration.crawler_lineage_settings".to_owned(),
            json!(
                lineage
                    .and_then(|l| l.crawler_lineage_settings())
                    .map(CrawlerLineageSettings::as_str)
            ),
        ),
        (
            "lake_formation_configuration.use_lake_formation_credentials".to_owned(),
            json!(lake_formation.and_then(|l| l.use_lake_formation_credentials)),
        ),
        (
            "lake_formation_configuration.account_id".to_owned(),
            json!(lake_formation.and_then(|l| l.account_id())),
        ),
        (
            "crawler_security_configuration".to_owned(),
            json!(crawler.crawler_security_configuration),
        ),
        (
            "configuration".to_owned(),
            configuration::shown(crawler.configuration()),
        ),
    ]);
    if let Some(live) = crawler.targets() {
        for (kind, list) in targets::shown(live) {
            if kind == "s3_targets" {
                // The file may name them either way.
                fields.insert("paths".to_owned(), list.clone());
            }
            fields.insert(kind.to_owned(), list);
        }
    }
    fields
}

/// Whether two values of a field mean the same.
pub(super) fn same(field: &str, desired: &Value, live: &Value, of_catalog: bool) -> bool {
    match field {
        // Glue takes a role's ARN and gives its name, with its path or without.
        "role" => {
            let name = |role: &Value| {
                let role = role.as_str().unwrap_or_default();
                role.rsplit('/').next().unwrap_or_default().to_owned()
            };
            name(desired) == name(live)
        }
        "configuration" => configuration::same(desired, live, of_catalog),
        "paths" => targets(desired) == targets(live),
        kind if targets::KINDS.contains(&kind) => targets(desired) == targets(live),
        "schedule" => {
            let fields = |schedule: &Value| {
                let text = schedule.as_str().unwrap_or_default();
                text.split_whitespace().collect::<Vec<_>>().join(" ")
            };
            fields(desired) == fields(live)
        }
        _ => desired == live,
    }
}

/// Targets in an order of their own: theirs means nothing.
fn targets(list: &Value) -> Vec<String> {
    let list = list.as_array().into_iter().flatten();
    let mut texts: Vec<String> = list.map(ToString::to_string).collect();
    texts.sort();
    texts
}
