//! What is wrong with a resource, shown where `stack.toml` has it.

use super::Paint;
use crate::resource::Address;
use crate::stack::{Diagnostic, Diagnostics, Stack};

/// An error with the line of the resource's table, `label` below it, and the way out. What has no
/// table has no line.
pub fn located(
    stack: &Stack,
    address: &Address,
    message: &str,
    label: &str,
    help: Option<&str>,
    colored: bool,
) -> String {
    let message = format!("{address}: {message}");
    if let Some(declared) = stack.get(address) {
        let mistakes = Diagnostics {
            source: stack.source.clone(),
            list: vec![Diagnostic {
                help: help.map(str::to_owned),
                ..Diagnostic::new(declared.span.clone(), message, label)
            }],
        };
        return mistakes.hiding(&stack.secrets).render(colored);
    }
    let error = Paint(colored).error("error:");
    let help = help
        .map(|help| format!("\n  help: {help}"))
        .unwrap_or_default();
    format!("{error} {message}{help}")
}
