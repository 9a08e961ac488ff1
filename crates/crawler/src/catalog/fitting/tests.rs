use super::*;
use crate::catalog::Storage;

fn columns(names: &[&str]) -> Vec<Column> {
    let column = |name: &&str| Column {
        name: (*name).to_owned(),
        data_type: "string".to_owned(),
    };
    names.iter().map(column).collect()
}

fn of(classification: &str) -> BTreeMap<String, String> {
    [("classification".to_owned(), classification.to_owned())].into()
}

/// A table of `s3://lake/` without partitions.
fn found(place: &str, names: &[&str], classification: &str) -> Table {
    Table {
        name: "found".to_owned(),
        location: format!("s3://lake/{place}"),
        columns: columns(names),
        partition_keys: Vec::new(),
        partitions: Vec::new(),
        format: Format::default(),
        parameters: of(classification),
        is_counted: true,
    }
}

fn home<'a>(name: &'a str, keys: &[&str]) -> Home<'a> {
    Home {
        name,
        definition: Definition {
            storage: Some(Storage {
                location: Some(format!("s3://lake/{name}")),
                columns: columns(&["id", "name"]),
                ..Storage::default()
            }),
            partition_keys: columns(keys),
            parameters: of("csv"),
        },
    }
}

/// The values of the partitions that fit, by their tables, and what does not.
fn held(found: &[Table], homes: &[Home<'_>]) -> (Vec<String>, Vec<String>) {
    let fitted = fit(found, homes);
    let values = fitted.tables.iter().flat_map(|(home, table)| {
        let own = table.partitions.iter().map(|one| one.values.join("/"));
        own.map(|values| format!("{} {values}", homes[*home].name))
    });
    let misfits = fitted.misfits.iter();
    let misfits = misfits.map(|one| format!("{}: {}", one.location, one.message));
    (values.collect(), misfits.collect())
}

#[test]
fn folders_that_fit_are_partitions_whatever_else_is_beside_them() {
    let all = [
        found("t/d=1/", &["id", "name"], "csv"),
        found("t/d=2/", &["id", "name", "more"], "csv"),
        found("t/d=3/", &["a"], "json"),
        found("t/d=4/", &["p", "q", "r"], "csv"),
        found("t/e=5/", &["id", "name"], "csv"),
        found("t/d=6/x/", &["id", "name"], "csv"),
        found("t/x.csv", &["id", "name"], "csv"),
        found("u/", &["id", "name"], "csv"),
    ];
    let (values, misfits) = held(&all, &[home("t", &["d"])]);
    assert_eq!(values, ["t 1", "t 2"]);
    let no_values = "its place gives the partition keys of table t (d) no values, so it is not \
                     added";
    assert_eq!(
        misfits,
        [
            "s3://lake/t/d=3/: its data is json, and that of table t is csv, so it is not added"
                .to_owned(),
            "s3://lake/t/d=4/: its columns are not similar to those of table t, so it is not \
             added"
                .to_owned(),
            format!("s3://lake/t/e=5/: {no_values}"),
            format!("s3://lake/t/d=6/x/: {no_values}"),
            format!("s3://lake/t/x.csv: {no_values}"),
            "s3://lake/u/: no table that the crawler has made holds its folder, so it is not \
             added"
                .to_owned(),
        ]
    );
}

#[test]
fn a_table_above_those_that_are_there_is_taken_apart() {
    let part = |place: &str| {
        let Table {
            location, columns, ..
        } = found(place, &["id", "name"], "csv");
        Partition {
            values: Vec::new(),
            location,
            columns,
            format: Format::default(),
            parameters: of("csv"),
        }
    };
    let above = Table {
        partition_keys: columns(&["partition_0", "d"]),
        partitions: vec![part("t/d=1/"), part("u/d=1/"), part("u/d=2/")],
        ..found("", &["id", "name"], "csv")
    };
    let (values, misfits) = held(&[above], &[home("t", &["d"])]);
    assert_eq!(values, ["t 1"]);
    assert_eq!(
        misfits,
        [
            "s3://lake/u/d=1/: no table that the crawler has made holds its folder, so it and 1 \
          more are not added"
        ]
    );
}

#[test]
fn a_majority_takes_no_partition_with_it_that_fits_nowhere() {
    let part = |value: &str, names: &[&str]| {
        let found = found(&format!("t/d={value}/"), names, "csv");
        Partition {
            values: vec![value.to_owned()],
            location: found.location,
            columns: found.columns,
            format: Format::default(),
            parameters: of("csv"),
        }
    };
    let good = ["id", "name"];
    let all = Table {
        partition_keys: columns(&["d"]),
        partitions: vec![
            part("1", &good),
            part("2", &good),
            part("3", &["p", "q", "r"]),
            part("4", &good),
        ],
        ..found("t/", &["id", "name", "p", "q", "r"], "csv")
    };
    let (values, misfits) = held(&[all], &[home("t", &["d"])]);
    assert_eq!(values, ["t 1", "t 2", "t 4"]);
    assert_eq!(misfits.len(), 1);
    assert!(misfits[0].starts_with("s3://lake/t/d=3/: its columns"));
}

#[test]
fn a_folder_whose_value_is_none_of_its_keys_type_is_no_partition() {
    let mut of_int = home("t", &["y"]);
    "int".clone_into(&mut of_int.definition.partition_keys[0].data_type);
    let homes = [of_int];
    let names = ["id", "name"];
    let no_int = "s3://lake/t/y=x/: its place gives the partition key y of table t no int, so it \
                  is not added";
    let expected = (vec!["t 2024".to_owned()], vec![no_int.to_owned()]);
    let apart = ["2024", "x"].map(|value| found(&format!("t/y={value}/"), &names, "csv"));
    let part = |value: &str| {
        let found = found(&format!("t/y={value}/"), &names, "csv");
        Partition {
            values: vec![value.to_owned()],
            location: found.location,
            columns: found.columns,
            format: Format::default(),
            parameters: of("csv"),
        }
    };
    let together = Table {
        partition_keys: columns(&["y"]),
        partitions: vec![part("2024"), part("x")],
        ..found("t/", &names, "csv")
    };
    assert_eq!(held(&apart, &homes), expected);
    assert_eq!(held(&[together], &homes), expected);
}

#[test]
fn what_is_a_table_itself_is_no_misfit() {
    let mut whole = found("t/", &["id", "name"], "csv");
    whole.partition_keys = columns(&["D"]);
    let all = [
        whole,
        found("u/", &["id"], "csv"),
        found("v/a.csv", &["id", "name"], "csv"),
    ];
    let homes = [home("t", &["d"]), home("u", &[]), home("v", &[])];
    assert_eq!(held(&all, &homes), (Vec::new(), Vec::new()));
}

#[test]
fn made_up_names_say_how_many_columns_there_are() {
    assert!(are_alike(
        &columns(&["col0", "col1"]),
        &columns(&["col0", "col1"])
    ));
    assert!(!are_alike(
        &columns(&["col0", "col1"]),
        &columns(&["col0", "col1", "col2", "col3"])
    ));
    assert!(are_alike(&[], &columns(&["col0"])));
}
