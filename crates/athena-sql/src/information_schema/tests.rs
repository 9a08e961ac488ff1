use super::*;
use crate::test_lake::Lake;

async fn lake() -> Arc<Lake> {
    let lake = Arc::new(Lake::default());
    for (database, name) in [("lake", "songs"), ("lake", "films"), ("sea", "ships")] {
        let column = |name: &str, data_type: &str| Column {
            name: name.to_owned(),
            data_type: data_type.to_owned(),
            ..Column::default()
        };
        let table = Table {
            database: database.to_owned(),
            name: name.to_owned(),
            storage: Storage {
                columns: vec![
                    column("id", "bigint"),
                    Column {
                        comment: Some("when".to_owned()),
                        ..column("times", "array<struct<at:timestamp>>")
                    },
                ],
                ..Storage::default()
            },
            partition_keys: vec![column("year", "int")],
            ..Table::default()
        };
        lake.create_table(table).await.expect("a table");
    }
    lake
}

#[tokio::test]
async fn no_more_of_the_catalog_is_read_than_the_conditions_name() {
    let cases: [(&str, &[&str], &[&str]); 5] = [
        (
            "SELECT table_name FROM information_schema.tables WHERE table_schema = 'lake'
             ORDER BY 1",
            &["films", "songs"],
            &["database lake", "tables lake"],
        ),
        (
            "SELECT t.table_name FROM awsdatacatalog.information_schema.tables t
             WHERE t.table_schema IN ('lake', 'Sea') AND 'songs' = t.table_name",
            &["songs"],
            &["database lake", "table lake.songs"],
        ),
        (
            "SELECT schema_name FROM information_schema.schemata WHERE schema_name = 'sea'",
            &["sea"],
            &["database sea"],
        ),
        (
            "SELECT count(*) FROM information_schema.tables
             WHERE table_schema <> 'information_schema'",
            &["3"],
            &["databases", "tables lake", "tables sea"],
        ),
        (
            "SELECT column_name, data_type, comment, extra_info
             FROM information_schema.columns
             WHERE table_schema = 'sea' AND table_name = 'ships' ORDER BY ordinal_position",
            &[
                "id, bigint, -, -",
                "times, array(row(at timestamp(3))), when, -",
                "year, integer, -, partition key",
            ],
            &["database sea", "table sea.ships"],
        ),
    ];
    for (sql, rows, read) in cases {
        let lake = lake().await;
        assert_eq!(lake.rows(sql).await, rows, "{sql}");
        let mut asked = std::mem::take(&mut *lake.asked.lock().expect("no panic"));
        asked.sort();
        assert_eq!(asked, read, "{sql}");
    }
}

#[tokio::test]
async fn it_lists_itself_and_what_it_has_not_is_no_table() {
    let lake = lake().await;
    let sql = "SELECT table_name FROM information_schema.tables
               WHERE table_schema = 'information_schema' ORDER BY 1";
    assert_eq!(
        lake.rows(sql).await,
        ["columns", "schemata", "tables", "views"]
    );
    assert_eq!(
        lake.refusal("SELECT * FROM information_schema.files").await,
        "TABLE_NOT_FOUND: line 1:15: Table 'awsdatacatalog.information_schema.files' does not \
         exist"
    );
}

#[test]
fn timestamps_of_iceberg_and_delta_lake_are_theirs() {
    let mut table = Table {
        storage: Storage {
            columns: vec![Column {
                name: "at".to_owned(),
                data_type: "map<string,timestamp>".to_owned(),
                ..Column::default()
            }],
            ..Storage::default()
        },
        ..Table::default()
    };
    for (kind, expected) in [
        ("ICEBERG", "map(varchar, timestamp(6))"),
        ("DELTA", "map(varchar, timestamp(3) with time zone)"),
    ] {
        let parameters = &mut table.parameters;
        parameters.insert(iceberg::TABLE_TYPE.to_owned(), kind.to_owned());
        let types = types(&table).expect("types");
        assert_eq!(types[0].1.to_string(), expected);
    }
}
