//! SearchTables.

use serde_json::{Value, json};

use super::table;
use crate::s3::World;

async fn lake() -> World {
    let world = World::with_table().await;
    for (name, description, owner) in [
        ("customer-link", "who buys", "ann"),
        ("xx-link-yy", "what is bought", "bob"),
        ("xxlinkyy", "neither", "ann"),
    ] {
        let mut input = table(name);
        input["TableInput"]["Description"] = description.into();
        input["TableInput"]["Owner"] = owner.into();
        input["TableInput"]["Parameters"]["owner.team"] = "sales".into();
        world.glue("CreateTable", input).await.unwrap();
    }
    world
}

async fn search(world: &World, mut request: Value) -> Vec<String> {
    let mut names = Vec::new();
    loop {
        let page = world.glue("SearchTables", request.clone()).await.unwrap();
        for table in page["TableList"].as_array().unwrap() {
            names.push(table["Name"].as_str().unwrap().to_owned());
        }
        match page.get("NextToken") {
            Some(token) => request["NextToken"] = token.clone(),
            None => return names,
        }
    }
}

#[tokio::test]
async fn tables_are_found_by_properties_times_and_text_in_order_and_in_pages() {
    let world = lake().await;
    let by = |filter: Value| json!({"Filters": [filter], "MaxResults": 1});
    for (request, expected) in [
        (
            by(json!({"Key": "Name", "Value": "link"})),
            vec!["customer-link", "xx-link-yy"],
        ),
        (
            by(json!({"Key": "owner", "Value": "ann"})),
            vec!["customer-link", "xxlinkyy"],
        ),
        (
            by(json!({"Key": "owner.team", "Value": "sales"})),
            vec!["customer-link", "xx-link-yy", "xxlinkyy"],
        ),
        (by(json!({"Key": "DatabaseName", "Value": "songs"})), vec![]),
        (
            by(
                json!({"Key": "UpdateTime", "Value": "2020-01-01T00:00:00Z", "Comparator": "GREATER_THAN"}),
            ),
            vec!["casts", "customer-link", "xx-link-yy", "xxlinkyy"],
        ),
        (
            by(json!({"Key": "CreateTime", "Value": "1600000000", "Comparator": "LESS_THAN"})),
            vec![],
        ),
        (json!({"SearchText": "BOUGHT"}), vec!["xx-link-yy"]),
        (json!({"SearchText": "\"who buys\""}), vec!["customer-link"]),
        (json!({"SearchText": "\"who\""}), vec![]),
        (json!({"ResourceShareType": "FOREIGN"}), vec![]),
        (
            json!({"SortCriteria": [{"FieldName": "Owner", "Sort": "DESC"}], "MaxResults": 2}),
            vec!["xx-link-yy", "customer-link", "xxlinkyy", "casts"],
        ),
    ] {
        assert_eq!(search(&world, request.clone()).await, expected, "{request}");
    }
    for wrong in [
        json!({"SortCriteria": [{"FieldName": "Colour", "Sort": "ASC"}]}),
        by(json!({"Key": "UpdateTime", "Value": "yesterday"})),
        json!({"NextToken": "!"}),
    ] {
        let refused = world.glue("SearchTables", wrong).await.unwrap_err();
        assert_eq!(refused.code, "InvalidInputException");
    }
}
