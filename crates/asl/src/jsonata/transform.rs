//! `|pattern|update,delete|`: a changed copy of a document.

use std::rc::Rc;
use std::sync::Arc;

use super::ast::TransformNode;
use super::error::Error;
use super::evaluate::{Evaluator, Scope};
use super::json;
use super::signature::Signature;
use super::value::Value;

impl Evaluator<'_> {
    pub(super) fn transform(
        &self,
        transform: &TransformNode,
        argument: Value,
        scope: &Scope,
    ) -> Result<Value, Error> {
        let argument = Signature::parse("<(oa):o>")?
            .validate(vec![argument], &Value::Undefined)?
            .into_iter()
            .next()
            .unwrap_or_default();
        if argument.is_undefined() {
            return Ok(Value::Undefined);
        }
        let clone = self.variable("clone", scope);
        if !clone.is_function() {
            return Err(Error::of("T2013").at(transform.position));
        }
        // What the pattern finds are parts of this copy, shared with it: they are changed in it.
        let result = self.apply(&clone, vec![argument], &Value::Null, scope)?;
        let matches = self.evaluate(&transform.pattern, &result, scope)?;
        for found in matches.items() {
            self.update(transform, found, scope)?;
            self.delete(transform, found, scope)?;
        }
        Ok(result)
    }

    fn update(&self, transform: &TransformNode, found: &Value, scope: &Scope) -> Result<(), Error> {
        let update = match self.evaluate(&transform.update, found, scope)? {
            Value::Undefined => return Ok(()),
            Value::Object(update) => update,
            other => {
                return Err(Error::of("T2011")
                    .with("value", &self.shown(&other))
                    .at(transform.update.position));
            }
        };
        let Value::Object(found) = found else {
            return Ok(());
        };
        // Copies, so that an object never becomes a part of itself.
        let mut members = Vec::new();
        for (name, value) in update.entries.borrow().iter() {
            members.push((Arc::clone(name), json::copy(value, &self.budget)?));
        }
        if Rc::ptr_eq(&update, found) {
            return Ok(());
        }
        found.entries.borrow_mut().extend(members);
        Ok(())
    }

    fn delete(&self, transform: &TransformNode, found: &Value, scope: &Scope) -> Result<(), Error> {
        let Some(delete) = &transform.delete else {
            return Ok(());
        };
        let deletions = self.evaluate(delete, found, scope)?;
        let mut names = Vec::new();
        for name in deletions.items() {
            let Value::String(name) = name else {
                return Err(Error::of("T2012")
                    .with("value", &self.shown(&deletions))
                    .at(delete.position));
            };
            names.push(Arc::clone(name));
        }
        if let Value::Object(found) = found {
            let mut removed = Vec::new();
            for name in names {
                removed.extend(found.entries.borrow_mut().shift_remove(&name));
            }
        }
        Ok(())
    }
}
