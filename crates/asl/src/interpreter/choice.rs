//! `Choice`.

use serde_json::Value;

use super::{
    Interpreter,
    branch::Branch,
    failure::{Failure, Interrupt},
    visit::{Done, Visit, assign, transform},
};
use crate::{
    context::Context,
    definition::{Choice, Condition, Operand, Operator, Rule},
    jsonpath::Variables,
    query::{Environment, Fault, PathField, QueryLanguage},
};

impl Interpreter<'_> {
    pub(super) fn choice<'s>(
        &self,
        choice: &'s Choice,
        visit: &Visit<'s>,
        branch: &mut Branch,
    ) -> Result<Done<'s>, Interrupt> {
        let done = self.query(visit, branch, |context, variables| {
            let input = visit.effective_input(context, variables)?;
            let environment = Environment::new(&input, context, variables);
            for (index, rule) in choice.rules.iter().enumerate() {
                if rule.condition.holds(index, &environment)? {
                    return follow(index, rule, visit, &input, context, variables).map(Some);
                }
            }
            let Some(default) = &choice.default else {
                return Ok(None);
            };
            let done = visit.pass_on(&input, context, variables)?;
            Ok(Some(Done {
                next: Some(default),
                ..done
            }))
        })?;
        done.ok_or_else(|| {
            Failure::new(
                "States.NoChoiceMatched",
                format!(
                    "An error occurred while executing the state '{name}' (entered at the event id #{}). Failed to transition out of the state '{name}'. The state does not point to a next state.",
                    visit.entered,
                    name = visit.state.name
                ),
            )
            .into()
        })
    }
}

/// Leaves through a rule, whose own Output and Assign stand for the state's.
fn follow<'s>(
    index: usize,
    rule: &'s Rule,
    visit: &Visit<'s>,
    input: &Value,
    context: &Context,
    variables: &Variables,
) -> Result<Done<'s>, Fault> {
    let next = Some(rule.next.as_str());
    let environment = Environment::new(input, context, variables);
    if visit.language() == QueryLanguage::JsonPath {
        let done = visit.pass_on(input, context, variables)?;
        let assigned = assign(rule.assign.as_ref(), &environment)?;
        return Ok(Done {
            assigned,
            next,
            ..done
        });
    }
    let prefix = format!("Choices[{index}]/");
    let own_output = rule.output.as_ref();
    let output = match own_output {
        Some(_) => transform(own_output, None, &prefix, &environment, input)?.0,
        None => {
            transform(
                visit.state.fields.output.as_ref(),
                None,
                "",
                &environment,
                input,
            )?
            .0
        }
    };
    let (_, assigned) = transform(None, rule.assign.as_ref(), &prefix, &environment, input)?;
    Ok(Done {
        output,
        assigned,
        next,
    })
}

impl Condition {
    fn holds(&self, rule: usize, environment: &Environment) -> Result<bool, Fault> {
        match self {
            Self::Constant(constant) => Ok(*constant),
            Self::Jsonata(template) => {
                let at = format!("Choices[{rule}]/Condition");
                template
                    .evaluate_as("boolean", Value::is_boolean, &at, environment)
                    .map(|value| value == true)
            }
            Self::Not(inner) => inner.holds(rule, environment).map(|holds| !holds),
            Self::And(all) => {
                for condition in all {
                    if !condition.holds(rule, environment)? {
                        return Ok(false);
                    }
                }
                Ok(true)
            }
            Self::Or(any) => {
                for condition in any {
                    if condition.holds(rule, environment)? {
                        return Ok(true);
                    }
                }
                Ok(false)
            }
            Self::Test {
                variable,
                operator: Operator::IsPresent,
                operand,
            } => {
                let wanted = matches!(operand, Operand::Literal(Value::Bool(true)));
                Ok(variable.evaluate(environment).is_ok() == wanted)
            }
            Self::Test {
                variable,
                operator,
                operand,
            } => {
                let value = compared(variable, environment)?;
                let operand = match operand {
                    Operand::Literal(literal) => literal.clone(),
                    Operand::Path(path) => compared(path, environment)?,
                };
                Ok(operator.accepts(&value, &operand))
            }
        }
    }
}

/// What a side of a comparison is; it has to be there.
fn compared(path: &PathField, environment: &Environment) -> Result<Value, Fault> {
    path.evaluate(environment).map_err(|_| {
        Fault::Runtime(format!(
            "Invalid path '{}': The choice state's condition path references an invalid value.",
            path.text
        ))
    })
}
