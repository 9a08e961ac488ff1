//! Why there is no plan, with the places in `stack.toml`.

use std::fmt;

use super::located::located;
use crate::engine::PlanError;
use crate::stack::Stack;

/// A plan's refusals as they are shown.
#[derive(Debug)]
pub struct Refused {
    plain: String,
    styled: String,
}

impl Refused {
    pub fn new(error: &PlanError, stack: &Stack) -> Self {
        let render = |colored| {
            let refusals = error.refusals.iter().map(|refusal| {
                located(
                    stack,
                    &refusal.address,
                    &refusal.message,
                    &refusal.label,
                    refusal.help.as_deref(),
                    colored,
                )
            });
            refusals.collect::<Vec<_>>().join("\n\n")
        };
        Self {
            plain: render(false),
            styled: render(true),
        }
    }

    pub fn render(&self, colored: bool) -> &str {
        if colored { &self.styled } else { &self.plain }
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.plain)
    }
}

impl std::error::Error for Refused {}
