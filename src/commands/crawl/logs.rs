//! `athglue crawl --logs`

use aws_sdk_glue::types::LastCrawlInfo;
use serde_json::json;

use super::watch;
use crate::cli::Exit;
use crate::cloud::Cloud;
use crate::output::crawl::Warning;
use crate::resource::{CallError, call};
use crate::session::Session;
use crate::stack::Stack;

/// Where crawlers write, unless their last crawl says otherwise.
const GROUP: &str = "/aws-glue/crawlers";

/// Prints what the last crawl of each crawler wrote.
pub async fn print(
    session: &Session,
    cloud: &Cloud,
    stack: Option<&Stack>,
    names: &[String],
) -> anyhow::Result<Exit> {
    let mut all = Vec::new();
    for name in names {
        let crawler = watch::named(cloud, stack, name).await?;
        let last = crawler.last_crawl();
        let group = last.and_then(|l| l.log_group()).unwrap_or(GROUP);
        let stream = last.and_then(|l| l.log_stream()).unwrap_or(name);
        let prefix = last.and_then(|l| l.message_prefix());
        let lines = match lines(cloud, group, stream, prefix, None).await {
            Ok(lines) => lines,
            Err(error) if error.is("ResourceNotFoundException") => {
                session.output.say(format!("{name} has written no log yet: there is no stream {stream} in {group}."));
                Vec::new()
            }
            Err(error) => return Err(error.into()),
        };
        if session.output.is_json() {
            all.push(json!({"crawler": name, "group": group, "stream": stream, "events": lines}));
            continue;
        }
        for line in lines {
            session.output.line(line["message"].as_str().unwrap_or_default())?;
        }
    }
    if session.output.is_json() {
        session.output.json(&all)?;
    }
    Ok(Exit::Success)
}

/// The lines of one crawl: those that begin with its prefix, as every line of it does. None of them
/// is older than `since`, in milliseconds since the epoch.
async fn lines(
    cloud: &Cloud,
    group: &str,
    stream: &str,
    prefix: Option<&str>,
    since: Option<i64>,
) -> Result<Vec<serde_json::Value>, CallError> {
    let mut found = Vec::new();
    let mut token = None;
    loop {
        let request = cloud.logs.get_log_events();
        let request = request
            .log_group_name(group)
            .log_stream_name(stream)
            .start_from_head(true)
            .set_start_time(since)
            .set_next_token(token.clone());
        let page = call!("GetLogEvents", request)?;
        for event in page.events() {
            let message = event.message().unwrap_or_default();
            if prefix.is_none_or(|prefix| message.contains(prefix)) {
                found.push(json!({"timestamp": event.timestamp(), "message": message.trim_end()}));
            }
        }
        // The same token again: there is nothing behind it.
        if page.next_forward_token == token || page.next_forward_token.is_none() {
            return Ok(found);
        }
        token = page.next_forward_token;
    }
}

/// What a crawl that runs wrote last, without what stands before each of its lines; nothing where
/// it wrote nothing yet, or its log cannot be read.
pub async fn last_line(cloud: &Cloud, crawler: &str, prefix: Option<&str>) -> Option<String> {
    let request = cloud.logs.get_log_events();
    let request = request
        .log_group_name(GROUP)
        .log_stream_name(crawler)
        .start_from_head(false)
        .limit(1);
    let page = call!("GetLogEvents", request).ok()?;
    let line = page.events().last()?.message()?;
    let is_of_crawl = prefix.is_none_or(|prefix| line.contains(prefix));
    let (_, said) = line.split_once(" : ").filter(|_| is_of_crawl)?;
    Some(said.trim_end().to_owned())
}

/// The last line of a crawl that runs in which it says how much it has looked at, and when that
/// was; none where it has said nothing since `since`, or its log cannot be searched. Times are in
/// milliseconds since the epoch.
pub async fn last_looked(
    cloud: &Cloud,
    crawler: &str,
    prefix: Option<&str>,
    since: Option<i64>,
) -> Option<(i64, String)> {
    let request = cloud.logs.filter_log_events();
    let request = request
        .log_group_name(GROUP)
        .log_stream_names(crawler)
        .filter_pattern("\"Looked at\"")
        .set_start_time(since);
    let page = call!("FilterLogEvents", request).ok()?;
    page.events().iter().rev().find_map(|event| {
        let line = event.message()?;
        let is_of_crawl = prefix.is_none_or(|prefix| line.contains(prefix));
        is_of_crawl.then(|| (event.timestamp().unwrap_or_default(), line.to_owned()))
    })
}

/// How much earlier than a crawl its first line may be, in milliseconds: their clocks are two.
const EARLIER: i64 = 1000;

/// What the last crawl warned of, as its log has it.
pub async fn warnings(cloud: &Cloud, crawler: &str, last: &LastCrawlInfo) -> Vec<Warning> {
    let group = last.log_group().unwrap_or(GROUP);
    let stream = last.log_stream().unwrap_or(crawler);
    let began = last.start_time().and_then(|time| time.to_millis().ok());
    let since = began.map(|began| began.saturating_sub(EARLIER));
    // It is talk: who may not read the log, or finds none, sees the rest.
    let Ok(lines) = lines(cloud, group, stream, last.message_prefix(), since).await else {
        return Vec::new();
    };
    let messages = lines.iter().filter_map(|line| line["message"].as_str());
    messages.filter_map(|line| warning(line, crawler)).collect()
}

/// A line of the level WARN: `[ID] WARN : s3://lake/t/a.csv: the object is empty`. One that begins
/// with no place is of the crawler.
fn warning(line: &str, crawler: &str) -> Option<Warning> {
    let (_, said) = line.split_once("] ")?;
    let said = said.strip_prefix("WARN : ")?;
    let place = said.split_once(": ").filter(|(place, _)| place.starts_with("s3://"));
    let (location, message) = place.unwrap_or((crawler, said));
    Some(Warning {
        location: location.to_owned(),
        message: message.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_the_level_warn_is_a_warning_with_its_place() {
        let told = |line: &str| {
            let warning = warning(line, "films")?;
            Some((warning.location, warning.message))
        };
        let pair = |place: &str, message: &str| Some((place.to_owned(), message.to_owned()));
        assert_eq!(
            told("[a-b] WARN : s3://lake/t: a.csv: it is empty"),
            pair("s3://lake/t", "a.csv: it is empty")
        );
        assert_eq!(told("[a-b] WARN : Several: a, b"), pair("films", "Several: a, b"));
        assert_eq!(told("[a-b] INFO : s3://lake/ has a ] WARN : in it"), None);
        assert_eq!(told("WARN"), None);
    }
}
