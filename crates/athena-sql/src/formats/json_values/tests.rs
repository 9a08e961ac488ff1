use super::*;
use crate::types::from_hive;

fn read(data_type: &str, json: &str) -> Option<String> {
    read_by(&openx(), data_type, json)
}

fn openx() -> Rules {
    Rules {
        openx: true,
        fold_case: true,
        ..Rules::default()
    }
}

fn hive() -> Rules {
    Rules {
        openx: false,
        ..openx()
    }
}

fn read_by(rules: &Rules, data_type: &str, json: &str) -> Option<String> {
    let data_type = from_hive(data_type).unwrap();
    let value = rules.value(json, &data_type).ok()?;
    Some(scalar::shown(&value))
}

#[test]
fn json_goes_to_the_types_of_the_columns() {
    for (data_type, json, expected) in [
        ("int", "7", Some("7")),
        ("int", "\"7\"", Some("7")),
        ("int", "\"x\"", None),
        ("string", "7", Some("7")),
        ("string", "{\"a\":1}", Some("{\"a\":1}")),
        ("double", "1", Some("1.0")),
        ("array<int>", "[1,null]", Some("[1, -]")),
        ("struct<a:int,b:string>", "{\"B\":\"x\"}", Some("(-, x)")),
        ("map<string,int>", "{\"k\":1}", Some("{k=1}")),
        ("boolean", "true", Some("true")),
    ] {
        assert_eq!(
            read(data_type, json).as_deref(),
            expected,
            "{data_type} {json}"
        );
    }
}

#[test]
fn numbers_keep_their_digits() {
    for (data_type, json, expected) in [
        ("string", "1.10", "1.10"),
        ("string", "1e2", "1e2"),
        (
            "string",
            "12345678901234567890123",
            "12345678901234567890123",
        ),
        ("string", "{ \"a\" : [1.10] }", "{\"a\":[1.10]}"),
        (
            "decimal(30,2)",
            "12345678901234567.12",
            "Decimal(1234567890123456712)",
        ),
        (
            "map<string,decimal(38,0)>",
            "{\"k\":99999999999999999999999999999999999999}",
            "{k=Decimal(99999999999999999999999999999999999999)}",
        ),
        ("bigint", "9007199254740993.5", "9007199254740993"),
        ("bigint", "-0.5", "0"),
        ("bigint", "-1.25e1", "-12"),
        ("bigint", "12e3", "12000"),
        ("timestamp", "0", "1970-01-01 00:00:00.000"),
    ] {
        let read = read(data_type, json);
        assert_eq!(read.as_deref(), Some(expected), "{data_type} {json}");
    }
    for (data_type, json) in [
        ("bigint", "9223372036854775808"),
        ("bigint", "1e999999999"),
        ("decimal(38,0)", "1e2147483647"),
        ("timestamp", "1e300"),
    ] {
        assert_eq!(read(data_type, json), None, "{data_type} {json}");
    }
}

#[test]
fn openx_reads_strings_for_what_they_say() {
    for (data_type, json, expected) in [
        ("int", r#""0x1F""#, Some("31")),
        ("tinyint", r#""0x1FF""#, None),
        ("int", "true", None),
        ("boolean", r#""TRUE""#, Some("true")),
        ("boolean", r#""yes""#, Some("false")),
        ("boolean", "1", None),
        ("array<int>", "7", Some("[7]")),
        ("array<int>", r#"" ""#, Some("-")),
        ("map<string,int>", r#""""#, Some("-")),
        ("map<string,int>", r#""x""#, None),
        ("map<string,int>", r#"{"Key":1}"#, Some("{key=1}")),
        ("struct<a:int,b:int>", r#""""#, Some("(-, -)")),
        ("struct<a:int,b:int>", "[1]", Some("(1, -)")),
        ("date", r#""2024-02-29 10:00""#, Some("2024-02-29")),
        (
            "timestamp",
            r#""1454612111""#,
            Some("2016-02-04 18:55:11.000"),
        ),
        (
            "timestamp",
            "1454612111000",
            Some("2016-02-04 18:55:11.000"),
        ),
        ("timestamp", "145461211100", Some("6579-06-25 19:58:20.000")),
        (
            "timestamp",
            r#""2016-02-04T18:55:11Z""#,
            Some("2016-02-04 18:55:11.000"),
        ),
        ("timestamp", r#""inf""#, None),
    ] {
        let read = read(data_type, json);
        assert_eq!(read.as_deref(), expected, "{data_type} {json}");
    }
}

#[test]
fn hive_wants_numbers_for_numbers() {
    for (data_type, json, expected) in [
        ("bigint", "1.5645e2", Some("156")),
        ("bigint", r#""123""#, None),
        ("double", r#""123""#, None),
        ("double", r#""NaN""#, Some("NaN")),
        ("double", "123", Some("123.0")),
        ("decimal(4,2)", r#""10.005""#, Some("Decimal(1001)")),
        ("decimal(4,2)", r#""x""#, Some("-")),
        ("decimal(4,2)", "99.999", None),
        ("boolean", r#""tRuE""#, Some("true")),
        ("boolean", "1", Some("false")),
        ("array<int>", "7", None),
        ("struct<a:int>", "[1]", None),
        ("map<string,int>", r#"{"Key":1,"Key":2}"#, Some("{Key=2}")),
        ("struct<a:int>", r#"{"a":1,"A":2}"#, Some("(2)")),
        ("timestamp", "1454612111", None),
        (
            "timestamp",
            r#""2016-02-04T18:55:11""#,
            Some("2016-02-04 18:55:11.000"),
        ),
        ("timestamp", r#""2016-02-04T18:55:11Z""#, None),
        ("timestamp", r#""2016-02-04""#, None),
    ] {
        let read = read_by(&hive(), data_type, json);
        assert_eq!(read.as_deref(), expected, "{data_type} {json}");
    }
}

#[test]
fn timestamps_are_read_by_the_formats_of_the_table() {
    let formats = ["yyyy-MM-dd'T'HH:mm:ss.SSS'Z'", "dd/MM/yyyy HH:mm", "millis"];
    let rules = Rules {
        timestamp_formats: formats.map(str::to_owned).to_vec(),
        ..hive()
    };
    for (json, expected) in [
        (
            r#""2016-02-04T18:55:11.120Z""#,
            Some("2016-02-04 18:55:11.120"),
        ),
        (r#""04/02/2016 18:55""#, Some("2016-02-04 18:55:00.000")),
        ("1454612111000.9", Some("2016-02-04 18:55:11.000")),
        (r#""2016-02-04 18:55:11""#, Some("2016-02-04 18:55:11.000")),
        (r#""04.02.2016""#, None),
    ] {
        let read = read_by(&rules, "timestamp", json);
        assert_eq!(read.as_deref(), expected, "{json}");
    }
}

#[test]
fn a_key_is_found_in_either_case_and_by_its_mapping() {
    let rules = Rules {
        dots: true,
        mappings: HashMap::from([("ts".to_owned(), "Timestamp".to_owned())]),
        ..openx()
    };
    for more in [0, FEW] {
        let others: Vec<_> = (0..more).map(|i| format!(",\"k{i}\":0")).collect();
        let line = format!("{{\"A\":1,\"timestamp\":2,\"B.c\":3{}}}", others.concat());
        let members = members(&line).unwrap();
        let object = rules.object(&members).unwrap();
        assert_eq!(rules.find(&object, "a"), Some("1"));
        assert_eq!(rules.find(&object, "ts"), Some("2"));
        assert_eq!(rules.find(&object, "b_c"), Some("3"));
        assert_eq!(rules.find(&object, "d"), None);
    }
}

#[test]
fn a_key_that_is_there_twice_is_openxs_error_and_hives_last() {
    for more in [0, FEW] {
        let others: Vec<_> = (0..more).map(|i| format!(",\"k{i}\":0")).collect();
        let line = format!("{{\"URL\":1,\"b\":2,\"Url\":3{}}}", others.concat());
        let members = members(&line).unwrap();
        let refused = openx().object(&members);
        assert!(matches!(refused, Err(Duplicate(key)) if key == "url"));
        let apart = Rules {
            fold_case: false,
            ..openx()
        };
        let object = apart.object(&members).unwrap();
        assert_eq!(apart.find(&object, "Url"), Some("3"));
        let object = hive().object(&members).unwrap();
        assert_eq!(hive().find(&object, "url"), Some("3"));
    }
}
