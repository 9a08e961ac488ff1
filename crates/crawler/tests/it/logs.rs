//! Grok classifiers of a user's own, and the logs that need none.

use crawler::{CustomClassifier, GrokClassifier, Options, Table};

use crate::csv::gzip;
use crate::lake::{columns, lake, names};

async fn built_in(text: &str) -> Table {
    lake().with("t/a", text).await.table().await
}

fn grok(pattern: &str, custom: Option<&str>) -> Options {
    let grok = GrokClassifier::new("special-logs", pattern, custom).unwrap();
    Options {
        classifiers: vec![CustomClassifier::Grok(grok)],
        ..Options::default()
    }
}

#[tokio::test]
async fn a_grok_classifier_makes_columns_of_its_fields() {
    let pattern =
        "%{TIMESTAMP_ISO8601:timestamp} %{LEVEL:level} %{NUMBER:took:double} %{GREEDYDATA:message}";
    let custom = "LEVEL (INFO|WARN)";
    let text = "2024-02-03 10:11:12 INFO 1.5 all is well\n2024-02-03 10:11:13 WARN 2 it is not\n";
    let lake = lake().with("t/a", text).await;
    let table = lake.options(grok(pattern, Some(custom))).table().await;
    assert_eq!(
        columns(&table),
        "timestamp string, level string, took double, message string"
    );
    assert_eq!(table.parameters["classification"], "special-logs");
    assert_eq!(table.parameters["recordCount"], "2");
    assert_eq!(
        table.format.serialization_library,
        "com.amazonaws.glue.serde.GrokSerDe"
    );
    assert_eq!(table.format.serde_parameters["input.format"], pattern);
    assert_eq!(
        table.format.serde_parameters["input.grokCustomPatterns"],
        custom
    );
}

#[tokio::test]
async fn a_grok_classifier_that_is_not_certain_gives_way_to_a_built_in_one() {
    let text = "id,name\n1,ann\n2,bob\n";
    let lake = lake().with("t/a", text).await;
    let table = lake
        .options(grok("%{INT:id:int},%{WORD:who}", None))
        .table()
        .await;
    assert_eq!(columns(&table), "id bigint, name string");
    assert_eq!(table.parameters["classification"], "csv");
}

#[tokio::test]
async fn a_grok_classifier_that_is_not_certain_is_heard_when_no_other_is() {
    let text = "started\n17 ann\n18 bob\n";
    let lake = lake().with("t/a", text).await;
    let table = lake
        .options(grok("%{INT:id:int} %{WORD:who}", None))
        .table()
        .await;
    assert_eq!(columns(&table), "id int, who string");
}

#[tokio::test]
async fn apaches_logs_are_known_with_and_without_referrer_and_agent() {
    let common =
        r#"127.0.0.1 - frank [10/Oct/2000:13:55:36 -0700] "GET /apache_pb.gif HTTP/1.0" 200 2326"#;
    let table = built_in(&format!("{common}\n{common}\n")).await;
    assert_eq!(table.parameters["classification"], "apache");
    assert_eq!(
        columns(&table),
        "clientip string, ident string, auth string, timestamp string, verb string, request string, \
         httpversion string, rawrequest string, response string, bytes string"
    );
    let combined = format!(r#"{common} "http://www.example.com/start.html" "Mozilla/4.08 [en]""#);
    let table = built_in(&format!("{combined}\n")).await;
    assert_eq!(table.parameters["classification"], "combined_apache");
    assert!(columns(&table).ends_with("bytes string, referrer string, agent string"));
}

#[tokio::test]
async fn logs_of_programs_are_known_by_their_lines() {
    let logs = [
        (
            "linux_kernel",
            "Feb  1 06:25:43 host kernel: [12.5] eth0: link up\n",
            "timestamp string, facility string, priority string, logsource string, program string, \
             pid string, message string",
        ),
        (
            "ruby_logger",
            "I, [2013-05-13T18:00:00.123456 #1234]  INFO -- main: started\n",
            "timestamp string, pid string, loglevel string, progname string, message string",
        ),
        (
            "squid",
            "1286536309.586    921 192.168.0.227 TCP_MISS/200 507 POST http://example.com/a ann HIER_DIRECT/64.127.132.15 text/html\n",
            "timestamp string, duration string, client_address string, cache_result string, \
             status_code string, bytes string, request_method string, url string, user string, \
             hierarchy_code string, server string, content_type string",
        ),
        (
            "redismonlog",
            "1339518083.107412 [0 127.0.0.1:60866] \"keys\" \"*\"\n",
            "timestamp string, database string, client string, port string, command string, \
             params string",
        ),
        (
            "redislog",
            "[4018] 14 Nov 07:01:22.119 * Background saving terminated with success\n",
            "pid string, role string, timestamp string, level string, message string",
        ),
    ];
    for (classification, line, expected) in logs {
        let table = built_in(line).await;
        assert_eq!(table.parameters["classification"], classification, "{line}");
        assert_eq!(columns(&table), expected);
    }
}

#[tokio::test]
async fn logs_of_awss_services_are_known_and_what_glue_would_need_is_said() {
    let alb = "http 2018-07-02T22:23:00.186641Z app/my-loadbalancer/50dc6c495c0c9188 192.168.131.39:2817 10.0.0.1:80 0.000 0.001 0.000 200 200 34 366 \"GET http://www.example.com:80/ HTTP/1.1\" \"curl/7.46.0\" - - arn:aws:elasticloadbalancing:us-east-2:123456789012:targetgroup/my-targets/73e2d6bc24d8a067 \"Root=1-58337262-36d228ad5d99923122bbe354\" \"-\" \"-\" 0 2018-07-02T22:22:48.364000Z \"forward\" \"-\" \"-\"\n";
    let elb = "2015-05-13T23:39:43.945958Z my-loadbalancer 192.168.131.39:2817 10.0.0.1:80 0.000073 0.001048 0.000057 200 200 0 29 \"GET http://www.example.com:80/ HTTP/1.1\" \"curl/7.38.0\" - -\n";
    let cloudfront = "#Version: 1.0\n#Fields: date time x-edge-location sc-bytes c-ip cs-method cs(Host) cs-uri-stem sc-status cs(Referer) cs(User-Agent) cs-uri-query\n2019-12-04\t21:02:31\tLAX1\t392\t192.0.2.100\tGET\td111111abcdef8.cloudfront.net\t/index.html\t200\t-\tMozilla/5.0\t-\t-\tHit\n";
    let flow = "version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status\n2 123456789010 eni-1235b8ca123456789 172.31.16.139 172.31.16.21 20641 22 6 20 4249 1418530010 1418530070 ACCEPT OK\n2 123456789010 eni-1235b8ca123456789 - - - - - - - 1431280876 1431280934 - NODATA\n";
    for (classification, text, skipped) in [
        ("alb", alb, None),
        ("elb", elb, None),
        ("cloudfront", cloudfront, Some("2")),
        ("vpc_flow", flow, Some("1")),
    ] {
        let crawled = lake().with("t/a", text).await.crawl().await;
        assert_eq!(names(&crawled), ["t"], "{classification}");
        let table = &crawled.tables[0];
        assert_eq!(table.parameters["classification"], classification);
        let skip = table.parameters.get("skip.header.line.count");
        assert_eq!(skip.map(String::as_str), skipped);
        let warning = &crawled.warnings[0].message;
        assert!(
            warning.contains("a grok classifier with the pattern"),
            "{warning}"
        );
    }
}

#[tokio::test]
async fn a_log_with_a_few_other_lines_is_still_that_log() {
    let line = "Feb  1 06:25:43 host sshd[17]: Accepted publickey for ann\n";
    let text = format!("{}-- cut --\n{line}", line.repeat(20));
    let table = built_in(&text).await;
    assert_eq!(table.parameters["classification"], "linux_kernel");
}

#[tokio::test]
async fn a_log_is_known_however_well_it_is_compressed() {
    let cloudfront = "#Version: 1.0\n#Fields: date time x-edge-location sc-bytes c-ip cs-method cs(Host) cs-uri-stem sc-status cs(Referer) cs(User-Agent) cs-uri-query\n2019-12-04\t21:02:31\tLAX1\t392\t192.0.2.100\tGET\td111111abcdef8.cloudfront.net\t/index.html\t200\t-\tMozilla/5.0\t-\t-\tHit\n";
    let flow =
        "2 123456789010 eni-1235b8ca123456789 - - - - - - - 1431280876 1431280934 - NODATA\n";
    let apache =
        r#"127.0.0.1 - frank [10/Oct/2000:13:55:36 -0700] "GET /apache_pb.gif HTTP/1.0" 200 2326"#;
    for (classification, text) in [
        ("cloudfront", cloudfront.to_owned()),
        ("vpc_flow", flow.repeat(50)),
        ("apache", format!("{apache}\n")),
    ] {
        let table = lake().with("t/a.gz", gzip(&text)).await.table().await;
        assert_eq!(table.parameters["classification"], classification);
        assert_eq!(table.parameters["compressionType"], "gzip");
    }
}

#[tokio::test]
async fn a_line_of_a_load_balancer_without_a_backend_is_one_of_its_log() {
    let line = "2015-05-13T23:39:43.945958Z my-loadbalancer 192.168.131.39:2817 - -1 -1 -1 503 0 0 0 \"GET http://www.example.com:80/ HTTP/1.1\" \"curl/7.38.0\" - -\n";
    let table = built_in(&line.repeat(3)).await;
    assert_eq!(table.parameters["classification"], "elb");
    assert_eq!(table.parameters["recordCount"], "3");
}
