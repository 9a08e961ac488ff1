//! `WITH (name = value, …)` of CREATE TABLE AS and UNLOAD.

use crate::ast::{Expression, ExpressionKind, Position, Property};
use crate::error::Error;

/// Properties that are taken one by one, so that what is left over is unknown.
pub struct Properties<'a> {
    left: Vec<&'a Property>,
    position: Position,
}

impl<'a> Properties<'a> {
    pub fn new(properties: &'a [Property], position: Position) -> Self {
        Self {
            left: properties.iter().collect(),
            position,
        }
    }

    fn take(&mut self, name: &str) -> Option<&'a Property> {
        let at = self.left.iter().position(|p| p.name.lower() == name)?;
        Some(self.left.remove(at))
    }

    pub fn text(&mut self, name: &str) -> Result<Option<String>, Error> {
        let Some(property) = self.take(name) else {
            return Ok(None);
        };
        match &property.value.kind {
            ExpressionKind::String(text) => Ok(Some(text.clone())),
            _ => Err(invalid(property, "varchar")),
        }
    }

    pub fn boolean(&mut self, name: &str) -> Result<Option<bool>, Error> {
        let Some(property) = self.take(name) else {
            return Ok(None);
        };
        match &property.value.kind {
            ExpressionKind::Boolean(value) => Ok(Some(*value)),
            _ => Err(invalid(property, "boolean")),
        }
    }

    /// An array of texts, as they are written.
    pub fn texts(&mut self, name: &str) -> Result<Option<Vec<String>>, Error> {
        let Some(property) = self.take(name) else {
            return Ok(None);
        };
        let invalid = || invalid(property, "array(varchar)");
        let ExpressionKind::Array(items) = &property.value.kind else {
            return Err(invalid());
        };
        let text = |item: &Expression| match &item.kind {
            ExpressionKind::String(text) => Ok(text.clone()),
            _ => Err(invalid()),
        };
        items.iter().map(text).collect::<Result<_, _>>().map(Some)
    }

    /// Whether a property is there that this engine does not have.
    pub fn has(&self, name: &str) -> bool {
        self.left.iter().any(|p| p.name.lower() == name)
    }

    /// Fails if one is left.
    pub fn end(self, of: &str) -> Result<(), Error> {
        let Some(property) = self.left.first() else {
            return Ok(());
        };
        let place = property.name.position;
        let message = format!("{of} property '{}' does not exist", property.name.lower());
        Err(Error::user("INVALID_TABLE_PROPERTY", message).at(place.line, place.column))
    }

    pub fn error(&self, message: impl Into<String>) -> Error {
        let place = self.position;
        Error::user("INVALID_TABLE_PROPERTY", message).at(place.line, place.column)
    }
}

fn invalid(property: &Property, wanted: &str) -> Error {
    let place = property.value.position;
    let name = property.name.lower();
    let message = format!("Invalid value for property '{name}': it is no {wanted}");
    Error::user("INVALID_TABLE_PROPERTY", message).at(place.line, place.column)
}
