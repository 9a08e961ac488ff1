//! Crawlers at work: started, stopped, measured.

use super::crawls::{self, Crawl};
use super::{crawl, crawlers, errors, page_size};
use crate::caller::Caller;
use crate::cloud::Cloud;
use crate::error::ServiceError;
use crate::model::Timestamp;
use crate::model::glue::*;
use crate::paging;

const PAGE: usize = 100;
/// The crawls that the median is of.
const REMEMBERED: usize = 100;

pub(super) async fn start(
    cloud: &Cloud,
    caller: &Caller,
    request: StartCrawlerRequest,
) -> Result<StartCrawlerResponse, ServiceError> {
    let (stored, id) = cloud.store().write(|tx| {
        let stored = crawlers::existing(tx, &caller.region, &request.name)?;
        let id = crawls::begin(tx, cloud, &caller.region, &request.name)?;
        Ok((stored, id))
    })?;
    cloud.spawn(crawl::run(cloud.clone(), caller.region.clone(), stored, id));
    Ok(StartCrawlerResponse {})
}

pub(super) async fn stop(
    cloud: &Cloud,
    caller: &Caller,
    request: StopCrawlerRequest,
) -> Result<StopCrawlerResponse, ServiceError> {
    cloud.store().write(|tx| {
        crawlers::require(tx, &caller.region, &request.name)?;
        crawls::ask_to_stop(tx, cloud, &caller.region, &request.name)
    })?;
    Ok(StopCrawlerResponse {})
}

pub(super) async fn metrics(
    cloud: &Cloud,
    caller: &Caller,
    request: GetCrawlerMetricsRequest,
) -> Result<GetCrawlerMetricsResponse, ServiceError> {
    let region = &caller.region;
    let (metrics, next) = cloud.store().read(|c| {
        let names = match request.crawler_name_list.filter(|l| !l.is_empty()) {
            Some(mut names) => {
                names.sort();
                names
            }
            None => crawlers::names(c, region)?,
        };
        let (names, next) =
            crawlers::page(names, request.next_token.as_deref(), request.max_results)?;
        let mut metrics = Vec::new();
        for name in names {
            if crawlers::find(c, region, &name)?.is_some() {
                let crawls = crawls::up_to(c, region, &name, i64::MAX, REMEMBERED)?;
                metrics.push(measure(cloud, name, &crawls));
            }
        }
        Ok((metrics, next))
    })?;
    Ok(GetCrawlerMetricsResponse {
        crawler_metrics_list: Some(metrics),
        next_token: next,
    })
}

/// The metrics of a crawler, by its crawls, the newest first. The last run and the median are of all
/// runs, as AWS's page of `CrawlerMetrics` says; what is left is estimated by the crawls that came to
/// their end, as one that was stopped says nothing of how long the next takes.
fn measure(cloud: &Cloud, name: String, crawls: &[Crawl]) -> CrawlerMetrics {
    let running = crawls.first().filter(|c| !c.ended(cloud));
    let over: Vec<f64> = crawls
        .iter()
        .filter(|c| c.ended(cloud))
        .map(Crawl::seconds)
        .collect();
    let complete = crawls.iter().filter(|c| c.is_complete());
    let expected = median(complete.map(Crawl::seconds).collect());
    let changes = crawls
        .first()
        .map(|c| c.changes().clone())
        .unwrap_or_default();
    let left = running.zip(expected).map_or(0.0, |(crawl, expected)| {
        (expected - (Timestamp::now().0 - crawl.started())).max(0.0)
    });
    CrawlerMetrics {
        crawler_name: Some(name),
        time_left_seconds: Some(left),
        still_estimating: Some(running.is_some() && expected.is_none()),
        last_runtime_seconds: Some(over.first().copied().unwrap_or(0.0)),
        median_runtime_seconds: Some(median(over).unwrap_or(0.0)),
        tables_created: Some(changes.tables_added.len() as i32),
        tables_updated: Some(changes.tables_updated.len() as i32),
        tables_deleted: Some(changes.tables_deleted.len() as i32),
    }
}

/// The median of times in seconds; none of none.
fn median(mut seconds: Vec<f64>) -> Option<f64> {
    seconds.sort_by(f64::total_cmp);
    seconds.get(seconds.len() / 2).copied()
}

pub(super) async fn history(
    cloud: &Cloud,
    caller: &Caller,
    request: ListCrawlsRequest,
) -> Result<ListCrawlsResponse, ServiceError> {
    let filters = request.filters.unwrap_or_default();
    let size = page_size(request.max_results, PAGE);
    let from: i64 = match super::start(request.next_token.as_deref())? {
        Some(place) => place
            .parse()
            .map_err(|_| errors::invalid_input("The pagination token is not valid."))?,
        None => i64::MAX,
    };
    let (found, next) = cloud.store().read(|c| {
        crawlers::require(c, &caller.region, &request.crawler_name)?;
        let (mut found, mut next) = (Vec::new(), None);
        crawls::each(c, &caller.region, &request.crawler_name, from, |crawl| {
            let history = crawl.as_history(cloud);
            let mut passes = true;
            for filter in &filters {
                passes &= satisfies(&history, filter)?;
            }
            if passes && found.len() == size {
                next = Some(paging::token(&crawl.id.to_string()));
                return Ok(false);
            }
            if passes {
                found.push(history);
            }
            Ok(true)
        })?;
        Ok((found, next))
    })?;
    Ok(ListCrawlsResponse {
        crawls: Some(found),
        next_token: next,
    })
}

/// Times in filters are milliseconds since the epoch.
fn satisfies(crawl: &CrawlerHistory, filter: &CrawlsFilter) -> Result<bool, ServiceError> {
    let part = |part: &Option<String>| part.clone().unwrap_or_else(|| "null".to_owned());
    let (Some(name), Some(operator), Some(wanted)) = (
        filter.field_name.as_deref(),
        filter.filter_operator.as_deref(),
        filter.field_value.as_deref(),
    ) else {
        return Err(errors::invalid_input(format!(
            "Invalid Filter Provided: FieldName: {}, FilterOperator: {}, FieldValue: {}",
            part(&filter.field_name),
            part(&filter.filter_operator),
            part(&filter.field_value)
        )));
    };
    let number = match name {
        "CRAWL_ID" | "STATE" => {
            let given = if name == "STATE" {
                &crawl.state
            } else {
                &crawl.crawl_id
            };
            let same = given.as_deref() == Some(wanted);
            return match operator {
                "EQ" => Ok(same),
                "NE" => Ok(!same),
                _ => Err(errors::invalid_input(format!(
                    "Only EQ or NE operator is allowed for field : {name}"
                ))),
            };
        }
        "START_TIME" => crawl.start_time.map(|t| t.0 * 1000.0),
        "END_TIME" => crawl.end_time.map(|t| t.0 * 1000.0),
        "DPU_HOUR" => crawl.dpu_hour,
        other => {
            return Err(errors::invalid_input(format!(
                "Crawls cannot be filtered by {other}."
            )));
        }
    };
    let wanted: f64 = wanted
        .parse()
        .map_err(|_| errors::invalid_input(format!("{wanted} is not a value of {name}.")))?;
    Ok(number.is_some_and(|n| match operator {
        "GT" => n > wanted,
        "GE" => n >= wanted,
        "LT" => n < wanted,
        "LE" => n <= wanted,
        "NE" => n != wanted,
        _ => n == wanted,
    }))
}

#[cfg(test)]
mod tests {
    use super::crawls::{Changes, Ending};
    use super::*;

    #[test]
    fn what_is_left_is_estimated_by_crawls_that_came_to_their_end() {
        let dir = tempfile::tempdir().unwrap();
        let cloud = Cloud::open(dir.path()).unwrap();
        let (region, name) = ("eu-west-1", "c");
        let insert = "INSERT INTO glue_crawlers VALUES (?1, ?2, '{}')";
        cloud
            .store()
            .write(|tx| Ok(tx.execute(insert, [region, name])?))
            .unwrap();
        let is_estimating_after = |ending: Ending| {
            let crawls = cloud
                .store()
                .write(|tx| {
                    let before = crawls::begin(tx, &cloud, region, name)?;
                    crawls::end(tx, before, ending, Changes::default())?;
                    let running = crawls::begin(tx, &cloud, region, name)?;
                    let all = crawls::up_to(tx, region, name, i64::MAX, REMEMBERED)?;
                    crawls::end(tx, running, Ending::Stopped, Changes::default())?;
                    Ok(all)
                })
                .unwrap();
            let metrics = measure(&cloud, name.to_owned(), &crawls);
            metrics.still_estimating
        };
        assert_eq!(is_estimating_after(Ending::Stopped), Some(true));
        assert_eq!(is_estimating_after(Ending::Completed), Some(false));
    }
}
