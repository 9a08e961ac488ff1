//! CREATE DATABASE.

use super::{answer, failure, table_name};
use crate::answer::Answer;
use crate::ast::CreateDatabase;
use crate::catalog::Database;
use crate::error::Error;
use crate::session::Session;

pub async fn run(create: &CreateDatabase, session: &Session) -> Result<Answer, Error> {
    let name = table_name::database_name(Some(&create.name), session)?;
    if session.catalog.database(&name).await?.is_some() {
        if create.if_not_exists {
            return Ok(answer::done("CREATE_DATABASE"));
        }
        return Err(failure::execution(format!(
            "AlreadyExistsException(message:Database {name} already exists)"
        )));
    }
    let database = Database {
        name,
        description: create.comment.clone(),
        location: create.location.clone(),
        parameters: create.properties.iter().cloned().collect(),
    };
    session.catalog.create_database(database).await?;
    Ok(answer::done("CREATE_DATABASE"))
}
