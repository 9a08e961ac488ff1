//! What a crawler's settings mean for a crawl in this process.

use aws_sdk_glue::types::{Crawler, DeleteBehavior, RecrawlBehavior, UpdateBehavior};
use crawler::{ContainsHeader, CsvClassifier, CustomClassifier, GrokClassifier, Serde, Target};
use serde_json::Value;

use super::{Error, Job, NAMELESS, s3, with_slash};
use crate::cloud::Cloud;
use crate::resource::call;

/// What becomes of a table whose data is gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gone {
    Log,
    Delete,
    Deprecate,
}

/// What is done with the catalog when the data has changed.
#[derive(Debug, Clone)]
pub struct Rules {
    /// Whether tables and partitions that are there are updated.
    pub updates: bool,
    pub gone: Gone,
    /// `MergeNewColumns`: columns are only added.
    pub only_adds: bool,
    /// `InheritFromTable`: partitions have their table's columns and format.
    pub inherits: bool,
    pub table_threshold: Option<u64>,
    /// The include paths, each with a slash at its end.
    pub roots: Vec<String>,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            updates: true,
            gone: Gone::Log,
            only_adds: false,
            inherits: false,
            table_threshold: None,
            roots: Vec::new(),
        }
    }
}

impl Rules {
    /// Whether a location is of those that are crawled.
    pub fn cover(&self, location: &str) -> bool {
        let location = with_slash(location);
        self.roots.iter().any(|root| location.starts_with(root))
    }
}

/// Bucket and key of `s3://bucket/key`.
pub fn split(path: &str) -> Option<(&str, &str)> {
    let rest = path
        .strip_prefix("s3://")
        .or_else(|| path.strip_prefix("s3a://"))?;
    let (bucket, key) = rest.split_once('/').unwrap_or((rest, ""));
    (!bucket.is_empty()).then_some((bucket, key))
}

fn target(cloud: &Cloud, path: &str) -> Result<Target, Error> {
    let (bucket, key) =
        split(path).ok_or_else(|| Error::Refused(format!("{path} is no path of S3")))?;
    Ok(Target {
        store: s3::store(&cloud.s3, bucket),
        bucket: bucket.to_owned(),
        prefix: key.to_owned(),
        exclusions: Vec::new(),
        sample_size: None,
    })
}

/// A crawl of paths that no crawler is for. What is there stays, but for what the data says anew.
pub fn of_paths(
    cloud: &Cloud,
    paths: &[String],
    database: &str,
    table_prefix: Option<String>,
) -> Result<Job, Error> {
    let targets: Result<Vec<Target>, Error> = paths.iter().map(|p| target(cloud, p)).collect();
    let targets = targets?;
    Ok(Job {
        name: NAMELESS.to_owned(),
        database: database.to_owned(),
        rules: Rules {
            roots: roots(&targets),
            ..Rules::default()
        },
        targets,
        options: crawler::Options {
            table_prefix: table_prefix.unwrap_or_default(),
            ..crawler::Options::default()
        },
    })
}

fn roots(targets: &[Target]) -> Vec<String> {
    let path = |t: &Target| format!("s3://{}/{}", t.bucket, t.prefix);
    targets.iter().map(|t| with_slash(&path(t))).collect()
}

/// The crawl that a crawler would make; what this process cannot do of it is refused by name.
pub async fn of_crawler(cloud: &Cloud, crawler: &Crawler) -> Result<Job, Error> {
    let name = crawler.name().unwrap_or_default().to_owned();
    let refuse =
        |what: &str| Error::Refused(format!("{name} {what}, which only Glue's own crawls do"));
    let all = crawler.targets().ok_or_else(|| refuse("has no targets"))?;
    let others = [
        ("JDBC", all.jdbc_targets().is_empty()),
        ("MongoDB", all.mongo_db_targets().is_empty()),
        ("DynamoDB", all.dynamo_db_targets().is_empty()),
        ("catalog", all.catalog_targets().is_empty()),
        ("Delta", all.delta_targets().is_empty()),
        ("Iceberg", all.iceberg_targets().is_empty()),
        ("Hudi", all.hudi_targets().is_empty()),
    ];
    if let Some((kind, _)) = others.iter().find(|(_, is_empty)| !is_empty) {
        return Err(refuse(&format!("has {kind} targets")));
    }
    let behavior = crawler.recrawl_policy().and_then(|p| p.recrawl_behavior());
    if behavior == Some(&RecrawlBehavior::CrawlEventMode) {
        return Err(refuse("crawls by events"));
    }
    let mut targets = Vec::new();
    for given in all.s3_targets() {
        let path = given.path().unwrap_or_default();
        let mut one = target(cloud, path)?;
        if !one.prefix.is_empty() {
            one.prefix = with_slash(&one.prefix);
        }
        one.exclusions = given.exclusions().to_vec();
        one.sample_size = given.sample_size().and_then(|n| u32::try_from(n).ok());
        targets.push(one);
    }
    let policy = crawler.schema_change_policy();
    let mut rules = Rules {
        updates: policy.and_then(|p| p.update_behavior()) != Some(&UpdateBehavior::Log),
        gone: match policy.and_then(|p| p.delete_behavior()) {
            Some(DeleteBehavior::Log) => Gone::Log,
            Some(DeleteBehavior::DeleteFromDatabase) => Gone::Delete,
            _ => Gone::Deprecate,
        },
        roots: roots(&targets),
        ..Rules::default()
    };
    let mut options = crawler::Options {
        table_prefix: crawler.table_prefix().unwrap_or_default().to_owned(),
        classifiers: classifiers(cloud, &name, crawler.classifiers()).await?,
        ..crawler::Options::default()
    };
    configure(
        crawler.configuration().unwrap_or_default(),
        &mut rules,
        &mut options,
    )?;
    let database = crawler.database_name().filter(|d| !d.is_empty());
    let database = database.ok_or_else(|| refuse("has no database to write tables to"))?;
    Ok(Job {
        database: database.to_owned(),
        name,
        targets,
        options,
        rules,
    })
}

/// Reads a crawler's `Configuration`.
/// <https://docs.aws.amazon.com/glue/latest/dg/crawler-configuration.html>
fn configure(text: &str, rules: &mut Rules, options: &mut crawler::Options) -> Result<(), Error> {
    if text.is_empty() {
        return Ok(());
    }
    let all: Value = serde_json::from_str(text)
        .map_err(|error| Error::Refused(format!("the crawler's configuration: {error}")))?;
    let output = &all["CrawlerOutput"];
    rules.inherits = output["Partitions"]["AddOrUpdateBehavior"] == "InheritFromTable";
    rules.only_adds = output["Tables"]["AddOrUpdateBehavior"] == "MergeNewColumns";
    rules.table_threshold = output["Tables"]["TableThreshold"].as_u64();
    let grouping = &all["Grouping"];
    options.combine_compatible_schemas =
        grouping["TableGroupingPolicy"] == "CombineCompatibleSchemas";
    let level = grouping["TableLevelConfiguration"].as_u64();
    options.table_level = level.and_then(|level| u32::try_from(level).ok());
    Ok(())
}

async fn classifiers(
    cloud: &Cloud,
    crawler: &str,
    names: &[String],
) -> Result<Vec<CustomClassifier>, Error> {
    let mut found = Vec::new();
    for name in names {
        let answer = call!("GetClassifier", cloud.glue.get_classifier().name(name))?;
        let custom = answer.classifier.and_then(|c| custom(&c));
        found.push(custom.ok_or_else(|| {
            Error::Refused(format!(
                "{crawler} asks the classifier {name}, whose pattern or symbols only Glue's own crawls know"
            ))
        })?);
    }
    Ok(found)
}

/// None for a classifier that the crate does not have.
fn custom(given: &aws_sdk_glue::types::Classifier) -> Option<CustomClassifier> {
    if let Some(json) = given.json_classifier() {
        return Some(CustomClassifier::Json {
            path: json.json_path().to_owned(),
        });
    }
    if let Some(xml) = given.xml_classifier() {
        return Some(CustomClassifier::Xml {
            row_tag: xml.row_tag().unwrap_or_default().to_owned(),
        });
    }
    if let Some(grok) = given.grok_classifier() {
        let (of, pattern) = (grok.classification(), grok.grok_pattern());
        let made = GrokClassifier::new(of, pattern, grok.custom_patterns());
        return made.ok().map(CustomClassifier::Grok);
    }
    let csv = given.csv_classifier()?;
    let counts = csv.custom_datatype_configured() == Some(true);
    let header = csv.header().to_vec();
    Some(CustomClassifier::Csv(CsvClassifier {
        delimiter: byte(csv.delimiter()).ok()?,
        quote: byte(csv.quote_symbol()).ok()?,
        contains_header: match csv
            .contains_header()
            .map(aws_sdk_glue::types::CsvHeaderOption::as_str)
        {
            Some("PRESENT") => ContainsHeader::Present,
            Some("ABSENT") => ContainsHeader::Absent,
            _ => ContainsHeader::Unknown,
        },
        header: Some(header).filter(|header| !header.is_empty()),
        trims_values: csv.disable_value_trimming() == Some(false),
        allows_single_column: csv.allow_single_column() == Some(true),
        datatypes: Some(csv.custom_datatypes().to_vec()).filter(|_| counts),
        serde: match csv.serde().map(aws_sdk_glue::types::CsvSerdeOption::as_str) {
            Some("OpenCSVSerDe") => Serde::OpenCsv,
            Some("LazySimpleSerDe") => Serde::LazySimple,
            _ => Serde::Detected,
        },
    }))
}

/// A symbol as a byte; fails for one that is not ASCII.
fn byte(symbol: Option<&str>) -> Result<Option<u8>, ()> {
    match symbol.map(str::as_bytes) {
        None => Ok(None),
        Some([byte]) => Ok(Some(*byte)),
        Some(_) => Err(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_configuration_sets_rules_and_options() {
        let text = r#"{"Version": 1.0, "CrawlerOutput": {
            "Partitions": {"AddOrUpdateBehavior": "InheritFromTable"},
            "Tables": {"AddOrUpdateBehavior": "MergeNewColumns", "TableThreshold": 3}},
            "Grouping": {"TableGroupingPolicy": "CombineCompatibleSchemas", "TableLevelConfiguration": 2}}"#;
        let (mut rules, mut options) = (Rules::default(), crawler::Options::default());
        configure(text, &mut rules, &mut options).expect("it is valid");
        assert!(rules.inherits && rules.only_adds && options.combine_compatible_schemas);
        assert_eq!(
            (rules.table_threshold, options.table_level),
            (Some(3), Some(2))
        );
        assert!(configure("{", &mut rules, &mut options).is_err());
    }

    #[test]
    fn a_location_is_covered_by_the_folder_and_not_by_its_namesake() {
        let rules = Rules {
            roots: vec!["s3://lake/films/".to_owned()],
            ..Rules::default()
        };
        assert!(rules.cover("s3://lake/films"));
        assert!(rules.cover("s3://lake/films/year=2024/"));
        assert!(!rules.cover("s3://lake/films-old/"));
        assert_eq!(split("s3://lake/a/b"), Some(("lake", "a/b")));
        assert_eq!(split("s3:///a"), None);
        assert_eq!(split("lake/a"), None);
    }
}
