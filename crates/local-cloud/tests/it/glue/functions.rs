//! User-defined functions.

use serde_json::{Value, json};

use crate::s3::World;

fn of(mut request: Value) -> Value {
    request["DatabaseName"] = "films".into();
    request
}

#[tokio::test]
async fn a_function_is_made_listed_changed_and_deleted() {
    let world = World::with_table().await;
    let input = |name: &str, class: &str| {
        of(json!({"FunctionInput": {
            "FunctionName": name, "ClassName": class, "OwnerName": "ann", "OwnerType": "USER",
            "ResourceUris": [{"ResourceType": "JAR", "Uri": "s3://lake/f.jar"}],
        }}))
    };
    for name in ["Titled", "trimmed", "other"] {
        world
            .glue("CreateUserDefinedFunction", input(name, "a.B"))
            .await
            .unwrap();
    }
    let again = world
        .glue("CreateUserDefinedFunction", input("TITLED", "a.B"))
        .await
        .unwrap_err();
    assert_eq!(again.code, "AlreadyExistsException");
    let mut update = input("titled", "a.C");
    update["FunctionName"] = "titled".into();
    world
        .glue("UpdateUserDefinedFunction", update)
        .await
        .unwrap();
    let name = of(json!({"FunctionName": "Titled"}));
    let got = world
        .glue("GetUserDefinedFunction", name.clone())
        .await
        .unwrap();
    assert_eq!(got["UserDefinedFunction"]["ClassName"], "a.C");
    assert_eq!(got["UserDefinedFunction"]["FunctionName"], "titled");

    let mut request = json!({"Pattern": "t.*", "MaxResults": 1});
    let mut names = Vec::new();
    loop {
        let page = world
            .glue("GetUserDefinedFunctions", request.clone())
            .await
            .unwrap();
        for function in page["UserDefinedFunctions"].as_array().unwrap() {
            names.push(function["FunctionName"].as_str().unwrap().to_owned());
        }
        match page.get("NextToken") {
            Some(token) => request["NextToken"] = token.clone(),
            None => break,
        }
    }
    assert_eq!(names, ["titled", "trimmed"]);
    // As Trino asks for a function by its name.
    let quoted = json!({"Pattern": r"\Qtitled\E.*"});
    let page = world.glue("GetUserDefinedFunctions", quoted).await.unwrap();
    assert_eq!(page["UserDefinedFunctions"].as_array().unwrap().len(), 1);

    world
        .glue("DeleteUserDefinedFunction", name.clone())
        .await
        .unwrap();
    for operation in ["GetUserDefinedFunction", "DeleteUserDefinedFunction"] {
        let gone = world.glue(operation, name.clone()).await.unwrap_err();
        assert_eq!(gone.code, "EntityNotFoundException");
    }
    let nowhere = json!({"DatabaseName": "none", "Pattern": "*"});
    let refused = world
        .glue("GetUserDefinedFunctions", nowhere)
        .await
        .unwrap_err();
    assert_eq!(refused.message, "Database none not found.");
}
