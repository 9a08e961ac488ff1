//! What a crawler may be told, and what it is when it is not told.

use ::crawler::catalog::{Configuration, include_path};

use super::crawlers::StoredCrawler;
use super::permissions::crawler_arn;
use super::{cron, errors, lake_targets};
use crate::caller::Caller;
use crate::cloud::Cloud;
use crate::error::ServiceError;
use crate::iam::{self, CannotAssume, ServiceCaller};
use crate::model::glue::*;

/// The settings that CreateCrawler and UpdateCrawler share; what is `None` stays as it is.
pub(super) struct Settings {
    pub database_name: Option<String>,
    pub description: Option<String>,
    pub targets: Option<CrawlerTargets>,
    pub schedule: Option<String>,
    pub classifiers: Option<Vec<String>>,
    pub table_prefix: Option<String>,
    pub schema_change_policy: Option<SchemaChangePolicy>,
    pub recrawl_policy: Option<RecrawlPolicy>,
    pub lineage_configuration: Option<LineageConfiguration>,
    pub lake_formation_configuration: Option<LakeFormationConfiguration>,
    pub configuration: Option<String>,
    pub crawler_security_configuration: Option<String>,
}

/// A crawler of which nothing was said.
pub(super) fn defaults() -> Crawler {
    Crawler {
        classifiers: Some(Vec::new()),
        recrawl_policy: Some(RecrawlPolicy {
            recrawl_behavior: Some("CRAWL_EVERYTHING".to_owned()),
        }),
        schema_change_policy: Some(SchemaChangePolicy {
            update_behavior: Some("UPDATE_IN_DATABASE".to_owned()),
            delete_behavior: Some("DEPRECATE_IN_DATABASE".to_owned()),
        }),
        lineage_configuration: Some(LineageConfiguration {
            crawler_lineage_settings: Some("DISABLE".to_owned()),
        }),
        lake_formation_configuration: Some(LakeFormationConfiguration {
            use_lake_formation_credentials: Some(false),
            account_id: Some(String::new()),
        }),
        ..Default::default()
    }
}

impl Settings {
    /// Writes what is given into a crawler, whose role is set already, and checks what comes out.
    pub fn apply(self, stored: &mut StoredCrawler) -> Result<(), ServiceError> {
        let crawler = &mut stored.crawler;
        // The API takes a role's ARN and gives the name, behind its path.
        let role = stored.role.split_once(":role/").map(|(_, name)| name);
        crawler.role = Some(role.unwrap_or(&stored.role).to_owned());
        set(&mut crawler.database_name, self.database_name);
        set(&mut crawler.description, self.description);
        set(&mut crawler.table_prefix, self.table_prefix);
        set(&mut crawler.configuration, self.configuration);
        set(
            &mut crawler.crawler_security_configuration,
            self.crawler_security_configuration,
        );
        set(&mut crawler.classifiers, self.classifiers);
        if let Some(targets) = self.targets {
            crawler.targets = Some(complete(targets));
        }
        match self.schedule.as_deref() {
            None => {}
            // An empty schedule takes the schedule away.
            Some("") => crawler.schedule = None,
            Some(expression) => {
                cron::check(expression)?;
                crawler.schedule = Some(Schedule {
                    schedule_expression: Some(expression.to_owned()),
                    state: Some("SCHEDULED".to_owned()),
                });
            }
        }
        let policy = crawler.schema_change_policy.get_or_insert_default();
        if let Some(given) = self.schema_change_policy {
            set(&mut policy.update_behavior, given.update_behavior);
            set(&mut policy.delete_behavior, given.delete_behavior);
        }
        set(&mut crawler.recrawl_policy, self.recrawl_policy);
        set(
            &mut crawler.lineage_configuration,
            self.lineage_configuration,
        );
        set(
            &mut crawler.lake_formation_configuration,
            self.lake_formation_configuration,
        );
        check(crawler)
    }
}

fn set<T>(place: &mut Option<T>, given: Option<T>) {
    if given.is_some() {
        *place = given;
    }
}

/// The targets as GetCrawler gives them: each kind a list, an S3 target with its exclusions.
fn complete(mut targets: CrawlerTargets) -> CrawlerTargets {
    for target in targets.s3_targets.get_or_insert_default() {
        target.exclusions.get_or_insert_default();
    }
    targets.jdbc_targets.get_or_insert_default();
    targets.mongo_db_targets.get_or_insert_default();
    targets.dynamo_db_targets.get_or_insert_default();
    targets.catalog_targets.get_or_insert_default();
    targets.delta_targets.get_or_insert_default();
    targets.iceberg_targets.get_or_insert_default();
    targets.hudi_targets.get_or_insert_default();
    targets
}

/// What has to fit together.
fn check(crawler: &Crawler) -> Result<(), ServiceError> {
    let behavior = crawler
        .recrawl_policy
        .as_ref()
        .and_then(|p| p.recrawl_behavior.as_deref());
    let policy = crawler.schema_change_policy.clone().unwrap_or_default();
    let only_logs = policy.update_behavior.as_deref() == Some("LOG")
        && policy.delete_behavior.as_deref() == Some("LOG");
    match behavior {
        Some("CRAWL_NEW_FOLDERS_ONLY") if !only_logs => {
            return Err(errors::invalid_input(
                "The SchemaChangePolicy for \"Crawl new folders only\" Amazon S3 crawlers must be set to LOG for both update and delete behavior.",
            ));
        }
        Some("CRAWL_EVENT_MODE") => {
            return Err(errors::not_implemented(
                "crawls by events (CRAWL_EVENT_MODE)",
            ));
        }
        _ => {}
    }
    let of_catalog = crawler
        .targets
        .as_ref()
        .and_then(|targets| targets.catalog_targets.as_deref())
        .is_some_and(|targets| !targets.is_empty());
    if of_catalog && policy.delete_behavior.as_deref() == Some("DEPRECATE_IN_DATABASE") {
        return Err(errors::invalid_input(
            "The SchemaChangePolicy for catalog targets does not support DEPRECATE_IN_DATABASE delete behavior.",
        ));
    }
    let security = crawler.crawler_security_configuration.as_deref();
    if security.is_some_and(|name| !name.is_empty()) {
        return Err(errors::not_implemented("security configurations"));
    }
    let lake_formation = crawler.lake_formation_configuration.as_ref();
    if lake_formation.is_some_and(|l| l.use_lake_formation_credentials == Some(true)) {
        return Err(errors::not_implemented("credentials of Lake Formation"));
    }
    let configuration = crawler.configuration.as_deref().unwrap_or_default();
    match Configuration::parse(configuration) {
        Ok(_) => Ok(()),
        Err(what) => Err(errors::invalid_input(format!(
            "Crawler configuration is not valid: {what}"
        ))),
    }
}

/// A crawler needs something to crawl, and this Glue crawls S3.
pub(super) fn check_targets(cloud: &Cloud, targets: &CrawlerTargets) -> Result<(), ServiceError> {
    fn some<T>(list: Option<&Vec<T>>) -> bool {
        list.is_some_and(|l| !l.is_empty())
    }
    for (given, kind) in [
        (some(targets.jdbc_targets.as_ref()), "JDBC"),
        (some(targets.mongo_db_targets.as_ref()), "MongoDB"),
        (some(targets.dynamo_db_targets.as_ref()), "DynamoDB"),
    ] {
        if given {
            return Err(errors::not_implemented(&format!(
                "crawler targets of the kind {kind}"
            )));
        }
    }
    let s3 = targets.s3_targets.as_deref().unwrap_or_default();
    let catalog = targets.catalog_targets.as_deref().unwrap_or_default();
    let lakes = lake_targets::paths(targets).map_err(errors::not_implemented)?;
    match (s3.is_empty() && lakes.is_empty(), catalog) {
        (true, []) => return Err(errors::invalid_input("Targets are required.")),
        (false, [_, ..]) => {
            return Err(errors::invalid_input(
                "Catalog targets cannot be used with other types of targets.",
            ));
        }
        _ => {}
    }
    for target in catalog {
        if target.event_queue_arn.is_some() || target.connection_name.is_some() {
            return Err(errors::not_implemented(
                "queues and connections of catalog targets",
            ));
        }
    }
    for lake in &lakes {
        check_path(cloud, &lake.path, &lake.exclusions)?;
    }
    for target in s3 {
        let exclusions = target.exclusions.as_deref().unwrap_or_default();
        check_path(
            cloud,
            target.path.as_deref().unwrap_or_default(),
            exclusions,
        )?;
        if target.event_queue_arn.is_some() || target.connection_name.is_some() {
            return Err(errors::not_implemented(
                "queues and connections of S3 targets",
            ));
        }
        if target.sample_size.is_some_and(|n| !(1..=249).contains(&n)) {
            return Err(errors::invalid_input(
                "SampleSize must be an integer between 1 and 249.",
            ));
        }
    }
    Ok(())
}

/// An include path is one of a bucket that is there, and its exclusions are patterns.
fn check_path(cloud: &Cloud, path: &str, exclusions: &[String]) -> Result<(), ServiceError> {
    let Some((bucket, _)) = include_path(path) else {
        return Err(errors::invalid_input(format!(
            "The S3 path {path} is not valid: it has the form s3://bucket/prefix."
        )));
    };
    for pattern in exclusions {
        ::crawler::check_exclusion(pattern)
            .map_err(|error| errors::invalid_input(format!("{error}.")))?;
    }
    if !bucket_exists(cloud, bucket)? {
        return Err(errors::invalid_input(format!(
            "S3 bucket {bucket} does not exist."
        )));
    }
    Ok(())
}

fn bucket_exists(cloud: &Cloud, bucket: &str) -> Result<bool, ServiceError> {
    cloud.store().read(|c| {
        Ok(
            c.prepare_cached("SELECT EXISTS (SELECT 1 FROM s3_buckets WHERE name = ?1)")?
                .query_row([bucket], |row| row.get(0))?,
        )
    })
}

/// Who takes the roles of crawlers.
const GLUE: &str = "glue.amazonaws.com";

/// Takes a role as Glue does for the crawler of this name.
pub(super) fn take_role(
    cloud: &Cloud,
    region: &str,
    crawler: &str,
    role: &str,
    session: &str,
) -> Result<Result<Caller, CannotAssume>, ServiceError> {
    let by = ServiceCaller {
        principal: GLUE,
        source_arn: &crawler_arn(&Caller::root(region), crawler),
        session,
    };
    iam::assume_for_service(cloud, region, role, by)
}

/// The caller passes the role to Glue, and it has to trust Glue with the crawler.
pub(super) fn check_role(
    cloud: &Cloud,
    caller: &Caller,
    crawler: &str,
    role: &str,
) -> Result<(), ServiceError> {
    let taken = take_role(cloud, &caller.region, crawler, role, "AWS-Crawler")?;
    if taken.is_err() {
        return Err(errors::invalid_input(
            "Service is unable to assume provided role. Please verify role's TrustPolicy",
        ));
    }
    let arn = if role.starts_with("arn:") {
        role.to_owned()
    } else {
        format!("arn:aws:iam::{}:role/{role}", caller.account)
    };
    let context = [("iam:PassedToService", GLUE)];
    iam::authorize(cloud, caller, "iam:PassRole", &arn, &context)
        .map_err(|denied| ServiceError::new("AccessDeniedException", denied.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_configuration_that_is_not_valid_is_refused() {
        let with = |configuration: &str| Crawler {
            configuration: Some(configuration.to_owned()),
            ..defaults()
        };
        assert_eq!(check(&with("")), Ok(()));
        assert_eq!(check(&with(r#"{"Version": 1.0}"#)), Ok(()));
        for wrong in ["{}", "not json", r#"{"Version": 2.0}"#] {
            let error = check(&with(wrong)).unwrap_err();
            assert_eq!(error.code, "InvalidInputException", "{wrong}");
        }
    }
}
