//! Which signature a call means: first without converting anything, then the most specific of
//! those that take the arguments by conversion (Trino's FunctionBinder).

use std::sync::Arc;

use super::signature::{Bindings, Constraint, Pattern};
use super::{Function, Registry, Signature, unknown_function};
use crate::error::Error;
use crate::types::{Type, can_coerce};

/// What stands in an argument's place.
#[derive(Clone, Debug)]
pub enum Argument {
    Value(Type),
    /// A lambda of that many parameters.
    Lambda(usize),
}

/// A call's function with its types.
#[derive(Clone, Debug)]
pub struct Bound {
    pub function: Arc<Function>,
    /// What each argument is to be converted to.
    pub arguments: Vec<Type>,
    pub result: Type,
}

/// Types a lambda: its place among the arguments and its parameters' types give its result's type.
pub type LambdaTyper<'a> = dyn FnMut(usize, &[Type]) -> Result<Type, Error> + 'a;

impl Registry {
    /// Finds what a call means; names are in lower case.
    pub fn resolve(
        &self,
        name: &str,
        arguments: &[Argument],
        lambdas: &mut LambdaTyper<'_>,
    ) -> Result<Bound, Error> {
        let candidates = self.named(name);
        if candidates.is_empty() {
            return Err(unknown_function(name));
        }
        for coerce in [false, true] {
            let mut fitting = Vec::new();
            for function in candidates {
                if let Some(bindings) = fit(&function.signature, arguments, coerce) {
                    fitting.push((function, bindings));
                }
            }
            if let Some(chosen) = most_specific(&fitting, arguments) {
                let (function, bindings) = &fitting[chosen];
                if let Some(bound) = bind(function, arguments, bindings.clone(), lambdas)? {
                    return Ok(bound);
                }
            }
        }
        Err(no_match(name, arguments, candidates))
    }
}

fn fit(signature: &Signature, arguments: &[Argument], coerce: bool) -> Option<Bindings> {
    if !signature.takes(arguments.len()) {
        return None;
    }
    let mut bindings = Bindings::default();
    for (i, argument) in arguments.iter().enumerate() {
        let pattern = signature.parameter(i);
        let fits = match argument {
            Argument::Value(actual) => pattern.accept(actual, &mut bindings, coerce),
            Argument::Lambda(arity) => {
                matches!(pattern, Pattern::Function(parameters, _) if parameters.len() == *arity)
            }
        };
        if !fits {
            return None;
        }
    }
    for (variable, constraint) in &signature.constraints {
        let holds = bindings.get(variable).is_none_or(|t| match constraint {
            Constraint::Comparable => t.is_comparable(),
            Constraint::Orderable => t.is_orderable(),
        });
        if !holds {
            return None;
        }
    }
    Some(bindings)
}

/// The one whose parameters every other's parameters take; of equals the first.
fn most_specific(fitting: &[(&Arc<Function>, Bindings)], arguments: &[Argument]) -> Option<usize> {
    if fitting.len() <= 1 {
        return fitting.first().map(|_| 0);
    }
    let types: Vec<Vec<Option<Type>>> = fitting
        .iter()
        .map(|(function, bindings)| {
            arguments
                .iter()
                .enumerate()
                .map(|(i, argument)| match argument {
                    Argument::Value(actual) => Some(
                        function
                            .signature
                            .parameter(i)
                            .resolve(Some(actual), bindings),
                    ),
                    Argument::Lambda(_) => None,
                })
                .collect()
        })
        .collect();
    let at_least_as_specific = |a: &[Option<Type>], b: &[Option<Type>]| {
        a.iter().zip(b).all(|(a, b)| match (a, b) {
            (Some(a), Some(b)) => can_coerce(a, b),
            _ => true,
        })
    };
    (0..fitting.len())
        .find(|&i| (0..fitting.len()).all(|j| i == j || at_least_as_specific(&types[i], &types[j])))
        // Arguments that are all NULL fit anything alike.
        .or(Some(0))
}

fn bind(
    function: &Arc<Function>,
    arguments: &[Argument],
    mut bindings: Bindings,
    lambdas: &mut LambdaTyper<'_>,
) -> Result<Option<Bound>, Error> {
    let signature = &function.signature;
    for (i, argument) in arguments.iter().enumerate() {
        let (Argument::Lambda(_), Pattern::Function(parameters, result)) =
            (argument, signature.parameter(i))
        else {
            continue;
        };
        let types: Vec<Type> = parameters
            .iter()
            .map(|p| p.resolve(None, &bindings))
            .collect();
        let mut actual = lambdas(i, &types)?;
        let before = bindings.clone();
        if !result.accept(&actual, &mut bindings, true) {
            return Ok(None);
        }
        // A variable that widened changes the types of the lambda's own parameters.
        let again: Vec<Type> = parameters
            .iter()
            .map(|p| p.resolve(None, &bindings))
            .collect();
        if again != types {
            actual = lambdas(i, &again)?;
            if !result.accept(&actual, &mut bindings, true) {
                bindings = before;
            }
        }
        // What a lambda gives is not converted to a variable's type. (Trino's `SignatureBinder`.)
        let is_variable = matches!(**result, Pattern::Variable(_));
        if is_variable && actual != Type::Unknown && actual != result.resolve(None, &bindings) {
            return Ok(None);
        }
    }
    let types: Vec<Type> = arguments
        .iter()
        .enumerate()
        .map(|(i, argument)| {
            let actual = match argument {
                Argument::Value(actual) => Some(actual),
                Argument::Lambda(_) => None,
            };
            signature.parameter(i).resolve(actual, &bindings)
        })
        .collect();
    let result = match (function.result, &signature.result) {
        (Some(result), _) => result(&types),
        (None, Pattern::Family(family)) => types
            .iter()
            .find(|t| t.base_name() == family.base_name())
            .unwrap_or(family)
            .clone(),
        (None, pattern) => pattern.resolve(None, &bindings),
    };
    Ok(Some(Bound {
        function: Arc::clone(function),
        arguments: types,
        result,
    }))
}

fn no_match(name: &str, arguments: &[Argument], candidates: &[Arc<Function>]) -> Error {
    let actual: Vec<String> = arguments
        .iter()
        .map(|a| match a {
            Argument::Value(t) => t.to_string(),
            Argument::Lambda(_) => "function".to_owned(),
        })
        .collect();
    let actual = actual.join(", ");
    if !name.starts_with(|c: char| c.is_ascii_alphabetic()) {
        return Error::user(
            "TYPE_MISMATCH",
            format!(
                "Cannot apply operator: {}",
                actual.replacen(", ", &format!(" {name} "), 1)
            ),
        );
    }
    let expected: Vec<String> = candidates.iter().map(|f| f.signature.expected()).collect();
    Error::user(
        "FUNCTION_NOT_FOUND",
        format!(
            "Unexpected parameters ({actual}) for function {name}. Expected: {}",
            expected.join(", ")
        ),
    )
}
