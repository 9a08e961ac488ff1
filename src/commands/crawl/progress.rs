//! How far a crawl of Glue is.

use std::time::Duration;

use aws_sdk_glue::types::{
    CrawlerHistory, CrawlerHistoryState, CrawlerMetrics, CrawlsFilter, FieldName, FilterOperator,
};
use serde_json::Value;
use tokio::sync::OnceCell;

use super::{logs, watch};
use crate::cloud::Cloud;
use crate::output::execution::between;
use crate::output::human;
use crate::resource::call;

/// What is known of one crawl while it runs, from one look to the next.
#[derive(Debug, Default)]
pub struct Progress {
    looked: Option<Looked>,
    /// When it said so, in milliseconds since the epoch.
    at: Option<i64>,
    /// What the crawls of this crawler mostly take, asked for once.
    usual: OnceCell<Option<Duration>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Looked {
    objects: u64,
    bytes: u64,
}

impl Progress {
    /// Asks anew: `  20,000 objects, 3.2 MB read, 1 table, 15,900 partitions`. Glue on AWS does not
    /// say what it has looked at, and the last line of its log takes that place.
    pub async fn told(&mut self, cloud: &Cloud, name: &str) -> String {
        // It is talk: who may not read the metrics, the history or the log sees the rest.
        let metrics = metrics(cloud, name).await;
        let running = watch::last_crawl(cloud, name).await.ok().flatten();
        let prefix = running.as_ref().and_then(CrawlerHistory::message_prefix);
        if !cloud.is_aws()
            && let Some(running) = &running
        {
            self.look(cloud, name, running).await;
        }
        let line = match self.looked {
            None => logs::last_line(cloud, name, prefix).await,
            Some(_) => None,
        };
        let partitions = running.as_ref().map_or(0, partitions);
        let usual = *self.usual.get_or_init(|| usual(cloud, name)).await;
        self.text(metrics.as_ref(), usual, partitions, line.as_deref())
    }

    /// Searches the log for what was looked at since it was last asked for.
    async fn look(&mut self, cloud: &Cloud, name: &str, running: &CrawlerHistory) {
        let began = running.start_time().and_then(|time| time.to_millis().ok());
        let since = self.at.or(began);
        let prefix = running.message_prefix();
        if let Some((at, line)) = logs::last_looked(cloud, name, prefix, since).await {
            self.looked = looked(&line).or(self.looked);
            self.at = Some(at);
        }
    }

    fn text(
        &self,
        metrics: Option<&CrawlerMetrics>,
        usual: Option<Duration>,
        partitions: u64,
        line: Option<&str>,
    ) -> String {
        let mut facts = Vec::new();
        if let Some(looked) = self.looked {
            facts.push(counted(looked.objects, "object"));
            facts.push(format!("{} read", human::bytes(looked.bytes)));
        }
        let tables = metrics.map_or(0, |m| m.tables_created() + m.tables_updated());
        let tables = u64::try_from(tables).unwrap_or_default();
        for (count, one) in [(tables, "table"), (partitions, "partition")] {
            if count > 0 {
                facts.push(counted(count, one));
            }
        }
        facts.extend(metrics.and_then(left).or_else(|| usual.map(mostly)));
        let mut text = String::new();
        if !facts.is_empty() {
            text.push_str(&format!("  {}", facts.join(", ")));
        }
        if let Some(line) = line {
            text.push_str(&format!("; {line}"));
        }
        text
    }
}

fn counted(count: u64, one: &str) -> String {
    human::plural(usize::try_from(count).unwrap_or(usize::MAX), one)
}

/// `[ID] INFO : Looked at 20000 objects and read 3200000 bytes of them so far`
fn looked(line: &str) -> Option<Looked> {
    let (_, said) = line.split_once("Looked at ")?;
    let (objects, said) = said.split_once(" objects and read ")?;
    let (bytes, _) = said.split_once(" bytes")?;
    Some(Looked {
        objects: objects.parse().ok()?,
        bytes: bytes.parse().ok()?,
    })
}

/// How many partitions a crawl's summary says to be new.
fn partitions(history: &CrawlerHistory) -> u64 {
    let summary = history.summary().unwrap_or_default();
    let summary: Value = serde_json::from_str(summary).unwrap_or_default();
    summary["PARTITION"]["ADD"]["Count"].as_u64().unwrap_or_default()
}

async fn metrics(cloud: &Cloud, name: &str) -> Option<CrawlerMetrics> {
    let request = cloud.glue.get_crawler_metrics().crawler_name_list(name);
    let answer = call!("GetCrawlerMetrics", request).ok()?;
    answer.crawler_metrics_list.unwrap_or_default().into_iter().next()
}

/// `about 20 s left`, where Glue has an estimate.
fn left(metrics: &CrawlerMetrics) -> Option<String> {
    let seconds = metrics.time_left_seconds();
    let time = Duration::try_from_secs_f64(seconds).unwrap_or_default();
    let is_known = !metrics.still_estimating() && !time.is_zero();
    is_known.then(|| format!("about {} left", human::duration(time)))
}

/// `mostly takes 40 s`
fn mostly(usual: Duration) -> String {
    format!("mostly takes {}", human::duration(usual))
}

/// How many crawls the median is of.
const ASKED: i32 = 20;

/// The median of what the last crawls took that came to their end; none where there was none, or
/// where the history cannot be asked for. The median of Glue's metrics is of all runs, those that were
/// stopped among them.
async fn usual(cloud: &Cloud, name: &str) -> Option<Duration> {
    let complete = CrawlsFilter::builder()
        .field_name(FieldName::State)
        .filter_operator(FilterOperator::Eq)
        .field_value(CrawlerHistoryState::Completed.as_str())
        .build();
    let request = cloud.glue.list_crawls().crawler_name(name);
    let request = request.filters(complete).max_results(ASKED);
    let answer = call!("ListCrawls", request).ok()?;
    median(&answer.crawls.unwrap_or_default())
}

fn median(crawls: &[CrawlerHistory]) -> Option<Duration> {
    let complete = crawls
        .iter()
        .filter(|crawl| crawl.state() == Some(&CrawlerHistoryState::Completed));
    let took = complete.filter_map(|crawl| Some(between(*crawl.start_time()?, *crawl.end_time()?)));
    let mut took: Vec<Duration> = took.collect();
    took.sort();
    took.get(took.len() / 2).copied()
}

#[cfg(test)]
mod tests {
    use aws_smithy_types::DateTime;

    use super::*;

    #[test]
    fn what_a_crawl_looked_at_and_found_is_counted() {
        let line = "[a-b] INFO : Looked at 20000 objects and read 3200000 bytes of them so far";
        let progress = Progress {
            looked: looked(line),
            ..Progress::default()
        };
        let metrics = CrawlerMetrics::builder().tables_created(1).build();
        assert_eq!(
            progress.text(Some(&metrics), None, 15_900, None),
            "  20,000 objects, 3.2 MB read, 1 table, 15,900 partitions"
        );
    }

    #[test]
    fn where_nothing_is_counted_the_last_line_of_the_log_is_shown() {
        let line = "Running Start Crawl for Crawler films";
        assert_eq!(looked(line), None);
        let text = |line: Option<&str>| Progress::default().text(None, None, 0, line);
        assert_eq!(text(Some(line)), format!("; {line}"));
        assert_eq!(text(None), "");
    }

    #[test]
    fn what_a_crawl_mostly_takes_is_said_of_those_that_came_to_their_end() {
        let crawl = |state: CrawlerHistoryState, seconds: i64| {
            CrawlerHistory::builder()
                .state(state)
                .start_time(DateTime::from_secs(1_700_000_000))
                .end_time(DateTime::from_secs(1_700_000_000 + seconds))
                .build()
        };
        let stopped = || crawl(CrawlerHistoryState::Stopped, 2);
        let failed = crawl(CrawlerHistoryState::Failed, 1);
        let mut crawls = vec![stopped(), stopped(), failed];
        assert_eq!(median(&crawls), None);
        crawls.extend([40, 50, 30].map(|took| crawl(CrawlerHistoryState::Completed, took)));
        let usual = median(&crawls);
        let told = |metrics: CrawlerMetrics| {
            Progress::default().text(Some(&metrics), usual, 0, None)
        };
        let metrics = || CrawlerMetrics::builder().median_runtime_seconds(2.0);
        assert_eq!(told(metrics().build()), "  mostly takes 40.0 s");
        let estimated = metrics().time_left_seconds(20.0).build();
        assert_eq!(told(estimated), "  about 20.0 s left");
    }
}
