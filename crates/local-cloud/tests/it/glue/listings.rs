//! Listings of the catalog: their pages, and what of each thing they give.

use serde_json::{Value, json};

use super::table;
use crate::s3::World;

#[tokio::test]
async fn tables_are_listed_by_pattern_and_in_pages() {
    let world = World::with_table().await;
    for name in ["songs", "songs_old", "zebras"] {
        world.glue("CreateTable", table(name)).await.unwrap();
    }
    let names = |page: &Value| -> Vec<String> {
        let tables = page["TableList"].as_array().unwrap();
        tables
            .iter()
            .map(|t| t["Name"].as_str().unwrap().to_owned())
            .collect()
    };
    let page = world
        .glue(
            "GetTables",
            json!({"DatabaseName": "films", "Expression": "songs*|casts", "MaxResults": 2}),
        )
        .await
        .unwrap();
    assert_eq!(names(&page), ["casts", "songs"]);
    let page = world
        .glue("GetTables", json!({"DatabaseName": "films", "Expression": "songs*|casts", "MaxResults": 2, "NextToken": page["NextToken"]}))
        .await
        .unwrap();
    assert_eq!(names(&page), ["songs_old"]);
    assert_eq!(page.get("NextToken"), None);
}

#[tokio::test]
async fn an_empty_token_is_that_of_the_first_page() {
    let world = World::with_table().await;
    let of_table = json!({"DatabaseName": "films", "TableName": "casts", "NextToken": ""});
    for (operation, request, list) in [
        ("GetDatabases", json!({"NextToken": ""}), "DatabaseList"),
        (
            "GetTables",
            json!({"DatabaseName": "films", "NextToken": ""}),
            "TableList",
        ),
        ("GetTableVersions", of_table.clone(), "TableVersions"),
        ("GetPartitions", of_table, "Partitions"),
        ("SearchTables", json!({"NextToken": ""}), "TableList"),
        (
            "GetUserDefinedFunctions",
            json!({"Pattern": "*", "NextToken": ""}),
            "UserDefinedFunctions",
        ),
        ("GetCrawlers", json!({"NextToken": ""}), "Crawlers"),
        ("GetClassifiers", json!({"NextToken": ""}), "Classifiers"),
    ] {
        let page = world.glue(operation, request).await.unwrap();
        assert!(page[list].is_array(), "{operation}");
    }
}

#[tokio::test]
async fn attributes_to_get_leave_out_all_else() {
    let world = World::with_table().await;
    let mut view = table("view");
    view["TableInput"]["TableType"] = "VIRTUAL_VIEW".into();
    world.glue("CreateTable", view).await.unwrap();
    let tables = async |attributes: Value| {
        let request = json!({"DatabaseName": "films", "AttributesToGet": attributes});
        world.glue("GetTables", request).await
    };
    let named = tables(json!(["NAME"])).await.unwrap();
    assert_eq!(
        named["TableList"],
        json!([{"Name": "casts"}, {"Name": "view"}])
    );
    let typed = tables(json!(["NAME", "TABLE_TYPE"])).await.unwrap();
    assert_eq!(
        typed["TableList"],
        json!([{"Name": "casts"}, {"Name": "view", "TableType": "VIRTUAL_VIEW"}])
    );
    for incomplete in [json!([]), json!(["TABLE_TYPE"])] {
        let refused = tables(incomplete).await.unwrap_err();
        assert_eq!(refused.code, "InvalidInputException");
    }
    let request = json!({"AttributesToGet": ["NAME"]});
    let databases = world.glue("GetDatabases", request).await.unwrap();
    assert_eq!(databases["DatabaseList"], json!([{"Name": "films"}]));
}

#[tokio::test]
async fn nothing_is_shared_by_other_accounts() {
    let world = World::with_table().await;
    for kind in ["FOREIGN", "FEDERATED"] {
        let request = json!({"ResourceShareType": kind});
        let databases = world.glue("GetDatabases", request.clone()).await.unwrap();
        assert_eq!(databases["DatabaseList"], json!([]));
        let tables = world.glue("SearchTables", request).await.unwrap();
        assert_eq!(tables["TableList"], json!([]));
    }
}
