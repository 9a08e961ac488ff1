//! What `stack.toml` says of a database.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::stack::types::CatalogName;

/// A database of the Glue catalog. Its parameters carry the mark of ownership.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Keys {
    /// The database's name. Default: `STACK_ID`, in lower case. Another name is another database.
    #[schemars(extend("x-aws" = "CreateDatabase.DatabaseInput.Name"))]
    pub name: Option<CatalogName>,
    /// What it is for. `""` takes it away.
    #[schemars(length(max = 2048), extend("x-aws" = "CreateDatabase.DatabaseInput.Description"))]
    pub description: Option<String>,
    /// Where tables without a location of their own are kept: `s3://BUCKET/PREFIX`, or a path of
    /// another file system. `""` takes it away.
    #[schemars(length(max = 1024), extend("x-aws" = "CreateDatabase.DatabaseInput.LocationUri"))]
    pub location_uri: Option<String>,
    /// Parameters of the database; others that it has stay.
    #[serde(default)]
    #[schemars(extend("x-aws" = "CreateDatabase.DatabaseInput.Parameters"))]
    pub parameters: BTreeMap<String, String>,
    /// What Lake Formation lets whom do with new tables. Without it, what is live stays; a new
    /// database gets what the account's settings say.
    #[schemars(extend("x-aws" = "CreateDatabase.DatabaseInput.CreateTableDefaultPermissions"))]
    pub create_table_default_permissions: Option<Vec<Permissions>>,
    /// The database that this one stands for, as a resource link. The embedded cloud has none.
    #[schemars(extend("x-aws" = "CreateDatabase.DatabaseInput.TargetDatabase"))]
    pub target_database: Option<TargetDatabase>,
    /// The database outside of AWS that this one stands for. The embedded cloud has none.
    #[schemars(extend("x-aws" = "CreateDatabase.DatabaseInput.FederatedDatabase"))]
    pub federated_database: Option<FederatedDatabase>,
    /// Tags beside the stack's.
    #[serde(default)]
    #[schemars(extend("x-aws" = "CreateDatabase.Tags"))]
    pub tags: BTreeMap<String, String>,
}

/// What one principal may do.
#[derive(Debug, Clone, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Permissions {
    /// The principal: `IAM_ALLOWED_PRINCIPALS`, or an ARN.
    #[schemars(length(min = 1, max = 255))]
    pub principal: String,
    /// What it may do.
    pub permissions: Vec<Permission>,
}

/// A permission of Lake Formation.
#[derive(Debug, Clone, Copy, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(super) enum Permission {
    All,
    Select,
    Alter,
    Drop,
    Delete,
    Insert,
    CreateDatabase,
    CreateTable,
    DataLocationAccess,
}

/// A database of this or another account.
#[derive(Debug, Clone, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct TargetDatabase {
    /// The account whose catalog it is in.
    #[schemars(length(min = 1, max = 255))]
    pub catalog_id: Option<String>,
    /// Its name.
    #[schemars(length(min = 1, max = 255))]
    pub database_name: String,
    /// The region it is in.
    #[schemars(length(min = 1, max = 255))]
    pub region: Option<String>,
}

/// A database that a connection leads to.
#[derive(Debug, Clone, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct FederatedDatabase {
    /// What it is called there.
    #[schemars(length(min = 1, max = 512))]
    pub identifier: Option<String>,
    /// The connection to it.
    #[schemars(length(min = 1, max = 255))]
    pub connection_name: Option<String>,
    /// The kind of connection.
    #[schemars(length(min = 1, max = 255))]
    pub connection_type: Option<String>,
}
