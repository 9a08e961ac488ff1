//! Tables that PyIceberg has written: `tests/data/iceberg`, by its `make.py`.

use std::path::Path;
use std::sync::Arc;

use crate::catalog::{Catalog, Table};
use crate::test_lake::Lake;

impl Lake {
    /// A lake with one of the tables.
    async fn with(name: &str) -> Arc<Self> {
        let lake = Arc::new(Self::default());
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/iceberg");
        lake.put_folder(&root, name).await;
        let current = std::fs::read_to_string(root.join(name).join("CURRENT")).expect("a URL");
        let parameters = [
            ("table_type", "ICEBERG"),
            ("metadata_location", current.trim()),
        ];
        lake.create_table(Table {
            database: "lake".to_owned(),
            name: name.to_owned(),
            table_type: "EXTERNAL_TABLE".to_owned(),
            parameters: parameters.map(|(k, v)| (k.to_owned(), v.to_owned())).into(),
            ..Table::default()
        })
        .await
        .expect("made");
        lake
    }
}

#[tokio::test]
async fn rows_that_are_deleted_by_position_or_equality_are_not_there() {
    let lake = Lake::with("deleted").await;
    // Of a: 1 is deleted by its position, 3 by equality. Of b: 4 and NULL by equality, not 5, which
    // is deleted in the other partition alone; and the 4 that came after its deletion stays.
    assert_eq!(
        lake.rows("SELECT letter, id FROM deleted ORDER BY letter, id")
            .await,
        ["a, 2", "b, 4", "b, 5"]
    );
    // What rows are compared by need not be asked for.
    assert_eq!(
        lake.rows("SELECT letter, count(*) FROM deleted GROUP BY letter ORDER BY letter")
            .await,
        ["a, 1", "b, 2"]
    );
    assert_eq!(
        lake.rows("SELECT count(*) FROM deleted WHERE letter = 'a'")
            .await,
        ["1"]
    );
    assert_eq!(lake.rows("SELECT count(*) FROM deleted").await, ["3"]);
}

#[tokio::test]
async fn a_column_is_what_its_id_is_and_not_its_name() {
    let lake = Lake::with("evolved").await;
    assert_eq!(
        lake.rows("SELECT id, title, name, at FROM evolved ORDER BY id")
            .await,
        ["1, old, -, {z=2}", "2, t, n, {z=4}"]
    );
    assert_eq!(
        lake.rows("SELECT id FROM evolved WHERE title = 'old'")
            .await,
        ["1"]
    );
    assert_eq!(
        lake.rows("SELECT id FROM evolved WHERE name IS NULL").await,
        ["1"]
    );
}
