//! Logs of well-known programs and services.
//!
//! Source: AWS's Glue developer guide, "Built-in classifiers", which names the formats of programs;
//! the columns of those of AWS's services are the ones of the Athena user guide, "Query AWS service
//! logs".

use std::borrow::Cow;
use std::sync::OnceLock;

use async_trait::async_trait;

use super::{Grok, LINE, custom, matches, whole_lines};
use crate::classify::{Classified, Classifier, Unreadable};
use crate::sample::Sample;

/// Asks for each log in turn.
pub(in crate::classify) struct Log;

/// The share of lines that must be as the pattern says; programs crash in the middle of a line.
const MATCHING: f64 = 0.9;

struct Format {
    classification: &'static str,
    pattern: &'static str,
    /// Patterns that Glue does not have.
    custom: &'static str,
    /// How the lines begin that stand before the records.
    header: Option<&'static str>,
    /// Whether Glue has a classifier for it.
    in_glue: bool,
}

const fn program(
    classification: &'static str,
    pattern: &'static str,
    custom: &'static str,
) -> Format {
    Format {
        classification,
        pattern,
        custom,
        header: None,
        in_glue: true,
    }
}

/// In Glue's order; what Glue does not have comes last.
const FORMATS: &[Format] = &[
    program("combined_apache", "%{COMBINEDAPACHELOG}", ""),
    program("apache", "%{COMMONAPACHELOG}", ""),
    program("linux_kernel", "%{SYSLOGBASE} %{GREEDYDATA:message}", ""),
    program(
        "ruby_logger",
        r"[DFEWIA], \[%{TIMESTAMP_ISO8601:timestamp} #%{POSINT:pid}\] *%{RUBYLEVEL:loglevel} -- *%{DATA:progname}: %{GREEDYDATA:message}",
        "RUBYLEVEL (?:DEBUG|FATAL|ERROR|WARN|INFO|ANY)",
    ),
    program(
        "squid",
        r"%{NUMBER:timestamp} +%{INT:duration} %{IPORHOST:client_address} %{WORD:cache_result}/%{NONNEGINT:status_code} %{INT:bytes} %{NOTSPACE:request_method} %{NOTSPACE:url} %{NOTSPACE:user} %{WORD:hierarchy_code}/%{NOTSPACE:server} %{NOTSPACE:content_type}",
        "",
    ),
    program(
        "redismonlog",
        r#"%{NUMBER:timestamp} \[%{INT:database} %{IP:client}:%{NONNEGINT:port}\] "%{WORD:command}" ?%{GREEDYDATA:params}"#,
        "",
    ),
    program(
        "redislog",
        r"(?:\[%{POSINT:pid}\]|%{POSINT:pid}:%{REDISROLE:role}) %{REDISTIMESTAMP:timestamp} %{REDISLEVEL:level} %{GREEDYDATA:message}",
        "REDISTIMESTAMP %{MONTHDAY} %{MONTH} (?:%{YEAR} )?%{TIME}\nREDISROLE [XCSM]\nREDISLEVEL [.*#-]",
    ),
    Format {
        classification: "alb",
        pattern: r"%{ALBTYPE:type} %{TIMESTAMP_ISO8601:time} %{NOTSPACE:elb} %{NOTSPACE:client_ip_port} %{NOTSPACE:target_ip_port} %{NUMBER:request_processing_time:double} %{NUMBER:target_processing_time:double} %{NUMBER:response_processing_time:double} %{ELBSTATUS:elb_status_code} %{ELBSTATUS:target_status_code} %{INT:received_bytes:long} %{INT:sent_bytes:long} %{QS:request} %{QS:user_agent} %{NOTSPACE:ssl_cipher} %{NOTSPACE:ssl_protocol}%{GREEDYDATA:other_fields}",
        custom: "ALBTYPE (?:https?|h2|grpcs|wss?)\nELBSTATUS (?:[0-9]+|-)",
        header: None,
        in_glue: false,
    },
    Format {
        classification: "elb",
        pattern: r"%{TIMESTAMP_ISO8601:timestamp} %{NOTSPACE:elb_name} %{NOTSPACE:client_ip_port} %{NOTSPACE:backend_ip_port} %{NUMBER:request_processing_time:double} %{NUMBER:backend_processing_time:double} %{NUMBER:client_response_time:double} %{ELBSTATUS:elb_response_code} %{ELBSTATUS:backend_response_code} %{INT:received_bytes:long} %{INT:sent_bytes:long} %{QS:request}(?: %{QS:user_agent} %{NOTSPACE:ssl_cipher} %{NOTSPACE:ssl_protocol})?",
        custom: "ELBSTATUS (?:[0-9]+|-)",
        header: None,
        in_glue: false,
    },
    Format {
        classification: "cloudfront",
        pattern: "%{CFDATE:date}\t%{TIME:time}\t%{NOTSPACE:x_edge_location}\t%{INT:sc_bytes:long}\t%{NOTSPACE:c_ip}\t%{WORD:cs_method}\t%{NOTSPACE:cs_host}\t%{NOTSPACE:cs_uri_stem}\t%{NOTSPACE:sc_status}\t%{NOTSPACE:cs_referer}\t%{NOTSPACE:cs_user_agent}\t%{NOTSPACE:cs_uri_query}%{GREEDYDATA:other_fields}",
        custom: "CFDATE %{YEAR}-%{MONTHNUM2}-%{MONTHDAY}",
        header: Some("#"),
        in_glue: false,
    },
    Format {
        classification: "vpc_flow",
        pattern: "%{INT:version:int} %{NOTSPACE:account_id} %{NOTSPACE:interface_id} %{FLOWVALUE:srcaddr} %{FLOWVALUE:dstaddr} %{FLOWVALUE:srcport} %{FLOWVALUE:dstport} %{FLOWVALUE:protocol} %{FLOWVALUE:packets} %{FLOWVALUE:bytes} %{INT:start:long} %{INT:end:long} %{FLOWACTION:action} %{FLOWSTATUS:log_status}",
        custom: "FLOWVALUE (?:[0-9A-Fa-f:.]+|-)\nFLOWACTION (?:ACCEPT|REJECT|-)\nFLOWSTATUS (?:OK|NODATA|SKIPDATA)",
        header: Some("version account-id"),
        in_glue: false,
    },
];

/// The formats with their patterns compiled. One whose pattern did not compile would be left out,
/// which a test rules out.
fn formats() -> &'static [(&'static Format, Grok)] {
    static COMPILED: OnceLock<Vec<(&Format, Grok)>> = OnceLock::new();
    COMPILED.get_or_init(|| {
        FORMATS
            .iter()
            .filter_map(|format| Some((format, Grok::new(format.pattern, format.custom).ok()?)))
            .collect()
    })
}

#[async_trait]
impl Classifier for Log {
    async fn classify(&self, sample: &mut Sample) -> Result<Option<Classified>, Unreadable> {
        sample.read_beginning().await?;
        if sample.text().contains(&0) {
            return Ok(None);
        }
        for (format, grok) in formats() {
            let Some(before) = records_start(format, grok, sample) else {
                continue;
            };
            if let Some(classified) = format.classify(grok, before, sample).await? {
                return Ok(Some(classified));
            }
        }
        Ok(None)
    }
}

/// How many lines stand before the first record; nothing if there is no record, or another line
/// comes first.
fn records_start(format: &Format, grok: &Grok, sample: &Sample) -> Option<u64> {
    let mut before = 0;
    for line in whole_lines(sample).take(100) {
        let line = String::from_utf8_lossy(line);
        let line = line.trim_end_matches(['\n', '\r']);
        if line.trim().is_empty() {
            continue;
        }
        if format.header.is_some_and(|header| line.starts_with(header)) {
            before += 1;
            continue;
        }
        return (line.len() <= LINE && grok.is_match(line)).then_some(before);
    }
    None
}

impl Format {
    async fn classify(
        &self,
        grok: &Grok,
        before: u64,
        sample: &mut Sample,
    ) -> Result<Option<Classified>, Unreadable> {
        let Some(mut found) = matches(grok, sample).await? else {
            return Ok(None);
        };
        found.lines = found.lines.saturating_sub(before);
        if found.certainty() < MATCHING {
            return Ok(None);
        }
        let own = (!self.custom.is_empty()).then_some(self.custom);
        let mut layout = custom::layout(
            Cow::Borrowed(self.classification),
            self.pattern,
            own,
            sample,
        );
        layout.skipped_lines = before;
        let mut classified = custom::classified(layout, grok, sample, found, before);
        if !self.in_glue {
            classified.remarks.push(format!(
                "this is a log of {}, for which Glue has no classifier of its own: on AWS, give the \
                 crawler a grok classifier with the pattern {} and the custom patterns {}",
                self.classification,
                self.pattern.replace('\t', "\\t"),
                self.custom.replace('\n', "; "),
            ));
        }
        Ok(Some(classified))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_format_compiles() {
        for format in FORMATS {
            Grok::new(format.pattern, format.custom)
                .unwrap_or_else(|error| panic!("{}: {error}", format.classification));
        }
    }
}
