//! What a crawler's settings mean for a crawl in this process.

use aws_sdk_glue::types::{
    Crawler, CsvHeaderOption, CsvSerdeOption, DeleteBehavior, RecrawlBehavior, UpdateBehavior,
};
use crawler::catalog::{Configuration, CsvSettings, Gone, Rules, include_path, split, with_slash};
use crawler::{CustomClassifier, GrokClassifier, Target};

use super::{Error, Job, KnownFolders, NAMELESS, lake_targets, s3};
use crate::cloud::Cloud;
use crate::resource::call;

fn target(cloud: &Cloud, (bucket, prefix): (&str, &str)) -> Target {
    Target {
        store: s3::store(&cloud.s3, bucket),
        bucket: bucket.to_owned(),
        prefix: prefix.to_owned(),
        exclusions: Vec::new(),
        sample_size: None,
        only: None,
    }
}

fn no_path(path: &str) -> Error {
    Error::Refused(format!("{path} is no path of S3"))
}

/// A crawl of paths that no crawler is for. What is there stays, but for what the data says anew.
pub fn of_paths(
    cloud: &Cloud,
    paths: &[String],
    database: &str,
    table_prefix: Option<String>,
) -> Result<Job, Error> {
    let targets = paths.iter().map(|path| {
        let place = split(path).ok_or_else(|| no_path(path))?;
        Ok::<_, Error>(target(cloud, place))
    });
    let targets: Vec<Target> = targets.collect::<Result<_, _>>()?;
    Ok(Job {
        database: database.to_owned(),
        rules: Rules {
            crawler: NAMELESS.to_owned(),
            updates: true,
            gone: Gone::Log,
            // An index is among a crawler's settings, and needs more than to write tables where the
            // catalog is encrypted.
            configuration: Configuration {
                no_partition_index: true,
                ..Configuration::default()
            },
            roots: roots(&targets),
        },
        targets,
        options: crawler::Options {
            table_prefix: table_prefix.unwrap_or_default(),
            ..crawler::Options::default()
        },
        known: None,
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
    ];
    if let Some((kind, _)) = others.iter().find(|(_, is_empty)| !is_empty) {
        return Err(refuse(&format!("has {kind} targets")));
    }
    let behavior = crawler.recrawl_policy().and_then(|p| p.recrawl_behavior());
    if behavior == Some(&RecrawlBehavior::CrawlEventMode) {
        return Err(refuse("crawls by events (CRAWL_EVENT_MODE)"));
    }
    let mut targets = Vec::new();
    for given in lake_targets::paths(all).map_err(refuse)? {
        let place = include_path(given.path).ok_or_else(|| no_path(given.path))?;
        let mut one = target(cloud, place);
        one.exclusions = given.exclusions.to_vec();
        one.only = Some(given.lakes);
        targets.push(one);
    }
    for given in all.s3_targets() {
        let path = given.path().unwrap_or_default();
        let mut one = target(cloud, include_path(path).ok_or_else(|| no_path(path))?);
        one.exclusions = given.exclusions().to_vec();
        one.sample_size = given.sample_size().and_then(|n| u32::try_from(n).ok());
        targets.push(one);
    }
    let only_new = behavior == Some(&RecrawlBehavior::CrawlNewFoldersOnly);
    let policy = crawler.schema_change_policy();
    let behavior = policy.and_then(|p| p.delete_behavior());
    let configuration = crawler.configuration().unwrap_or_default();
    let configuration = Configuration::parse(configuration)
        .map_err(|what| Error::Refused(format!("the configuration of {name}: {what}")))?;
    let updates = policy.and_then(|p| p.update_behavior()) != Some(&UpdateBehavior::Log);
    // To look at new folders alone "forces the update behavior and delete behavior of the crawler to
    // LOG" (AWS Glue developer guide, "Scheduling incremental crawls").
    let rules = Rules {
        crawler: name.clone(),
        updates: updates && !only_new,
        gone: if only_new {
            Gone::Log
        } else {
            Gone::of(behavior.map(DeleteBehavior::as_str))
        },
        configuration,
        roots: roots(&targets),
    };
    let options = crawler::Options {
        table_prefix: crawler.table_prefix().unwrap_or_default().to_owned(),
        combine_compatible_schemas: configuration.combine_compatible_schemas,
        table_level: configuration.table_level,
        classifiers: classifiers(cloud, &name, crawler.classifiers()).await?,
    };
    let database = crawler.database_name().filter(|d| !d.is_empty());
    let database = database.ok_or_else(|| refuse("has no database to write tables to"))?;
    let known = if only_new {
        KnownFolders::of(cloud, database, &rules).await?
    } else {
        None
    };
    Ok(Job {
        database: database.to_owned(),
        targets,
        options,
        rules,
        known,
    })
}

async fn classifiers(
    cloud: &Cloud,
    crawler: &str,
    names: &[String],
) -> Result<Vec<CustomClassifier>, Error> {
    let mut found = Vec::new();
    for name in names {
        let answer = call!("GetClassifier", cloud.glue.get_classifier().name(name))?;
        let refuse =
            |why: &str| Error::Refused(format!("{crawler} asks the classifier {name}: {why}"));
        let given = answer.classifier.ok_or_else(|| refuse("it is gone"))?;
        found.push(custom(given).map_err(|why| refuse(&why))?);
    }
    Ok(found)
}

/// Fails with what of it is not known here.
fn custom(given: aws_sdk_glue::types::Classifier) -> Result<CustomClassifier, String> {
    if let Some(json) = given.json_classifier {
        return Ok(CustomClassifier::Json {
            path: json.json_path,
        });
    }
    if let Some(xml) = given.xml_classifier {
        return Ok(CustomClassifier::Xml {
            classification: xml.classification,
            row_tag: xml.row_tag.unwrap_or_default(),
        });
    }
    if let Some(grok) = given.grok_classifier {
        let (of, pattern) = (grok.classification(), grok.grok_pattern());
        let made = GrokClassifier::new(of, pattern, grok.custom_patterns());
        return made
            .map(CustomClassifier::Grok)
            .map_err(|error| error.to_string());
    }
    let csv = given
        .csv_classifier
        .ok_or("only Glue's own crawls know its kind")?;
    let contains_header = csv.contains_header.as_ref().map(CsvHeaderOption::as_str);
    let serde = csv.serde.as_ref().map(CsvSerdeOption::as_str);
    let settings = CsvSettings {
        contains_header: contains_header.map(str::to_owned),
        serde: serde.map(str::to_owned),
        delimiter: csv.delimiter,
        quote_symbol: csv.quote_symbol,
        header: csv.header.unwrap_or_default(),
        disable_value_trimming: csv.disable_value_trimming,
        allow_single_column: csv.allow_single_column,
        custom_datatype_configured: csv.custom_datatype_configured,
        custom_datatypes: csv.custom_datatypes.unwrap_or_default(),
    };
    let made = settings.classifier();
    made.map(CustomClassifier::Csv)
        .map_err(|error| error.to_string())
}
