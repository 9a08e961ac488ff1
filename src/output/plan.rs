//! A plan as a person reads it.

use serde_json::Value;
use similar::{ChangeTag, TextDiff};

use super::{Output, Paint, human};
use crate::engine::{Action, Change, FieldChange, Plan, Summary};

/// Longer values are cut where they are only told, not compared.
const TOLD: usize = 72;
/// Unchanged lines around a change of a document.
const CONTEXT: usize = 1;

/// The changes, each with its fields, and what they come to.
pub fn render(plan: &Plan, paint: Paint) -> String {
    let mut lines = Vec::new();
    let told: Vec<&Change> = plan
        .changes
        .iter()
        .filter(|change| change.action != Action::None)
        .collect();
    let width = told
        .iter()
        .map(|c| c.address.to_string().chars().count())
        .max()
        .unwrap_or_default();
    for change in told {
        let address = format!("{:width$}", change.address.to_string());
        let head = format!("{} {address}", change.action.symbol());
        lines.push(format!(
            "{}  {}",
            paint.action(change.action, &head),
            change.name
        ));
        if let Some(reason) = &change.reason {
            lines.push(format!("    {}", paint.faint(reason)));
        }
        let creates = change.action == Action::Create;
        for field in &change.fields {
            lines.extend(field_lines(field, creates, paint));
        }
    }
    if !lines.is_empty() {
        lines.push(String::new());
    }
    lines.push(closing(plan, paint));
    lines.join("\n")
}

/// `Plan: 3 to create, 1 to change.`
fn closing(plan: &Plan, paint: Paint) -> String {
    let kept = plan.summary.keep;
    if plan.is_empty() && kept == 0 {
        let unchanged = human::plural(plan.summary.unchanged, "resource");
        return format!("No changes: {unchanged} as stack.toml says.");
    }
    format!("{} {}.", paint.strong("Plan:"), counts(&plan.summary))
}

fn counts(summary: &Summary) -> String {
    let parts: Vec<String> = [
        (summary.create, "to create"),
        (summary.update, "to change"),
        (summary.replace, "to replace"),
        (summary.delete, "to delete"),
        (summary.keep, "kept with data in it"),
        (summary.unchanged, "unchanged"),
    ]
    .into_iter()
    .filter(|(count, _)| *count > 0)
    .map(|(count, what)| format!("{} {what}", human::count(count)))
    .collect();
    if parts.is_empty() {
        "nothing to do".to_owned()
    } else {
        parts.join(", ")
    }
}

fn field_lines(field: &FieldChange, creates: bool, paint: Paint) -> Vec<String> {
    let path = &field.path;
    if creates {
        return vec![format!("    {path} = {}", cut(&inline(&field.new)))];
    }
    let forces = if field.replaces {
        paint.faint("  (needs a new one)")
    } else {
        String::new()
    };
    let is_document = |value: &Value| matches!(value, Value::Object(_) | Value::Array(_));
    if is_document(&field.old) && is_document(&field.new) {
        let mut lines = vec![format!("    {path}:{forces}")];
        lines.extend(difference(&field.old, &field.new, paint));
        return lines;
    }
    vec![format!(
        "    {path}: {} → {}{forces}",
        paint.bad(&cut(&inline(&field.old))),
        paint.good(&cut(&inline(&field.new)))
    )]
}

/// Two documents, line by line, with what is the same left out.
fn difference(old: &Value, new: &Value, paint: Paint) -> Vec<String> {
    let pretty = |value: &Value| serde_json::to_string_pretty(value).unwrap_or_default();
    let (old, new) = (pretty(old), pretty(new));
    let diff = TextDiff::from_lines(&old, &new);
    let mut lines = Vec::new();
    for (i, group) in diff.grouped_ops(CONTEXT).iter().enumerate() {
        if i > 0 {
            lines.push(format!("        {}", paint.faint("…")));
        }
        for change in group.iter().flat_map(|op| diff.iter_changes(op)) {
            let text = change.value().trim_end_matches('\n');
            lines.push(match change.tag() {
                ChangeTag::Equal => format!("        {}", paint.faint(text)),
                ChangeTag::Delete => format!("      {}", paint.bad(&format!("- {text}"))),
                ChangeTag::Insert => format!("      {}", paint.good(&format!("+ {text}"))),
            });
        }
    }
    lines
}

fn inline(value: &Value) -> String {
    match value {
        Value::Null => "unset".to_owned(),
        Value::String(text) => format!("{text:?}"),
        other => other.to_string(),
    }
}

fn cut(text: &str) -> String {
    if text.chars().count() <= TOLD {
        return text.to_owned();
    }
    let kept: String = text.chars().take(TOLD - 1).collect();
    format!("{kept}…")
}

impl Output {
    /// The plan as the result of a command.
    pub fn plan(&self, plan: &Plan) -> anyhow::Result<()> {
        if self.is_json() {
            self.json(plan)
        } else {
            self.line(render(plan, self.paint))
        }
    }
}
