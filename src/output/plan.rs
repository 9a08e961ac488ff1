//! A plan as a person reads it.

use super::{Output, Paint, difference, human};
use crate::engine::{Action, Change, FieldChange, Goal, ID_TAG, Plan};

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
        for field in &change.fields {
            // That it gets this stack's mark is what adoption means.
            if change.action != Action::Adopt || field.path != ID_TAG {
                let told = field_lines(field, change.action, paint);
                lines.extend(told.into_iter().map(|line| format!("    {line}")));
            }
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
    if plan.is_empty() && plan.summary.keep == 0 {
        let unchanged = human::plural(plan.summary.unchanged, "resource");
        return format!("No changes: {unchanged} as stack.toml says.");
    }
    format!("{} {}.", paint.strong("Plan:"), counts(plan))
}

fn counts(plan: &Plan) -> String {
    let summary = &plan.summary;
    let untouched = match plan.goal {
        Goal::Up => "unchanged",
        Goal::Destroy => "gone already",
    };
    let parts: Vec<String> = [
        (summary.create, "to create"),
        (summary.adopt, "to take over"),
        (summary.update, "to change"),
        (summary.replace, "to replace"),
        (summary.delete, "to delete"),
        (summary.keep, "kept"),
        (summary.unchanged, untouched),
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

fn field_lines(field: &FieldChange, action: Action, paint: Paint) -> Vec<String> {
    let path = &human::on_one_line(&field.path);
    if action == Action::Create {
        return vec![format!("{path} = {}", difference::inline(&field.new))];
    }
    let forces = if field.replaces {
        paint.faint("  (needs a new one)")
    } else {
        String::new()
    };
    difference::lines(path, &field.old, &field.new, &forces, paint)
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
