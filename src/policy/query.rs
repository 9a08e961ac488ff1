//! What queries of Athena take: their workgroup, the tables of their SQL and the data below them,
//! and the place of their results.
//!
//! Source: "Fine-grained access to databases and tables in the AWS Glue Data Catalog" and "Control
//! access to Amazon S3 from Athena", Amazon Athena user guide.

use std::collections::{BTreeMap, BTreeSet};

use super::call::{Call, Given};
use super::place::{self, Place};
use super::sql::{self, TableName, Verb};
use super::{Fact, Home, Statement};

/// The database of a name, and the name, both in lower case; `*` for all.
type Table = (String, String);

/// What the queries of a definition do together.
#[derive(Default)]
struct Use {
    reads: BTreeSet<Table>,
    writes: BTreeMap<Verb, BTreeSet<Table>>,
    /// Folders of S3 that the SQL itself names, to read and to write.
    read_places: BTreeSet<Place>,
    written_places: BTreeSet<Place>,
    /// Why the stack's tables all are meant: the SQL comes from the input, or is not understood.
    any_table: bool,
    /// Whether a query is about what databases and tables there are.
    lists: bool,
}

pub(super) fn statements(home: &Home, facts: &[Fact], calls: &[&Call]) -> Vec<Statement> {
    if calls.is_empty() {
        return Vec::new();
    }
    let places = result_places(facts, calls);
    let mut statements = vec![athena(home, facts, calls)];
    let starts: Vec<&&Call> = calls
        .iter()
        .filter(|call| call.operation == "StartQueryExecution")
        .collect();
    if !starts.is_empty() {
        let mut used = Use::default();
        for call in &starts {
            used.add(facts, call);
        }
        if used.any_table {
            used.add_all(facts);
        }
        statements.extend(catalog(home, &used));
        statements.extend(data(home, facts, &used));
        statements.push(Statement::allow(
            "FindResults",
            [
                "s3:GetBucketLocation",
                "s3:ListBucket",
                "s3:ListBucketMultipartUploads",
            ],
            place::buckets(home, &places),
            "Athena looks at the bucket of the results before it writes there",
        ));
        statements.push(Statement::allow(
            "WriteResults",
            [
                "s3:AbortMultipartUpload",
                "s3:GetObject",
                "s3:ListMultipartUploadParts",
                "s3:PutObject",
            ],
            place::objects(home, &places),
            "Athena writes the results of queries as the caller, and reads them back",
        ));
    } else if calls.iter().any(|call| call.operation == "GetQueryResults") {
        statements.push(Statement::allow(
            "ReadResults",
            ["s3:GetObject"],
            place::objects(home, &places),
            "Athena reads the results of queries as the caller",
        ));
    }
    statements
}

/// The operations of Athena itself.
fn athena(home: &Home, facts: &[Fact], calls: &[&Call]) -> Statement {
    let mut actions: BTreeSet<String> = BTreeSet::new();
    let mut starts = false;
    for call in calls {
        actions.insert(format!("athena:{}", call.operation));
        if call.operation == "StartQueryExecution" {
            starts = true;
            actions.extend(["GetDataCatalog", "GetWorkGroup"].map(|a| format!("athena:{a}")));
            if call.waits() {
                let waits = ["GetQueryExecution", "StopQueryExecution"];
                actions.extend(waits.map(|a| format!("athena:{a}")));
            }
        }
    }
    let mut resources: Vec<String> = workgroups(facts, calls)
        .iter()
        .map(|name| home.arn("athena", &format!("workgroup/{name}")))
        .collect();
    if starts {
        resources.push(home.arn("athena", "datacatalog/AwsDataCatalog"));
    }
    let states: BTreeSet<String> = calls
        .iter()
        .map(|call| format!("`{}`", call.state))
        .collect();
    let states: Vec<String> = states.into_iter().collect();
    let reason = format!("queries of {}", states.join(", "));
    Statement::allow("RunQueries", actions, resources, reason)
}

/// The workgroups that are named; all of the stack's if one comes from the input, or a query is
/// known by its id alone.
fn workgroups(facts: &[Fact], calls: &[&Call]) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    let mut any = false;
    for call in calls {
        match call.arguments.text("WorkGroup") {
            Given::Text(name) => {
                names.insert(name);
            }
            Given::Absent if call.operation == "StartQueryExecution" => {
                names.insert("primary".to_owned());
            }
            Given::Absent => {}
            Given::Unknown { .. } => any = true,
        }
    }
    if any || names.is_empty() {
        names.insert("primary".to_owned());
        names.extend(facts.iter().filter_map(|fact| match fact {
            Fact::WorkGroup { name, .. } => Some(name.clone()),
            _ => None,
        }));
    }
    names
}

/// Where results go: the workgroups' places and those that the definition names; if only the input
/// says where, all of the stack's buckets.
fn result_places(facts: &[Fact], calls: &[&Call]) -> BTreeSet<Place> {
    let workgroups = workgroups(facts, calls);
    let mut places: BTreeSet<Place> = facts
        .iter()
        .filter_map(|fact| match fact {
            Fact::WorkGroup {
                name,
                results: Some(results),
            } if workgroups.contains(name) => Place::parse(results),
            _ => None,
        })
        .collect();
    for call in calls {
        let output = call
            .arguments
            .at(&["ResultConfiguration", "OutputLocation"]);
        match output {
            Given::Text(url) => places.extend(Place::parse(&url)),
            Given::Unknown { start } => {
                places.extend(Place::parse(&start).filter(|p| !p.key.is_empty()));
            }
            Given::Absent => {}
        }
    }
    if places.is_empty() {
        places.extend(facts.iter().filter_map(|fact| match fact {
            Fact::Bucket { name } => Some(Place {
                bucket: name.clone(),
                key: String::new(),
            }),
            _ => None,
        }));
    }
    places
}

impl Use {
    fn add(&mut self, facts: &[Fact], call: &Call) {
        let (used, verb) = match call.arguments.text("QueryString") {
            Given::Text(text) => (sql::scan(&text), None),
            Given::Unknown { start } => (None, sql::verb_of(&start)),
            Given::Absent => (None, None),
        };
        let Some(used) = used else {
            self.any_table = true;
            if let Some(verb) = verb.filter(|verb| !matches!(verb, Verb::Read | Verb::Unload)) {
                self.writes
                    .entry(verb)
                    .or_default()
                    .extend(all_tables(facts));
            }
            return;
        };
        let context = call.arguments.at(&["QueryExecutionContext", "Database"]);
        for name in &used.reads {
            if name.database.as_deref() == Some("information_schema") {
                self.lists = true;
                continue;
            }
            match in_database(name, &context) {
                Some(table) => {
                    self.reads.insert(table);
                }
                None => self.any_table = true,
            }
        }
        if let Some(target) = &used.target {
            let tables = match in_database(target, &context) {
                Some(table) => vec![table],
                None => all_tables(facts),
            };
            let tables = match used.verb {
                // Its name stands where a table's would.
                Verb::Database => vec![(target.table.clone(), "*".to_owned())],
                _ => tables,
            };
            self.writes.entry(used.verb).or_default().extend(tables);
        }
        let places = used.places.iter().filter_map(|url| Place::parse(url));
        match used.verb {
            Verb::Unload => self.written_places.extend(places),
            Verb::Create if used.queries => self.written_places.extend(places),
            _ => self.read_places.extend(places),
        }
    }

    fn add_all(&mut self, facts: &[Fact]) {
        self.reads.extend(all_tables(facts));
    }
}

fn in_database(name: &TableName, context: &Given) -> Option<Table> {
    let database = match (&name.database, context) {
        (Some(database), _) => database.clone(),
        (None, Given::Text(database)) => database.to_lowercase(),
        (None, Given::Absent) => "default".to_owned(),
        (None, Given::Unknown { .. }) => return None,
    };
    Some((database, name.table.clone()))
}

/// Every table of the stack's databases.
fn all_tables(facts: &[Fact]) -> Vec<Table> {
    facts
        .iter()
        .filter_map(|fact| match fact {
            Fact::Database { name } => Some(name),
            Fact::Table { database, .. } | Fact::Crawl { database, .. } => Some(database),
            _ => None,
        })
        .map(|database| (database.to_lowercase(), "*".to_owned()))
        .collect()
}

fn catalog(home: &Home, used: &Use) -> Vec<Statement> {
    let mut reading = vec![
        "glue:BatchGetPartition",
        "glue:GetDatabase",
        "glue:GetPartition",
        "glue:GetPartitions",
        "glue:GetTable",
    ];
    if used.any_table {
        // A statement that only the input knows may be one that lists.
        reading.push("glue:GetTables");
    }
    let mut statements = vec![Statement::allow(
        "ReadCatalog",
        reading,
        arns(home, &used.reads)
            .into_iter()
            .chain([home.arn("glue", "database/default")]),
        format!("queries look up {}", told(used)),
    )];
    if used.lists {
        let all = BTreeSet::from([("*".to_owned(), "*".to_owned())]);
        statements.push(Statement::allow(
            "ListCatalog",
            [
                "glue:GetDatabase",
                "glue:GetDatabases",
                "glue:GetTable",
                "glue:GetTables",
            ],
            arns(home, &all),
            "queries of information_schema list databases and their tables",
        ));
    }
    for (verb, tables) in &used.writes {
        let (actions, what): (&[&str], &str) = match verb {
            Verb::Read | Verb::Unload => continue,
            Verb::Insert => (
                &[
                    "glue:BatchCreatePartition",
                    "glue:CreatePartition",
                    "glue:UpdatePartition",
                    "glue:UpdateTable",
                ],
                "a query inserts rows",
            ),
            Verb::Create => (
                &[
                    "glue:BatchCreatePartition",
                    "glue:CreateTable",
                    "glue:UpdateTable",
                ],
                "a query creates a table or a view",
            ),
            Verb::Drop => (&["glue:DeleteTable"], "a query drops a table or a view"),
            Verb::Change => (&["glue:UpdateTable"], "a query changes rows"),
            Verb::Alter => (
                &[
                    "glue:BatchCreatePartition",
                    "glue:BatchDeletePartition",
                    "glue:CreatePartition",
                    "glue:DeletePartition",
                    "glue:UpdatePartition",
                    "glue:UpdateTable",
                ],
                "a query changes a table's partitions or properties",
            ),
            Verb::Database => (
                &["glue:CreateDatabase", "glue:DeleteDatabase"],
                "a query creates or drops a database",
            ),
        };
        statements.push(Statement::allow(
            "WriteCatalog",
            actions.iter().copied(),
            arns(home, tables),
            what,
        ));
    }
    statements
}

fn told(used: &Use) -> String {
    if used.any_table {
        return "all of the stack's tables, for only the input knows their SQL".to_owned();
    }
    let names: Vec<String> = used
        .reads
        .iter()
        .map(|(database, table)| format!("{database}.{table}"))
        .collect();
    match names.as_slice() {
        [] => "the database of the session".to_owned(),
        names => names.join(", "),
    }
}

fn arns(home: &Home, tables: &BTreeSet<Table>) -> Vec<String> {
    let inside = tables.iter().flat_map(|(database, table)| {
        [
            home.arn("glue", &format!("database/{database}")),
            home.arn("glue", &format!("table/{database}/{table}")),
        ]
    });
    inside.chain([home.arn("glue", "catalog")]).collect()
}

/// Where tables have their data: what the stack says of the table itself, else the paths of the
/// crawlers that write into its database.
fn data_of(facts: &[Fact], (wanted, table): &Table) -> Vec<Place> {
    let mut exact = Vec::new();
    let mut crawled = Vec::new();
    for fact in facts {
        match fact {
            Fact::Table {
                database,
                name,
                location,
            } if database.eq_ignore_ascii_case(wanted)
                && (table == "*" || table.eq_ignore_ascii_case(name)) =>
            {
                exact.extend(Place::parse(location));
            }
            Fact::Crawl { database, paths } if database.eq_ignore_ascii_case(wanted) => {
                crawled.extend(paths.iter().filter_map(|path| Place::parse(path)));
            }
            _ => {}
        }
    }
    if table == "*" {
        exact.extend(crawled);
        return exact;
    }
    if exact.is_empty() { crawled } else { exact }
}

fn data(home: &Home, facts: &[Fact], used: &Use) -> Vec<Statement> {
    let mut reads: BTreeSet<Place> = used.read_places.clone();
    reads.extend(used.reads.iter().flat_map(|table| data_of(facts, table)));
    let mut statements = place::listing(
        home,
        "ListData",
        &reads,
        "queries list the data of the tables they read",
    );
    statements.push(Statement::allow(
        "ReadData",
        ["s3:GetObject"],
        place::objects(home, &reads),
        "queries read the data of these tables",
    ));
    let places = |verbs: &[Verb]| -> BTreeSet<Place> {
        let tables = verbs
            .iter()
            .filter_map(|verb| used.writes.get(verb))
            .flatten();
        tables.flat_map(|table| data_of(facts, table)).collect()
    };
    let mut written = places(&[Verb::Insert, Verb::Change]);
    written.extend(used.written_places.iter().cloned());
    statements.push(Statement::allow(
        "WriteData",
        [
            "s3:AbortMultipartUpload",
            "s3:GetObject",
            "s3:ListMultipartUploadParts",
            "s3:PutObject",
        ],
        place::objects(home, &written),
        "queries write the data of these tables",
    ));
    statements.push(Statement::allow(
        "DeleteData",
        ["s3:DeleteObject"],
        place::objects(home, &places(&[Verb::Change])),
        "queries take rows out of these tables",
    ));
    statements
}
