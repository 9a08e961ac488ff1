//! What a database's deletion would take along.

use std::collections::BTreeMap;

use aws_sdk_glue::types::Table;

use super::sorted;
use crate::cloud::Cloud;
use crate::policy::Fact;
use crate::resource::identity::own_id;
use crate::resource::{CallError, Scope, call, unless_gone};

/// The parameter in which a crawler writes its name.
const UPDATED_BY: &str = "UPDATED_BY_CRAWLER";

/// How many tables a message names.
const NAMED: usize = 3;

/// The tables in a database that would be lost with it, in words: neither of the stack nor found
/// by a crawler that is of the stack.
pub(super) async fn tables(
    cloud: &Cloud,
    scope: &Scope,
    database: &str,
    leaving: &[Fact],
) -> Result<Option<String>, CallError> {
    let mut names = Vec::new();
    let mut crawlers = BTreeMap::new();
    let request = cloud.glue.get_tables().database_name(database);
    let mut pages = request.into_paginator().send();
    while let Some(page) = pages.next().await {
        let page = match page.map_err(|error| CallError::of("GetTables", error)) {
            Err(error) if error.is("EntityNotFoundException") => return Ok(None),
            page => page?,
        };
        for table in page.table_list() {
            let parameters = sorted(table.parameters.clone());
            if own_id(&parameters, scope).is_some() || is_crawled(table, database, leaving) {
                continue;
            }
            if let Some(crawler) = parameters.get(UPDATED_BY) {
                let is_own = match crawlers.get(crawler) {
                    Some(known) => *known,
                    None => {
                        let found = is_own_crawler(cloud, scope, crawler).await?;
                        crawlers.insert(crawler.clone(), found);
                        found
                    }
                };
                if is_own {
                    continue;
                }
            }
            names.push(table.name.clone());
        }
    }
    Ok(in_words(&names))
}

fn in_words(names: &[String]) -> Option<String> {
    let shown = names.iter().take(NAMED).cloned().collect::<Vec<_>>();
    let shown = shown.join(", ");
    Some(match names.len() {
        0 => return None,
        1 => format!("it holds a table that is not of this stack: {shown}"),
        many if many <= NAMED => format!("it holds tables that are not of this stack: {shown}"),
        many => format!(
            "it holds {many} tables that are not of this stack: {shown} and {} more",
            many - NAMED
        ),
    })
}

/// Whether a crawler that goes as well found the table: its data stays, and a crawl finds it again.
fn is_crawled(table: &Table, database: &str, leaving: &[Fact]) -> bool {
    let is_found = table
        .parameters
        .as_ref()
        .is_some_and(|parameters| parameters.contains_key(UPDATED_BY));
    let location = table.storage_descriptor().and_then(|s| s.location());
    let below = |location: &str, path: &String| {
        format!("{location}/").starts_with(&format!("{}/", path.trim_end_matches('/')))
    };
    is_found
        && leaving.iter().any(|fact| match fact {
            Fact::Crawl {
                database: to,
                paths,
            } if to == database => {
                location.is_some_and(|location| paths.iter().any(|path| below(location, path)))
            }
            _ => false,
        })
}

/// Whether a crawler is of the stack. One that an interrupted `destroy` has taken already has no
/// tags to ask, and is known by the name that the stack gives to its crawlers.
async fn is_own_crawler(cloud: &Cloud, scope: &Scope, name: &str) -> Result<bool, CallError> {
    let arn = scope.arn("glue", &format!("crawler/{name}"));
    let answer = call!("GetTags", cloud.glue.get_tags().resource_arn(arn));
    let Some(found) = unless_gone(answer, &["EntityNotFoundException"])? else {
        return Ok(name.starts_with(&format!("{}-", scope.stack)));
    };
    Ok(own_id(&sorted(found.tags), scope).is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_names_the_first_tables() {
        let names = |count: usize| -> Vec<String> { (0..count).map(|i| format!("t{i}")).collect() };
        assert_eq!(in_words(&[]), None);
        let said = |count| in_words(&names(count)).expect("it holds some");
        assert_eq!(said(1), "it holds a table that is not of this stack: t0");
        assert_eq!(
            said(2),
            "it holds tables that are not of this stack: t0, t1"
        );
        assert_eq!(
            said(5),
            "it holds 5 tables that are not of this stack: t0, t1, t2 and 2 more"
        );
    }

    #[test]
    fn a_table_below_a_path_that_is_crawled_no_more_is_lost_to_nobody() {
        let storage = aws_sdk_glue::types::StorageDescriptor::builder()
            .location("s3://lake/songs")
            .build();
        let table = Table::builder()
            .name("songs")
            .parameters(UPDATED_BY, "c")
            .storage_descriptor(storage)
            .build()
            .expect("it has a name");
        let crawl = |path: &str| {
            [Fact::Crawl {
                database: "lake".to_owned(),
                paths: vec![path.to_owned()],
            }]
        };
        assert!(is_crawled(&table, "lake", &crawl("s3://lake/songs/")));
        assert!(is_crawled(&table, "lake", &crawl("s3://lake")));
        assert!(!is_crawled(&table, "lake", &crawl("s3://lake/song")));
        assert!(!is_crawled(&table, "other", &crawl("s3://lake/")));
    }
}
