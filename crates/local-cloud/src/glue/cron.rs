//! The schedule expressions of crawlers.

use super::errors;
use crate::cron::Cron;
use crate::error::ServiceError;

/// Fails for what is no schedule, in Glue's words.
pub(super) fn check(expression: &str) -> Result<(), ServiceError> {
    if Cron::parse(expression).is_some() {
        return Ok(());
    }
    Err(errors::invalid_input(format!(
        "Invalid schedule expression: {expression}. It has the form cron(Minutes Hours Day-of-month Month Day-of-week Year)."
    )))
}
